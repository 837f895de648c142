"""A title as HTTP live streaming: the playlist of all of it, and its segments."""

import asyncio
from hashlib import blake2b
from http import HTTPStatus
from typing import Final

from aiohttp import web
from audible_core.errors import InvalidValueError, TrackerError

from audible_server.http.parameters import asin_of
from audible_server.http.services import SERVICES
from audible_server.media.adts import adts_stream
from audible_server.media.ranges import matches_weakly
from audible_server.sources.sources import Sound

PLAYLIST_TYPE: Final = "application/vnd.apple.mpegurl"
SEGMENT_TYPE: Final = "audio/aac"
_MOST_DIGITS: Final = 6


async def show_playlist(request: web.Request) -> web.Response:
    """Return the media playlist of the whole title, at once."""
    sound = await _sound(request)
    # Compressed or not, it says the same: a weak validator.
    headers = _headers("W/" + _etag(sound, "playlist"))
    if _is_known(request, headers):
        return web.Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
    text = await asyncio.to_thread(sound.segments.playlist)
    answer = web.Response(text=text, content_type=PLAYLIST_TYPE, headers=headers)
    # Ten hours have thousands of lines that are nearly equal.
    answer.enable_compression()
    return answer


async def show_segment(request: web.Request) -> web.Response:
    """Return one segment; the same bytes, whoever cuts it, whenever."""
    sound = await _sound(request)
    number = _number(request, len(sound.segments))
    headers = _headers(_etag(sound, str(number)))
    if _is_known(request, headers):
        return web.Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
    try:
        body = await _cut(sound, number)
    except TrackerError as err:
        await request.app[SERVICES].sources.note_failure(sound.audio, err)
        raise
    return web.Response(body=body, content_type=SEGMENT_TYPE, headers=headers)


async def _sound(request: web.Request) -> Sound:
    return await request.app[SERVICES].sources.open_sound(asin_of(request))


async def _cut(sound: Sound, number: int) -> bytes:
    samples = await sound.book.load_samples(*sound.segments.span(number))
    tag = sound.segments.timestamp_tag(number)
    return tag + adts_stream(samples, sound.book.config)


def _number(request: web.Request, count: int) -> int:
    text = request.match_info["number"]
    if len(text) > _MOST_DIGITS or int(text) >= count:
        allowed = f"0 to {count - 1}"
        raise InvalidValueError(field="segment", value=text, allowed=allowed)
    return int(text)


def _headers(etag: str) -> dict[str, str]:
    return {"Cache-Control": "private, no-cache", "ETag": etag}


def _is_known(request: web.Request, headers: dict[str, str]) -> bool:
    given = request.headers.get("If-None-Match")
    return given is not None and matches_weakly(given, headers["ETag"])


def _etag(sound: Sound, part: str) -> str:
    digest = blake2b(f"{sound.etag}\0hls\0{part}".encode(), digest_size=16)
    return f'"{digest.hexdigest()}"'
