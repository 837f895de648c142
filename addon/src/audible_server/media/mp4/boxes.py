"""Find the boxes of an MP4 file; a size that cannot be true is an error, no guess."""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from audible_core.errors import Mp4FormatError

# Returns the bytes of a file from offset to offset + length, fewer only at its end.
type ReadAt = Callable[[int, int], bytes | bytearray]

_SHORT_HEADER_BYTES = 8
_LONG_HEADER_BYTES = 16
# Real boxes hold a few dozen; a damaged one must not keep us busy for gigabytes.
_MOST_CHILDREN = 4_096
_LOADED_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Box:
    """One box: where it starts, where its body starts, where it ends (offsets)."""

    kind: bytes
    start: int
    body: int
    end: int

    @property
    def name(self) -> str:
        """Return the kind as printable text, for messages."""
        # In a damaged file these are any four bytes.
        return repr(self.kind)[2:-1]


def box_at(read_at: ReadAt, start: int, limit: int) -> Box:
    """Return the box that starts at `start` and must end by `limit`.

    A size of 0 means that the box reaches to `limit`. Raises Mp4FormatError.
    """
    header = read_at(start, min(_LONG_HEADER_BYTES, limit - start))
    if len(header) < _SHORT_HEADER_BYTES:
        raise Mp4FormatError(reason=f"a box header is cut off at byte {start}")
    size, kind = struct.unpack_from(">I4s", header)
    header_bytes = _SHORT_HEADER_BYTES
    if size == 1:
        if len(header) < _LONG_HEADER_BYTES:
            raise Mp4FormatError(reason=f"a box header is cut off at byte {start}")
        (size,) = struct.unpack_from(">Q", header, _SHORT_HEADER_BYTES)
        header_bytes = _LONG_HEADER_BYTES
    elif size == 0:
        size = limit - start
    box = Box(kind, start, start + header_bytes, start + size)
    if size < header_bytes:
        raise Mp4FormatError(reason=f"the {box.name} box claims {size} bytes")
    if box.end > limit:
        missing = box.end - limit
        raise Mp4FormatError(
            reason=f"{missing} bytes of the {box.name} box are missing"
        )
    return box


def iter_boxes(
    read_at: ReadAt, start: int, end: int, *, most: int = _MOST_CHILDREN
) -> Iterator[Box]:
    """Yield the boxes that fill a file from `start` to `end`; raise Mp4FormatError."""
    for _ in range(most):
        if start >= end:
            return
        box = box_at(read_at, start, end)
        yield box
        start = box.end
    if start < end:
        raise Mp4FormatError(reason="it has too many boxes")


def children(read_at: ReadAt, parent: Box, kind: bytes) -> Iterator[Box]:
    """Yield the boxes of one kind directly inside a box; raise Mp4FormatError."""
    for box in iter_boxes(read_at, parent.body, parent.end):
        if box.kind == kind:
            yield box


def child(read_at: ReadAt, parent: Box, kind: bytes) -> Box | None:
    """Return the first box of a kind directly inside a box; raise Mp4FormatError."""
    return next(children(read_at, parent, kind), None)


def descend(read_at: ReadAt, box: Box, *path: bytes) -> Box:
    """Return the first box at a path below a box; raise Mp4FormatError if missing."""
    for kind in path:
        found = child(read_at, box, kind)
        if found is None:
            missing = Box(kind, 0, 0, 0).name
            raise Mp4FormatError(reason=f"the {box.name} box has no {missing} box")
        box = found
    return box


def loaded(read_at: ReadAt, box: Box) -> ReadAt:
    """Return a reader that has the first 64 KiB of a box in memory.

    The headers inside a box are many and small, and mostly lie in front.
    """
    data = bytes(read_at(box.start, min(_LOADED_BYTES, box.end - box.start)))

    def read(offset: int, length: int) -> bytes | bytearray:
        at = offset - box.start
        if 0 <= at <= at + length <= len(data):
            return data[at : at + length]
        return read_at(offset, length)

    return read


def body_of(read_at: ReadAt, box: Box, most_bytes: int) -> bytes:
    """Return the first so many bytes of a box's body, or all that it has."""
    return bytes(read_at(box.body, min(most_bytes, box.end - box.body)))


def word_after_dates(read_at: ReadAt, header: Box) -> int:
    """Return the number behind the two dates of a header box.

    It is the clock of a media or movie header, in ticks per second, and the id in that
    of a track (ISO 14496-12, 8.2 to 8.4).
    """
    body = body_of(read_at, header, 24)
    # Two dates come first; version 1 has them in 64 bits.
    at = 20 if body[:1] == b"\1" else 12
    if len(body) < at + 4:
        raise Mp4FormatError(reason=f"the {header.name} box is too short")
    return int.from_bytes(body[at : at + 4])
