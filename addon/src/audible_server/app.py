"""The application: what it holds for its requests, and how long."""

import asyncio
from collections.abc import AsyncIterator

from aiohttp import web

from audible_server.composition.running import running
from audible_server.http.counts import Counts
from audible_server.http.crowd import Crowd
from audible_server.http.guesses import Guesses
from audible_server.http.pages import PAGE_FILES, PageFiles
from audible_server.http.path_signer import PathSigner
from audible_server.http.routes import add_routes
from audible_server.http.services import (
    CROWD,
    GUESSES,
    IS_SUPERVISED,
    METRICS,
    SECRET,
    SERVICES,
    SESSIONS,
    SIGNER,
    TURN,
)
from audible_server.http.sessions import SessionTokens
from audible_server.settings import Settings

_BODY_BYTES_MAX = 1024 * 1024


def build_app(settings: Settings) -> web.Application:
    """Return the application; it opens what it needs when it starts.

    Its start raises TrackerError when the database or the keys cannot be used.
    """
    app = web.Application(client_max_size=_BODY_BYTES_MAX)
    app[SECRET] = settings.secret
    app[IS_SUPERVISED] = settings.is_supervised
    app[SESSIONS] = SessionTokens(settings.secret)
    app[SIGNER] = PathSigner(settings.secret)
    app[GUESSES] = Guesses()
    app[METRICS] = Counts()
    app[CROWD] = Crowd()
    app[TURN] = asyncio.Lock()
    app[PAGE_FILES] = PageFiles.load()
    add_routes(app)

    async def lifetime(app: web.Application) -> AsyncIterator[None]:
        async with running(settings) as services:
            app[SERVICES] = services
            yield

    app.cleanup_ctx.append(lifetime)
    return app
