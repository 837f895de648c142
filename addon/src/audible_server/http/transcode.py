"""The audio of a title in another format, made while it is heard."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Final

from aiohttp import web
from audible_core.errors import (
    InvalidValueError,
    NotDownloadedError,
    TrackerError,
    UnsupportedMediaError,
)

from audible_server.http.parameters import StreamQuery
from audible_server.http.sending import bound_send_buffer, break_off
from audible_server.http.services import SERVICES
from audible_server.media.limiter import StreamSlots
from audible_server.media.probe import Prober
from audible_server.media.transcode import MP3_CONTENT_TYPE, open_mp3, open_mp3_file
from audible_server.media.virtual import VirtualM4b
from audible_server.sources.sources import Audio

_WRITE_PATIENCE_S: Final = 60.0
"""A listener who takes nothing for so long gives the transcode to somebody else."""


async def serve_transcoded(
    request: web.Request, audio: Audio, query: StreamQuery
) -> web.StreamResponse:
    """Answer GET and HEAD; a start past the end is refused before anything is sent."""
    services = request.app[SERVICES]
    if request.method != "HEAD" or query.start_ms:
        await _check_start(audio, query, services.prober)
    return await _serve_mp3(request, audio, query)


async def _serve_mp3(
    request: web.Request, audio: Audio, query: StreamQuery
) -> web.StreamResponse:
    services = request.app[SERVICES]
    name = f"{audio.asin}.mp3"
    answer = web.StreamResponse(
        headers={
            "Accept-Ranges": "none",
            "Cache-Control": "no-store",
            "Content-Type": MP3_CONTENT_TYPE,
            "Content-Disposition": f'inline; filename="{name}"',
        }
    )
    if request.method == "HEAD":
        await answer.prepare(request)
        await answer.write_eof()
        return answer
    try:
        async with _opened_mp3(audio, query, services.slots) as chunks:
            async for chunk in chunks:
                if not answer.prepared:
                    await answer.prepare(request)
                    bound_send_buffer(request)
                async with asyncio.timeout(_WRITE_PATIENCE_S):
                    await answer.write(chunk)
    except TimeoutError as err:
        break_off(request, err)
        return answer
    except TrackerError as err:
        if isinstance(audio.content, VirtualM4b):
            await services.sources.note_failure(audio, err)
        if not answer.prepared:
            raise
        break_off(request, err)
        return answer
    if not answer.prepared:
        raise UnsupportedMediaError(reason="there is no sound in it")
    await answer.write_eof()
    return answer


def _opened_mp3(
    audio: Audio, query: StreamQuery, slots: StreamSlots
) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
    if isinstance(audio.content, VirtualM4b):
        return open_mp3(
            audio.content,
            start_ms=query.start_ms,
            slots=slots,
            bitrate_kbps=query.bitrate_kbps,
        )
    return open_mp3_file(
        _path(audio),
        start_ms=query.start_ms,
        slots=slots,
        bitrate_kbps=query.bitrate_kbps,
    )


async def _check_start(audio: Audio, query: StreamQuery, prober: Prober) -> None:
    """Raise InvalidValueError if the start lies past the end.

    Also UnsupportedMediaError for a plain file that holds no sound.
    """
    if isinstance(audio.content, VirtualM4b):
        duration_ms = audio.content.duration_ms
    else:
        # Refuses what no tool can read, while that can still be said.
        duration_ms = (await prober.info(_path(audio))).duration_ms
    if query.start_ms and query.start_ms >= duration_ms:
        allowed = f"less than the length, {duration_ms}"
        raise InvalidValueError(field="start_ms", value=query.start_ms, allowed=allowed)


def _path(audio: Audio) -> Path:
    if audio.file is None:
        raise NotDownloadedError(asin=audio.asin)
    return audio.file.path
