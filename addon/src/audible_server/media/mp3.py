"""Frames of MP3 (ISO 11172-3 and 13818-3, layer III), and their headers."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

HEADER_BYTES: Final = 4
SIZE_TOLD_BYTES: Final = 3
"""How many of them tell the size."""

MOST_FRAME_BYTES: Final = 1441
DECODER_DELAY: Final = 529
_FULL, _HALF = 0b11, 0b10
_RATES_HZ: Final = {
    _FULL: (44_100, 48_000, 32_000),
    _HALF: (22_050, 24_000, 16_000),
    # Not of the standard, but everywhere.
    0b00: (11_025, 12_000, 8_000),
}
RATES_HZ: Final = tuple(sorted(rate for row in _RATES_HZ.values() for rate in row))
# By whether the rate is 32 kHz or more.
KBPS: Final = {
    True: (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    False: (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_MOST_LOW_KBPS: Final = 64
"""What encoders make at rates below those of the standard."""

_LAYER_III: Final = 0b01
_NO_CHECKSUM: Final = 1
_JOINT: Final = 0b01
_MONO: Final = 0b11
_ID3: Final = b"ID3"
ID3_HEADER_BYTES: Final = 10
_ID3_FOOTER: Final = 0x10
# By whether the rate is 32 kHz or more, and whether it is mono.
_SIDE_BYTES: Final = {
    (True, False): 32, (True, True): 17, (False, False): 17, (False, True): 9,
}  # fmt: skip
_VBRI_AT: Final = 36
_XING_FIELDS: Final = ((1, 4), (2, 4), (4, 100), (8, 4))
_ENCODERS: Final = (b"LAME", b"Lavf", b"Lavc")
_DELAYS_AT: Final = 21


@dataclass(frozen=True, slots=True)
class FrameHeader:
    """What a frame says of itself; all but its size is the same in a whole stream."""

    rate_hz: int
    channels: int
    kbps: int
    size_bytes: int

    @property
    def samples(self) -> int:
        """Return how many samples it becomes."""
        return frame_samples(self.rate_hz)

    @property
    def side_bytes(self) -> int:
        """Return how much stands between the header and the sound."""
        return _SIDE_BYTES[is_full_rate(self.rate_hz), self.channels == 1]

    def continues(self, other: FrameHeader) -> bool:
        """Tell whether one stream can hold both."""
        return (self.rate_hz, self.channels) == (other.rate_hz, other.channels)


@dataclass(frozen=True, slots=True)
class StreamTag:
    """The frame in front in which an encoder tells of the others; it has no sound."""

    is_constant: bool
    delay_samples: int
    padding_samples: int


def header_at(data: bytes | bytearray | memoryview, at: int) -> FrameHeader | None:
    """Return the header at a place, or None where there is none."""
    if at < 0 or at + HEADER_BYTES > len(data) or data[at] != 0xFF:
        return None
    return _header(data[at + 1], data[at + 2], data[at + 3] >> 6)


def frame_sizes(kind: FrameHeader) -> dict[bytes, int]:
    """Return how large the frames of a stream are, by their first bytes.

    That is twice as quick as to read each header, and there may be millions.
    """
    found = {}
    for first in range(0xE0, 0x100):
        for second in range(0x100):
            header = _header(first, second, _MONO)
            if header is not None and header.rate_hz == kind.rate_hz:
                found[bytes((0xFF, first, second))] = header.size_bytes
    return found


def id3_bytes(data: bytes | bytearray) -> int:
    """Return the size of the ID3v2 tag at the start, or 0."""
    if data[:3] != _ID3 or len(data) < ID3_HEADER_BYTES:
        return 0
    size = 0
    for octet in data[6:10]:
        size = size << 7 | octet & 0x7F
    footer = ID3_HEADER_BYTES if data[5] & _ID3_FOOTER else 0
    return ID3_HEADER_BYTES + size + footer


def stream_tag(frame: bytes | bytearray) -> StreamTag | None:
    """Return what a first frame tells, or None if it is one of sound."""
    header = header_at(frame, 0)
    if header is None:
        return None
    at = HEADER_BYTES + header.side_bytes
    kind = bytes(frame[at : at + 4])
    if frame[_VBRI_AT : _VBRI_AT + 4] == b"VBRI":
        return StreamTag(is_constant=False, delay_samples=0, padding_samples=0)
    if kind not in (b"Xing", b"Info"):
        return None
    flags = int.from_bytes(frame[at + 4 : at + 8])
    at += 8 + sum(size for flag, size in _XING_FIELDS if flags & flag)
    delay = padding = 0
    if bytes(frame[at : at + 4]) in _ENCODERS:
        delays = int.from_bytes(frame[at + _DELAYS_AT : at + _DELAYS_AT + 3])
        delay, padding = delays >> 12, delays & 0xFFF
    return StreamTag(kind == b"Info", delay, padding)


@lru_cache(maxsize=4096)
def _header(first: int, second: int, mode: int) -> FrameHeader | None:
    version = first >> 3 & 0b11
    rate = second >> 2 & 0b11
    bitrate = second >> 4
    is_frame = first >> 5 == 0b111 and first >> 1 & 0b11 == _LAYER_III
    if not is_frame or version not in _RATES_HZ or rate == 0b11:
        return None
    if not 0 < bitrate < 0xF:
        # Of a size that nobody says, or forbidden.
        return None
    rate_hz = _RATES_HZ[version][rate]
    kbps = KBPS[is_full_rate(rate_hz)][bitrate - 1]
    padding = second >> 1 & 1
    size = frame_bits(rate_hz) * kbps // rate_hz + padding
    return FrameHeader(rate_hz, 1 if mode == _MONO else 2, kbps, size)


def header_of(*, rate_hz: int, channels: int, kbps: int) -> bytes:
    """Return the header of a frame; zeros behind it are silence."""
    is_full = is_full_rate(rate_hz)
    version = next(of for of, rates in _RATES_HZ.items() if rate_hz in rates)
    mode = _MONO if channels == 1 else _JOINT
    bits = 0x7FF << 21 | version << 19 | _LAYER_III << 17 | _NO_CHECKSUM << 16
    bits |= (KBPS[is_full].index(kbps) + 1) << 12
    bits |= _RATES_HZ[version].index(rate_hz) << 10 | mode << 6
    return bits.to_bytes(4)


def kbps_at(rate_hz: int, wanted_kbps: int) -> int:
    """Return the bit rate that comes next below one wished for, 32 kb/s at least."""
    is_old = rate_hz in _RATES_HZ[_FULL] or rate_hz in _RATES_HZ[_HALF]
    most_kbps = max(32, wanted_kbps if is_old else min(wanted_kbps, _MOST_LOW_KBPS))
    return max(kbps for kbps in KBPS[is_full_rate(rate_hz)] if kbps <= most_kbps)


def is_full_rate(rate_hz: int) -> bool:
    """Tell whether it is a rate of the first standard, of longer frames."""
    return rate_hz >= 32_000


def frame_samples(rate_hz: int) -> int:
    """Return how many samples a frame becomes."""
    return 1152 if is_full_rate(rate_hz) else 576


def frame_bits(rate_hz: int) -> int:
    """Return how many bytes a frame has for each kb/s, times its rate."""
    return frame_samples(rate_hz) // 8 * 1000
