"""How many streams one client may have at once, so that one cannot take all."""

from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler

from audible_server.http.parameters import address_of
from audible_server.http.services import CROWD, IS_TRUSTED

_LONG: Final = ("/stream/", "/signed/", "/api/events")


@web.middleware
async def limit_streams(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse one stream too many of an address.

    Who knows the secret is trusted: Home Assistant fetches for the whole house.
    """
    if not address_of(request).startswith(_LONG) or IS_TRUSTED in request:
        return await handler(request)
    crowd, client = request.app[CROWD], request.remote or ""
    crowd.enter(client)
    try:
        return await handler(request)
    finally:
        crowd.leave(client)
