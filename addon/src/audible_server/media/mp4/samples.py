"""Where each sample of a track lies in the file, and when it plays.

Held compactly: 2 bytes a sample, plus a little per run of up to 256 samples that lie
without a gap. 40 hours at 44.1 kHz are 6.2 million samples, so about 13 MB.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
from audible_core.errors import Mp4FormatError, UnsupportedMediaError

from audible_server.media.mp4.boxes import Box, children, descend

type Ints = npt.NDArray[np.int64]
type _Words = npt.NDArray[np.uint32]

_RUN_SAMPLES = 256
_MOST_SAMPLE_BYTES = 0xFFFF
_MOST_SAMPLES = 1 << 28


@dataclass(frozen=True, slots=True)
class SampleSpans:
    """Consecutive samples, from number `first` on: file offsets and sizes in bytes."""

    first: int
    offsets: Ints
    sizes: Ints

    def __len__(self) -> int:
        """Return how many samples these are."""
        return len(self.sizes)

    @property
    def end(self) -> int:
        """Return the file offset after the last sample; there must be one."""
        return int(self.offsets[-1] + self.sizes[-1])

    def part(self, start: int, stop: int) -> Self:
        """Return the spans from index `start` to before `stop`."""
        sizes = self.sizes[start:stop]
        return type(self)(self.first + start, self.offsets[start:stop], sizes)


@dataclass(frozen=True, slots=True)
class SampleIndex:
    """File positions of all samples of a track, in playing order and file order."""

    _sizes: npt.NDArray[np.uint16]
    # One more entry than there are runs: the last is the number of samples.
    _run_first: Ints
    _run_offset: Ints

    def __len__(self) -> int:
        """Return the number of samples."""
        return len(self._sizes)

    @property
    def memory_bytes(self) -> int:
        """Return what the tables occupy."""
        tables = (self._sizes, self._run_first, self._run_offset)
        return sum(table.nbytes for table in tables)

    @property
    def extent(self) -> tuple[int, int]:
        """Return the file offsets where the first sample starts and the last ends."""
        if not len(self):
            return (0, 0)
        return int(self._run_offset[0]), self._runs(len(self._run_offset) - 1).end

    def spans(self, first: int, stop: int) -> SampleSpans:
        """Return where the samples from `first` to before `stop` lie."""
        first, stop = max(0, first), min(stop, len(self))
        if first >= stop:
            return SampleSpans(first, np.empty(0, np.int64), np.empty(0, np.int64))
        low, high = np.searchsorted(self._run_first, (first, stop - 1), side="right")
        found = self._runs(int(low) - 1, int(high))
        return found.part(first - found.first, stop - found.first)

    def touching(self, start: int, end: int) -> SampleSpans:
        """Return the samples of which a byte lies from `start` to before `end`."""
        low, high = np.searchsorted(self._run_offset, (start, end))
        if start >= end or not high:
            return self.spans(0, 0)
        # The run before `start` may reach over it.
        found = self._runs(max(0, int(low) - 1), int(high))
        ends = found.offsets + found.sizes
        return found.part(
            int(np.searchsorted(ends, start, side="right")),
            int(np.searchsorted(found.offsets, end)),
        )

    def _runs(self, low: int, high: int | None = None) -> SampleSpans:
        """Return the samples of runs `low` to before `high` (or of one)."""
        high = low + 1 if high is None else high
        firsts = self._run_first[low : high + 1]
        sizes = self._sizes[int(firsts[0]) : int(firsts[-1])].astype(np.int64)
        before = np.cumsum(sizes) - sizes
        shift = self._run_offset[low:high] - before[firsts[:-1] - firsts[0]]
        return SampleSpans(
            int(firsts[0]), before + np.repeat(shift, np.diff(firsts)), sizes
        )


@dataclass(frozen=True, slots=True)
class TimeTable:
    """When each sample plays, in ticks: `timescale` of them make a second."""

    timescale: int
    _first: Ints
    _start: Ints
    _delta: Ints

    @property
    def duration_ticks(self) -> int:
        """Return the length of all samples together."""
        return int(self._start[-1])

    @property
    def samples(self) -> int:
        """Return the number of samples."""
        return int(self._first[-1])

    @property
    def duration_s(self) -> int:
        """Return the length in seconds, rounded up."""
        return -(-self.duration_ticks // self.timescale)

    def starts_ticks(self, samples: Ints) -> Ints:
        """Return when many samples start, as `start_ticks` does."""
        samples = np.minimum(samples, self.samples)
        entries = np.searchsorted(self._first, samples, side="right") - 1
        deltas = np.append(self._delta, 0)
        inside = samples - self._first[entries]
        starts: Ints = self._start[entries] + inside * deltas[entries]
        return starts

    def samples_at_s(self, seconds: Ints) -> Ints:
        """Return the samples that play at many positions; past the end, the count."""
        ticks = seconds * self.timescale
        inside = ticks < self.duration_ticks
        ticks = np.where(inside, ticks, 0)
        entries = np.searchsorted(self._start, ticks, side="right") - 1
        found = (ticks - self._start[entries]) // np.append(self._delta, 1)[entries]
        playing: Ints = np.where(inside, self._first[entries] + found, self.samples)
        return playing

    def start_ticks(self, sample: int) -> int:
        """Return when a sample starts; past the last, when the track ends."""
        sample = min(sample, int(self._first[-1]))
        entry = int(np.searchsorted(self._first, sample, side="right")) - 1
        if entry == len(self._delta):
            return self.duration_ticks
        inside = sample - int(self._first[entry])
        return int(self._start[entry]) + inside * int(self._delta[entry])

    def start_ms(self, sample: int) -> int:
        """Return the first millisecond that `sample_at_ms` gives to a sample."""
        return -(-self.start_ticks(sample) * 1000 // self.timescale)

    def sample_at_ms(self, position_ms: int) -> int:
        """Return the sample that plays at a position; past the end, the count."""
        ticks = max(0, position_ms) * self.timescale // 1000
        if ticks >= self.duration_ticks:
            return int(self._first[-1])
        entry = int(np.searchsorted(self._start, ticks, side="right")) - 1
        inside = (ticks - int(self._start[entry])) // int(self._delta[entry])
        return int(self._first[entry]) + inside


def parse_samples(data: bytes | memoryview, stbl: Box) -> SampleIndex:
    """Build the index from a sample table box; raise Mp4FormatError if it disagrees.

    Raises UnsupportedMediaError if the samples are not stored in playing order.
    """
    sizes = _sample_sizes(data, stbl)
    offsets = _chunk_offsets(data, stbl)
    counts = _chunk_counts(data, stbl, len(offsets))
    if int(counts.sum()) != len(sizes):
        reason = f"its chunks hold {int(counts.sum())} samples instead of {len(sizes)}"
        raise Mp4FormatError(reason=reason)
    used = counts > 0
    return _joined(sizes, offsets[used], counts[used])


def parse_times(
    data: bytes | memoryview, stbl: Box, *, timescale: int, samples: int
) -> TimeTable:
    """Build the time table of a track with so many samples; raise Mp4FormatError."""
    if timescale <= 0:
        raise Mp4FormatError(reason="its clock stands still")
    pairs = _entries(data, descend(data, stbl, b"stts"), words=2)
    counts, deltas = pairs[:, 0].astype(np.int64), pairs[:, 1].astype(np.int64)
    if int(counts.sum()) != samples:
        reason = f"it times {int(counts.sum())} samples instead of {samples}"
        raise Mp4FormatError(reason=reason)
    zero = np.zeros(1, np.int64)
    return TimeTable(
        timescale,
        np.concatenate((zero, np.cumsum(counts))),
        np.concatenate((zero, np.cumsum(counts * deltas))),
        deltas,
    )


def _joined(sizes: npt.NDArray[np.uint16], offsets: Ints, counts: Ints) -> SampleIndex:
    """Join chunks that touch, then cut what is long, so that look-ups stay short."""
    firsts = np.concatenate((np.zeros(1, np.int64), np.cumsum(counts)))
    before = np.concatenate((np.zeros(1, np.int64), np.cumsum(sizes, dtype=np.int64)))
    chunk_ends = offsets + before[firsts[1:]] - before[firsts[:-1]]
    if np.any(chunk_ends[:-1] > offsets[1:]):
        raise UnsupportedMediaError(reason="its sound is not stored in playing order")
    fresh = np.ones(len(offsets), np.bool_)
    fresh[1:] = chunk_ends[:-1] != offsets[1:]
    run_firsts = np.append(firsts[:-1][fresh], len(sizes))
    pieces = -(-np.diff(run_firsts) // _RUN_SAMPLES)
    number = np.arange(int(pieces.sum())) - np.repeat(
        np.cumsum(pieces) - pieces, pieces
    )
    cut_firsts = np.repeat(run_firsts[:-1], pieces) + number * _RUN_SAMPLES
    inside = before[cut_firsts] - before[np.repeat(run_firsts[:-1], pieces)]
    return SampleIndex(
        sizes,
        np.append(cut_firsts, len(sizes)),
        np.repeat(offsets[fresh], pieces) + inside,
    )


def _sample_sizes(data: bytes | memoryview, stbl: Box) -> npt.NDArray[np.uint16]:
    compact = next(children(data, stbl, b"stz2"), None)
    if compact is not None:
        return _compact_sizes(data, compact)
    box = descend(data, stbl, b"stsz")
    one_size, count = (int(word) for word in _words(data, box, 4, 2))
    if count > _MOST_SAMPLES:
        raise Mp4FormatError(reason=f"it claims {count} samples")
    if one_size:
        return _checked(np.full(count, one_size, np.uint32))
    return _checked(_words(data, box, 12, count))


def _compact_sizes(data: bytes | memoryview, box: Box) -> npt.NDArray[np.uint16]:
    bits, count = (int(word) for word in _words(data, box, 4, 2))
    bits &= 0xFF
    if bits not in (4, 8, 16):
        raise Mp4FormatError(reason=f"its sample sizes have {bits} bits")
    raw = _bytes(data, box, 12, -(-count * bits // 8))
    if bits == 16:
        return np.frombuffer(raw, ">u2").astype(np.uint16)
    octets = np.frombuffer(raw, np.uint8)
    if bits == 4:
        octets = np.stack((octets >> 4, octets & 0xF), axis=1).reshape(-1)[:count]
    return octets.astype(np.uint16)


def _checked(sizes: _Words) -> npt.NDArray[np.uint16]:
    if len(sizes) and int(sizes.max()) > _MOST_SAMPLE_BYTES:
        reason = f"a sample claims {int(sizes.max())} bytes"
        raise Mp4FormatError(reason=reason)
    return sizes.astype(np.uint16)


def _chunk_offsets(data: bytes | memoryview, stbl: Box) -> Ints:
    wide = next(children(data, stbl, b"co64"), None)
    if wide is None:
        return _entries(data, descend(data, stbl, b"stco"))[:, 0].astype(np.int64)
    pairs = _entries(data, wide, words=2).astype(np.int64)
    if len(pairs) and int(pairs[:, 0].max()) >= 1 << 31:
        raise Mp4FormatError(reason="a chunk lies beyond all files")
    return pairs[:, 0] << 32 | pairs[:, 1]


def _chunk_counts(data: bytes | memoryview, stbl: Box, chunks: int) -> Ints:
    """Return the number of samples in each chunk."""
    rows = _entries(data, descend(data, stbl, b"stsc"), words=3).astype(np.int64)
    if not chunks:
        return np.empty(0, np.int64)
    firsts = rows[:, 0] - 1
    lengths = np.diff(np.append(firsts, chunks))
    if not len(rows) or firsts[0] or np.any(lengths <= 0):
        raise Mp4FormatError(reason="its chunk table is out of order")
    return np.repeat(rows[:, 1], lengths)


def _entries(data: bytes | memoryview, box: Box, *, words: int = 1) -> _Words:
    """Return the rows of a table box: version and flags, count, then the rows."""
    count = int(_words(data, box, 4, 1)[0])
    return _words(data, box, 8, count * words).reshape(-1, words)


def _words(data: bytes | memoryview, box: Box, at: int, count: int) -> _Words:
    return np.frombuffer(_bytes(data, box, at, count * 4), ">u4").astype(np.uint32)


def _bytes(data: bytes | memoryview, box: Box, at: int, length: int) -> memoryview:
    start = box.body + at
    if start + length > box.end:
        raise Mp4FormatError(reason=f"the {box.name} box is shorter than its table")
    return memoryview(data)[start : start + length]
