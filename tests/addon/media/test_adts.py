"""ADTS frames, bit by bit and as ffmpeg reads them."""

from pathlib import Path

import pytest
from audible_core.errors import Mp4FormatError, UnsupportedMediaError

from audible_server.media.adts import adts_stream
from audible_server.media.mp4.audio_config import AudioConfig
from audible_server.media.virtual import VirtualM4b
from tests.addon.media.conftest import ffmpeg

MONO = AudioConfig(object_type=2, rate_index=7, channels=1)


def test_a_header_says_coding_and_length() -> None:
    """AAC-LC, 22.05 kHz, mono, 3 bytes of sound: 10 bytes in all."""
    assert bytes.fromhex("fff15c40015ffc") + b"abc" == adts_stream([b"abc"], MONO)


def test_empty_samples_are_left_out() -> None:
    """A frame without sound would end some decoders."""
    assert b"" == adts_stream([b"", b""], MONO)


def test_ffmpeg_reads_the_same_packets(
    book: VirtualM4b, plain_book: Path, tmp_path: Path
) -> None:
    """Sound put into frames by us decodes as the file does."""
    path = tmp_path / "book.aac"
    path.write_bytes(adts_stream(book.read_samples(0, len(book.samples)), book.config))
    packets = ["-map", "0:a", "-c", "copy", "-f", "data", "-"]

    framed = [*packets[:4], "-bsf:a", "aac_adtstoasc", *packets[4:]]
    assert ffmpeg_bytes("-i", plain_book, *packets) == ffmpeg_bytes("-i", path, *framed)


def ffmpeg_bytes(*args: str | Path) -> str:
    return ffmpeg(*args[:-1], "-hash", "md5", "-f", "streamhash", "-")


def test_what_adts_cannot_say_is_refused() -> None:
    """Channels described elsewhere, and frames beyond 13 bits of length."""
    with pytest.raises(UnsupportedMediaError, match="channels"):
        adts_stream([b"abc"], AudioConfig(2, 7, 0))
    with pytest.raises(UnsupportedMediaError, match="channels"):
        adts_stream([b"abc"], AudioConfig(2, 7, 8))
    with pytest.raises(Mp4FormatError, match="a sample has 8185 bytes"):
        adts_stream([bytes(8185)], MONO)
    assert 8191 == len(adts_stream([bytes(8184)], MONO))
