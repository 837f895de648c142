"""Discovery: what the Supervisor is told, and what happens without one."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from audible_server.discovery import announce, own_url, wait_until_healthy

from .server import SECRET, Server, settings_in


@pytest.fixture
async def supervisor(aiohttp_server: Any) -> tuple[str, list[dict[str, Any]]]:
    """Run what stands for the Supervisor; return its address and what it was told."""
    told: list[dict[str, Any]] = []

    async def discovery(request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != "Bearer token":
            return web.Response(status=401)
        told.append(await request.json())
        return web.json_response({"data": {"uuid": "1"}})

    app = web.Application()
    app.router.add_post("/discovery", discovery)
    server = await aiohttp_server(app)
    return str(server.make_url("")).rstrip("/"), told


async def test_supervisor_learns_where_the_server_is(
    server: Server, supervisor: tuple[str, list[dict[str, Any]]], tmp_path: Path
) -> None:
    """Once the server answers, host, port and secret reach the integration."""
    url, told = supervisor
    async with aiohttp.ClientSession() as session:
        own_url = str(server.client.make_url("")).rstrip("/")
        await wait_until_healthy(session, own_url)
        await announce(
            session,
            supervisor_url=url,
            token="token",
            host="local-audible-tracker",
            settings=settings_in(tmp_path),
        )

    config = {"host": "local-audible-tracker", "port": 8099, "secret": SECRET}
    assert [{"service": "audible_tracker", "config": config}] == told


async def test_refusal_of_the_supervisor_is_an_error(
    supervisor: tuple[str, list[dict[str, Any]]], tmp_path: Path
) -> None:
    """An announcement that was refused is not taken for one that was made."""
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientResponseError, match="401"):
            await announce(
                session,
                supervisor_url=supervisor[0],
                token="wrong",
                host="x",
                settings=settings_in(tmp_path),
            )


def test_without_a_supervisor_nothing_happens() -> None:
    """An ordinary container announces nothing and does not fail."""
    environment = {k: v for k, v in os.environ.items() if k != "SUPERVISOR_TOKEN"}
    done = subprocess.run(
        [sys.executable, "-m", "audible_server.discovery"],
        env=environment,
        capture_output=True,
        check=False,
        timeout=30,
    )

    assert (0, b"", b"") == (done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("0.0.0.0", "http://127.0.0.1:8099"),
        ("::", "http://[::1]:8099"),
        ("192.0.2.7", "http://192.0.2.7:8099"),
        ("fe80::1", "http://[fe80::1]:8099"),
        ("server.example", "http://server.example:8099"),
    ],
)
def test_server_is_asked_where_it_listens(
    tmp_path: Path, host: str, expected: str
) -> None:
    """A server on one address alone is not looked for on another one."""
    assert expected == own_url(settings_in(tmp_path, host=host))
