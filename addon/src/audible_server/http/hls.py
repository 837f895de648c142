"""A title as HTTP live streaming: the playlist of all of it, and its segments."""

import asyncio
import gzip
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Final

from aiohttp import web
from audible_core.errors import (
    MediaFileMissingError,
    TrackerError,
    UnsupportedMediaError,
)
from audible_core.models import Asin

from audible_server.http.parameters import asin_of, hls_recipe_of, query_of
from audible_server.http.services import SERVICES, Services
from audible_server.http.transcode import etag_of, source_of, timeline_of
from audible_server.media.adts import adts_stream
from audible_server.media.cutting import Timeline
from audible_server.media.hls import (
    EvenSegments,
    Listing,
    Segments,
    playlist,
    timestamp_tag,
)
from audible_server.media.mp3_frames import Mp3Frames
from audible_server.media.mp4.opus import opus_init
from audible_server.media.ranges import matches_weakly
from audible_server.media.recipe import AudioFormat, Encoding, Recipe
from audible_server.media.segments import SUFFIXES, encoded_segment, listing_of
from audible_server.media.virtual import VirtualM4b
from audible_server.sources.opened import Audio
from audible_server.store.grants import FileKind

PLAYLIST_TYPE: Final = "application/vnd.apple.mpegurl"
FRAGMENT_TYPE: Final = "audio/mp4"
_MOST_DIGITS: Final = 6
_FORMATS: Final = {suffix: audio_format for audio_format, suffix in SUFFIXES.items()}
_AAC: Final = Recipe(AudioFormat.AAC)
_MP3: Final = Recipe(AudioFormat.MP3)
_NATIVE: Final = (None, _AAC)
"""What AAC is wanted with as it is."""


@dataclass(frozen=True, slots=True)
class _Cut:
    """A title cut into segments of a source, which is a timeline if they are made.

    ``listing`` is what the names of its segments say.
    """

    audio: Audio
    listing: Listing
    segments: Segments | EvenSegments
    source: VirtualM4b | Mp3Frames | Timeline

    @property
    def audio_format(self) -> AudioFormat:
        """Return the format of its segments."""
        return self.listing.audio_format

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
        if isinstance(self.source, Timeline):
            wish = self.source.recipe.text
            return etag_of(self.audio, "hls", wish, self.listing.text, part)
        return etag_of(self.audio, "hls", part).removeprefix("W/")


async def show_playlist(request: web.Request) -> web.Response:
    """Return the media playlist of the whole title, at once."""
    recipe = hls_recipe_of(request)
    cut = await _again_if_gone(request, partial(_own_cut, recipe=recipe))
    # Whatever the playlist was asked with, its segments are asked with too.
    query = "" if recipe is None else f"?{query_of(recipe)}"
    # Compressed or not, it says the same: a weak validator.
    etag = etag_of(cut.audio, "hls", cut.listing.text, f"playlist\0{query}")
    headers = _headers(etag)
    if _is_known(request, headers):
        return web.Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
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
    listed = cut.listing.text
    name_end = f"{listed}.{SUFFIXES[cut.audio_format]}{query}"
    init_name = f"init{listed}.mp4{query}" if cut.has_init else None

    def pack() -> bytes:
        text = playlist(cut.segments.durations_s(), name_end, init_name)
        return gzip.compress(text.encode(), 6, mtime=0)

    return await asyncio.to_thread(pack)


async def show_init(request: web.Request) -> web.Response:
    """Return what stands in front of all segments that are fragments of MP4."""
    cut = await _asked(request, AudioFormat.OPUS, 0)
    headers = _headers(cut.etag("init"))
    if _is_known(request, headers):
        return web.Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
    body = opus_init(cut.listing.channels)
    return web.Response(body=body, content_type=cut.content_type, headers=headers)


async def show_segment(request: web.Request) -> web.Response:
    """Return one segment; the same bytes, whoever cuts it, whenever."""
    audio_format, number = _FORMATS[request.match_info["suffix"]], _number(request)
    cut = await _asked(request, audio_format, number)
    headers = _headers(cut.etag(str(number)))
    if _is_known(request, headers):
        return web.Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
    try:
        body = await _segment(request, cut, number)
    except TrackerError as err:
        await request.app[SERVICES].sources.note_failure(cut.audio, err)
        raise
    return web.Response(body=body, content_type=cut.content_type, headers=headers)


async def _asked(request: web.Request, audio_format: AudioFormat, number: int) -> _Cut:
    """Return the cut that has a segment; raise HTTPNotFound for one never listed."""
    recipe, listed = hls_recipe_of(request), request.match_info.get("listed")
    if recipe is not None and recipe.audio_format is not audio_format:
        raise web.HTTPNotFound
    cutting = partial(_own_cut, recipe=recipe)
    if listed:
        listing = Listing.from_text(audio_format, listed)
        if listing is None or number >= len(listing.segments):
            raise web.HTTPNotFound
        cutting = partial(_listed_cut, recipe=recipe, listing=listing, number=number)
    cut = await _again_if_gone(request, cutting)
    if cut.audio_format is not audio_format or number >= len(cut.segments):
        raise web.HTTPNotFound
    return cut


async def _again_if_gone(
    request: web.Request, cutting: Callable[[Services, Asin], Awaitable[_Cut]]
) -> _Cut:
    """Return a cut, of the next source where a file went in this moment."""
    services, asin = request.app[SERVICES], asin_of(request)
    try:
        return await cutting(services, asin)
    except MediaFileMissingError:
        return await cutting(services, asin)


async def _own_cut(services: Services, asin: Asin, recipe: Recipe | None) -> _Cut:
    """Return how a title is cut: as it is where that can be, else encoded."""
    audio = await services.sources.open(asin)
    cut = await _as_it_is(services, audio, recipe)
    if cut is not None:
        return cut
    timeline = await timeline_of(services, audio, recipe or _MP3)
    listing = listing_of(timeline)
    return _Cut(audio, listing, listing.segments, timeline)


async def _listed_cut(
    services: Services, asin: Asin, recipe: Recipe | None, listing: Listing, number: int
) -> _Cut:
    """Return a segment's cut as it was listed, whatever the title is played from now.

    Where it cannot be cut from that, it is made.
    """
    audio = await services.sources.open(asin)
    cut = await _as_it_is(services, audio, recipe)
    if cut is not None and cut.listing.has_alike(listing, number):
        return cut
    wanted = recipe or Recipe(listing.audio_format)
    source = await source_of(services, audio)
    encoding = Encoding.at(
        wanted, rate_hz=listing.rate_hz, channels=min(listing.channels, 2)
    )
    timeline = Timeline(source, wanted, encoding)
    return _Cut(audio, listing, listing.segments, timeline)


async def _as_it_is(
    services: Services, audio: Audio, recipe: Recipe | None
) -> _Cut | None:
    """Return a title cut at its own frames, or None where it has to be encoded."""
    try:
        if audio.kind is FileKind.MP3:
            return await _mp3(services, audio) if recipe is None else None
        if audio.kind is not FileKind.OPUS and recipe in _NATIVE:
            return await _aac(services, audio)
    except UnsupportedMediaError:
        if audio.kind.is_encrypted:
            # No tool could read it.
            raise
    return None


async def _mp3(services: Services, audio: Audio) -> _Cut:
    frames = await services.sources.open_mp3(audio.asin)
    listing = Listing.of(
        AudioFormat.MP3,
        rate_hz=frames.rate_hz,
        channels=frames.channels,
        frames=frames.count,
    )
    return _Cut(audio, listing, listing.segments, frames)


async def _aac(services: Services, audio: Audio) -> _Cut:
    sound = await services.sources.open_sound(audio.asin)
    config = sound.book.config
    listing = Listing.of_samples(
        sound.segments, rate_hz=config.sample_rate_hz, channels=config.channels
    )
    return _Cut(sound.audio, listing, sound.segments, sound.book)


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
    cache, segments = workshop.segments, cut.listing.segments

    async def wanted(number: int) -> bytes:
        return await encoded_segment(
            timeline, segments, number, workshop, client=client
        )

    body = await cache.get(cut.etag(str(number)), partial(wanted, number))
    following = cut.etag(str(number + 1))
    is_last = number + 1 == len(segments)
    if not is_last and workshop.slots.is_free and not cache.has(following):
        cache.start(following, partial(wanted, number + 1))
    return body


def _number(request: web.Request) -> int:
    text = request.match_info["number"]
    if len(text) > _MOST_DIGITS:
        raise web.HTTPNotFound
    return int(text)


def _headers(etag: str) -> dict[str, str]:
    return {"Cache-Control": "private, no-cache", "ETag": etag}


def _is_known(request: web.Request, headers: dict[str, str]) -> bool:
    given = request.headers.get("If-None-Match")
    return given is not None and matches_weakly(given, headers["ETag"])
