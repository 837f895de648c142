"""Small books of each kind, and everything that may be wrong with a file like them."""

import struct
from collections.abc import Iterator
from itertools import chain

from tests.addon.media.mp4_maker import make_book, make_fragments

SIZES = [40, 0, 7, 16, 90, 33, 64, 50, 48, 70, 90]
BOOKS = {
    "index first": make_book(SIZES).encrypted,
    "index last": make_book(SIZES, is_index_first=False, gap_bytes=9).encrypted,
    "fragments": make_fragments(SIZES, other_bytes=11).encrypted,
}
_CONTAINERS = frozenset(
    {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"mvex", b"moof", b"traf"}
)
# Where the number of entries stands in the body of a box.
_COUNT_AT = {
    b"stsd": 4, b"stts": 4, b"stsc": 4, b"stsz": 8, b"co64": 4, b"trun": 4,
    b"tfhd": 4, b"trex": 4, b"mdhd": 12, b"mvhd": 12, b"tfdt": 4,
}  # fmt: skip
_WORDS = (0, 1, 2, 7, 2**16, 2**31 - 1, 2**31, 2**32 - 256, 2**32 - 1)


def boxes(data: bytes, start: int = 0, end: int | None = None) -> Iterator[int]:
    """Yield where each box starts, from the outside in."""
    end = len(data) if end is None else end
    while start < end:
        size, kind = struct.unpack_from(">I4s", data, start)
        yield start
        if kind in _CONTAINERS:
            yield from boxes(data, start + 8, start + size)
        start += size


def truncated(data: bytes) -> Iterator[bytes]:
    """Yield every beginning of a file."""
    for length in range(len(data)):
        yield data[:length]


def lying_sizes(data: bytes) -> Iterator[bytes]:
    """Yield the file with each box claiming each of many sizes."""
    for at in boxes(data):
        size = int.from_bytes(data[at : at + 4])
        near = (size - 8, size - 1, size + 1, size + 8, size * 2, len(data) - at)
        for claim in (*near, *_WORDS):
            yield data[:at] + struct.pack(">I", claim % 2**32) + data[at + 4 :]
        # Written in 64 bits, over what stood behind the header.
        for claim in (0, 15, 16, len(data) - at, 2**63 - 1, 2**63, 2**64 - 1):
            head = struct.pack(">I4sQ", 1, data[at + 4 : at + 8], claim)
            yield data[:at] + head + data[at + 16 :]


def lying_words(data: bytes) -> Iterator[bytes]:
    """Yield the file with each word of each table another one."""
    for at in boxes(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        if kind in _COUNT_AT:
            for place in range(at + 8, min(at + size, at + 64) - 3, 4):
                for word in _WORDS:
                    yield data[:place] + struct.pack(">I", word) + data[place + 4 :]


def boxes_gone_or_twice(data: bytes) -> Iterator[bytes]:
    """Yield the file without each of its boxes, and with each of them twice."""
    for at in boxes(data):
        size = int.from_bytes(data[at : at + 4])
        # What holds it knows nothing of it, or all claims are right but one.
        yield data[: at + 4] + b"none" + data[at + 8 :]
        yield data[:at] + data[at + size :]
        yield data[:at] + data[at : at + size] * 2 + data[at + size :]


def damaged(data: bytes) -> Iterator[bytes]:
    """Yield all of these."""
    return chain(
        truncated(data), lying_sizes(data), lying_words(data), boxes_gone_or_twice(data)
    )
