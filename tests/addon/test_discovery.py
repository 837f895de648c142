"""Discovery: what the Supervisor is told, and what happens without one."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from audible_server import discovery
from audible_server.discovery import Announcement, announced, parse_own_info
from audible_server.http.services import IS_SUPERVISED

from .conftest import StartServer
from .patience import SOON_S
from .server import SECRET, settings_in

ENVIRONMENT = {"SUPERVISOR_TOKEN": "token"}
HOST = "local-audible-tracker"


@dataclass(slots=True)
class Border:
    """What stands for the Supervisor: its HTTP border, and what it was told."""

    url: str = ""
    told: list[dict[str, Any]] = field(default_factory=list)
    own: Any = field(
        default_factory=lambda: {
            "result": "ok",
            "data": {"hostname": HOST, "network": {"8099/tcp": 8123}},
        }
    )
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def own_info(self, request: web.Request) -> web.Response:
        """Answer what the app asks about itself."""
        self._check(request)
        return web.json_response(self.own)

    async def discovery(self, request: web.Request) -> web.Response:
        """Take an announcement."""
        self._check(request)
        self.told.append(await request.json())
        return web.json_response({"result": "ok", "data": {"uuid": "1"}})

    def _check(self, request: web.Request) -> None:
        self.changed.set()
        if request.headers.get("Authorization") != "Bearer token":
            raise web.HTTPUnauthorized


@pytest.fixture
async def supervisor(aiohttp_server: Any, monkeypatch: pytest.MonkeyPatch) -> Border:
    """Run what stands for the Supervisor; nobody waits between two tries."""
    monkeypatch.setattr(discovery, "_FIRST_PAUSE_S", 0.01)
    border = Border()
    app = web.Application()
    app.router.add_get("/addons/self/info", border.own_info)
    app.router.add_post("/discovery", border.discovery)
    server = await aiohttp_server(app)
    border.url = str(server.make_url("")).rstrip("/")
    return border


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(SOON_S):
        while not condition():
            await asyncio.sleep(0.005)


@asynccontextmanager
async def _announcing(
    supervisor: Border, folder: Path, **environment: str
) -> AsyncIterator[Announcement]:
    announcement = Announcement()
    async with announced(
        settings_in(folder),
        announcement,
        {**ENVIRONMENT, **environment},
        supervisor.url,
    ):
        yield announcement


async def test_supervisor_learns_where_the_server_is(
    supervisor: Border, tmp_path: Path
) -> None:
    """Host as the Supervisor calls it, port and secret reach the integration."""
    async with _announcing(supervisor, tmp_path) as announcement:
        await _until(lambda: announcement.host is not None)

    config = {"host": HOST, "port": 8099, "secret": SECRET}
    assert [{"service": "audible_tracker", "config": config}] == supervisor.told
    assert Announcement(host=HOST, published_port=8123) == announcement


async def test_supervisor_that_is_not_ready_is_asked_again(
    supervisor: Border, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A Supervisor that starts later still hears of the server; one line says so."""
    supervisor.own, ready = {"result": "error"}, supervisor.own
    async with _announcing(supervisor, tmp_path) as announcement:
        await _until(lambda: announcement.failure is not None)
        supervisor.changed.clear()
        await supervisor.changed.wait()
        supervisor.own = ready
        await _until(lambda: announcement.host is not None)

    assert announcement.failure is None
    warnings = [r for r in caplog.records if r.levelno == logging.WARNING]
    assert 1 == len(warnings)
    assert "does not say what this app is called" in warnings[0].message


async def test_refusal_of_the_supervisor_is_no_announcement(
    supervisor: Border, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """An announcement that was refused is told as such; the secret is not."""
    async with _announcing(
        supervisor, tmp_path, SUPERVISOR_TOKEN="wrong"
    ) as announcement:
        await _until(lambda: announcement.failure is not None)

    assert announcement.host is None
    assert "401" in str(announcement.failure)
    assert [] == supervisor.told
    assert SECRET not in caplog.text


async def test_stop_ends_the_tries(tmp_path: Path, unused_tcp_port: int) -> None:
    """A server that stops waits for no Supervisor."""
    nobody = Border(url=f"http://127.0.0.1:{unused_tcp_port}")
    async with asyncio.timeout(SOON_S):
        async with _announcing(nobody, tmp_path) as announcement:
            await _until(lambda: announcement.failure is not None)

    assert {asyncio.current_task()} == asyncio.all_tasks()


async def test_without_a_supervisor_nothing_happens(
    supervisor: Border, tmp_path: Path
) -> None:
    """An ordinary container announces nothing."""
    async with _announcing(supervisor, tmp_path, SUPERVISOR_TOKEN="") as announcement:
        await asyncio.sleep(0)

    assert Announcement() == announcement
    assert not supervisor.changed.is_set()


@pytest.mark.parametrize(
    ("network", "port"),
    [({"8099/tcp": None}, None), ({}, None), (None, None), ({"8099/tcp": 80}, 80)],
)
def test_published_port_is_read(network: Any, port: int | None) -> None:
    """A closed port is none."""
    body = {"data": {"hostname": HOST, "network": network}}

    assert (HOST, port) == parse_own_info(body)


@pytest.mark.parametrize(
    "body", [None, [], {}, {"data": None}, {"data": {}}, {"data": {"hostname": 5}}]
)
def test_own_info_of_another_form_is_refused(body: Any) -> None:
    """No guess is made of what the app might be called."""
    with pytest.raises(ValueError, match="what this app is called"):
        parse_own_info(body)


async def test_watchdog_needs_no_secret(start_server: StartServer) -> None:
    """The Supervisor asks /health at the app's address, with nothing in hand."""
    server = await start_server(is_supervised=True)

    async with server.stranger.get("/health") as answer:
        assert 200 == answer.status
    assert server.client.app[IS_SUPERVISED]
