"""The audio of a title: as it is with exact ranges, or in another format."""

import secrets
import time
from http import HTTPStatus

from aiohttp import web
from audible_core.errors import TrackerError
from audible_core.models import Asin

from audible_server.http.errors import refuse_header
from audible_server.http.headers import content_disposition, http_date
from audible_server.http.parameters import StreamQuery, asin_of, stream_query_of
from audible_server.http.sending import (
    SMALL_BYTES,
    Answer,
    bound_send_buffer,
    break_off,
    send,
    send_small,
    write_piece,
)
from audible_server.http.services import METRICS, SERVICES
from audible_server.http.transcode import recipe_for, serve_transcoded
from audible_server.media.plain import PlainFile
from audible_server.media.ranges import (
    ByteRange,
    ResponsePlan,
    date_of,
    plan_multipart,
    plan_response,
)
from audible_server.sources.opened import Audio
from audible_server.sources.playback import Playback


async def stream(request: web.Request) -> web.StreamResponse:
    """Answer GET and HEAD; nothing is sent before the audio is known to open."""
    asin = asin_of(request)
    query = stream_query_of(request)
    sources = request.app[SERVICES].sources
    is_head = request.method == "HEAD"
    audio = await (sources.look(asin) if is_head else sources.open(asin))
    if audio is None:
        return await _foretell(request, asin, query)
    recipe = recipe_for(request, audio, query)
    if recipe is None:
        return await _serve(request, audio)
    request.app[METRICS].count_as(request, "transcode")
    return await serve_transcoded(request, audio, recipe, query.start_ms)


async def _foretell(
    request: web.Request, asin: Asin, query: StreamQuery
) -> web.StreamResponse:
    """Answer HEAD of what is still at the shop: licenses are for listeners."""
    book, recipe = await request.app[SERVICES].books.load(asin), query.recipe
    kind = book.content_type if recipe is None else recipe.audio_format.content_type
    headers = {
        "Accept-Ranges": "bytes" if recipe is None else "none",
        "Cache-Control": "private, no-cache",
        "Content-Type": kind,
        "Vary": "Accept",
    }
    answer = web.StreamResponse(headers=headers)
    await answer.prepare(request)
    await answer.write_eof()
    return answer


async def _serve(request: web.Request, audio: Audio) -> web.StreamResponse:
    modified_at = date_of(audio.modified_s, now_s=time.time())
    plan = plan_response(
        request.method,
        request.headers,
        etag=audio.etag,
        size_bytes=audio.content.size_bytes,
        modified_at=modified_at,
    )
    headers = {
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-cache",
        "ETag": audio.etag,
        # Who accepts other types only is sent one that is made for him.
        "Vary": "Accept",
    }
    if modified_at is not None:
        headers["Last-Modified"] = http_date(modified_at)
    if not plan.ranges:
        return _without_audio(request, audio, plan, headers)
    headers["Content-Disposition"] = content_disposition(
        audio.title, audio.asin, audio.suffix
    )
    try:
        if len(plan.ranges) > 1:
            return await _send_parts(request, audio, plan.ranges, headers)
        return await _send_part(request, audio, plan, headers)
    except TrackerError as err:
        await request.app[SERVICES].sources.note_failure(audio, err)
        raise


def _without_audio(
    request: web.Request, audio: Audio, plan: ResponsePlan, headers: dict[str, str]
) -> web.Response:
    """Answer that nothing is new, or that the wish cannot be met."""
    size_bytes = audio.content.size_bytes
    match HTTPStatus(plan.status):
        case HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            headers["Content-Range"] = f"bytes */{size_bytes}"
            allowed = f"bytes=0-{size_bytes - 1}"
            return refuse_header(request, "Range", allowed, plan.status, headers)
        case HTTPStatus.PRECONDITION_FAILED:
            is_tag = "If-Match" in request.headers
            field = "If-Match" if is_tag else "If-Unmodified-Since"
            allowed = audio.etag if is_tag else headers["Last-Modified"]
            return refuse_header(request, field, allowed, plan.status, headers)
        case _:
            return web.Response(status=plan.status, headers=headers)


async def _send_part(
    request: web.Request, audio: Audio, plan: ResponsePlan, headers: dict[str, str]
) -> web.StreamResponse:
    """Answer with one range, or the whole."""
    part, content = plan.ranges[0], audio.content
    if plan.status == HTTPStatus.PARTIAL_CONTENT:
        headers["Content-Range"] = part.content_range(content.size_bytes)
    headers["Content-Type"] = audio.content_type
    is_head = request.method == "HEAD"
    if not is_head and len(part) <= SMALL_BYTES and isinstance(content, PlainFile):
        answer = Answer(status=plan.status, headers=headers)
        answer.content_length = len(part)
        await send_small(request, answer, content, part)
        await answer.write_eof()
        return answer
    answer = Answer(status=plan.status, headers=headers)
    answer.content_length = len(part)
    if is_head:
        await answer.prepare(request)
    elif not await _is_sent(request, answer, audio, part):
        return answer
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
    answer = Answer(status=HTTPStatus.PARTIAL_CONTENT, headers=headers)
    answer.content_length = multipart.content_length
    await answer.prepare(request)
    bound_send_buffer(request)
    for head, part in multipart.parts:
        await write_piece(request, answer, head)
        if not await _is_sent(request, answer, audio, part):
            return answer
    await write_piece(request, answer, multipart.closing)
    await answer.write_eof()
    return answer


async def _is_sent(
    request: web.Request, answer: web.StreamResponse, audio: Audio, part: ByteRange
) -> bool:
    """Send a part; cut the connection and tell if it failed after the headers."""
    playback = Playback(request.app[SERVICES].sources, audio)
    is_on_disk = isinstance(audio.content, PlainFile) and audio.file is not None
    try:
        await send(request, answer, audio.content if is_on_disk else playback, part)
    except TrackerError as err:
        if not answer.prepared:
            raise
        await request.app[SERVICES].sources.note_failure(audio, err)
        break_off(request, err)
        return False
    return True
