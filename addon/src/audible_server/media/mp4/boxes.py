"""Find the boxes of an MP4 file; a size that cannot be true is an error, no guess."""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from audible_core.errors import Mp4FormatError

# Returns the bytes of a file from offset to offset + length, fewer only at its end.
type ReadAt = Callable[[int, int], bytes]

_SHORT_HEADER_BYTES = 8
_LONG_HEADER_BYTES = 16
# Real files have a handful; a damaged one must not keep us busy for gigabytes.
_MOST_TOP_LEVEL_BOXES = 4_096


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


def box_at(header: bytes | memoryview, start: int, limit: int) -> Box:
    """Return the box that starts at `start` and must end by `limit`.

    `header` holds the bytes from `start` on: 16, or all that there are up to `limit`.
    A size of 0 means that the box reaches to `limit`. Raises Mp4FormatError.
    """
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


def iter_boxes(data: bytes | memoryview, start: int, end: int) -> Iterator[Box]:
    """Yield the boxes that fill `data` from `start` to `end`; raise Mp4FormatError."""
    view = memoryview(data)
    while start < end:
        box = box_at(view[start : min(end, start + _LONG_HEADER_BYTES)], start, end)
        yield box
        start = box.end


def children(data: bytes | memoryview, parent: Box, kind: bytes) -> Iterator[Box]:
    """Yield the boxes of one kind directly inside a box; raise Mp4FormatError."""
    for box in iter_boxes(data, parent.body, parent.end):
        if box.kind == kind:
            yield box


def descend(data: bytes | memoryview, box: Box, *path: bytes) -> Box:
    """Return the first box at a path below a box; raise Mp4FormatError if missing."""
    for kind in path:
        found = next(children(data, box, kind), None)
        if found is None:
            missing = Box(kind, 0, 0, 0).name
            raise Mp4FormatError(reason=f"the {box.name} box has no {missing} box")
        box = found
    return box


def top_level_boxes(read_at: ReadAt, size_bytes: int) -> tuple[Box, ...]:
    """Return the boxes of a whole file, reading only their headers.

    Raises Mp4FormatError, also when the file ends before its last box does.
    """
    boxes: list[Box] = []
    start = 0
    while start < size_bytes:
        if len(boxes) == _MOST_TOP_LEVEL_BOXES:
            raise Mp4FormatError(reason="it has too many boxes")
        header = read_at(start, min(_LONG_HEADER_BYTES, size_bytes - start))
        boxes.append(box_at(header, start, size_bytes))
        start = boxes[-1].end
    return tuple(boxes)
