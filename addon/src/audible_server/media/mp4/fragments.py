"""Read the samples of a track that lie in movie fragments (ISO 14496-12, 8.8).

Each `moof` box lists the samples of the `mdat` behind it. What a fragment leaves out
is as in the fragment's header, else as in the `trex` box of the track.
"""

from array import array
from dataclasses import dataclass
from typing import Self

import numpy as np
from audible_core.errors import Mp4FormatError, UnsupportedMediaError

from audible_server.media.mp4.boxes import (
    Box,
    ReadAt,
    body_of,
    child,
    children,
    descend,
    iter_boxes,
    loaded,
    word_after_dates,
)
from audible_server.media.mp4.sample_tables import checked_sizes
from audible_server.media.mp4.samples import MOST_SAMPLES
from audible_server.media.mp4.tables import Ints, Sizes, table_at, words_at
from audible_server.media.mp4.times import TimeTableBuilder

_HAS_BASE, _HAS_DESCRIPTION, _HAS_DURATION, _HAS_SIZE = 0x1, 0x2, 0x8, 0x10
_BASE_IS_MOOF = 0x20000
_RUN_OFFSET, _RUN_FIRST_FLAGS = 0x1, 0x4
_EACH_DURATION, _EACH_SIZE, _EACH_FLAGS, _EACH_SHIFT = 0x100, 0x200, 0x400, 0x800
_EACH = _EACH_DURATION, _EACH_SIZE, _EACH_FLAGS, _EACH_SHIFT
# 72 hours in fragments of two seconds.
_MOST_PARTS = 1 << 17
_MOST_OFFSET = 1 << 62
_NO_SIZES = np.empty(0, np.uint16)


@dataclass(frozen=True, slots=True)
class _Defaults:
    """How long samples last and how large they are, where it is not said of each."""

    duration: int
    size: int


@dataclass(frozen=True, slots=True)
class _TrackHeader:
    """What the header of a track's part of a fragment says."""

    track_id: int
    defaults: _Defaults
    base: int | None


class FragmentReader:
    """Collects the samples of one track out of fragments, in file order."""

    def __init__(
        self, track_id: int, defaults: _Defaults, times: TimeTableBuilder
    ) -> None:
        """Go on behind the samples that the `moov` box itself lists; use `of`."""
        self.origin_ticks = 0
        self._times = times
        self._track_id = track_id
        self._defaults = defaults
        self._sizes = array("H")
        self._offsets = array("q")
        self._counts = array("q")
        self._parts = 0

    @classmethod
    def of(cls, read_at: ReadAt, mvex: Box, trak: Box, times: TimeTableBuilder) -> Self:
        """Begin with what the `mvex` box says of a track; raise Mp4FormatError.

        `times` are those of the samples that are listed before all fragments; those of
        the fragments are added.
        """
        track_id = word_after_dates(read_at, descend(read_at, trak, b"tkhd"))
        for trex in children(read_at, mvex, b"trex"):
            number, _, duration, size = words_at(read_at, trex, 4, 4)
            if number == track_id:
                return cls(track_id, _Defaults(duration, size), times)
        raise Mp4FormatError(reason="the mvex box does not know its sound")

    def read(self, read_at: ReadAt, moof: Box) -> None:
        """Take the samples of one fragment; raise Mp4FormatError."""
        inner = loaded(read_at, moof)
        # Where no place is given, samples lie behind those of the track before.
        place = moof.start
        for traf in children(inner, moof, b"traf"):
            tfhd = descend(inner, traf, b"tfhd")
            header = self._header(inner, tfhd, moof.start)
            base = place if header.base is None else header.base
            self._count_part()
            if header.track_id == self._track_id:
                self._set_clock(inner, traf)
            place = base
            for box in iter_boxes(inner, traf.body, traf.end):
                if box.kind == b"trun":
                    place = self._run(inner, box, header, base, place)

    @property
    def sizes(self) -> Sizes:
        """Return the sizes of all samples that were read."""
        return np.frombuffer(self._sizes, np.uint16) if self._sizes else _NO_SIZES

    @property
    def chunks(self) -> tuple[Ints, Ints]:
        """Return where samples lie without a gap, and how many these are."""
        return _ints(self._offsets), _ints(self._counts)

    def _header(self, read_at: ReadAt, tfhd: Box, moof_start: int) -> _TrackHeader:
        flags, track_id = words_at(read_at, tfhd, 0, 2)
        flags &= 0xFFFFFF
        # The fields that are there follow each other in the order of their flags.
        widths = {_HAS_BASE: 2, _HAS_DESCRIPTION: 1, _HAS_DURATION: 1, _HAS_SIZE: 1}
        at = 8
        found: dict[int, int] = {}
        for flag, words in widths.items():
            if flags & flag:
                values = words_at(read_at, tfhd, at, words)
                found[flag] = values[0] << 32 | values[1] if words == 2 else values[0]
                at += 4 * words
        base = moof_start if flags & _BASE_IS_MOOF else None
        return _TrackHeader(
            track_id,
            _Defaults(
                found.get(_HAS_DURATION, self._defaults.duration),
                found.get(_HAS_SIZE, self._defaults.size),
            ),
            found.get(_HAS_BASE, base),
        )

    def _set_clock(self, read_at: ReadAt, traf: Box) -> None:
        """Follow the time that a fragment gives for its first sample."""
        tfdt = child(read_at, traf, b"tfdt")
        if tfdt is None:
            return
        body = body_of(read_at, tfdt, 12)
        width = 8 if body[:1] == b"\1" else 4
        if len(body) < 4 + width:
            raise Mp4FormatError(reason="the tfdt box is too short")
        ticks = int.from_bytes(body[4 : 4 + width])
        if not self._times.samples:
            self.origin_ticks = ticks
        elif ticks != self.origin_ticks + self._times.ticks:
            self._times.stretch(ticks - self.origin_ticks - self._times.ticks)

    def _run(
        self, read_at: ReadAt, trun: Box, header: _TrackHeader, base: int, place: int
    ) -> int:
        """Take the samples of one run; return where the next one lies by itself."""
        flags, count = words_at(read_at, trun, 0, 2)
        self._count_part()
        if self._times.samples + count > MOST_SAMPLES:
            reason = f"it claims {self._times.samples + count} samples"
            raise Mp4FormatError(reason=reason)
        at = 8
        if flags & _RUN_OFFSET:
            (shift,) = words_at(read_at, trun, at, 1)
            # It is signed.
            place = base + (shift ^ 1 << 31) - (1 << 31)
            at += 4
        at += 4 if flags & _RUN_FIRST_FLAGS else 0
        fields = [field for field in _EACH if flags & field]
        rows = table_at(read_at, trun, at, count, len(fields))
        end = place
        for piece in rows.pieces():
            columns = dict(zip(fields, piece.T, strict=True))
            sizes = columns.get(_EACH_SIZE, np.full(len(piece), header.defaults.size))
            if header.track_id == self._track_id:
                self._take(end, sizes, columns.get(_EACH_DURATION), header)
            end += int(sizes.sum())
        return end

    def _take(
        self, place: int, sizes: Ints, durations: Ints | None, header: _TrackHeader
    ) -> None:
        if not 0 <= place < _MOST_OFFSET:
            raise Mp4FormatError(reason="a fragment lies beyond all files")
        self._sizes.frombytes(checked_sizes(sizes).tobytes())
        self._offsets.append(place)
        self._counts.append(len(sizes))
        if durations is None:
            duration = header.defaults.duration
            self._times.add(np.array([len(sizes)]), np.array([duration]))
        else:
            self._times.add(np.ones(len(sizes), np.int64), durations)

    def _count_part(self) -> None:
        self._parts += 1
        if self._parts > _MOST_PARTS:
            raise UnsupportedMediaError(reason="it has too many fragments")


def _ints(values: array[int]) -> Ints:
    return np.frombuffer(values, np.int64) if values else np.empty(0, np.int64)
