"""Whether somebody listens now: conversions may rest meanwhile."""

from aiohttp import web
from aiohttp.typedefs import Handler
from audible_core.models import Asin

from audible_server.http.counts import SENT
from audible_server.http.services import SERVICES


@web.middleware
async def listeners_noted(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Note who is being sent audio."""
    asin = request.match_info.get("asin")
    if asin is None or "/stream/" not in request.path:
        return await handler(request)
    sent = request[SENT]
    listeners = request.app[SERVICES].listeners
    with listeners.one(Asin(asin), lambda: sent.size_bytes):
        return await handler(request)
