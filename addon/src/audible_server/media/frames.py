"""What ffmpeg is fed with: coded frames cut by us, or a file that it reads itself."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Protocol

from audible_server.media.adts import adts_stream
from audible_server.media.recipe import AAC_FRAME_SAMPLES
from audible_server.media.virtual import VirtualM4b


class FrameSource(Protocol):
    """Coded frames of equal length in playing order, each with a header of its own.

    A decoder that gets all of them gives ``frame_samples`` for each; what is heard
    begins ``skipped_samples`` after its first. It must get ``warm_frames`` before a
    frame to decode it right.
    """

    @property
    def demuxer(self) -> str:
        """Return ffmpeg's name of such a stream."""

    @property
    def rate_hz(self) -> int:
        """Return the rate of the decoded samples."""

    @property
    def channels(self) -> int:
        """Return the number of channels."""

    @property
    def count(self) -> int:
        """Return the number of frames."""

    @property
    def frame_samples(self) -> int:
        """Return how many samples each frame becomes."""

    @property
    def skipped_samples(self) -> int:
        """Return how many samples there are before the first that is heard."""

    @property
    def samples(self) -> int:
        """Return how many samples are to be heard."""

    @property
    def warm_frames(self) -> int:
        """Return how many frames a decoder needs before the one it is to get right."""

    async def load_frames(self, first: int, stop: int) -> bytes:
        """Return the frames from number `first` to before `stop`."""


@dataclass(frozen=True, slots=True)
class AacFrames:
    """A book's samples as ADTS."""

    book: VirtualM4b

    demuxer = "aac"
    frame_samples = AAC_FRAME_SAMPLES
    # Half of each frame's sound lies in the one before.
    warm_frames = 2

    @property
    def rate_hz(self) -> int:
        """Return the rate of the samples."""
        return self.book.config.sample_rate_hz

    @property
    def channels(self) -> int:
        """Return the number of channels."""
        configured = self.book.config.channels
        return 8 if configured == 7 else configured

    @property
    def count(self) -> int:
        """Return the number of frames."""
        return len(self.book.samples)

    @property
    def skipped_samples(self) -> int:
        """Return what there is before the first that is to be heard.

        Negative for a pause in front.
        """
        times = self.book.times
        return times.lead_ticks * self.rate_hz // times.timescale

    @property
    def samples(self) -> int:
        """Return how many samples are to be heard."""
        times = self.book.times
        meant = times.length_ticks * self.rate_hz // times.timescale
        there = self.count * self.frame_samples - max(0, self.skipped_samples)
        return max(0, min(meant, there)) - min(0, self.skipped_samples)

    async def load_frames(self, first: int, stop: int) -> bytes:
        """Return the frames, decrypted; raise as `VirtualM4b.read_samples`."""
        samples = await self.book.load_samples(first, stop)
        return adts_stream(samples, self.book.config)


@dataclass(frozen=True, slots=True)
class WholeFile:
    """A plain file that only ffmpeg can cut; its length is ffprobe's word."""

    path: Path
    duration_ms: int
    rate_hz: int = 44_100
    channels: int = 2


type Source = FrameSource | WholeFile


def source_samples(source: Source) -> int:
    """Return how many samples can be heard."""
    if isinstance(source, WholeFile):
        return source.duration_ms * source.rate_hz // 1000
    return source.samples


def source_length_s(source: Source) -> Fraction:
    """Return the exact length."""
    return Fraction(source_samples(source), source.rate_hz)
