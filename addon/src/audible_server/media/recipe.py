"""What a listener may ask for, and what it means for the encoder; pure."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Final

from audible_server.media import mp3
from audible_server.media.mp4 import opus
from audible_server.media.mp4.audio_config import RATES_HZ as AAC_RATES_HZ

WAV_HEADER_BYTES: Final = 44
AAC_FRAME_SAMPLES: Final = 1024
SPEED_MIN: Final = Fraction(1, 2)
SPEED_MAX: Final = Fraction(3)


class AudioFormat(StrEnum):
    """The formats that are made while they are heard."""

    MP3 = "mp3"
    OPUS = "opus"
    AAC = "aac"
    FLAC = "flac"
    WAV = "wav"

    @property
    def content_type(self) -> str:
        """Return the MIME type."""
        return _CONTENT_TYPES[self]


_CONTENT_TYPES: Final = {
    AudioFormat.MP3: "audio/mpeg",
    AudioFormat.OPUS: "audio/ogg",
    AudioFormat.AAC: "audio/aac",
    AudioFormat.FLAC: "audio/flac",
    AudioFormat.WAV: "audio/wav",
}


RATES_HZ: Final = {
    AudioFormat.AAC: AAC_RATES_HZ,
    AudioFormat.MP3: mp3.RATES_HZ,
    AudioFormat.OPUS: (opus.RATE_HZ,),
}
"""Which rates the formats of segments can have."""


class Loudness(StrEnum):
    """How differences of loudness are evened out."""

    SPEECH = "speech"
    EBU_R128 = "r128"


@dataclass(frozen=True, slots=True)
class Recipe:
    """How the sound is wanted; what is None follows from the source.

    ``speed`` keeps the pitch.
    """

    audio_format: AudioFormat
    bitrate_kbps: int | None = None
    channels: int | None = None
    speed: Fraction = Fraction(1)
    loudness: Loudness | None = None

    @property
    def text(self) -> str:
        """Return all of it in a few letters, for validators."""
        parts = (self.bitrate_kbps, self.channels, self.speed, self.loudness)
        return "-".join((self.audio_format, *map(str, parts)))


@dataclass(frozen=True, slots=True)
class Encoding:
    """The encoded stream: frames of ``frame_samples`` at ``rate_hz``.

    ``frame_bytes`` is None unless every frame has the same size. ``delay_samples`` is
    how much later than it was put in a sample comes out of encoder and decoder.
    """

    audio_format: AudioFormat
    rate_hz: int
    channels: int
    bitrate_kbps: int
    frame_samples: int
    frame_bytes: int | None
    delay_samples: int

    @property
    def header(self) -> int:
        """Return how many bytes stand in front of the first frame."""
        return WAV_HEADER_BYTES if self.audio_format is AudioFormat.WAV else 0

    @property
    def bytes_per_s(self) -> int:
        """Return about how much a second of it takes."""
        if self.audio_format in (AudioFormat.WAV, AudioFormat.FLAC):
            return self.rate_hz * self.channels * 2
        return self.bitrate_kbps * 1000 // 8

    @classmethod
    def of(cls, recipe: Recipe, *, rate_hz: int, channels: int) -> Encoding:
        """Return what becomes of a source of a rate and so many channels."""
        mixed = recipe.channels or min(channels, 2)
        return cls.at(recipe, rate_hz=_rate_hz(recipe, rate_hz), channels=mixed)

    @classmethod
    def at(cls, recipe: Recipe, *, rate_hz: int, channels: int) -> Encoding:
        """Return the encoding of just this rate, one of `RATES_HZ`, and channels."""
        wanted_kbps = recipe.bitrate_kbps or _DEFAULT_KBPS
        match recipe.audio_format:
            case AudioFormat.MP3:
                return _mp3(rate_hz, channels, wanted_kbps)
            case AudioFormat.OPUS:
                # Frames of 20 ms.
                frame, delay = opus.FRAME_SAMPLES, 312
            case AudioFormat.AAC:
                frame, delay = AAC_FRAME_SAMPLES, 1024
                wanted_kbps = min(wanted_kbps, rate_hz * channels * 6 // 1000)
            case AudioFormat.FLAC | AudioFormat.WAV:
                frame, delay = 1, 0
        is_wav = recipe.audio_format is AudioFormat.WAV
        return cls(
            audio_format=recipe.audio_format,
            rate_hz=rate_hz,
            channels=channels,
            bitrate_kbps=wanted_kbps,
            frame_samples=frame,
            frame_bytes=2 * channels if is_wav else None,
            delay_samples=delay,
        )


_DEFAULT_KBPS: Final = 64
_MP3_ENCODER_DELAY: Final = 576


def _rate_hz(recipe: Recipe, rate_hz: int) -> int:
    """Return the rate that a source is encoded at, by its own."""
    match recipe.audio_format:
        case AudioFormat.MP3:
            # Only at these has no frame a byte more than others.
            if (recipe.bitrate_kbps or _DEFAULT_KBPS) > mp3.KBPS[False][-1]:
                return 48_000
            rates = (16_000, 24_000, 32_000)
            return next((rate for rate in rates if rate_hz <= rate), 48_000)
        case AudioFormat.OPUS:
            # Always that inside.
            return opus.RATE_HZ
        case _:
            return min(rate_hz, 48_000)


def _mp3(rate_hz: int, channels: int, wanted_kbps: int) -> Encoding:
    kbps = mp3.kbps_at(rate_hz, wanted_kbps)
    frame_bytes, rest = divmod(mp3.frame_bits(rate_hz) * kbps, rate_hz)
    return Encoding(
        audio_format=AudioFormat.MP3,
        rate_hz=rate_hz,
        channels=channels,
        bitrate_kbps=kbps,
        frame_samples=mp3.frame_samples(rate_hz),
        frame_bytes=None if rest else frame_bytes,
        delay_samples=_MP3_ENCODER_DELAY + mp3.DECODER_DELAY,
    )
