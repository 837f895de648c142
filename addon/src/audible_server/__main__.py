"""Start of the program: read the settings, run until told to stop."""

import asyncio
import gc
import logging
import os
import signal
import sys

from aiohttp import web
from audible_core.errors import InvalidValueError, TrackerError

from audible_server import __version__
from audible_server.app import build_app
from audible_server.discovery import announced
from audible_server.http.services import SERVICES
from audible_server.privileges import give_up_root
from audible_server.settings import Settings

_LOGGER = logging.getLogger("audible_server")
_BAD_SETTINGS = 2
# Listeners are cut off then; their players ask again when the server is back.
_GRACE_S = 1.0
# So many wait while the loop is busy. The system tells one too many nothing at all, and
# they try again after a whole second.
_WAITING_MAX = 1024
# From the connection, or the last answer, to the end of the next request's headers.
_REQUEST_WITHIN_S = 30.0


def main() -> None:
    """Run the server; a wrong setting ends it with one sentence and code 2."""
    try:
        settings = Settings.load(os.environ)
        _set_up_logging(settings.log_level)
        give_up_root(settings)
        asyncio.run(_serve(settings))
    except TrackerError as err:
        print(f"audible-server: {err}", file=sys.stderr)  # noqa: T201
        sys.exit(_BAD_SETTINGS)


def _set_up_logging(level: str) -> None:
    logging.basicConfig(
        level=level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    # They write addresses, and those of the shop hold signatures.
    for name in ("httpx", "httpcore", "audible", "aiosqlite", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)


async def _serve(settings: Settings) -> None:
    app = build_app(settings)
    runner = web.AppRunner(
        app,
        access_log=None,
        shutdown_timeout=_GRACE_S,
        keepalive_timeout=_REQUEST_WITHIN_S,
    )
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        await runner.setup()
        address = f"{settings.host}:{settings.port}"
        await _listen(runner, settings, address)
        # What is there now stays: nobody who listens waits while it is looked through.
        gc.collect()
        gc.freeze()
        _LOGGER.info("Version %s listens on %s", __version__, address)
        async with announced(settings, app[SERVICES].announcement, os.environ):
            await stop.wait()
        _LOGGER.info("Stopping")
    finally:
        await runner.cleanup()


async def _listen(runner: web.AppRunner, settings: Settings, address: str) -> None:
    try:
        await web.TCPSite(
            runner, settings.host, settings.port, backlog=_WAITING_MAX
        ).start()
    except (OSError, ValueError) as err:
        # ValueError: a name that cannot even be looked up.
        raise InvalidValueError(
            field="host, port", value=address, allowed="an address that is free here"
        ) from err


if __name__ == "__main__":
    main()
