"""Where to begin decoding, and what to throw away, for a place in an encoded stream.

Sample n of what a listener's decoder gives is sample n of the sound asked for, wherever
the encoding begins: the source is fed from a frame before the place, the decoder's
output is cut to the sample, and the encoder's first frames are thrown away, since it
and the listener's decoder need something to begin with.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor, gcd
from typing import Final

from audible_server.media.frames import (
    FrameSource,
    Source,
    WholeFile,
    source_length_s,
)
from audible_server.media.recipe import AudioFormat, Encoding, Loudness, Recipe

_RUN_UP_S: Final = Fraction(1, 5)
"""Before a place, so that the encoder has heard enough to judge what comes."""

_OPUS_RUN_UP_S: Final = 1
"""Its encoder takes so long to settle on a way; before, joins can be heard."""

_RUN_OUT_S: Final = Fraction(1, 4)
"""Behind a place, for what an encoder wants to see ahead."""

# Both look at seconds of sound before they have made up their mind.
_LOUDNESS_RUN_UP_S: Final = 4
_LOUDNESS: Final = {
    Loudness.SPEECH: "speechnorm=e=6.25:r=0.00001:l=1",
    Loudness.EBU_R128: "loudnorm=I=-18:TP=-2:LRA=7",
}
_TEMPO_MAX: Final = 2
"""Beyond it the filter leaves sound out."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """An encoded stream: ``recipe`` made of ``source`` from ``start_ms`` on."""

    source: Source
    recipe: Recipe
    encoding: Encoding
    start_ms: int = 0

    @property
    def samples(self) -> int:
        """Return the length of the stream in its own samples."""
        left_s = source_length_s(self.source) - Fraction(self.start_ms, 1000)
        return max(0, floor(left_s * self.encoding.rate_hz / self.recipe.speed))

    @property
    def frames(self) -> int:
        """Return the length of the stream in its own frames."""
        return -(-self.samples // self.encoding.frame_samples)

    @property
    def size_bytes(self) -> int | None:
        """Return the exact size, where all frames have the same."""
        if self.encoding.frame_bytes is None:
            return None
        return self.encoding.header + self.frames * self.encoding.frame_bytes

    def cut(self, first: int, stop: int | None = None) -> Cut:
        """Return how to make the frames from `first` to before `stop`."""
        encoding = self.encoding
        run_up, delay = _run_up_frames(encoding), encoding.delay_samples
        if encoding.audio_format is AudioFormat.OPUS and first == 0:
            # Its decoder begins as its encoder does. A container of the whole stream
            # tells players how much to leave out.
            run_up, delay = 0, 0 if stop is None else delay
        begin = (first - run_up) * encoding.frame_samples + delay
        at, silence = self._decoded_sample(begin)
        end = None
        if stop is not None:
            behind = floor(_RUN_OUT_S * encoding.rate_hz)
            end, _ = self._decoded_sample(stop * encoding.frame_samples + behind)
        return self._cut(at, end, silence, run_up)

    def _decoded_sample(self, sample: int) -> tuple[int, int]:
        """Return the sample of the decoder's output, at our rate, for one of ours.

        Where there is none yet: the first there is, and how much silence is missing.
        """
        rate = self.encoding.rate_hz
        zero = Fraction(self.start_ms * rate, 1000)
        if not isinstance(self.source, WholeFile):
            zero += Fraction(self.source.skipped_samples * rate, self.source.rate_hz)
        at = floor(zero) + floor(sample * self.recipe.speed)
        return max(0, at), max(0, floor(-at / self.recipe.speed))

    def _cut(self, at: int, end: int | None, silence: int, run_up: int) -> Cut:
        rate = self.encoding.rate_hz
        loudness = self.recipe.loudness
        early = max(0, at - (_LOUDNESS_RUN_UP_S * rate if loudness else 0))
        if isinstance(self.source, WholeFile):
            begin = early // rate
            base = begin * rate
            stop = None if end is None else ceil(Fraction(end, rate))
        else:
            begin = _first_frame(self.source, early, rate)
            per_frame = Fraction(self.source.frame_samples * rate, self.source.rate_hz)
            base = round(begin * per_frame)
            stop = None if end is None else ceil(end / per_frame) + 1
        filters = _filters(self.recipe, self.encoding, at - base, silence)
        return Cut(begin=begin, end=stop, filters=filters, run_up_frames=run_up)


@dataclass(frozen=True, slots=True)
class Cut:
    """From where to where to feed: frames of the source, or seconds of a whole file.

    ``filters`` go into ffmpeg's filter graph; of what it encodes, the first
    ``run_up_frames`` are thrown away.
    """

    begin: int
    end: int | None
    filters: str
    run_up_frames: int


def _run_up_frames(encoding: Encoding) -> int:
    if encoding.frame_samples == 1:
        return 0
    is_opus = encoding.audio_format is AudioFormat.OPUS
    run_up_s = _OPUS_RUN_UP_S if is_opus else _RUN_UP_S
    return ceil(run_up_s * encoding.rate_hz / encoding.frame_samples)


def _first_frame(source: FrameSource, sample: int, rate_hz: int) -> int:
    """Return the frame to begin with: early enough, and at a whole sample of ours."""
    wanted = sample * source.rate_hz // (rate_hz * source.frame_samples)
    step = source.rate_hz // gcd(source.rate_hz, source.frame_samples * rate_hz)
    return max(0, wanted - source.warm_frames) // step * step


def _filters(recipe: Recipe, encoding: Encoding, drop: int, silence: int) -> str:
    layout = "mono" if encoding.channels == 1 else "stereo"
    chain = [] if recipe.loudness is None else [_LOUDNESS[recipe.loudness]]
    chain += [
        f"aformat=sample_rates={encoding.rate_hz}:channel_layouts={layout}",
        f"atrim=start_sample={drop}",
        "asetpts=N/SR/TB",
        *_tempo(recipe.speed),
    ]
    if silence:
        chain.append(f"adelay=delays={silence}S:all=1")
    return ",".join(chain)


def _tempo(speed: Fraction) -> list[str]:
    if speed == 1:
        return []
    if speed <= _TEMPO_MAX:
        return [f"atempo={float(speed):.6f}"]
    return [f"atempo={float(speed) ** 0.5:.6f}"] * 2
