"""Sound as numbers: what ffmpeg hears, and where in it something else is heard."""

import asyncio
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

type Pcm = npt.NDArray[np.float64]

_COMPARED = 60_000


async def heard(
    source: Path | bytes, *options: str, rate_hz: int, channels: int = 1
) -> Pcm:
    """Return the samples that ffmpeg decodes, mixed to so many channels."""
    given = source if isinstance(source, bytes) else None
    name = "pipe:0" if isinstance(source, bytes) else str(source)
    argv = (
        "ffmpeg", "-v", "error", *options, "-i", name, "-map", "0:a",
        "-ac", str(channels), "-ar", str(rate_hz), "-f", "s16le", "-",
    )  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        *argv, stdin=-1, stdout=-1, stderr=-1
    )
    sound, errors = await process.communicate(given)
    assert 0 == process.returncode, errors.decode()
    return np.frombuffer(sound, np.int16).astype(np.float64)


def displacement(sound: Pcm, reference: Pcm, most: int = 3_000) -> tuple[int, float]:
    """Return how many samples later the sound is in the reference, and how alike."""
    piece = sound[most : most + _COMPARED]
    window = reference[: len(piece) + 2 * most]
    size = 1 << (len(window) + len(piece)).bit_length()
    product: Any = np.fft.rfft(window, size) * np.conj(np.fft.rfft(piece, size))
    likeness = np.fft.irfft(product)[: 2 * most + 1]
    best = int(np.argmax(likeness))
    norm = np.linalg.norm(piece) * np.linalg.norm(window[best : best + len(piece)])
    return best - most, float(likeness[best] / norm)
