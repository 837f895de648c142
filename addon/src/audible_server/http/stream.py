"""The audio of a title: as it is with exact ranges, or as MP3 made on the way."""

import asyncio
import logging
import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from http import HTTPStatus
from typing import Final

from aiohttp import web
from audible_core.errors import (
    InvalidValueError,
    TrackerError,
    UnsupportedMediaError,
)

from audible_server.http.errors import error_answer
from audible_server.http.parameters import StreamQuery, asin_of, stream_query_of
from audible_server.http.services import SERVICES, Services
from audible_server.library.sources import Audio
from audible_server.media.limiter import StreamSlots
from audible_server.media.probe import Prober
from audible_server.media.ranges import ByteRange, plan_multipart, plan_response
from audible_server.media.transcode import MP3_CONTENT_TYPE, open_mp3, open_mp3_file
from audible_server.media.virtual import VirtualM4b

_LOGGER = logging.getLogger(__name__)
_WINDOW_BYTES: Final = 512 * 1024
# The others get their turn after each.
_CHUNK_BYTES: Final = 64 * 1024
# The kernel would else collect 4 MB for each listener.
_SEND_BUFFER_BYTES: Final = 128 * 1024
_WRITE_PATIENCE_S: Final = 60.0
"""A listener who takes nothing for so long gives the transcode to somebody else."""


async def stream(request: web.Request) -> web.StreamResponse:
    """Answer GET and HEAD; nothing is sent before the audio is known to open."""
    asin = asin_of(request)
    query = stream_query_of(request)
    services = request.app[SERVICES]
    audio = await services.sources.open(asin)
    if query.audio_format is None:
        return await _serve(request, audio)
    if request.method != "HEAD" or query.start_ms:
        await _check_start(audio, query, services.prober)
    return await _serve_mp3(request, audio, query, services)


async def _serve(request: web.Request, audio: Audio) -> web.StreamResponse:
    size_bytes = audio.content.size_bytes
    plan = plan_response(
        request.method, request.headers, etag=audio.etag, size_bytes=size_bytes
    )
    headers = {
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-cache",
        "ETag": audio.etag,
    }
    match HTTPStatus(plan.status):
        case HTTPStatus.NOT_MODIFIED:
            return web.Response(status=plan.status, headers=headers)
        case HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            headers["Content-Range"] = f"bytes */{size_bytes}"
            return _refusal(
                request, "Range", f"bytes=0-{size_bytes - 1}", plan.status, headers
            )
        case HTTPStatus.PRECONDITION_FAILED:
            return _refusal(request, "If-Match", audio.etag, plan.status, headers)
    headers["Content-Disposition"] = f'inline; filename="{audio.file_name}"'
    if len(plan.ranges) > 1:
        return await _send_parts(request, audio, plan.ranges, headers)
    part = plan.ranges[0]
    if plan.status == HTTPStatus.PARTIAL_CONTENT:
        headers["Content-Range"] = part.content_range(size_bytes)
    headers["Content-Type"] = audio.content_type
    answer = web.StreamResponse(status=plan.status, headers=headers)
    answer.content_length = len(part)
    if request.method == "HEAD":
        await answer.prepare(request)
    else:
        await _copy(request, answer, audio, part)
    await answer.write_eof()
    return answer


async def _send_parts(
    request: web.Request,
    audio: Audio,
    ranges: tuple[ByteRange, ...],
    headers: dict[str, str],
) -> web.StreamResponse:
    """Answer several ranges as multipart/byteranges."""
    multipart = plan_multipart(
        ranges,
        content_type=audio.content_type,
        size_bytes=audio.content.size_bytes,
        boundary=secrets.token_hex(16),
    )
    headers["Content-Type"] = multipart.content_type
    answer = web.StreamResponse(status=HTTPStatus.PARTIAL_CONTENT, headers=headers)
    answer.content_length = multipart.content_length
    await answer.prepare(request)
    _bound_send_buffer(request)
    for head, part in multipart.parts:
        await answer.write(head)
        await _copy(request, answer, audio, part)
    await answer.write(multipart.closing)
    await answer.write_eof()
    return answer


async def _copy(
    request: web.Request, answer: web.StreamResponse, audio: Audio, part: ByteRange
) -> None:
    """Send bytes of the audio, a window at a time.

    A window is read in a thread: a disk that is asleep must not stop everybody. What
    keeps the first one from being read is raised before anything is sent.
    """
    for start in range(part.start, part.end, _WINDOW_BYTES):
        end = min(start + _WINDOW_BYTES, part.end)
        try:
            window = await asyncio.to_thread(audio.content.read, start, end)
        except TrackerError as err:
            await request.app[SERVICES].sources.note_failure(audio.asin, err)
            if not answer.prepared:
                raise
            _break_off(request, err)
            return
        if not answer.prepared:
            await answer.prepare(request)
            _bound_send_buffer(request)
        view = memoryview(window)
        for at in range(0, len(view), _CHUNK_BYTES):
            await answer.write(view[at : at + _CHUNK_BYTES])
            # Writing waits for slow clients only; nobody may take every turn.
            await asyncio.sleep(0)


async def _serve_mp3(
    request: web.Request, audio: Audio, query: StreamQuery, services: Services
) -> web.StreamResponse:
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
                    _bound_send_buffer(request)
                async with asyncio.timeout(_WRITE_PATIENCE_S):
                    await answer.write(chunk)
    except TimeoutError as err:
        _break_off(request, err)
        return answer
    except TrackerError as err:
        if isinstance(audio.content, VirtualM4b):
            await services.sources.note_failure(audio.asin, err)
        if not answer.prepared:
            raise
        _break_off(request, err)
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
        audio.file.path,
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
        duration_ms = (await prober.info(audio.file.path)).duration_ms
    if query.start_ms and query.start_ms >= duration_ms:
        allowed = f"less than the length, {duration_ms}"
        raise InvalidValueError(field="start_ms", value=query.start_ms, allowed=allowed)


def _bound_send_buffer(request: web.Request) -> None:
    if request.transport is None:
        return
    sock = request.transport.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)


def _break_off(request: web.Request, error: Exception) -> None:
    """Cut the connection, so that nobody takes the part for the whole."""
    _LOGGER.warning("A stream was broken off: %s", str(error) or type(error).__name__)
    if request.transport is not None:
        request.transport.abort()


def _refusal(
    request: web.Request,
    field: str,
    allowed: str,
    status: int,
    headers: dict[str, str],
) -> web.Response:
    error = InvalidValueError(
        field=field, value=request.headers.get(field), allowed=allowed
    )
    return error_answer(error, status=HTTPStatus(status), headers=headers)
