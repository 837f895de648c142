"""HLS in a real browser: hls.js, which most pages and apps play it with."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from .media.conftest import ffmpeg
from .server import Server
from .test_stream import ASIN

HLS_JS = Path(__file__).parents[2] / ".cache/javascript/node_modules/hls.js/dist"
BROWSERS = ("chromium", "google-chrome", "google-chrome-stable")
_PATIENCE_S = 100
_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--autoplay-policy=no-user-gesture-required",
    "--mute-audio",
)

# Plays a little, loads all, seeks to the middle and plays on; then says what it saw.
PAGE = """\
<!doctype html><script src="/hls.js"></script><audio id="a"></audio><script>
const audio = document.getElementById("a"), errors = [];
const hls = new Hls({maxBufferLength: 600, maxMaxBufferLength: 600});
hls.on(Hls.Events.ERROR, (_, data) => errors.push(`${data.type} ${data.details}`));
hls.loadSource(new URLSearchParams(location.search).get("source"));
hls.attachMedia(audio);
const until = (condition) => new Promise((resolve) => {
  const look = () => (condition() ? resolve() : setTimeout(look, 20));
  look();
});
const ranges = () => [...Array(audio.buffered.length).keys()].map(
  (n) => [audio.buffered.start(n), audio.buffered.end(n)]);
(async () => {
  await audio.play();
  await until(() => audio.currentTime > 0.5);
  await until(() => audio.buffered.length && audio.buffered.end(
    audio.buffered.length - 1) > audio.duration - 0.2);
  audio.currentTime = audio.duration / 2;
  await until(() => !audio.seeking && audio.currentTime > audio.duration / 2 + 0.5);
  const seen = {duration: audio.duration, ranges: ranges(), errors};
  await fetch("/seen", {method: "POST", body: JSON.stringify(seen)});
})().catch((error) => fetch("/seen", {method: "POST", body: JSON.stringify(
  {errors: [...errors, String(error)]})}));
</script>
"""


@pytest.mark.parametrize(
    ("suffix", "query"),
    [
        ("m4b", ""),
        ("m4b", "?format=mp3&bitrate=64"),
        ("m4b", "?format=opus"),
        ("mp3", ""),
    ],
)
async def test_a_browser_hears_all_of_it_without_a_gap(
    server: Server, plain_book: Path, suffix: str, query: str
) -> None:
    """What is buffered is one piece from the first to the last segment."""
    path = server.settings.library_dir / f"{ASIN}.{suffix}"
    if suffix == "m4b":
        shutil.copy(plain_book, path)
    else:
        ffmpeg("-i", plain_book, "-ar", "44100", "-b:a", "64k", path)
    async with _page_server(server) as (site, seen):
        source = f"/stream/{ASIN}/hls/index.m3u8{query}"
        url = site.make_url("/").with_query(source=source)
        async with _browser(str(url)), asyncio.timeout(_PATIENCE_S):
            found = await seen

    assert [] == found["errors"]
    assert 1 == len(found["ranges"]), found["ranges"]
    start, end = found["ranges"][0]
    assert start == pytest.approx(0, abs=0.1)
    assert end == pytest.approx(60, abs=0.15)
    assert found["duration"] == pytest.approx(60, abs=0.15)


@asynccontextmanager
async def _page_server(
    server: Server,
) -> AsyncGenerator[tuple[TestServer, asyncio.Future[dict[str, Any]]]]:
    """Serve a page with the player, and pass on what that asks the server for."""
    seen: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()

    async def page(_request: web.Request) -> web.Response:
        return web.Response(text=PAGE, content_type="text/html")

    async def script(_request: web.Request) -> web.FileResponse:
        return web.FileResponse(HLS_JS / "hls.min.js")

    async def passed_on(request: web.Request) -> web.Response:
        async with server.client.get(str(request.rel_url)) as answer:
            body = await answer.read()
            return web.Response(
                status=answer.status, body=body, content_type=answer.content_type
            )

    async def note(request: web.Request) -> web.Response:
        seen.set_result(await request.json())
        return web.Response()

    app = web.Application()
    app.add_routes(
        [
            web.get("/", page),
            web.get("/hls.js", script),
            web.get("/stream/{path:.*}", passed_on),
            web.post("/seen", note),
        ]
    )
    async with TestServer(app) as site:
        yield site, seen


@asynccontextmanager
async def _browser(url: str) -> AsyncGenerator[None]:
    program = next(filter(None, map(shutil.which, BROWSERS)))
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = await asyncio.create_subprocess_exec(
            program,
            *_FLAGS,
            f"--user-data-dir={profile}",
            url,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            yield
        finally:
            process.terminate()
            await process.wait()
