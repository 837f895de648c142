"""Files of every layout: places and times as ffprobe sees them, bytes as ffmpeg."""

from pathlib import Path

import pytest

from audible_server.media.virtual import VirtualM4b
from tests.addon.media.conftest import KEY, ffmpeg
from tests.addon.media.layouts import (
    LAYOUTS,
    Packet,
    duration_ms_of,
    locked,
    make_layout,
    packets_of,
)
from tests.simulator.audio import encrypt_aaxc


@pytest.fixture(scope="module", params=["mono 22 kHz", "stereo 44 kHz"])
def sound(
    request: pytest.FixtureRequest,
    plain_book: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """Ten seconds of sound, and a frame that is not whole at the end."""
    path = tmp_path_factory.mktemp("sound") / "sound.m4a"
    coded = ["-ac", "2", "-ar", "44100", "-c:a", "aac", "-b:a", "64k"]
    how = ["-c", "copy"] if request.param == "mono 22 kHz" else coded
    ffmpeg("-i", plain_book, "-map", "0:a", "-t", "9.7", *how, "-f", "ipod", path)
    return path


@pytest.fixture(scope="module", params=LAYOUTS)
def plain(request: pytest.FixtureRequest, sound: Path) -> Path:
    """A plain file of each layout."""
    path = sound.with_name(request.param.replace(",", "").replace(" ", "-") + ".m4b")
    make_layout(sound, path, request.param)
    return path


def seen(book: VirtualM4b) -> list[Packet]:
    """Return our own index in the judge's terms."""
    count = len(book.samples)
    spans = book.samples.spans(0, count)
    lead = book.times.lead_ticks
    return [
        Packet(int(offset), int(size), book.times.start_ticks(number) - lead)
        for number, (offset, size) in enumerate(
            zip(spans.offsets, spans.sizes, strict=True)
        )
    ]


def test_places_and_times_are_those_that_ffprobe_sees(plain: Path) -> None:
    """Offset, size and time of every sample; the length within an edit's rounding."""
    book = VirtualM4b.open(plain, None)

    assert packets_of(plain) == seen(book)
    # In fragmented files ffprobe counts what warms the decoder up, or leaves too much
    # of it out; players hear what the edit list says.
    frame_ms = 1024 * 1000 // book.config.sample_rate_hz
    spare_ms = frame_ms if b"moof" in plain.read_bytes() else 0
    assert abs(duration_ms_of(plain) - book.duration_ms) <= spare_ms + 1


def test_an_encrypted_file_is_served_as_the_plain_one(plain: Path) -> None:
    """Byte by byte, but for the brand; and as ffmpeg decrypts it."""
    packets = packets_of(plain)
    path = plain.with_suffix(".aaxc")
    path.write_bytes(locked(plain.read_bytes(), packets, KEY))
    book = VirtualM4b.open(path, KEY)
    served = plain.with_name("served.m4b")
    served.write_bytes(book.read(0, book.size_bytes))

    expected = plain.read_bytes()
    assert expected[:8] + b"M4A " + expected[12:] == served.read_bytes()
    book.prove()
    copy = ["-map", "0:a", "-c", "copy", "-f", "framehash", "-hash", "md5", "-"]
    sound = ["-map", "0:a", "-f", "md5", "-"]
    keys = ["-audible_key", KEY.key.hex(), "-audible_iv", KEY.iv.hex()]
    for judged in (copy, sound):
        assert ffmpeg(*keys, "-i", path, *judged) == ffmpeg("-i", served, *judged)
    assert [expected[p.offset : p.offset + p.size] for p in packets] == (
        book.read_samples(0, len(book.samples))
    )


def test_samples_among_pictures_and_text_are_found(
    plain_book: Path, tmp_path: Path
) -> None:
    """Chapters and a cover are tracks of their own between the chunks of sound."""
    words, mixed = tmp_path / "words.srt", tmp_path / "mixed.m4b"
    words.write_text(
        "\n".join(
            f"{n}\n00:00:{n:02},000 --> 00:00:{n:02},900\nLine {n}\n" for n in range(60)
        )
    )
    pictures = ["-f", "lavfi", "-i", "testsrc=s=320x240:r=1:d=60", "-c:v", "mjpeg"]
    ffmpeg(
        "-i", plain_book, "-i", words, *pictures, "-map", "0:a", "-map", "1", "-map",
        "2", "-c:a", "copy", "-c:s", "mov_text", "-t", "60", "-f", "mp4", mixed,
    )  # fmt: skip
    path = tmp_path / "mixed.aaxc"
    encrypt_aaxc(mixed, path, key=KEY.key, iv=KEY.iv)
    book = VirtualM4b.open(path, KEY)
    served = tmp_path / "served.m4b"
    served.write_bytes(book.read(0, book.size_bytes))

    spans = book.samples.spans(0, len(book.samples))
    gaps = spans.offsets[1:] - spans.offsets[:-1] - spans.sizes[:-1]
    assert 10 < (gaps > 0).sum()
    assert packets_of(path) == seen(book)
    everything = ["-map", "0", "-c", "copy", "-f", "framehash", "-hash", "md5", "-"]
    assert ffmpeg("-i", mixed, *everything) == ffmpeg("-i", served, *everything)
