"""api.audible.{domain}: everything below /1.0, put together from its parts."""

from aiohttp import web

from ..answers import error_answer
from ..signing import refusals
from .account_api import account_routes
from .catalog_api import catalog_routes
from .content_api import content_routes
from .library_api import library_routes
from .position_api import position_routes
from .stats_api import stats_routes


def audible_api() -> web.Application:
    """Return the application of these hosts."""
    app = web.Application(middlewares=[refusals], client_max_size=1 << 20)
    app.router.add_routes(library_routes())
    app.router.add_routes(position_routes())
    app.router.add_routes(stats_routes())
    app.router.add_routes(content_routes())
    app.router.add_routes(catalog_routes())
    app.router.add_routes(account_routes())
    app.router.add_route("*", "/{path:.*}", _unknown)
    return app


async def _unknown(request: web.Request) -> web.Response:
    return error_answer(request, 404, {"message": "The simulated shop lacks this page"})
