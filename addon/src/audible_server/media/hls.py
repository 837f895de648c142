"""HTTP live streaming of a whole book (RFC 8216): where its segments begin and end.

All of it follows from the index alone, so that the playlist is there before the first
segment is, and every copy of the server cuts at the same places. A segment is packed
audio (section 3.4): AAC samples as they are, or frames of an encoder, and in front of
them a tag with their time. Opus comes in fragments of MP4 (section 3.3).
"""

import re
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor
from typing import Final, Self

import numpy as np

from audible_server.media import mp3
from audible_server.media.mp4 import opus
from audible_server.media.mp4.tables import Ints
from audible_server.media.mp4.times import TimeTable
from audible_server.media.recipe import AAC_FRAME_SAMPLES, RATES_HZ, AudioFormat

SEGMENT_S: Final = 10
_MOST_S: Final = 11
_FIRST_BORDERS_S: Final = (0, 2, 5)
"""A player begins with the first segments: they are small, and soon there."""

_MOST_TITLE_S: Final = 1_000 * 3600
_LISTING: Final = re.compile(r"-([0-9]{4,5})-([0-8])-([0-9]{1,4})-([0-9]{1,9})")
_CLOCK_HZ: Final = 90_000
_CLOCK_MASK: Final = (1 << 33) - 1
_OWNER: Final = b"com.apple.streaming.transportStreamTimestamp\0"


@dataclass(frozen=True, slots=True)
class Segments:
    """How a book is cut: segment n holds the samples from border n to border n + 1.

    All but the first have ``step`` samples, or end at whole seconds where that is 0.
    """

    times: TimeTable
    borders: Ints
    step: int

    @classmethod
    def of(cls, times: TimeTable) -> Self:
        """Cut a book: at about 2 and 5 seconds, then about every 10 seconds."""
        step, borders = _by_count(times)
        if step and len(borders) > 1:
            lasting = np.diff(times.starts_ticks(borders))
            # Where samples last differently, their number says little.
            if lasting.max() > _MOST_S * times.timescale:
                step, borders = 0, _by_time(times)
        return cls(times, borders[borders < times.samples], step)

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

    def durations_s(self) -> list[float]:
        """Return how long each segment lasts."""
        starts = self.times.starts_ticks(np.append(self.borders, self.times.samples))
        durations: list[float] = (np.diff(starts) / self.times.timescale).tolist()
        return durations

    def start_s(self, number: int) -> Fraction:
        """Return when a segment begins; raise IndexError as `span` does."""
        first, _ = self.span(number)
        return Fraction(self.times.start_ticks(first), self.times.timescale)


@dataclass(frozen=True, slots=True)
class EvenSegments:
    """The same of frames of equal length: segment n holds those from border n on."""

    frames: int
    frame_s: Fraction
    early: tuple[int, ...]
    step: Fraction

    def __len__(self) -> int:
        """Return how many segments there are."""
        return len(self.early) + max(0, ceil(self.frames / self.step) - 1)

    def span(self, number: int) -> tuple[int, int]:
        """Return the first frame of a segment, and the one behind its last.

        Raises IndexError for a segment that there is not.
        """
        if not 0 <= number < len(self):
            raise IndexError(number)
        return self._border(number), self._border(number + 1)

    def durations_s(self) -> list[float]:
        """Return how long each segment lasts."""
        frame_s = float(self.frame_s)
        borders = [self._border(number) for number in range(len(self) + 1)]
        return [(end - at) * frame_s for at, end in pairwise(borders)]

    def start_s(self, number: int) -> Fraction:
        """Return when a segment begins; raise IndexError as `span` does."""
        first, _ = self.span(number)
        return first * self.frame_s

    def _border(self, number: int) -> int:
        if number < len(self.early):
            return self.early[number]
        border = floor((number - len(self.early) + 1) * self.step)
        return min(border, self.frames)


@dataclass(frozen=True, slots=True)
class Listing:
    """How a playlist has cut a title, which the names of its segments say.

    So they are cut alike whatever the title is played from by then: into ``frames`` of
    a format, ``step`` of them for each segment but the first, or 0 for whole seconds.
    """

    audio_format: AudioFormat
    rate_hz: int
    channels: int
    step: int
    frames: int

    @classmethod
    def of(
        cls, audio_format: AudioFormat, *, rate_hz: int, channels: int, frames: int
    ) -> Self:
        """Return how frames of equal length are cut."""
        step = int(SEGMENT_S / _frame_s(audio_format, rate_hz))
        return cls(audio_format, rate_hz, channels, step, frames)

    @classmethod
    def of_samples(cls, segments: Segments, *, rate_hz: int, channels: int) -> Self:
        """Return how a book's AAC is cut; its samples may last differently."""
        times, frames = segments.times, segments.times.samples
        if not segments.step:
            lasting_s = Fraction(times.duration_ticks, times.timescale)
            frames = ceil(lasting_s / _frame_s(AudioFormat.AAC, rate_hz))
        return cls(AudioFormat.AAC, rate_hz, channels, segments.step, frames)

    @classmethod
    def from_text(cls, audio_format: AudioFormat, text: str) -> Self | None:
        """Read what `text` is; None for what no playlist has listed."""
        found = _LISTING.fullmatch(text)
        if found is None:
            return None
        listing = cls(audio_format, *map(int, found.groups()))
        return listing if listing.is_sensible else None

    @property
    def text(self) -> str:
        """Return it as the names of segments say it."""
        return f"-{self.rate_hz}-{self.channels}-{self.step}-{self.frames}"

    @property
    def is_sensible(self) -> bool:
        """Tell whether it can be of a title."""
        if self.rate_hz not in RATES_HZ[self.audio_format] or not self.channels:
            return False
        segments = self.segments
        lasting_s = self.frames * segments.frame_s
        step_s = segments.step * segments.frame_s
        return abs(step_s - SEGMENT_S) <= 1 and 0 < lasting_s <= _MOST_TITLE_S

    @property
    def segments(self) -> EvenSegments:
        """Cut at about 2 and 5 seconds, then every 10 seconds."""
        frame_s = _frame_s(self.audio_format, self.rate_hz)
        early = (int(second / frame_s) for second in _FIRST_BORDERS_S)
        inside = tuple(border for border in early if border < self.frames)
        step = Fraction(self.step) if self.step else SEGMENT_S / frame_s
        return EvenSegments(self.frames, frame_s, inside, step)

    def has_alike(self, other: Self, number: int) -> bool:
        """Tell whether a segment of another listing has the same borders here."""
        if self == other:
            return True
        # The last one ends with the title.
        last = min(len(self.segments), len(other.segments)) - 1
        return replace(self, frames=other.frames) == other and number < last


def _frame_s(audio_format: AudioFormat, rate_hz: int) -> Fraction:
    match audio_format:
        case AudioFormat.MP3:
            samples = mp3.frame_samples(rate_hz)
        case AudioFormat.OPUS:
            samples = opus.FRAME_SAMPLES
        case _:
            samples = AAC_FRAME_SAMPLES
    return Fraction(samples, rate_hz)


def _by_count(times: TimeTable) -> tuple[int, Ints]:
    """Cut into equal numbers of samples, so that nearly all lines are the same.

    Return that number, 0 where it cannot be, and the borders.
    """
    early = times.samples_at_s(np.array((*_FIRST_BORDERS_S, SEGMENT_S), np.int64))
    step = max(1, int(early[-1]))
    if times.samples // step > times.duration_s // 5:
        # The first samples are unlike the others; these borders would be millions.
        return 0, _by_time(times)
    later = np.arange(step, times.samples, step)
    return step, np.unique(np.append(early[:-1], later))


def _by_time(times: TimeTable) -> Ints:
    seconds = np.arange(SEGMENT_S, times.duration_s + SEGMENT_S, SEGMENT_S)
    wanted_s = np.concatenate((np.array(_FIRST_BORDERS_S, np.int64), seconds))
    # Where one sample lasts longer than a segment, two borders are one.
    return np.unique(times.samples_at_s(wanted_s))


def playlist(
    durations_s: list[float], name_end: str, init_name: str | None = None
) -> str:
    """Return the media playlist: the name of segment n is the number n and this end.

    ``init_name`` is that of what stands in front of all segments, if there is such.
    Durations are those of the samples, to the microsecond, and add up to the book.
    """
    longest_s = round(max(durations_s, default=SEGMENT_S))
    head = (
        "#EXTM3U",
        "#EXT-X-VERSION:6",
        f"#EXT-X-TARGETDURATION:{max(SEGMENT_S, longest_s)}",
        "#EXT-X-PLAYLIST-TYPE:VOD",
        "#EXT-X-INDEPENDENT-SEGMENTS",
        "#EXT-X-MEDIA-SEQUENCE:0",
        *(() if init_name is None else (f'#EXT-X-MAP:URI="{init_name}"',)),
    )
    entries = (
        f"#EXTINF:{duration_s:.6f},\n{number}{name_end}"
        for number, duration_s in enumerate(durations_s)
    )
    return "\n".join((*head, *entries, "#EXT-X-ENDLIST\n"))


def timestamp_tag(start_s: Fraction) -> bytes:
    """Return the ID3 tag that says when a segment plays, on a clock of 90 kHz."""
    clock = round(start_s * _CLOCK_HZ) & _CLOCK_MASK
    body = _OWNER + clock.to_bytes(8)
    frame = b"PRIV" + _synchsafe(len(body)) + bytes(2) + body
    return b"ID3\x04\x00\x00" + _synchsafe(len(frame)) + frame


def _synchsafe(number: int) -> bytes:
    """Return a number as ID3 writes it: seven bits a byte."""
    return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))
