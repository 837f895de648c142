"""The OpenAPI document: complete, and true; schemathesis tries what it says."""

import asyncio
import json
import re
import sys
import time
from dataclasses import fields
from pathlib import Path
from shutil import copyfile
from typing import Final
from urllib.parse import urlsplit

import pytest
from aiohttp import web
from audible_core.models import Asin
from audible_core.wire import ServerBook

from audible_server.http.openapi import document
from audible_server.http.path_signer import PathSigner, Use
from audible_server.http.routes import add_routes
from audible_server.http.schemas import COMPONENTS

from .program import running_program
from .server import SECRET, Server

_ELSEWHERE: Final = ("/", "/session", "/web/{name}")
"""The page, which is no API."""

_SEGMENT: Final = r"\{number\}\{listed\}\.\{suffix\}|init\{listed\}\.mp4"
_ASIN: Final = Asin("B0PLAYABLE")
_CONDITIONS: Final = f"""
hooks = "{Path(__file__).with_name("starts_within_the_title.py")}"
[checks.positive_data_acceptance]
# Last: a condition that does not hold and a range that is not there are no mistakes.
expected-statuses = ["2xx", "3xx", 401, 403, 404, 409, 429, "5xx", 412, 416]
"""
_TO_BE_SEEN: Final = {
    *(("GET", "", status) for status in (200, 206, 304, 400, 412, 416)),
    *(("HEAD", "", status) for status in (200, 304, 400, 412)),
    *(
        (method, f"/hls/{name}", status)
        for method in ("GET", "HEAD")
        for name in ("index.m3u8", "0.aac")
        for status in (200, 304, 400)
    ),
    *((method, "/hls/init.mp4", 200) for method in ("GET", "HEAD")),
    *((method, name, 200) for method in ("GET", "HEAD") for name in ("/cover", "/pdf")),
}
"""Of audio, segments, cover and PDF: an answer that was not tried proves nothing."""

_EXAMPLES: Final = 10
_PATIENCE_S: Final = 240


def test_every_route_is_in_the_document_and_no_other() -> None:
    """Who adds an address describes it."""
    app = web.Application()
    add_routes(app)
    routes = set()
    for route in app.router.routes():
        assert route.resource is not None
        path = re.sub(_SEGMENT, "{segment}", route.resource.canonical)
        if path not in _ELSEWHERE:
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
    known, strange = tmp_path / "known.toml", tmp_path / "strange.toml"
    known.write_text(f"{_CONDITIONS}\n{_known()}")
    strange.write_text(_CONDITIONS)
    _lay_out(tmp_path, plain_book)
    async with running_program(tmp_path) as program:
        for config, *checks in (
            (known, "--checks=all", "--exclude-checks=ignored_auth"),
            (strange, "--checks=all", "--exclude-checks=ignored_auth"),
            # Last: who sends ten wrong secrets is not heard for a minute.
            (strange, "--checks=ignored_auth", "--phases=fuzzing"),
        ):
            await _find_nothing(config, program.client.url, *checks)
            if config is known:
                assert _seen(tmp_path / "known.har") >= _TO_BE_SEEN
        assert b"Unexpected error" not in program.log


def _seen(report: Path) -> set[tuple[str, str, int]]:
    """Return what was answered to requests about the title, signed or not."""
    entries = json.loads(report.read_text())["log"]["entries"]
    return {
        (
            entry["request"]["method"],
            urlsplit(entry["request"]["url"]).path.rpartition(_ASIN)[2],
            entry["response"]["status"],
        )
        for entry in entries
        if _ASIN in entry["request"]["url"]
    }


def _known() -> str:
    """Return what makes requests about a title that is there, signed ones too."""
    signer, until_s = PathSigner(SECRET), int(time.time()) + 3600
    grants = "".join(
        f'[[operations]]\ninclude-path-regex = "^/signed/{use}"\n'
        f'[operations.parameters]\ngrant = "{signer.grant(use, _ASIN, until_s)}"\n'
        for use in Use
    )
    return f'[parameters]\nasin = "{_ASIN}"\nsegment = "0.aac"\n{grants}'


def _lay_out(folder: Path, book: Path) -> None:
    """Put the title, its cover and its PDF where the server finds them."""
    for name in ("library", "data/covers"):
        (folder / name).mkdir(parents=True)
    copyfile(book, folder / "library" / f"{_ASIN}.m4b")
    (folder / "library" / f"{_ASIN}.pdf").write_bytes(b"%PDF-1.4 a paper")
    (folder / "data/covers" / _ASIN).write_bytes(b"\xff\xd8\xff\xe0 a picture")


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
        "--report=har",
        f"--report-har-path={config.with_suffix('.har')}",
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
