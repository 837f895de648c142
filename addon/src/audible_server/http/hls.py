"""A title as HTTP live streaming: the playlist of all of it, and its segments."""

import asyncio
import gzip
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Final

from aiohttp import web
from audible_core.errors import TrackerError, UnsupportedMediaError

from audible_server.http.parameters import asin_of, hls_recipe_of
from audible_server.http.services import SERVICES, Services
from audible_server.http.transcode import etag_of, timeline_of
from audible_server.media.adts import adts_stream
from audible_server.media.cutting import Timeline
from audible_server.media.hls import (
    EvenSegments,
    Segments,
    playlist,
    timestamp_tag,
)
from audible_server.media.mp3_frames import Mp3Frames
from audible_server.media.mp4.opus import opus_init
from audible_server.media.ranges import matches_weakly
from audible_server.media.recipe import AudioFormat, Recipe
from audible_server.media.segments import SUFFIXES, encoded_segment, segments_of
from audible_server.media.virtual import VirtualM4b
from audible_server.sources.opened import Audio
from audible_server.store.grants import FileKind

PLAYLIST_TYPE: Final = "application/vnd.apple.mpegurl"
FRAGMENT_TYPE: Final = "audio/mp4"
_INIT_NAME: Final = "init.mp4"
_MOST_DIGITS: Final = 6
_AAC: Final = Recipe(AudioFormat.AAC)
_MP3: Final = Recipe(AudioFormat.MP3)


@dataclass(frozen=True, slots=True)
class _Cut:
    """A title cut into segments of a source, which is a timeline if they are made.

    ``said`` is what their names say besides what the playlist was asked with.
    """

    audio: Audio
    audio_format: AudioFormat
    segments: Segments | EvenSegments
    source: VirtualM4b | Mp3Frames | Timeline
    wish: str = ""
    said: str = ""

    @property
    def suffix(self) -> str:
        """Return the end of the names of its segments."""
        return SUFFIXES[self.audio_format]

    @property
    def has_init(self) -> bool:
        """Tell whether its segments are fragments of MP4, and not packed audio."""
        return self.audio_format is AudioFormat.OPUS

    @property
    def content_type(self) -> str:
        """Return the MIME type of its segments."""
        return FRAGMENT_TYPE if self.has_init else self.audio_format.content_type

    def etag(self, part: str) -> str:
        """Return a validator; a weak one where another ffmpeg may write other bytes."""
        etag = etag_of(self.audio, "hls", self.wish, part)
        is_made = isinstance(self.source, Timeline)
        return etag if is_made else etag.removeprefix("W/")


async def show_playlist(request: web.Request) -> web.Response:
    """Return the media playlist of the whole title, at once."""
    cut = await _cut(request)
    query = request.rel_url.raw_query_string
    # Compressed or not, it says the same: a weak validator.
    etag = etag_of(cut.audio, "hls", cut.wish, f"playlist\0{query}")
    headers = _headers(etag)
    if _is_known(request, headers):
        return web.Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
    # Whatever the playlist was asked with, its segments are asked with too.
    query = "&".join(filter(None, (cut.said, query)))
    query = f"?{query}" if query else ""
    cache = request.app[SERVICES].workshop.segments
    packed = await cache.get(etag, partial(_packed, cut, query))
    headers["Vary"] = "Accept-Encoding"
    if "gzip" not in request.headers.get("Accept-Encoding", "").lower():
        text = (await asyncio.to_thread(gzip.decompress, packed)).decode()
        return web.Response(text=text, content_type=PLAYLIST_TYPE, headers=headers)
    headers["Content-Encoding"] = "gzip"
    return web.Response(body=packed, content_type=PLAYLIST_TYPE, headers=headers)


async def _packed(cut: _Cut, query: str) -> bytes:
    """Return a playlist: ten hours have thousands of lines that are nearly equal."""
    name_end = f".{cut.suffix}{query}"
    init_name = f"{_INIT_NAME}{query}" if cut.has_init else None

    def pack() -> bytes:
        text = playlist(cut.segments.durations_s(), name_end, init_name)
        return gzip.compress(text.encode(), 6, mtime=0)

    return await asyncio.to_thread(pack)


async def show_init(request: web.Request) -> web.Response:
    """Return what stands in front of all segments that are fragments of MP4."""
    cut = await _cut(request)
    if not (cut.has_init and isinstance(cut.source, Timeline)):
        raise web.HTTPNotFound
    headers = _headers(cut.etag(_INIT_NAME))
    if _is_known(request, headers):
        return web.Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
    body = opus_init(cut.source.encoding.channels)
    return web.Response(body=body, content_type=cut.content_type, headers=headers)


async def show_segment(request: web.Request) -> web.Response:
    """Return one segment; the same bytes, whoever cuts it, whenever."""
    cut = await _cut(request)
    number = _number(request, len(cut.segments))
    if cut.said or request.match_info["suffix"] != cut.suffix:
        raise web.HTTPNotFound
    headers = _headers(cut.etag(str(number)))
    if _is_known(request, headers):
        return web.Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
    try:
        body = await _segment(request, cut, number)
    except TrackerError as err:
        await request.app[SERVICES].sources.note_failure(cut.audio, err)
        raise
    return web.Response(body=body, content_type=cut.content_type, headers=headers)


async def _cut(request: web.Request) -> _Cut:
    """Return how a title is cut: as it is where that can be, else encoded."""
    recipe, services = hls_recipe_of(request), request.app[SERVICES]
    audio = await services.sources.open(asin_of(request))
    is_aac = audio.kind not in (FileKind.MP3, FileKind.OPUS)
    if is_aac and recipe in (None, _AAC):
        sound = await services.sources.open_sound(audio.asin)
        return _Cut(sound.audio, AudioFormat.AAC, sound.segments, sound.book)
    if recipe is not None:
        return await _encoded(services, audio, recipe)
    if audio.kind is FileKind.MP3:
        return await _mp3(services, audio)
    return await _encoded(services, audio, _MP3, is_said=True)


async def _mp3(services: Services, audio: Audio) -> _Cut:
    """Return how an MP3 file is cut; where its frames cannot be, they are made."""
    try:
        frames = await services.sources.open_mp3(audio.asin)
    except UnsupportedMediaError:
        return await _encoded(services, audio, _MP3, is_said=True)
    segments = EvenSegments.of(
        frames=frames.count,
        frame_samples=frames.frame_samples,
        rate_hz=frames.rate_hz,
    )
    return _Cut(audio, AudioFormat.MP3, segments, frames)


async def _encoded(
    services: Services, audio: Audio, recipe: Recipe, *, is_said: bool = False
) -> _Cut:
    """Cut what is made of a title; ``is_said`` puts the format into the names.

    Else who was told of segments that are encoded might be sent others later.
    """
    timeline = await timeline_of(services, audio, recipe)
    said = f"format={recipe.audio_format}" if is_said else ""
    segments, wish = segments_of(timeline), recipe.text
    return _Cut(audio, recipe.audio_format, segments, timeline, wish, said)


async def _segment(request: web.Request, cut: _Cut, number: int) -> bytes:
    match cut.source:
        case Timeline():
            return await _made(request, cut, cut.source, number)
        case VirtualM4b():
            samples = await cut.source.load_samples(*cut.segments.span(number))
            frames = adts_stream(samples, cut.source.config)
        case Mp3Frames():
            frames = await cut.source.load_frames(*cut.segments.span(number))
    return timestamp_tag(cut.segments.start_s(number)) + frames


async def _made(
    request: web.Request, cut: _Cut, timeline: Timeline, number: int
) -> bytes:
    """Return an encoded segment, and begin the next one if nobody waits for that."""
    workshop, client = request.app[SERVICES].workshop, request.remote or ""
    cache = workshop.segments

    async def wanted(number: int) -> bytes:
        return await encoded_segment(timeline, number, workshop, client=client)

    body = await cache.get(cut.etag(str(number)), partial(wanted, number))
    following = cut.etag(str(number + 1))
    is_last = number + 1 == len(cut.segments)
    if not is_last and workshop.slots.is_free and not cache.has(following):
        cache.start(following, partial(wanted, number + 1))
    return body


def _number(request: web.Request, count: int) -> int:
    text = request.match_info["number"]
    if len(text) > _MOST_DIGITS or int(text) >= count:
        raise web.HTTPNotFound
    return int(text)


def _headers(etag: str) -> dict[str, str]:
    return {"Cache-Control": "private, no-cache", "ETag": etag}


def _is_known(request: web.Request, headers: dict[str, str]) -> bool:
    given = request.headers.get("If-None-Match")
    return given is not None and matches_weakly(given, headers["ETag"])
