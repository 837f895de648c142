"""HTTP live streaming of a whole book (RFC 8216): where its segments begin and end.

All of it follows from the index alone, so that the playlist is there before the first
segment is, and every copy of the server cuts at the same places. A segment is packed
audio (section 3.4): AAC samples as they are, in front of them a tag with their time.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Self

import numpy as np

from audible_server.media.mp4.tables import Ints
from audible_server.media.mp4.times import TimeTable

SEGMENT_S: Final = 10
_FIRST_BORDERS_S: Final = (0, 2, 5)
"""A player begins with the first segments: they are small, and soon there."""

_CLOCK_HZ: Final = 90_000
_CLOCK_MASK: Final = (1 << 33) - 1
_OWNER: Final = b"com.apple.streaming.transportStreamTimestamp\0"


@dataclass(frozen=True, slots=True)
class Segments:
    """How a book is cut: segment n holds the samples from border n to border n + 1."""

    times: TimeTable
    borders: Ints

    @classmethod
    def of(cls, times: TimeTable) -> Self:
        """Cut a book: at 2 and 5 seconds, then every 10 seconds."""
        seconds = np.arange(SEGMENT_S, times.duration_s + SEGMENT_S, SEGMENT_S)
        wanted_s = np.concatenate((np.array(_FIRST_BORDERS_S, np.int64), seconds))
        # Where one sample lasts longer than a segment, two borders are one.
        borders = np.unique(times.samples_at_s(wanted_s))
        return cls(times, borders[borders < times.samples])

    @property
    def memory_bytes(self) -> int:
        """Return what the borders occupy."""
        return self.borders.nbytes

    def __len__(self) -> int:
        """Return how many segments there are."""
        return len(self.borders)

    def span(self, number: int) -> tuple[int, int]:
        """Return the first sample of a segment, and the one behind its last.

        Raises IndexError for a segment that there is not.
        """
        if not 0 <= number < len(self):
            raise IndexError(number)
        is_last = number == len(self) - 1
        stop = self.times.samples if is_last else int(self.borders[number + 1])
        return int(self.borders[number]), stop

    def playlist(self) -> str:
        """Return the media playlist of the whole book.

        Durations are those of the samples, to the microsecond, and add up to the book.
        """
        starts = self.times.starts_ticks(np.append(self.borders, self.times.samples))
        seconds = np.diff(starts) / self.times.timescale
        longest_s = round(float(seconds.max())) if len(seconds) else SEGMENT_S
        head = (
            "#EXTM3U",
            "#EXT-X-VERSION:6",
            f"#EXT-X-TARGETDURATION:{max(SEGMENT_S, longest_s)}",
            "#EXT-X-PLAYLIST-TYPE:VOD",
            "#EXT-X-INDEPENDENT-SEGMENTS",
            "#EXT-X-MEDIA-SEQUENCE:0",
        )
        entries = (
            f"#EXTINF:{duration_s:.6f},\n{number}.aac"
            for number, duration_s in enumerate(seconds.tolist())
        )
        return "\n".join((*head, *entries, "#EXT-X-ENDLIST\n"))

    def timestamp_tag(self, number: int) -> bytes:
        """Return the ID3 tag that says when a segment plays, on a clock of 90 kHz."""
        first, _ = self.span(number)
        start_s = Fraction(self.times.start_ticks(first), self.times.timescale)
        clock = round(start_s * _CLOCK_HZ) & _CLOCK_MASK
        body = _OWNER + clock.to_bytes(8)
        frame = b"PRIV" + _synchsafe(len(body)) + bytes(2) + body
        return b"ID3\x04\x00\x00" + _synchsafe(len(frame)) + frame


def _synchsafe(number: int) -> bytes:
    """Return a number as ID3 writes it: seven bits a byte."""
    return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))
