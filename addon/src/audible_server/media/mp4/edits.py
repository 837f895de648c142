"""What the edit list of a track lets be heard (ISO 14496-12, 8.6.6).

Encoders put a frame or two in front that only warm the decoder up, and the edit list
says so; players count their positions from behind them.
"""

from dataclasses import dataclass
from typing import Self

from audible_core.errors import Mp4FormatError

from audible_server.media.mp4.boxes import Box, ReadAt, body_of, child, word_after_dates

# A book has one or two; more are read by players, and only their sum matters here.
_MOST_EDITS = 1_024
_HEAD_BYTES = 8


@dataclass(frozen=True, slots=True)
class Edits:
    """Where the sound begins, and how much of it is to be heard, in its own ticks.

    A negative begin is a pause in front. No length means: to the end.
    """

    lead_ticks: int
    length_ticks: int | None

    @classmethod
    def of(cls, read_at: ReadAt, moov: Box, trak: Box, timescale: int) -> Self:
        """Read the list of a track; without one, all is heard. Raise Mp4FormatError."""
        edts = child(read_at, trak, b"edts")
        elst = child(read_at, edts, b"elst") if edts else None
        mvhd = child(read_at, moov, b"mvhd") if elst else None
        if elst is None or mvhd is None:
            return cls(0, None)
        movie_timescale = word_after_dates(read_at, mvhd)
        pause = length = 0
        begin: int | None = None
        for duration, media_time in _rows(read_at, elst):
            if media_time >= 0:
                begin = media_time if begin is None else begin
                length += duration
            elif begin is None:
                pause += duration
        if begin is None or not movie_timescale:
            return cls(0, None)
        # The list counts in the movie's clock: what it cuts off by rounding is meant.
        ticks = -(-(length + 1) * timescale // movie_timescale) if length else None
        return cls(begin - pause * timescale // movie_timescale, ticks)


def _rows(read_at: ReadAt, elst: Box) -> list[tuple[int, int]]:
    """Return duration and begin of each edit; a begin of -1 is a pause."""
    head = body_of(read_at, elst, _HEAD_BYTES)
    width = 8 if head[:1] == b"\1" else 4
    count = int.from_bytes(head[4:8])
    # Behind both stands the speed, which is 1 wherever there is sound.
    row_bytes = 2 * width + 4
    if count > _MOST_EDITS or elst.body + _HEAD_BYTES + count * row_bytes > elst.end:
        raise Mp4FormatError(reason="the elst box is shorter than its table")
    data = body_of(read_at, elst, _HEAD_BYTES + count * row_bytes)
    return [
        (
            int.from_bytes(data[at : at + width]),
            int.from_bytes(data[at + width : at + 2 * width], signed=True),
        )
        for at in range(_HEAD_BYTES, len(data), row_bytes)
    ]
