"""Telling Home Assistant's Supervisor that the server is here, and its secret.

A program of its own, run once after the start of the app; elsewhere it does nothing.
"""

import asyncio
import os
import socket
import sys
from contextlib import suppress
from ipaddress import ip_address
from typing import Final

import aiohttp
from audible_core.errors import InvalidValueError

from audible_server.settings import SUPERVISOR_TOKEN, Settings

SERVICE: Final = "audible_tracker"
"""The integration's domain: the Supervisor hands the news to it."""

_SUPERVISOR_URL: Final = "http://supervisor"
_PAUSE_S: Final = 0.5
_PATIENCE_S: Final = 120.0
_TIMEOUT: Final = aiohttp.ClientTimeout(total=10)


def main() -> None:
    """Announce the server under the Supervisor; end with code 1 if that fails."""
    token = os.environ.get(SUPERVISOR_TOKEN)
    if not token:
        return
    try:
        asyncio.run(_wait_and_announce(Settings.load(os.environ), token))
    except (aiohttp.ClientError, TimeoutError, InvalidValueError) as err:
        reason = str(err) or type(err).__name__
        print(f"audible-server: not announced: {reason}", file=sys.stderr)  # noqa: T201
        sys.exit(1)


async def _wait_and_announce(settings: Settings, token: str) -> None:
    async with aiohttp.ClientSession(timeout=_TIMEOUT) as session:
        async with asyncio.timeout(_PATIENCE_S):
            await wait_until_healthy(session, own_url(settings))
        await announce(
            session,
            supervisor_url=_SUPERVISOR_URL,
            token=token,
            host=socket.gethostname(),
            settings=settings,
        )


def own_url(settings: Settings) -> str:
    """Return where the server can be asked from this machine."""
    host = settings.host
    with suppress(ValueError):
        address = ip_address(host)
        if address.is_unspecified:
            host = "127.0.0.1" if address.version == 4 else "::1"
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"


async def wait_until_healthy(session: aiohttp.ClientSession, url: str) -> None:
    """Return once the server answers; the caller sets the limit."""
    while not await _is_healthy(session, url):  # noqa: ASYNC110 - it sends no event
        await asyncio.sleep(_PAUSE_S)


async def announce(
    session: aiohttp.ClientSession,
    *,
    supervisor_url: str,
    token: str,
    host: str,
    settings: Settings,
) -> None:
    """Post where the server is; raise aiohttp.ClientError if that is refused.

    The same service posted again replaces what was known.
    """
    config = {"host": host, "port": settings.port, "secret": settings.secret}
    async with session.post(
        f"{supervisor_url}/discovery",
        json={"service": SERVICE, "config": config},
        headers={"Authorization": f"Bearer {token}"},
        raise_for_status=True,
    ):
        pass


async def _is_healthy(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(f"{url}/health") as answer:
            return answer.status == 200
    except aiohttp.ClientError, TimeoutError:
        return False


if __name__ == "__main__":
    main()
