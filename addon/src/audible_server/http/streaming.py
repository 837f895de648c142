"""Whether somebody listens now: conversions may rest meanwhile."""

from aiohttp import web
from aiohttp.typedefs import Handler

from audible_server.http.services import SERVICES


@web.middleware
async def listeners_noted(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Count who is being sent audio."""
    if "/stream/" not in request.path:
        return await handler(request)
    with request.app[SERVICES].listeners.one():
        return await handler(request)
