"""A title that is played from something else while a player holds its playlist."""

import shutil
from pathlib import Path
from typing import Final

import numpy as np
import pytest

from audible_server.media.hls import Listing
from audible_server.media.mp3 import header_at
from audible_server.media.recipe import AudioFormat, Encoding, Recipe
from audible_server.media.segments import SUFFIXES
from audible_server.media.split import filler, frame_bytes
from tests.simulator.audio import encrypt_aaxc

from .media.conftest import ffmpeg
from .media.sound import displacement, heard
from .server import Server
from .test_hls import PATH, durations_in, names_in, playlist_of
from .test_stream import ASIN, IV, KEY, put_encrypted

_FILES: Final[dict[str, tuple[str, ...]]] = {
    "22050.m4b": ("-c", "copy"),
    "44100.m4b": ("-ar", "44100", "-ac", "2", "-c:a", "aac"),
    "22050.mp3": ("-ar", "22050", "-b:a", "48k"),
    "44100.mp3": ("-ar", "44100", "-ac", "2", "-q:a", "6"),
    "48000.opus": ("-c:a", "libopus"),
}
_CHANGES: Final = [
    ("aaxc", "44100.mp3"),
    ("aaxc", "44100.m4b"),
    ("22050.m4b", "48000.opus"),
    ("44100.m4b", "aaxc"),
    ("22050.mp3", "aaxc"),
    ("44100.mp3", "22050.mp3"),
    ("44100.mp3", "22050.m4b"),
    ("48000.opus", "44100.mp3"),
]


async def put(server: Server, book: Path, folder: Path, name: str) -> None:
    """Let a book be in the library as one file and no other."""
    library = server.settings.library_dir
    for file in library.iterdir():
        file.unlink()
    if name == "aaxc":
        encrypt_aaxc(book, folder / "book.aaxc", key=KEY, iv=IV)
        await put_encrypted(server, folder / "book.aaxc")
    else:
        made = folder / f"made-{name}"
        ffmpeg("-y", "-i", book, *_FILES[name], made)
        made.rename(library / f"{ASIN}.{made.suffix[1:]}")
    server.services.sources._kept.clear()


async def segments_of(server: Server, names: list[str]) -> list[bytes]:
    """Return all segments that a playlist has listed."""
    found = []
    for name in names:
        status, body = await server.body(f"{PATH}/{name}")
        assert 200 == status, name
        found.append(body)
    return found


@pytest.mark.parametrize(("before", "after"), _CHANGES)
async def test_what_was_listed_is_there_as_it_was_listed(
    server: Server, plain_book: Path, tmp_path: Path, before: str, after: str
) -> None:
    """In the same format, between the same borders, and the same part of the book."""
    await put(server, plain_book, tmp_path, before)
    playlist = await playlist_of(server)
    names, durations = names_in(playlist), durations_in(playlist)
    first = await segments_of(server, names)

    await put(server, plain_book, tmp_path, after)
    then = await segments_of(server, names)

    assert [kind_of(part) for part in first] == [kind_of(part) for part in then]
    rate_hz, _, _ = kind_of(first[0])
    for number in (1, 3, 5):
        sound = await heard(first[number], rate_hz=rate_hz)
        reference = await heard(then[number], rate_hz=rate_hz)
        assert len(sound) == len(reference)
        assert len(sound) == pytest.approx(durations[number] * rate_hz, abs=2_500)
        # Encoders put silence in front: a file says so, a stream has no word for it.
        displaced, alike = displacement(
            sound[4_000:-4_000], reference[4_000:-4_000], rate_hz // 8
        )
        assert abs(displaced) < rate_hz // 8
        assert alike > 0.9


def kind_of(segment: bytes) -> tuple[int, int, int]:
    """Return rate, channels and number of frames of a segment of packed audio."""
    data = segment[10 + segment[9] :]
    mp3 = header_at(data, 0)
    found = AudioFormat.AAC if mp3 is None else AudioFormat.MP3
    # Any encoding whose frames say their size.
    encoding = Encoding.at(Recipe(found), rate_hz=22_050, channels=1)
    at = count = 0
    while size := frame_bytes(encoding, data, at):
        at += size
        count += 1
    assert at == len(data)
    if mp3 is not None:
        return mp3.rate_hz, mp3.channels, count
    rates = {4: 44_100, 7: 22_050}
    channels = int.from_bytes(data[2:4]) >> 6 & 7
    return rates[data[2] >> 2 & 0xF], channels, count


async def test_a_shorter_source_is_silent_behind_its_end(
    server: Server, plain_book: Path, tmp_path: Path
) -> None:
    """What was listed is answered to the last segment, also of the same kind."""
    library = server.settings.library_dir
    shutil.copy(plain_book, library / f"{ASIN}.m4b")
    names = names_in(await playlist_of(server))
    whole = await segments_of(server, names)
    short = tmp_path / "short.m4b"
    ffmpeg("-i", plain_book, "-t", "33", "-c", "copy", short)

    short.replace(library / f"{ASIN}.m4b")
    server.services.sources._kept.clear()
    then = await segments_of(server, names)

    assert [kind_of(part) for part in whole] == [kind_of(part) for part in then]
    # The first are cut as they were; of the last nothing is to be heard.
    assert whole[:5] == then[:5]
    assert not np.any(await heard(then[-1], rate_hz=22_050))


@pytest.mark.parametrize("audio_format", [AudioFormat.AAC, AudioFormat.MP3])
@pytest.mark.parametrize("rate_hz", [8_000, 11_025, 22_050, 24_000, 44_100, 48_000])
@pytest.mark.parametrize("channels", [1, 2])
async def test_filling_is_silence(
    audio_format: AudioFormat, rate_hz: int, channels: int
) -> None:
    """At any rate: a decoder takes it, and gives as many samples."""
    recipe = Recipe(audio_format)
    encoding = Encoding.at(recipe, rate_hz=rate_hz, channels=channels)
    sound = await heard(40 * filler(encoding), rate_hz=rate_hz)
    assert not np.any(sound)
    assert len(sound) == pytest.approx(40 * encoding.frame_samples, abs=1_200)


async def test_a_file_that_goes_in_this_moment_is_no_end(
    server: Server, plain_book: Path, tmp_path: Path
) -> None:
    """The next source answers: samples are opened after the look at the file."""
    await put(server, plain_book, tmp_path, "44100.mp3")
    name = names_in(await playlist_of(server))[2]
    path = server.settings.library_dir / f"{ASIN}.mp3"
    await server.services.sources.open(ASIN)
    server.services.sources._kept[ASIN].cut = None
    shutil.copy(plain_book, path.with_suffix(".m4b"))
    path.unlink()

    assert 200 == (await server.body(f"{PATH}/{name}"))[0]


def test_a_listing_is_read_as_it_was_written() -> None:
    """And nothing else is."""
    for audio_format, text in (
        (AudioFormat.AAC, "-22050-1-215-1292"),
        (AudioFormat.AAC, "-44100-7-0-1292"),
        (AudioFormat.MP3, "-44100-2-382-2300"),
        (AudioFormat.OPUS, "-48000-2-500-2300"),
    ):
        listing = Listing.from_text(audio_format, text)
        assert listing is not None
        assert text == listing.text
        assert SUFFIXES[audio_format]
    for text in ("", "-22050-1-215", "-22050-1-900-1292", "-22051-1-215-1292", "-x"):
        assert Listing.from_text(AudioFormat.AAC, text) is None
    assert Listing.from_text(AudioFormat.AAC, "-22050-1-215-999999999") is None
