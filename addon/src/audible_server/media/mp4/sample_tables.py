"""Read the tables of a track whose samples are all listed in its `moov` box."""

from collections.abc import Iterator

import numpy as np
from audible_core.errors import Mp4FormatError, UnsupportedMediaError

from audible_server.media.mp4.boxes import Box, ReadAt, child, descend
from audible_server.media.mp4.samples import (
    MOST_SAMPLE_BYTES,
    MOST_SAMPLES,
    MediaData,
    SampleIndex,
    SampleIndexBuilder,
)
from audible_server.media.mp4.tables import (
    Ints,
    Sizes,
    Table,
    table,
    table_at,
    words_at,
)
from audible_server.media.mp4.times import TimeTableBuilder

# One for each chunk at most; 40 hours in chunks of half a second are 288,000.
_MOST_CHUNK_ROWS = 1 << 21


def parse_samples(read_at: ReadAt, stbl: Box, media: MediaData) -> SampleIndex:
    """Build the index from a sample table box alone; raise Mp4FormatError.

    Raises UnsupportedMediaError if the samples are not stored in playing order.
    """
    builder = SampleIndexBuilder(sample_sizes(read_at, stbl), media)
    for offsets, counts in chunks(read_at, stbl):
        builder.add(offsets, counts)
    return builder.build()


def chunks(read_at: ReadAt, stbl: Box) -> Iterator[tuple[Ints, Ints]]:
    """Yield offsets and sample counts of all chunks, many at a time.

    Raises Mp4FormatError, or UnsupportedMediaError if there are too many.
    """
    offsets, is_wide = _chunk_offsets(read_at, stbl)
    counts = _ChunkCounts(read_at, descend(read_at, stbl, b"stsc"), offsets.rows)
    for first, piece in _placed(offsets):
        if is_wide and piece[:, 0].max() >= 1 << 31:
            raise Mp4FormatError(reason="a chunk lies beyond all files")
        joined = piece[:, 0] << 32 | piece[:, 1] if is_wide else piece[:, 0]
        yield joined, counts.of(first, first + len(piece))


def parse_times(read_at: ReadAt, stbl: Box, *, samples: int) -> TimeTableBuilder:
    """Read the times of a track with so many samples; raise Mp4FormatError."""
    builder = TimeTableBuilder()
    for piece in table(read_at, descend(read_at, stbl, b"stts"), words=2).pieces():
        builder.add(piece[:, 0], piece[:, 1])
    if builder.samples != samples:
        reason = f"it times {builder.samples} samples instead of {samples}"
        raise Mp4FormatError(reason=reason)
    return builder


class _ChunkCounts:
    """How many samples each chunk holds; a row is valid up to the next."""

    def __init__(self, read_at: ReadAt, stsc: Box, chunks: int) -> None:
        rows = table(read_at, stsc, words=3)
        if rows.rows > _MOST_CHUNK_ROWS:
            raise UnsupportedMediaError(reason="its sound lies in too many pieces")
        self._firsts = np.empty(rows.rows, np.uint32)
        self._counts = np.empty(rows.rows, np.uint32)
        for at, piece in _placed(rows):
            self._firsts[at : at + len(piece)] = piece[:, 0]
            self._counts[at : at + len(piece)] = piece[:, 1]
        if chunks:
            self._check(chunks)

    def of(self, first: int, stop: int) -> Ints:
        """Return the counts of chunks, the very first of which has number 0."""
        numbers = np.arange(first + 1, stop + 1)
        rows = np.searchsorted(self._firsts, numbers, side="right") - 1
        return self._counts[rows].astype(np.int64)

    def _check(self, chunks: int) -> None:
        is_ordered = (
            len(self._firsts)
            and self._firsts[0] == 1
            and self._firsts[-1] <= chunks
            and not np.any(self._firsts[1:] <= self._firsts[:-1])
        )
        if not is_ordered:
            raise Mp4FormatError(reason="its chunk table is out of order")


def sample_sizes(read_at: ReadAt, stbl: Box) -> Sizes:
    """Return the size of each sample; raise Mp4FormatError."""
    compact = child(read_at, stbl, b"stz2")
    if compact is not None:
        return _compact_sizes(read_at, compact)
    box = descend(read_at, stbl, b"stsz")
    one_size, count = words_at(read_at, box, 4, 2)
    _check_count(count)
    if one_size:
        return np.full(count, checked_sizes(np.array([one_size]))[0])
    rows = table_at(read_at, box, 12, count, 1)
    sizes = np.empty(count, np.uint16)
    for at, piece in _placed(rows):
        sizes[at : at + len(piece)] = checked_sizes(piece[:, 0])
    return sizes


def _compact_sizes(read_at: ReadAt, box: Box) -> Sizes:
    bits, count = words_at(read_at, box, 4, 2)
    bits &= 0xFF
    _check_count(count)
    if bits not in (4, 8, 16):
        raise Mp4FormatError(reason=f"its sample sizes have {bits} bits")
    start, length = box.body + 12, -(-count * bits // 8)
    if start + length > box.end:
        raise Mp4FormatError(reason="the stz2 box is shorter than its table")
    raw = read_at(start, length)
    if bits == 16:
        return np.frombuffer(raw, ">u2").astype(np.uint16)
    octets = np.frombuffer(raw, np.uint8)
    if bits == 4:
        octets = np.stack((octets >> 4, octets & 0xF), axis=1).reshape(-1)[:count]
    return octets.astype(np.uint16)


def checked_sizes(sizes: Ints) -> Sizes:
    """Return sizes as they are kept; raise Mp4FormatError for one that cannot be."""
    if len(sizes) and sizes.max() > MOST_SAMPLE_BYTES:
        raise Mp4FormatError(reason=f"a sample claims {sizes.max()} bytes")
    return sizes.astype(np.uint16)


def _check_count(count: int) -> None:
    if count > MOST_SAMPLES:
        raise Mp4FormatError(reason=f"it claims {count} samples")


def _chunk_offsets(read_at: ReadAt, stbl: Box) -> tuple[Table, bool]:
    """Return the offsets, and whether each has two words."""
    wide = child(read_at, stbl, b"co64")
    if wide is None:
        return table(read_at, descend(read_at, stbl, b"stco")), False
    return table(read_at, wide, words=2), True


def _placed(rows: Table) -> Iterator[tuple[int, Ints]]:
    """Yield the pieces of a table, each with the number of its first row."""
    at = 0
    for piece in rows.pieces():
        yield at, piece
        at += len(piece)
