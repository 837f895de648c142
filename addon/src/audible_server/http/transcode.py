"""The audio of a title in another format, made while it is heard."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from hashlib import blake2b
from http import HTTPStatus
from typing import Final

from aiohttp import web
from audible_core.errors import (
    Mp4FormatError,
    NotDownloadedError,
    TrackerError,
    UnsupportedMediaError,
)

from audible_server.http.accept import format_to_make
from audible_server.http.counts import SENT
from audible_server.http.errors import refuse_header
from audible_server.http.headers import content_disposition
from audible_server.http.parameters import StreamQuery
from audible_server.http.sending import bound_buffers, break_off, prepared
from audible_server.http.services import SERVICES, Services
from audible_server.media.cutting import Timeline
from audible_server.media.frames import AacFrames, Source, WholeFile
from audible_server.media.ranges import ByteRange, ResponsePlan, plan_response
from audible_server.media.recipe import AudioFormat, Encoding, Recipe
from audible_server.media.transcode import check_start, copied, opened
from audible_server.media.virtual import VirtualM4b
from audible_server.sources.opened import Audio
from audible_server.store.grants import FileKind

_PATIENCE_S: Final = 15.0
"""A listener who takes nothing for so long gives the slot to somebody else."""

_LONG_PATIENCE_S: Final = 60.0
"""The same where the stream cannot be taken up again, and so is broken off."""

_SENT_AHEAD_S: Final = 10


@dataclass(frozen=True, slots=True)
class _Made:
    """What is sent: a stream of the title, in another format."""

    audio: Audio
    timeline: Timeline
    etag: str

    @property
    def size_bytes(self) -> int | None:
        return None if self.is_copy else self.timeline.size_bytes

    @property
    def is_copy(self) -> bool:
        """Tell whether the samples go out as they are, without ffmpeg."""
        return (
            isinstance(self.timeline.source, AacFrames)
            and self.timeline.recipe == _COPIED
        )


_COPIED: Final = Recipe(AudioFormat.AAC)


def recipe_for(request: web.Request, audio: Audio, query: StreamQuery) -> Recipe | None:
    """Return what is to be made: asked for by name, or by what a player can play."""
    if query.recipe is not None:
        return query.recipe
    accept = request.headers.get("Accept")
    audio_format = format_to_make(accept, audio.content_type)
    return None if audio_format is None else Recipe(audio_format)


async def serve_transcoded(
    request: web.Request, audio: Audio, recipe: Recipe, start_ms: int
) -> web.StreamResponse:
    """Answer GET and HEAD; a start past the end is refused before anything is sent.

    The validator is weak: another ffmpeg may write other bytes. So there are ranges of
    what has an exact length, but none under If-Range (RFC 9110, 13.1.5).
    """
    made = await _made(request.app[SERVICES], audio, recipe, start_ms)
    plan = _plan(request, made)
    headers = {
        "Accept-Ranges": "none" if made.size_bytes is None else "bytes",
        "Cache-Control": "private, no-cache",
        "ETag": made.etag,
        "Vary": "Accept",
    }
    match HTTPStatus(plan.status):
        case HTTPStatus.NOT_MODIFIED:
            return web.Response(status=plan.status, headers=headers)
        case HTTPStatus.PRECONDITION_FAILED:
            return refuse_header(request, "If-Match", made.etag, plan.status, headers)
        case HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            headers["Content-Range"] = f"bytes */{made.size_bytes}"
            allowed = f"bytes=0-{(made.size_bytes or 1) - 1}"
            return refuse_header(request, "Range", allowed, plan.status, headers)
    headers["Content-Disposition"] = content_disposition(
        audio.title, audio.asin, recipe.audio_format
    )
    headers["Content-Type"] = recipe.audio_format.content_type
    answer = web.StreamResponse(status=plan.status, headers=headers)
    part = plan.ranges[0]
    if made.size_bytes is not None:
        answer.content_length = len(part)
        if plan.status == HTTPStatus.PARTIAL_CONTENT:
            answer.headers["Content-Range"] = part.content_range(made.size_bytes)
    if request.method == "HEAD":
        await answer.prepare(request)
        await answer.write_eof()
        return answer
    return await _send(request, answer, made, part)


async def source_of(services: Services, audio: Audio) -> Source:
    """Return what a title's sound is cut from.

    Raises what opening it raises, and UnsupportedMediaError if no tool can read it.
    """
    try:
        if audio.kind is FileKind.MP3:
            return await services.sources.open_mp3(audio.asin)
        return AacFrames((await services.sources.open_sound(audio.asin)).book)
    except (Mp4FormatError, UnsupportedMediaError) as err:
        if isinstance(audio.content, VirtualM4b):
            raise
        if audio.file is None:
            # Else ffmpeg reads it, but it reads files, and there is no whole one yet.
            raise NotDownloadedError(asin=audio.asin) from err
    info = await services.prober.info(audio.file.path)
    return WholeFile(audio.file.path, info.duration_ms)


def etag_of(audio: Audio, *parts: object) -> str:
    """Return a weak validator of something made of a title's audio."""
    text = "\0".join((audio.etag, *map(str, parts)))
    digest = blake2b(text.encode(), digest_size=16).hexdigest()
    return f'W/"{digest}"'


async def timeline_of(
    services: Services, audio: Audio, recipe: Recipe, start_ms: int = 0
) -> Timeline:
    """Return what is made of a title's audio; raises as `source_of` does."""
    source = await source_of(services, audio)
    encoding = Encoding.of(recipe, rate_hz=source.rate_hz, channels=source.channels)
    return Timeline(source, recipe, encoding, start_ms)


async def _made(
    services: Services, audio: Audio, recipe: Recipe, start_ms: int
) -> _Made:
    timeline = await timeline_of(services, audio, recipe, start_ms)
    check_start(timeline)
    return _Made(audio, timeline, etag_of(audio, recipe.text, start_ms))


def _plan(request: web.Request, made: _Made) -> ResponsePlan:
    size_bytes = made.size_bytes
    plan = plan_response(
        request.method, request.headers, etag=made.etag, size_bytes=size_bytes or 0
    )
    if plan.status not in (
        HTTPStatus.PARTIAL_CONTENT,
        HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
    ):
        return plan
    # Several ranges would be several transcodes.
    is_single = len(plan.ranges) <= 1
    if size_bytes is not None and is_single and "If-Range" not in request.headers:
        return plan
    return ResponsePlan(HTTPStatus.OK, (ByteRange(0, size_bytes or 0),))


async def _send(
    request: web.Request, answer: web.StreamResponse, made: _Made, part: ByteRange
) -> web.StreamResponse:
    """Send a part of the stream, or all of one whose length is not known."""
    at = part.start
    end = None if made.size_bytes is None else part.end
    try:
        while end is None or at < end:
            taken, rest = await _send_from(request, answer, made, at, end)
            if rest is None:
                break
            # The listener pauses: nothing is made meanwhile, and no slot is held.
            await rest
            at += taken
    except TimeoutError as err:
        break_off(request, err)
        return answer
    except TrackerError as err:
        if isinstance(made.audio.content, VirtualM4b):
            await request.app[SERVICES].sources.note_failure(made.audio, err)
        if not answer.prepared:
            raise
        break_off(request, err)
        return answer
    await answer.write_eof()
    return answer


async def _send_from(
    request: web.Request,
    answer: web.StreamResponse,
    made: _Made,
    at: int,
    end: int | None,
) -> tuple[int, asyncio.Task[None] | None]:
    """Send from byte `at` on; return how much, and what a pausing listener has to take.

    Raises TimeoutError where a pause cannot be waited for.
    """
    taken = 0
    async with _opened(request, made, at) as chunks:
        async for chunk in chunks:
            if not answer.prepared:
                await answer.prepare(request)
                most = made.timeline.encoding.bytes_per_s * _SENT_AHEAD_S
                bound_buffers(request, most)
            piece = chunk if end is None else chunk[: end - at - taken]
            taken += len(piece)
            sending = asyncio.create_task(_write(request, answer, piece))
            await _waited(sending, _LONG_PATIENCE_S if end is None else _PATIENCE_S)
            if not sending.done():
                if end is None:
                    sending.cancel()
                    raise TimeoutError
                return taken, sending
            sending.result()
            if end is not None and at + taken >= end:
                break
    return taken, None


async def _waited(sending: asyncio.Task[None], patience_s: float) -> None:
    try:
        await asyncio.wait([sending], timeout=patience_s)
    except asyncio.CancelledError:
        sending.cancel()
        raise


async def _write(
    request: web.Request, answer: web.StreamResponse, piece: bytes
) -> None:
    writer = await prepared(request, answer)
    await writer.write(piece)
    await writer.drain()
    request[SENT].size_bytes += len(piece)


def _opened(
    request: web.Request, made: _Made, at: int
) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
    if made.is_copy and isinstance(made.timeline.source, AacFrames):
        return nullcontext(copied(made.timeline.source, made.timeline.start_ms))
    workshop = request.app[SERVICES].workshop
    return opened(made.timeline, workshop, client=request.remote or "", at=at)
