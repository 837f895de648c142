"""Telling Home Assistant's Supervisor that the server is here, and its secret.

The Supervisor is asked for this app's own name first; elsewhere nothing happens.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final

import aiohttp

from audible_server.settings import SUPERVISOR_TOKEN, Settings

SERVICE: Final = "audible_tracker"
"""The integration's domain: the Supervisor hands the news to it."""

SUPERVISOR_URL: Final = "http://supervisor"
_LOGGER = logging.getLogger(__name__)
_TIMEOUT: Final = aiohttp.ClientTimeout(total=10)
_FIRST_PAUSE_S: Final = 1.0
_LONGEST_PAUSE_S: Final = 60.0


@dataclass(slots=True)
class Announcement:
    """How far the announcement has come.

    ``host`` is the server's name for Home Assistant once it is announced;
    ``published_port`` is the port of the machine that leads here, None while it is
    closed; ``failure`` is why the last try failed.
    """

    host: str | None = None
    published_port: int | None = None
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class Supervisor:
    """The Supervisor as an app sees it: two calls, with the app's own token."""

    session: aiohttp.ClientSession
    url: str
    token: str

    async def own_info(self) -> tuple[str, int | None]:
        """Return this app's host name, and the machine's port that leads to it.

        Raises aiohttp.ClientError, or ValueError if the answer has another form.
        """
        async with self.session.get(
            f"{self.url}/addons/self/info",
            headers=self._headers,
            raise_for_status=True,
        ) as answer:
            return parse_own_info(await answer.json())

    async def announce(self, host: str, settings: Settings) -> None:
        """Post where the server is; raise aiohttp.ClientError if that is refused.

        The same service posted again replaces what was known.
        """
        config = {"host": host, "port": settings.port, "secret": settings.secret}
        async with self.session.post(
            f"{self.url}/discovery",
            json={"service": SERVICE, "config": config},
            headers=self._headers,
            raise_for_status=True,
        ):
            pass

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


def parse_own_info(body: Any) -> tuple[str, int | None]:
    """Return host name and published port; raise ValueError if there is no name."""
    data = _member(body, "data")
    host, ports = _member(data, "hostname"), _member(data, "network")
    if not isinstance(host, str) or not host:
        raise ValueError("the Supervisor does not say what this app is called")
    published = list(ports.values()) if isinstance(ports, dict) else []
    return host, next((port for port in published if isinstance(port, int)), None)


def _member(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None


@asynccontextmanager
async def announced(
    settings: Settings,
    announcement: Announcement,
    environment: Mapping[str, str],
    supervisor_url: str = SUPERVISOR_URL,
) -> AsyncGenerator[None]:
    """Announce the server while this block runs, until the Supervisor took it.

    A failure is no reason not to serve: the server can be linked by hand.
    """
    token = environment.get(SUPERVISOR_TOKEN)
    if not token:
        yield
        return
    async with aiohttp.ClientSession(timeout=_TIMEOUT) as session:
        supervisor = Supervisor(session, supervisor_url, token)
        task = asyncio.create_task(_keep_trying(supervisor, settings, announcement))
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def _keep_trying(
    supervisor: Supervisor, settings: Settings, announcement: Announcement
) -> None:
    pause_s = _FIRST_PAUSE_S
    while not await _has_announced(supervisor, settings, announcement):
        await asyncio.sleep(pause_s)
        pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)


async def _has_announced(
    supervisor: Supervisor, settings: Settings, announcement: Announcement
) -> bool:
    try:
        host, announcement.published_port = await supervisor.own_info()
        await supervisor.announce(host, settings)
    except (aiohttp.ClientError, TimeoutError, ValueError) as err:
        failure = str(err) or type(err).__name__
        if failure != announcement.failure:
            _LOGGER.warning("Not announced to Home Assistant yet: %s", failure)
        announcement.failure = failure
        return False
    announcement.host, announcement.failure = host, None
    _LOGGER.info("Announced to Home Assistant as %s", host)
    return True
