"""Tables of an index, read in pieces, so that not even a lying one fills the memory."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from audible_core.errors import Mp4FormatError

from audible_server.media.mp4.boxes import Box, ReadAt

type Ints = npt.NDArray[np.int64]
type Sizes = npt.NDArray[np.uint16]

_PIECE_ROWS = 1 << 16
_WORD_BYTES = 4
# Version and flags, then the count.
_TABLE_HEAD_BYTES = 8


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of so many 32-bit words, from a file offset on."""

    read_at: ReadAt
    start: int
    rows: int
    words: int

    def pieces(self) -> Iterator[Ints]:
        """Yield all rows, many at a time, each as an array of rows and words."""
        row_bytes = self.words * _WORD_BYTES
        for first in range(0, self.rows, _PIECE_ROWS):
            count = min(_PIECE_ROWS, self.rows - first)
            raw = self.read_at(self.start + first * row_bytes, count * row_bytes)
            if len(raw) < count * row_bytes:
                raise Mp4FormatError(reason="the file has become shorter")
            yield np.frombuffer(raw, ">u4").astype(np.int64).reshape(count, self.words)


def table(read_at: ReadAt, box: Box, *, words: int = 1) -> Table:
    """Return the rows of a box that counts them itself; raise Mp4FormatError."""
    (rows,) = words_at(read_at, box, 4, 1)
    return table_at(read_at, box, _TABLE_HEAD_BYTES, rows, words)


def table_at(read_at: ReadAt, box: Box, at: int, rows: int, words: int) -> Table:
    """Return so many rows from an offset in a box's body on; raise Mp4FormatError."""
    start = box.body + at
    if start + rows * words * _WORD_BYTES > box.end:
        raise Mp4FormatError(reason=f"the {box.name} box is shorter than its table")
    return Table(read_at, start, rows, words)


def words_at(read_at: ReadAt, box: Box, at: int, count: int) -> tuple[int, ...]:
    """Return a few 32-bit words from a box's body; raise Mp4FormatError."""
    (row,) = table_at(read_at, box, at, 1, count).pieces()
    return tuple(row[0].tolist())
