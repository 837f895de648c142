"""The audio of a title: as it is with exact ranges, or as MP3 made on the way."""

import asyncio
import secrets
from http import HTTPStatus
from typing import Final

from aiohttp import web
from audible_core.errors import InvalidValueError, TrackerError

from audible_server.http.errors import error_answer
from audible_server.http.parameters import asin_of, stream_query_of
from audible_server.http.sending import bound_send_buffer, break_off
from audible_server.http.services import SERVICES
from audible_server.http.transcode import serve_transcoded
from audible_server.media.ranges import ByteRange, plan_multipart, plan_response
from audible_server.sources.sources import Audio

_WINDOW_BYTES: Final = 512 * 1024
# The others get their turn after each.
_CHUNK_BYTES: Final = 64 * 1024


async def stream(request: web.Request) -> web.StreamResponse:
    """Answer GET and HEAD; nothing is sent before the audio is known to open."""
    asin = asin_of(request)
    query = stream_query_of(request)
    audio = await request.app[SERVICES].sources.open(asin)
    if query.audio_format is None:
        return await _serve(request, audio)
    return await serve_transcoded(request, audio, query)


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
    bound_send_buffer(request)
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
            break_off(request, err)
            return
        if not answer.prepared:
            await answer.prepare(request)
            bound_send_buffer(request)
        view = memoryview(window)
        for at in range(0, len(view), _CHUNK_BYTES):
            await answer.write(view[at : at + _CHUNK_BYTES])
            # Writing waits for slow clients only; nobody may take every turn.
            await asyncio.sleep(0)


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
