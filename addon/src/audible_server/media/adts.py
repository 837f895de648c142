"""Put AAC samples into ADTS frames (ISO 13818-7), as decoders read them from pipes."""

from collections.abc import Iterable

from audible_core.errors import Mp4FormatError, UnsupportedMediaError

from audible_server.media.mp4.audio_config import AudioConfig

HEADER_BYTES = 7
_MOST_FRAME_BYTES = (1 << 13) - 1
_SYNC = 0xFFF
# MPEG-4, no checksum.
_FLAGS = 0b0001
_VARIABLE_RATE = 0x7FF


def adts_stream(samples: Iterable[bytes], config: AudioConfig) -> bytes:
    """Return the samples as consecutive ADTS frames; empty samples are left out.

    Raises what `check_can_say` raises, Mp4FormatError if a sample is too large for it.
    """
    fixed = _fixed_header(config)
    return b"".join(_frame(sample, fixed) for sample in samples if sample)


def check_can_say(config: AudioConfig) -> None:
    """Raise UnsupportedMediaError if ADTS cannot say how the sound is coded.

    It has three bits for the arrangement of channels, and 0 is one that a program
    config element describes.
    """
    if not 1 <= config.channels <= 7:
        raise UnsupportedMediaError(reason="its channels are arranged unusually")


def _fixed_header(config: AudioConfig) -> int:
    """Return the header as a number, with a frame length of 0."""
    check_can_say(config)
    header = _SYNC << 4 | _FLAGS
    header = header << 2 | (config.object_type - 1)
    header = header << 4 | config.rate_index
    # One private bit in between.
    header = header << 4 | config.channels
    # Four bits about copyright, then 13 for the length.
    header = header << (4 + 13)
    # The last two bits: one raw data block in each frame.
    return (header << 11 | _VARIABLE_RATE) << 2


def _frame(sample: bytes, fixed: int) -> bytes:
    size = HEADER_BYTES + len(sample)
    if size > _MOST_FRAME_BYTES:
        raise Mp4FormatError(reason=f"a sample has {len(sample)} bytes")
    return (fixed | size << 13).to_bytes(HEADER_BYTES) + sample
