"""Whether a file that was made holds what it should, before anybody relies on it."""

import asyncio
from pathlib import Path
from typing import Final

from audible_core.errors import ConversionError, TrackerError

from audible_server.conversion.args import decode_args
from audible_server.conversion.feeds import Span, fingerprint
from audible_server.media.probe import probe_file
from audible_server.media.process import run
from audible_server.media.virtual import VirtualM4b

_TIMEOUT_S: Final = 120.0
_DECODED_MS: Final = 5_000
_DIFFERENCE_MS_MAX: Final = 250
"""Encoders add their own lead, and count in whole frames."""


async def prove_copy(source: VirtualM4b, span: Span, path: Path) -> None:
    """Raise ConversionError unless a file holds exactly these samples, decodable."""
    copy = await asyncio.to_thread(VirtualM4b.open, path, None)
    whole = (0, len(copy.samples))
    made = await asyncio.to_thread(fingerprint, copy, whole)
    if made != await asyncio.to_thread(fingerprint, source, span):
        raise ConversionError(reason="the copy is not equal to its source")
    await prove_decodable(path, copy.duration_ms)


async def prove_length(path: Path, expected_ms: int) -> None:
    """Raise ConversionError unless a file is as long as expected, and decodable."""
    try:
        info = await probe_file(path)
    except TrackerError as err:
        raise ConversionError(reason="the new file cannot be read") from err
    if abs(info.duration_ms - expected_ms) > _DIFFERENCE_MS_MAX:
        reason = f"it has {info.duration_ms} ms instead of {expected_ms} ms"
        raise ConversionError(reason=reason)
    await prove_decodable(path, info.duration_ms)


async def prove_decodable(path: Path, duration_ms: int) -> None:
    """Raise ConversionError unless beginning, middle and end can be decoded."""
    last_ms = max(0, duration_ms - _DECODED_MS)
    for start_ms in dict.fromkeys((0, last_ms // 2, last_ms)):
        argv = decode_args(path, start_ms=start_ms, length_ms=_DECODED_MS)
        try:
            await run(argv, timeout_s=_TIMEOUT_S)
        except TrackerError as err:
            raise ConversionError(reason="the new file cannot be decoded") from err
