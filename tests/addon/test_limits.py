"""Signed paths, guesses of the secret, and what slow or greedy clients meet."""

import asyncio
import re
import time
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from shutil import copyfile
from typing import Any
from urllib.parse import urljoin

import pytest
from aiohttp import web
from audible_core.models import Asin

from audible_server.http import crowd, guesses, parameters
from audible_server.http.path_signer import PathSigner, Use

from .patience import SOON_S
from .server import SECRET, Server, error_of

ASIN = "B0PLAYABLE"
OTHER = "B0OTHERONE"


@pytest.fixture
async def server(start_server: Any, tmp_path: Path, plain_book: Path) -> Server:
    """Start a server with two titles."""
    (tmp_path / "library").mkdir()
    for asin in (ASIN, OTHER):
        copyfile(plain_book, tmp_path / "library" / f"{asin}.m4b")
    server: Server = await start_server()
    return server


async def sign(server: Server, body: Any = None) -> dict[str, Any]:
    """Return signed paths of the first title."""
    path = f"/api/books/{ASIN}/sign"
    async with server.client.post(path, json=body or {}) as answer:
        assert 200 == answer.status, await answer.text()
        data: dict[str, Any] = (await answer.json())["data"]
        return data


async def status(server: Server, path: str, **headers: str) -> int:
    """Return the status that a stranger gets."""
    async with server.stranger.get(path, headers=headers) as answer:
        await answer.read()
        return answer.status


async def test_signed_path_needs_no_headers(server: Server) -> None:
    """Ranges and queries work as ever, for this title alone."""
    signed = await sign(server)
    path = signed["path"]
    assert 206 == await status(server, path, Range="bytes=0-9")
    async with server.stranger.head(path) as answer:
        assert 200 == answer.status
    assert 200 == await status(server, f"{path}?format=mp3&start_ms=1000")
    for changed in (
        path.replace(ASIN, OTHER),
        path.replace("/stream/", "/stream/x"),
        path.replace("/audio/", "/audio/9"),
        path.replace("/audio/", "/cover/"),
        re.sub(r"/audio/[^/]+/", "/audio/x/", path),
        re.sub(r"/audio/[^/]+/", f"/audio/{'9' * 5000}/", path),
        re.sub(r"/audio/[^/]+/", "/audio/%00.%ff/", path),
    ):
        assert await status(server, changed) in (400, 401, 403, 404), changed
    # What it was not signed for stays closed.
    assert 401 == await status(server, f"/stream/{ASIN}")


async def test_every_line_of_a_signed_playlist_is_signed(server: Server) -> None:
    """A player asks for what the playlist names, and sends nothing with it."""
    path = (await sign(server))["hls_path"]
    async with server.stranger.get(path) as answer:
        assert 200 == answer.status
        text = await answer.text()
    names = [line for line in text.split() if not line.startswith("#")]
    assert len(names) > 1
    for name in (names[0], names[-1]):
        assert 200 == await status(server, urljoin(path, name))


async def test_cover_is_signed_for_itself(server: Server) -> None:
    """A picture's address does not play."""
    path = (await sign(server, {"use": "cover"}))["path"]
    # There is no picture of a book that was put there by hand.
    assert 404 == await status(server, path)
    audio = path.replace("/cover/", "/audio/", 1)
    audio = audio.replace(f"/api/books/{ASIN}/cover", f"/stream/{ASIN}")
    assert 403 == await status(server, audio)


async def test_path_holds_three_times_as_long_as_the_book(server: Server) -> None:
    """And a day at least; then it is over, and says so."""
    await server.services.books.update(Asin(ASIN), duration_ms=40 * 3600 * 1000)
    expires_at = int((await sign(server))["path"].split("/")[3].partition(".")[0])
    assert 120 * 3600 == pytest.approx(expires_at - time.time(), abs=5)

    signer = PathSigner(SECRET)
    for seconds, expected in ((60, 200), (-1, 403)):
        grant = signer.grant(Use.AUDIO, Asin(ASIN), int(time.time()) + seconds)
        assert expected == await status(server, f"/signed/audio/{grant}/stream/{ASIN}")
    other = PathSigner("another secret").grant(Use.AUDIO, Asin(ASIN), 2**33)
    async with server.stranger.get(f"/signed/audio/{other}/stream/{ASIN}") as answer:
        assert (403, "signature_invalid") == (
            answer.status,
            (await error_of(answer))["code"],
        )


async def test_wrong_use_is_named(server: Server) -> None:
    """Nothing else can be signed."""
    for use in ("everything", 1, None, ["audio"]):
        path = f"/api/books/{ASIN}/sign"
        async with server.client.post(path, json={"use": use}) as answer:
            assert 400 == answer.status
            assert "use" == (await error_of(answer))["field"]


async def test_secret_cannot_be_guessed(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten wrong ones in a minute; the eleventh is not looked at, even the right one."""
    for number in range(10):
        headers = {"X-API-Secret": f"guess {number}"}
        if number % 2:
            assert 401 == await status(server, "/api/books", **headers)
        else:
            body = {"secret": f"guess {number}"}
            async with server.stranger.post("/session", json=body) as answer:
                assert 401 == answer.status
    async with server.client.get("/api/books") as answer:
        assert 429 == answer.status
        assert 0 < int(answer.headers["Retry-After"]) <= 60
        assert "too_many_guesses" == (await error_of(answer))["code"]
    monkeypatch.setattr(guesses, "_WINDOW_S", 0.0)
    async with server.client.get("/api/books") as answer:
        assert 200 == answer.status


async def test_one_client_cannot_take_all_streams(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who sends the secret fetches for a whole house."""
    monkeypatch.setattr(crowd, "STREAMS_PER_CLIENT", 2)
    path = (await sign(server))["path"]
    async with server.stranger.post("/session", json={"secret": SECRET}) as answer:
        assert 204 == answer.status
    async with (
        server.stranger.get("/api/events"),
        server.stranger.get("/api/events"),
    ):
        async with server.stranger.get(path) as answer:
            assert 429 == answer.status
            assert "too_many_of_client" == (await error_of(answer))["code"]
            assert "5" == answer.headers["Retry-After"]
        # A signed path is let in without the secret, so what is sent proves nothing.
        assert 429 == await status(server, path, **{"X-API-Secret": "nonsense"})
        assert 200 == await status(server, "/api/books")
        async with server.client.get(f"/stream/{ASIN}") as answer:
            assert 200 == answer.status
    server.services.events.publish("job", {})
    async with asyncio.timeout(SOON_S):
        while 200 != await status(server, path):
            server.services.events.publish("job", {})
            await asyncio.sleep(0.02)


async def test_body_that_does_not_come_is_not_waited_for(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor is one that is too large read."""
    monkeypatch.setattr(parameters, "_BODY_S", 0.1)

    async def slowly() -> Any:
        yield b'{"country_'
        await asyncio.sleep(1)
        yield b'code": "us"}'

    async with server.client.post("/api/auth", data=slowly()) as answer:
        assert 408 == answer.status
        error = await error_of(answer)
        assert "request_timeout" == error["code"]
        assert "The body did not come in time." == error["message"]
    async with server.client.post("/api/auth", data=BytesIO(bytes(2**21))) as answer:
        assert 413 == answer.status
        assert (
            "The body is larger than 1024 KiB." == (await error_of(answer))["message"]
        )


async def test_headers_that_do_not_come_end_the_connection(server: Server) -> None:
    """A line now and then does not keep it open."""
    runner = web.AppRunner(web.Application(), keepalive_timeout=0.3)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        host, port = runner.addresses[0][:2]
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(b"GET / HTTP/1.1\r\n")
        async with asyncio.timeout(SOON_S):
            with suppress(ConnectionError):
                while not reader.at_eof():
                    writer.write(b"X-Slow: 1\r\n")
                    await writer.drain()
                    await asyncio.sleep(0.05)
        writer.close()
    finally:
        await runner.cleanup()
