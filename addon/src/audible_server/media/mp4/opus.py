"""Opus in fragmented MP4, as HLS carries it: what comes first, and one fragment.

By "Encapsulation of Opus in ISO Base Media File Format", 0.8.1. The first sample that
is decoded is the first that is heard: there is no pre-skip, and so no edit list.
"""

from collections.abc import Sequence
from struct import pack
from typing import Final

RATE_HZ: Final = 48_000
FRAME_SAMPLES: Final = 960
SILENCE: Final = b"\xf8\xff\xfe"
"""A packet of 20 ms in which nothing is heard."""

_TRACK: Final = 1
_SOUND_BITS: Final = 16
_UNITY: Final = pack(">9I", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
_IN_MOVIE: Final = 0b11
_SELF_CONTAINED: Final = 1
_NO_LANGUAGE: Final = 0x55C4
_INDEPENDENT: Final = 0x02000000
_BASE_IS_MOOF: Final = 0x020000
_HAS_OFFSET_AND_SIZES: Final = 0x000201
_PRE_ROLL_FRAMES: Final = 4
"""What a decoder that begins in the middle needs to be right: 80 ms (section 4.3.6)."""


def opus_init(channels: int) -> bytes:
    """Return what stands in front of all fragments of one or two channels."""
    moov = _box(
        b"moov",
        # Version 0; rate and volume are 1; the next track would be the second.
        _full(b"mvhd", 0, pack(">4IIH10x", 0, 0, RATE_HZ, 0, 1 << 16, 1 << 8),
              _UNITY, bytes(24), pack(">I", _TRACK + 1)),
        _box(b"trak", _track_header(), _media(channels)),
        _box(b"mvex", _full(b"trex", 0, pack(
            ">5I", _TRACK, 1, FRAME_SAMPLES, 0, _INDEPENDENT))),
    )  # fmt: skip
    return _box(b"ftyp", b"iso6", bytes(4), b"iso6mp41") + moov


def opus_fragment(packets: Sequence[bytes], *, number: int, first: int) -> bytes:
    """Return the fragment of this number, from 0, that begins with frame `first`."""
    sizes = pack(f">{len(packets)}I", *map(len, packets))
    # Its size does not depend on the offset in it, which is that of the first packet.
    moof = _moof(sizes, number, first, 0)
    moof = _moof(sizes, number, first, len(moof) + 8)
    return moof + _box(b"mdat", *packets)


def _moof(sizes: bytes, number: int, first: int, offset: int) -> bytes:
    count = len(sizes) // 4
    return _box(
        b"moof",
        _full(b"mfhd", 0, pack(">I", number + 1)),
        _box(
            b"traf",
            _full(b"tfhd", _BASE_IS_MOOF, pack(">I", _TRACK)),
            _full(b"tfdt", 0, pack(">Q", first * FRAME_SAMPLES), version=1),
            _full(b"trun", _HAS_OFFSET_AND_SIZES, pack(">II", count, offset), sizes),
            _full(b"sbgp", 0, b"roll", pack(">III", 1, count, 1)),
        ),
    )


def _track_header() -> bytes:
    times = pack(">5I8x", 0, 0, _TRACK, 0, 0)
    return _full(
        b"tkhd", _IN_MOVIE, times, pack(">HHHH", 0, 0, 1 << 8, 0), _UNITY, bytes(8)
    )


def _media(channels: int) -> bytes:
    source = _full(b"dref", 0, pack(">I", 1), _full(b"url ", _SELF_CONTAINED))
    return _box(
        b"mdia",
        _full(b"mdhd", 0, pack(">4IHH", 0, 0, RATE_HZ, 0, _NO_LANGUAGE, 0)),
        _full(b"hdlr", 0, bytes(4), b"soun", bytes(13)),
        _box(
            b"minf",
            _full(b"smhd", 0, bytes(4)),
            _box(b"dinf", source),
            _sample_table(channels),
        ),
    )


def _sample_table(channels: int) -> bytes:
    entry = _box(
        b"Opus",
        bytes(6), pack(">H8xHH4xI", 1, channels, _SOUND_BITS, RATE_HZ << 16),
        # Version, channels, pre-skip, rate of the source, gain, mapping family.
        _box(b"dOps", pack(">BBHIhB", 0, channels, 0, RATE_HZ, 0, 0)),
    )  # fmt: skip
    roll = pack(">IIh", 2, 1, -_PRE_ROLL_FRAMES)
    return _box(
        b"stbl",
        _full(b"stsd", 0, pack(">I", 1), entry),
        _full(b"stts", 0, bytes(4)),
        _full(b"stsc", 0, bytes(4)),
        _full(b"stsz", 0, bytes(8)),
        _full(b"stco", 0, bytes(4)),
        _full(b"sgpd", 0, b"roll", roll, version=1),
    )


def _box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return pack(">I4s", 8 + len(body), kind) + body


def _full(kind: bytes, flags: int, *parts: bytes, version: int = 0) -> bytes:
    return _box(kind, pack(">I", version << 24 | flags), *parts)
