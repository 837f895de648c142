"""Views that pass audio and covers on to players, byte ranges included."""

import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from http import HTTPStatus
from typing import Any, Final

import aiohttp
from aiohttp import hdrs, web
from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers.http import KEY_HASS, HomeAssistantView

from .actions.calls import parse_asin
from .const import DOMAIN, LOGGER
from .coordinator import AudibleRuntimeData
from .core.audible.covers import image_type
from .core.errors import (
    AccountUnloadedError,
    AudibleNotFoundError,
    InvalidValueError,
    MediaServerMissingError,
    MediaServerSecretError,
    MediaServerUnreachableError,
    NotInStoreError,
    TrackerError,
)
from .core.media_server import MediaServerClient
from .core.models import Asin
from .core.store.titles import load_some_titles
from .covers import covers_of
from .playing.audio import FORM_URL, SIGNED_URL, STREAM_URL, query_of
from .server_link import link_of, media_server_of

_COVER_URL: Final = f"/api/{DOMAIN}/cover/{{entry_id}}/{{asin}}"
_PART: Final = re.compile(r"[\w.~-]{1,400}", re.ASCII)
_CHUNK_BYTES: Final = 64 * 1024
_COVER_KEPT: Final = "private, max-age=86400"
_ASKED: Final = (
    hdrs.ACCEPT,
    hdrs.RANGE,
    hdrs.IF_RANGE,
    hdrs.IF_MATCH,
    hdrs.IF_NONE_MATCH,
    hdrs.IF_MODIFIED_SINCE,
    hdrs.IF_UNMODIFIED_SINCE,
)
_ANSWERED: Final = (
    hdrs.ACCEPT_RANGES,
    hdrs.CACHE_CONTROL,
    hdrs.CONTENT_LENGTH,
    hdrs.CONTENT_RANGE,
    hdrs.CONTENT_TYPE,
    hdrs.ETAG,
    hdrs.LAST_MODIFIED,
    hdrs.RETRY_AFTER,
)
_REDIRECTS: Final = frozenset(
    {
        HTTPStatus.MOVED_PERMANENTLY,
        HTTPStatus.FOUND,
        HTTPStatus.SEE_OTHER,
        HTTPStatus.TEMPORARY_REDIRECT,
        HTTPStatus.PERMANENT_REDIRECT,
    }
)

type Upstream = AbstractAsyncContextManager[aiohttp.ClientResponse]


def cover_path(entry_id: str, asin: Asin) -> str:
    """Return the path of a title's cover; the frontend fetches it with its token."""
    return _COVER_URL.format(entry_id=entry_id, asin=asin)


class StreamView(HomeAssistantView):
    """A title's audio. Signed paths are accepted for GET and HEAD."""

    url = STREAM_URL
    extra_urls = [FORM_URL]  # noqa: RUF012 - as the base class declares it
    name = f"api:{DOMAIN}:stream"

    async def get(
        self, request: web.Request, entry_id: str, asin: str, name: str | None = None
    ) -> web.StreamResponse:
        """Send the audio or the part of it that is asked for."""
        return await self._answer(request, entry_id, asin, name)

    async def head(
        self, request: web.Request, entry_id: str, asin: str, name: str | None = None
    ) -> web.StreamResponse:
        """Send the headers alone, as some players ask for first."""
        return await self._answer(request, entry_id, asin, name)

    async def _answer(
        self, request: web.Request, entry_id: str, asin: str, name: str | None
    ) -> web.StreamResponse:
        try:
            server = _server_of(request.app[KEY_HASS], entry_id)
            title = parse_asin(asin)
            query = query_of(name) if name is not None else None
        except TrackerError as err:
            return _failure(err)
        upstream = server.open_stream(
            request.method, title, headers=_asked(request), query=query
        )
        return await _forward(request, upstream, server_url=server.url)


class SignedView(HomeAssistantView):
    """A title's HLS, for players that carry no signature of ours on to its segments.

    The server has signed the path, and judges that; its secret is not sent along.
    """

    url = SIGNED_URL
    name = f"api:{DOMAIN}:signed"
    requires_auth = False

    async def get(
        self, request: web.Request, grant: str, asin: str, name: str
    ) -> web.StreamResponse:
        """Send the playlist or a segment."""
        try:
            server = media_server_of(request.app[KEY_HASS])
            path = f"/signed/audio/{_safe(grant)}/stream/{parse_asin(asin)}/hls"
            path = f"{path}/{_safe(name)}"
        except TrackerError as err:
            return _failure(err)
        upstream = server.open_signed(request.method, path, headers=_asked(request))
        return await _forward(request, upstream, server_url=server.url)

    async def head(
        self, request: web.Request, grant: str, asin: str, name: str
    ) -> web.StreamResponse:
        """Send the headers alone."""
        return await self.get(request, grant, asin, name)


class CoverView(HomeAssistantView):
    """A title's cover: the server's, else the shop's, which is kept here."""

    url = _COVER_URL
    name = f"api:{DOMAIN}:cover"

    async def get(
        self, request: web.Request, entry_id: str, asin: str
    ) -> web.StreamResponse:
        """Send the image."""
        hass = request.app[KEY_HASS]
        try:
            title = parse_asin(asin)
            entry = _entry_of(hass, entry_id)
        except TrackerError as err:
            return _failure(err)

        async def kept() -> web.Response:
            try:
                return await _kept_cover(hass, entry, title)
            except TrackerError as err:
                return _failure(err)

        if link_of(hass) is None:
            return await kept()
        server = media_server_of(hass)
        # It learns of a library only some time after the account was handed to it.
        return await _forward(
            request, server.open_cover(title), server_url=server.url, where_none=kept
        )


async def _kept_cover(
    hass: HomeAssistant, entry: ConfigEntry[Any], asin: Asin
) -> web.Response:
    """Return the shop's cover of a title of the account."""
    if entry.state is not ConfigEntryState.LOADED:
        raise AccountUnloadedError
    data: AudibleRuntimeData = entry.runtime_data
    async with data.store.reading() as connection:
        titles = await load_some_titles(connection, data.account_id, (asin,))
    if not titles or titles[0].cover_url is None:
        raise NotInStoreError(what="cover", number=asin)
    content = await covers_of(hass).async_get(titles[0].cover_url)
    return web.Response(
        body=content,
        content_type=image_type(content),
        headers={hdrs.CACHE_CONTROL: _COVER_KEPT},
    )


def _entry_of(hass: HomeAssistant, entry_id: str) -> ConfigEntry[Any]:
    entry = hass.config_entries.async_get_entry(entry_id)
    if entry is None or entry.domain != DOMAIN:
        raise InvalidValueError(
            field="entry_id", value=entry_id, allowed="an account of Audible Tracker"
        )
    return entry


def _safe(part: str) -> str:
    """Return a part of a path that leads nowhere else; raise InvalidValueError."""
    if not _PART.fullmatch(part) or part in (".", ".."):
        raise InvalidValueError(field="path", value=part, allowed="a signed path")
    return part


def _server_of(hass: HomeAssistant, entry_id: str) -> MediaServerClient:
    _entry_of(hass, entry_id)
    return media_server_of(hass)


def _asked(request: web.Request) -> dict[str, str]:
    """Return what a player asks for, as the server is asked for it."""
    asked: dict[str, str] = {
        name: request.headers[name] for name in _ASKED if name in request.headers
    }
    # A compressed answer would have other byte offsets.
    asked[hdrs.ACCEPT_ENCODING] = "identity"
    return asked


async def _forward(
    request: web.Request,
    upstream: Upstream,
    *,
    server_url: str,
    where_none: Callable[[], Awaitable[web.Response]] | None = None,
) -> web.StreamResponse:
    """Pass the server's answer on; its request ends with this one.

    Where it has nothing, ``where_none`` answers, if it is given.
    """
    try:
        async with upstream as answer:
            if answer.status == HTTPStatus.UNAUTHORIZED:
                # The player is not to blame: its own sign-in is in order.
                return _failure(MediaServerSecretError())
            if answer.status in _REDIRECTS:
                # Something else answers at that address.
                return _failure(MediaServerUnreachableError(url=server_url))
            if answer.status == HTTPStatus.NOT_FOUND and where_none is not None:
                return await where_none()
            return await _copy(request, answer)
    except (aiohttp.ClientConnectionError, TimeoutError) as err:
        LOGGER.debug("The server does not answer: %r", err)
        return _failure(MediaServerUnreachableError(url=server_url))


async def _copy(
    request: web.Request, answer: aiohttp.ClientResponse
) -> web.StreamResponse:
    headers = {
        name: answer.headers[name] for name in _ANSWERED if name in answer.headers
    }
    response = web.StreamResponse(
        status=answer.status, reason=answer.reason, headers=headers
    )
    await response.prepare(request)
    if request.method != hdrs.METH_HEAD:
        try:
            async for chunk in answer.content.iter_chunked(_CHUNK_BYTES):
                await response.write(chunk)
        except (aiohttp.ClientError, ConnectionError, TimeoutError) as err:
            # Either side went away; what was promised can no longer be sent.
            LOGGER.debug("A stream ended early: %r", err)
            answer.close()
            if request.transport is not None:
                request.transport.abort()
            return response
    await response.write_eof()
    return response


def _failure(err: TrackerError) -> web.Response:
    status = _STATUS.get(type(err), HTTPStatus.BAD_GATEWAY)
    return web.json_response(
        {"error": {"code": err.key, "message": str(err)}}, status=status
    )


_STATUS: Final[Mapping[type[TrackerError], int]] = {
    AccountUnloadedError: HTTPStatus.SERVICE_UNAVAILABLE,
    AudibleNotFoundError: HTTPStatus.NOT_FOUND,
    InvalidValueError: HTTPStatus.BAD_REQUEST,
    MediaServerMissingError: HTTPStatus.NOT_FOUND,
    NotInStoreError: HTTPStatus.NOT_FOUND,
}
