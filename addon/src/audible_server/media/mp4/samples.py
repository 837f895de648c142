"""Where each sample of a track lies in the file.

Held compactly: 2 bytes a sample, plus a little per run of up to 256 samples that lie
without a gap. 40 hours at 44.1 kHz are 6.2 million samples, so about 13 MB.
"""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import numpy as np
from audible_core.errors import Mp4FormatError, UnsupportedMediaError

from audible_server.media.mp4.tables import Ints, Sizes

_RUN_SAMPLES = 256
# No AAC frame is larger: 6144 bits for each of at most 48 channels (ISO 14496-3).
MOST_SAMPLE_BYTES = 0xFFFF
# 216 hours at 44.1 kHz.
MOST_SAMPLES = 1 << 25
# Pieces that lie apart, in a file where other tracks lie between all of them.
_MOST_RUNS = 1 << 21
_SUMMED_SAMPLES = 1 << 20
# Windows of a real file hold some thousand samples.
_MOST_TOUCHED = 1 << 19


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

    def close_together(self, gap_bytes: int) -> Iterator[Self]:
        """Yield the spans in parts, cut wherever a larger gap lies between two."""
        gaps = self.offsets[1:] - self.offsets[:-1] - self.sizes[:-1]
        edges = [0, *(np.flatnonzero(gaps > gap_bytes) + 1).tolist(), len(self)]
        for start, stop in pairwise(edges):
            if start < stop:
                yield self.part(start, stop)


@dataclass(frozen=True, slots=True)
class SampleIndex:
    """File positions of all samples of a track, in playing order and file order."""

    _sizes: Sizes
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
        """Return the samples of which a byte lies from `start` to before `end`.

        Raises Mp4FormatError if they are more than a real file can have there.
        """
        low, high = self._run_offset.searchsorted((start, end))
        if start >= end or not high:
            return self.spans(0, 0)
        # The run before `start` may reach over it.
        low = max(0, int(low) - 1)
        if self._run_first[high] - self._run_first[low] > _MOST_TOUCHED:
            raise Mp4FormatError(reason="too many samples lie in one place")
        found = self._runs(low, int(high))
        ends = found.offsets + found.sizes
        return found.part(
            int(ends.searchsorted(start, side="right")),
            int(found.offsets.searchsorted(end)),
        )

    def _runs(self, low: int, high: int | None = None) -> SampleSpans:
        """Return the samples of runs `low` to before `high` (or of one)."""
        high = low + 1 if high is None else high
        firsts = self._run_first[low : high + 1]
        sizes = self._sizes[int(firsts[0]) : int(firsts[-1])].astype(np.int64)
        before = sizes.cumsum() - sizes
        shift = self._run_offset[low:high] - before[firsts[:-1] - firsts[0]]
        return SampleSpans(
            int(firsts[0]), before + shift.repeat(firsts[1:] - firsts[:-1]), sizes
        )


@dataclass(frozen=True, slots=True)
class MediaData:
    """Where samples may lie: the bodies of the `mdat` boxes, in file order."""

    starts: Ints
    ends: Ints

    def check(self, offsets: Ints, ends: Ints) -> None:
        """Raise Mp4FormatError unless each span lies inside of one of them.

        A range must not decrypt an index, nor lie behind the end of the file.
        """
        boxes = np.searchsorted(self.starts, offsets, side="right") - 1
        outside = (boxes < 0) | (ends > self.ends[boxes])
        if not outside.any():
            return
        at = int(np.argmax(outside))
        missing = int(ends[at]) - int(self.ends[-1])
        if missing > 0:
            reason = f"the last {missing} bytes of sound are missing"
        else:
            reason = f"its sound at byte {offsets[at]} lies outside of the media data"
        raise Mp4FormatError(reason=reason)


class SampleIndexBuilder:
    """Puts an index together from chunks of samples, holding little but the result."""

    def __init__(self, sizes: Sizes, media: MediaData) -> None:
        """Begin with the sizes of all samples."""
        self._sizes = sizes
        self._media = media
        self._samples = 0
        self._end = 0
        self._run_first = array("q")
        self._run_offset = array("q")

    def add(self, offsets: Ints, counts: Ints) -> None:
        """Append chunks: where each lies, and how many samples it holds.

        Raises Mp4FormatError if they hold more samples than there are or lie outside of
        the media data, UnsupportedMediaError if they are not in playing order.
        """
        used = counts > 0
        offsets, counts = offsets[used], counts[used]
        if not len(offsets):
            return
        firsts = self._samples + np.cumsum(counts) - counts
        stop = int(firsts[-1] + counts[-1])
        if stop > len(self._sizes):
            self._raise_count(stop)
        ends = offsets + self._sums(firsts, stop)
        self._check_order(offsets, ends)
        self._media.check(offsets, ends)
        # What touches is one run, and what is long is cut, so that look-ups are short.
        fresh = np.ones(len(offsets), np.bool_)
        fresh[1:] = ends[:-1] != offsets[1:]
        self._append_runs(firsts[fresh], offsets[fresh], stop)
        self._samples = stop

    def build(self) -> SampleIndex:
        """Return the index; raise Mp4FormatError if samples are left over."""
        if self._samples != len(self._sizes):
            self._raise_count(self._samples)
        self._run_first.append(self._samples)
        return SampleIndex(
            self._sizes,
            np.frombuffer(self._run_first, np.int64),
            np.frombuffer(self._run_offset, np.int64)
            if self._run_offset
            else np.empty(0, np.int64),
        )

    def _append_runs(self, firsts: Ints, offsets: Ints, stop: int) -> None:
        pieces = -(-np.diff(np.append(firsts, stop)) // _RUN_SAMPLES)
        if len(self._run_first) + int(pieces.sum()) > _MOST_RUNS:
            raise UnsupportedMediaError(reason="its sound lies in too many pieces")
        run_at = np.cumsum(pieces) - pieces
        number = np.arange(int(pieces.sum())) - np.repeat(run_at, pieces)
        cut_firsts = np.repeat(firsts, pieces) + number * _RUN_SAMPLES
        cut_bytes = self._sums(cut_firsts, stop)
        before = np.cumsum(cut_bytes) - cut_bytes
        cut_offsets = np.repeat(offsets - before[run_at], pieces) + before
        self._run_first.frombytes(cut_firsts.tobytes())
        self._run_offset.frombytes(cut_offsets.tobytes())

    def _sums(self, firsts: Ints, stop: int) -> Ints:
        """Return the bytes from each of these samples to the next of them."""
        sums = np.zeros(len(firsts), np.int64)
        for start in range(int(firsts[0]), stop, _SUMMED_SAMPLES):
            end = min(stop, start + _SUMMED_SAMPLES)
            low = int(np.searchsorted(firsts, start, side="right")) - 1
            high = int(np.searchsorted(firsts, end))
            edges = np.maximum(firsts[low:high], start) - start
            sizes = self._sizes[start:end].astype(np.int64)
            sums[low:high] += np.add.reduceat(sizes, edges)
        return sums

    def _check_order(self, offsets: Ints, ends: Ints) -> None:
        if offsets[0] < self._end or np.any(ends[:-1] > offsets[1:]):
            raise UnsupportedMediaError(
                reason="its sound is not stored in playing order"
            )
        self._end = int(ends[-1])

    def _raise_count(self, found: int) -> None:
        reason = f"its chunks hold {found} samples instead of {len(self._sizes)}"
        raise Mp4FormatError(reason=reason)
