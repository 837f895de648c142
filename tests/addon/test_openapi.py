"""The OpenAPI document: complete, and true; schemathesis tries what it says."""

import asyncio
import json
import re
import sys
from dataclasses import fields
from pathlib import Path
from shutil import copyfile
from typing import Final

import pytest
from aiohttp import web
from audible_core.wire import ServerBook

from audible_server.http.openapi import document
from audible_server.http.routes import add_routes
from audible_server.http.schemas import COMPONENTS

from .program import running_program
from .server import SECRET, Server

_ELSEWHERE: Final = ("/", "/session", "/web/{name}", "/signed/")
"""The page, which is no API, and addresses that are the same with a signature."""

_EXAMPLES: Final = 10
_PATIENCE_S: Final = 240


def test_every_route_is_in_the_document_and_no_other() -> None:
    """Who adds an address describes it."""
    app = web.Application()
    add_routes(app)
    routes = set()
    for route in app.router.routes():
        assert route.resource is not None
        path = re.sub(r"\{number\}\.\{suffix\}", "{segment}", route.resource.canonical)
        is_elsewhere = path in _ELSEWHERE or path.startswith(_ELSEWHERE[-1])
        if not is_elsewhere and route.method != "HEAD":
            routes.add((route.method, path))
    described = {
        (method.upper(), path)
        for path, item in document()["paths"].items()
        for method in item
    }
    assert routes == described


def test_a_title_is_described_with_all_that_is_sent_of_it() -> None:
    """Who adds a member describes it."""
    sent = {member.name for member in fields(ServerBook)}
    assert sent == set(COMPONENTS["Book"]["properties"])


def test_nothing_is_described_as_any_object() -> None:
    """Such a description could not be untrue."""
    text = json.dumps(document())
    assert '"type": "object"}' not in text
    assert '"type": "array"}' not in text


async def test_document_is_served(server: Server) -> None:
    """To those who know the secret."""
    async with server.client.get("/api/openapi.json") as answer:
        assert document() == await answer.json()
        assert "3.1.0" == document()["openapi"]
    async with server.stranger.get("/api/openapi.json") as answer:
        assert 401 == answer.status


@pytest.mark.timeout(400)
async def test_schemathesis_finds_nothing(tmp_path: Path, plain_book: Path) -> None:
    """All its checks on the program as it runs: what is described is what happens."""
    known = tmp_path / "known.toml"
    known.write_text('[parameters]\nasin = "B0PLAYABLE"\nsegment = "0.aac"\n')
    empty = tmp_path / "empty.toml"
    empty.touch()
    library = tmp_path / "library"
    library.mkdir()
    copyfile(plain_book, library / "B0PLAYABLE.m4b")
    async with running_program(tmp_path) as program:
        for config, *checks in (
            (known, "--checks=all", "--exclude-checks=ignored_auth"),
            (empty, "--checks=all", "--exclude-checks=ignored_auth"),
            # Last: who sends ten wrong secrets is not heard for a minute.
            (empty, "--checks=ignored_auth", "--phases=fuzzing"),
        ):
            await _find_nothing(config, program.client.url, *checks)
        assert b"Unexpected error" not in program.log


async def _find_nothing(config: Path, url: str, *checks: str) -> None:
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("schemathesis")),
        f"--config-file={config}",
        "run",
        f"{url}/api/openapi.json",
        f"--header=X-API-Secret: {SECRET}",
        f"--max-examples={_EXAMPLES}",
        "--seed=1",
        "--generation-database=none",
        # They last until their listener leaves.
        "--exclude-path=/api/events",
        *checks,
        cwd=config.parent,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(_PATIENCE_S):
            said, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    assert 0 == process.returncode, said.decode()[-8000:]
