"""When each sample of a track plays.

Ticks count from the first sample on, and make no difference between them. Milliseconds
are positions as players show them: from where the edit list has the book begin.

Held compactly: a length for each group of samples of the same length, which is one
group in most files. A clock in milliseconds gives two groups for five samples, which
are 6 MB for 40 hours at 44.1 kHz.
"""

from array import array
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from audible_core.errors import Mp4FormatError, UnsupportedMediaError

from audible_server.media.mp4.tables import Ints

type _Small = npt.NDArray[np.unsignedinteger]

_BLOCK_GROUPS = 64
_MOST_GROUPS = 1 << 22
_MOST_DELTA = (1 << 31) - 1
_MOST_HOURS = 1_000
_ANSWERED_AT_ONCE = 4_096


@dataclass(frozen=True, slots=True)
class TimeTable:
    """When each sample plays, in ticks: `timescale` of them make a second.

    The first `lead_ticks` are there for the decoder and not to be heard; a negative
    number is a pause before the sound. `length_ticks` are to be heard.
    """

    timescale: int
    samples: int
    duration_ticks: int
    lead_ticks: int
    length_ticks: int
    # Groups in blocks, the last filled up with empty groups.
    _counts: _Small
    _deltas: _Small
    _block_first: Ints
    _block_start: Ints

    @property
    def memory_bytes(self) -> int:
        """Return what the tables occupy."""
        tables = (self._counts, self._deltas, self._block_first, self._block_start)
        return sum(table.nbytes for table in tables)

    @property
    def duration_s(self) -> int:
        """Return the length of all samples in seconds, rounded up."""
        return -(-self.duration_ticks // self.timescale)

    @property
    def duration_ms(self) -> int:
        """Return the position where the sound ends, rounded up."""
        ticks = self.length_ticks - min(0, self.lead_ticks)
        return -(-ticks * 1000 // self.timescale)

    def starts_ticks(self, samples: Ints) -> Ints:
        """Return when samples start; past the last, when the track ends."""
        return _in_slices(self._starts, np.minimum(samples, self.samples))

    def samples_at_ticks(self, ticks: Ints) -> Ints:
        """Return the samples that play at these ticks; past the end, the count."""
        inside = ticks < self.duration_ticks
        found = _in_slices(self._playing, np.where(inside, ticks, 0))
        playing: Ints = np.where(inside, found, self.samples)
        return playing

    def samples_at_s(self, seconds: Ints) -> Ints:
        """Return the samples that play so many seconds after the first begins."""
        return self.samples_at_ticks(seconds * self.timescale)

    def start_ticks(self, sample: int) -> int:
        """Return when a sample starts; past the last, when the track ends."""
        return int(self.starts_ticks(np.array([sample], np.int64))[0])

    def start_ms(self, sample: int) -> int:
        """Return the first position that `sample_at_ms` gives to a sample."""
        ticks = self.start_ticks(sample) - self.lead_ticks
        return max(0, -(-ticks * 1000 // self.timescale))

    def sample_at_ms(self, position_ms: int) -> int:
        """Return the sample that plays at a position; past the end, the count."""
        ticks = max(0, position_ms) * self.timescale // 1000
        if ticks + min(0, self.lead_ticks) >= self.length_ticks:
            return self.samples
        at = max(0, ticks + self.lead_ticks)
        return int(self.samples_at_ticks(np.array([at], np.int64))[0])

    def _starts(self, samples: Ints) -> Ints:
        blocks = np.searchsorted(self._block_first, samples, side="right") - 1
        counts, deltas = self._groups(blocks)
        inside = (samples - self._block_first[blocks])[:, None]
        before = np.cumsum(counts, axis=1) - counts
        over = np.clip(inside - before, 0, counts)
        starts: Ints = self._block_start[blocks] + (over * deltas).sum(axis=1)
        return starts

    def _playing(self, ticks: Ints) -> Ints:
        blocks = np.searchsorted(self._block_start, ticks, side="right") - 1
        counts, deltas = self._groups(blocks)
        inside = (ticks - self._block_start[blocks])[:, None]
        lengths = counts * deltas
        since = inside - (np.cumsum(lengths, axis=1) - lengths)
        # A sample of no length is over as soon as it begins.
        over = np.where(
            deltas > 0,
            np.clip(since, 0, lengths) // np.maximum(deltas, 1),
            np.where(since >= 0, counts, 0),
        )
        playing: Ints = self._block_first[blocks] + over.sum(axis=1)
        return playing

    def _groups(self, blocks: npt.NDArray[np.intp]) -> tuple[Ints, Ints]:
        counts = self._counts[blocks].astype(np.int64)
        return counts, self._deltas[blocks].astype(np.int64)


class TimeTableBuilder:
    """Puts a time table together from groups of samples of the same length."""

    def __init__(self) -> None:
        """Begin with no samples."""
        self.samples = 0
        self.ticks = 0
        self._counts = array("I")
        self._deltas = array("I")

    def add(self, counts: Ints, deltas: Ints) -> None:
        """Append groups: how many samples, and how many ticks each of them lasts.

        Raises Mp4FormatError, or UnsupportedMediaError if there are too many groups.
        """
        counts, deltas = counts[counts > 0], deltas[counts > 0]
        if not len(counts):
            return
        if deltas.max() > _MOST_DELTA:
            reason = f"a sample claims to last {deltas.max()} ticks"
            raise Mp4FormatError(reason=reason)
        self.samples += int(counts.sum())
        if self.samples > _MOST_DELTA:
            raise Mp4FormatError(reason=f"it times {self.samples} samples")
        self.ticks += int((counts * deltas).sum())
        self._append(counts, deltas)

    def stretch(self, ticks: int) -> None:
        """Let the last sample last longer by so many ticks, or shorter.

        Raises Mp4FormatError if it would end before it begins.
        """
        delta = self._deltas.pop() if self._deltas else 0
        count = self._counts.pop() if self._counts else 0
        if not count or not 0 <= delta + ticks <= _MOST_DELTA:
            raise Mp4FormatError(reason="its clock jumps")
        self.ticks += ticks
        self._append(np.array([count - 1, 1]), np.array([delta, delta + ticks]))

    def build(
        self, *, timescale: int, lead_ticks: int = 0, edit_ticks: int | None = None
    ) -> TimeTable:
        """Return the table; `edit_ticks` are what the edit list lets be heard.

        Raises Mp4FormatError if the clock stands still or the sound lasts for ever.
        """
        if timescale <= 0 or not self.ticks:
            raise Mp4FormatError(reason="its clock stands still")
        hours = self.ticks // timescale // 3600
        if hours >= _MOST_HOURS:
            raise Mp4FormatError(reason=f"it claims to last {hours} hours")
        heard = max(0, self.ticks - max(0, lead_ticks))
        counts, deltas = _in_blocks(self._counts), _in_blocks(self._deltas)
        samples = np.sum(counts, axis=1, dtype=np.int64)
        ticks = np.einsum("ij,ij->i", counts, deltas, dtype=np.int64)
        return TimeTable(
            timescale=timescale,
            samples=self.samples,
            duration_ticks=self.ticks,
            lead_ticks=lead_ticks,
            length_ticks=heard if edit_ticks is None else min(heard, edit_ticks),
            _counts=counts,
            _deltas=deltas,
            _block_first=np.cumsum(samples) - samples,
            _block_start=np.cumsum(ticks) - ticks,
        )

    def _append(self, counts: Ints, deltas: Ints) -> None:
        """Append groups, joined with neighbours of the same length."""
        counts, deltas = counts[counts > 0], deltas[counts > 0]
        fresh = np.ones(len(deltas), np.bool_)
        fresh[1:] = deltas[1:] != deltas[:-1]
        joined = np.add.reduceat(counts, np.flatnonzero(fresh))
        lengths = deltas[fresh]
        if self._deltas and self._deltas[-1] == lengths[0]:
            self._counts[-1] += int(joined[0])
            joined, lengths = joined[1:], lengths[1:]
        if len(self._counts) + len(joined) > _MOST_GROUPS:
            raise UnsupportedMediaError(reason="its clock changes all the time")
        self._counts.frombytes(joined.astype(np.uint32).tobytes())
        self._deltas.frombytes(lengths.astype(np.uint32).tobytes())


def _in_blocks(values: array[int]) -> _Small:
    """Return groups in rows, as small numbers as hold them."""
    wide = np.frombuffer(values, np.uint32) if values else np.zeros(1, np.uint32)
    width = min(_BLOCK_GROUPS, len(wide))
    small = wide.astype(np.min_scalar_type(int(wide.max())))
    return np.pad(small, (0, -len(wide) % width)).reshape(-1, width)


def _in_slices(answer: Callable[[Ints], Ints], questions: Ints) -> Ints:
    """Return the answers to many questions, with memory for some at a time."""
    slices = range(0, len(questions), _ANSWERED_AT_ONCE)
    if len(slices) <= 1:
        return answer(questions)
    return np.concatenate(
        [answer(questions[at : at + _ANSWERED_AT_ONCE]) for at in slices]
    )
