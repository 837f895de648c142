"""The track with the sound, in indexes of all kinds."""

import pytest
from audible_core.errors import Mp4FormatError, UnsupportedMediaError

from audible_server.media.mp4.boxes import Box, iter_boxes, word_after_dates
from audible_server.media.mp4.track import AudioTrack, audio_track
from tests.addon.media.mp4_maker import box, moov, reader
from tests.addon.media.test_samples import ANYWHERE

INDEX = moov("aavd", [100] * 5, 5, [1000])
# Six reserved bytes and the data reference; the version of the entry follows.
ENTRY = b"aavd" + bytes(6) + b"\0\1"


def track(data: bytes) -> AudioTrack:
    read_at = reader(data)
    index = next(iter_boxes(read_at, 0, len(data)))
    return audio_track(read_at, index, media=ANYWHERE)


def changed(old: bytes, new: bytes) -> bytes:
    assert 1 == INDEX.count(old)
    return INDEX.replace(old, new)


def test_the_sound_is_found_and_known_to_be_encrypted() -> None:
    """The sample entry tells both; an entry without key box is an AAXC."""
    found = track(INDEX)

    assert found.is_encrypted
    assert found.adrm is None
    assert 22_050 == found.config.sample_rate_hz == found.times.timescale
    assert not track(changed(b"aavd", b"mp4a")).is_encrypted


def test_other_tracks_do_not_matter() -> None:
    """Chapters and pictures are tracks too."""
    text = moov("text", [9], 1, [0])[8:]
    sound = INDEX[8:]

    assert 5 == len(track(box("moov", text, sound, text)).samples)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (box("moov", INDEX[8:], INDEX[8:]), "more than one track of sound"),
        (moov("text", [9], 1, [0]), "no track of AAC sound"),
        (box("moov"), "no track of AAC sound"),
    ],
)
def test_what_cannot_be_served_is_named(data: bytes, reason: str) -> None:
    """A whole file of another kind is not called damaged."""
    with pytest.raises(UnsupportedMediaError, match=reason):
        track(data)


def described(*entries: bytes) -> bytes:
    """Return an index whose sample description has these entries."""
    stsd = box("stsd", bytes(4), len(entries).to_bytes(4), *entries)
    stbl = box("minf", box("stbl", stsd))
    return box("moov", box("trak", box("mdia", box("mdhd", bytes(24)), stbl)))


def test_a_coding_that_changes_is_refused() -> None:
    """A second description would need a second key."""
    entry = box("aavd", bytes(28))
    with pytest.raises(UnsupportedMediaError, match="its coding changes"):
        track(described(entry, entry))
    with pytest.raises(UnsupportedMediaError, match="no track of AAC sound"):
        track(described())


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (changed(ENTRY, ENTRY[:-2] + b"\0\1\0\3"), "entry is not readable"),
        (described(box("aavd", bytes(27))), "the aavd entry is not readable"),
        (described(box("aavd", bytes(28))), "its decoder configuration is missing"),
        (changed(b"stsd", b"free"), "the stbl box has no stsd box"),
        (moov("aavd", [], 1, []), "there is no sound in it"),
    ],
)
def test_damage_is_named(data: bytes, reason: str) -> None:
    """What is missing or unreadable is said."""
    with pytest.raises(Mp4FormatError, match=reason):
        track(data)


def test_a_description_shorter_than_its_own_head_is_damage() -> None:
    """The count of entries must be there."""
    stbl = box("minf", box("stbl", box("stsd", bytes(7))))
    with pytest.raises(Mp4FormatError, match="stsd box is shorter than its table"):
        track(box("moov", box("trak", box("mdia", stbl))))


def test_both_versions_of_the_media_header_are_read() -> None:
    """Dates may have 32 or 64 bits."""
    short = bytes(12) + (22_050).to_bytes(4)
    long = b"\1" + bytes(19) + (44_100).to_bytes(4)

    assert 22_050 == word_after_dates(reader(short), Box(b"mdhd", 0, 0, 16))
    assert 44_100 == word_after_dates(reader(long), Box(b"mdhd", 0, 0, 24))
    with pytest.raises(Mp4FormatError, match="the mdhd box is too short"):
        word_after_dates(reader(long[:-1]), Box(b"mdhd", 0, 0, 23))
