"""A stand-in for the server: the shapes of the wire, and real byte ranges."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from aiohttp import web
from aiohttp.test_utils import TestServer
from aiohttp.typedefs import Handler

from custom_components.audible_tracker.core.models import Chapter
from custom_components.audible_tracker.core.sealing import unseal
from custom_components.audible_tracker.core.wire import (
    API_VERSION,
    SECRET_HEADER,
    AccountHandOver,
    BookState,
    Health,
    ServerBook,
    to_json,
)

SECRET: Final = "a secret of the server"
AUDIO: Final = bytes(range(256)) * 2000
COVER: Final = b"\xff\xd8\xff\xe0 a picture"
GRANT: Final = "1790000000.a-signature_of.it"
ENDLESS_ASIN: Final = "B0ENDLESS1"


@dataclass(slots=True)
class FakeMediaServer:
    """What the stand-in knows, and what it was asked."""

    folder: Path
    url: str = ""
    secret: str = SECRET
    api_version: int = API_VERSION
    api_version_min: int | None = None
    books: dict[str, ServerBook] = field(default_factory=dict)
    credentials: dict[str, str] = field(default_factory=dict)
    refusals: dict[str, str] = field(default_factory=dict)
    calls: list[tuple[str, str]] = field(default_factory=list)
    open_paths: set[str] = field(default_factory=lambda: {"/health"})
    queries: list[dict[str, str]] = field(default_factory=list)
    chapters: dict[str, tuple[Chapter, ...]] = field(default_factory=dict)
    breaks_off: bool = False
    redirects_to: str | None = None
    stalls_until: asyncio.Event | None = None
    events: list[tuple[int | None, str, dict[str, Any]]] = field(default_factory=list)
    last_ids: list[str | None] = field(default_factory=list)
    stream_ended: asyncio.Event = field(default_factory=asyncio.Event)

    def add_book(self, asin: str, title: str, *, is_playable: bool = True) -> None:
        """Let the server know a title."""
        state = BookState.DOWNLOADED if is_playable else BookState.NEW
        self.books[asin] = ServerBook(
            asin, title, (), state, has_cover=True, is_playable=is_playable
        )

    def application(self) -> web.Application:
        """Return the application."""

        @web.middleware
        async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
            return await self._guard(request, handler)

        app = web.Application(middlewares=[guard])
        app.router.add_get("/health", self._health)
        app.router.add_get("/api/accounts", self._accounts)
        app.router.add_put("/api/accounts/{account_id}", self._put_account)
        app.router.add_delete("/api/accounts/{account_id}", self._delete_account)
        app.router.add_get("/api/books", self._list)
        app.router.add_get("/api/books/{asin}", self._book)
        app.router.add_post("/api/books/{asin}/download", self._download)
        app.router.add_get("/api/books/{asin}/cover", self._cover)
        app.router.add_get("/api/books/{asin}/chapters", self._chapters)
        app.router.add_post("/api/books/{asin}/sign", self._sign)
        app.router.add_get("/signed/audio/{grant}/stream/{asin}/hls/{name}", self._hls)
        app.router.add_get("/api/events", self._events)
        app.router.add_get("/stream/{asin}", self._stream)
        return app

    async def _guard(
        self, request: web.Request, handler: Handler
    ) -> web.StreamResponse:
        self.calls.append((request.method, request.path))
        is_open = request.path in self.open_paths or "grant" in request.match_info
        if not is_open and request.headers.get(SECRET_HEADER) != self.secret:
            return self._error(401, "secret_wrong", "The secret is wrong.")
        if self.redirects_to is not None:
            raise web.HTTPTemporaryRedirect(f"{self.redirects_to}{request.path}")
        return await handler(request)

    async def _health(self, request: web.Request) -> web.Response:
        oldest = self.api_version_min or self.api_version
        return self._answer(to_json(Health("ok", "0.1.0", self.api_version, oldest)))

    async def _accounts(self, request: web.Request) -> web.Response:
        accounts = [
            {
                "account_id": account_id,
                "needs_sign_in": account_id in self.refusals,
                "error": self.refusals.get(account_id),
            }
            for account_id in self.credentials
        ]
        return self._answer({"accounts": accounts})

    async def _put_account(self, request: web.Request) -> web.Response:
        hand_over = AccountHandOver.from_json(await request.json())
        text = unseal(self.secret, hand_over.sealed, what="account")
        account_id = request.match_info["account_id"]
        if self.credentials.get(account_id) != text:
            self.refusals.pop(account_id, None)
        self.credentials[account_id] = text
        return self._answer({})

    async def _delete_account(self, request: web.Request) -> web.Response:
        account_id = request.match_info["account_id"]
        if self.credentials.pop(account_id, None) is None:
            text = f"The server has no account {account_id}."
            return self._error(404, "unknown_account", text)
        return self._answer({})

    async def _list(self, request: web.Request) -> web.Response:
        return self._answer({"books": [to_json(b) for b in self.books.values()]})

    async def _book(self, request: web.Request) -> web.Response:
        asin = request.match_info["asin"]
        if asin not in self.books:
            return self._error(404, "unknown_book", f"There is no title {asin} here.")
        return self._answer(to_json(self.books[asin]))

    async def _download(self, request: web.Request) -> web.Response:
        asin = request.match_info["asin"]
        if asin not in self.books:
            return self._error(404, "unknown_book", f"There is no title {asin} here.")
        if not self.books[asin].is_playable:
            self.books[asin] = replace(self.books[asin], state=BookState.QUEUED)
        return self._answer(to_json(self.books[asin]), status=202)

    async def _events(self, request: web.Request) -> web.StreamResponse:
        """Tell what is new since the last event, and end: the listener comes back."""
        last_id = request.headers.get("Last-Event-ID")
        self.last_ids.append(last_id)
        answer = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await answer.prepare(request)
        await answer.write(b"retry: 3000\n\n:\n\n")
        for number, kind, data in self.events:
            if number is None or number > int(last_id or 0):
                head = "" if number is None else f"id: {number}\n"
                text = f"{head}event: {kind}\ndata: {json.dumps(data)}\n\n"
                await answer.write(text.encode())
        return answer

    async def _chapters(self, request: web.Request) -> web.Response:
        asin = request.match_info["asin"]
        found = [asdict(one) for one in self.chapters.get(asin, ())]
        return self._answer({"chapters": found})

    async def _sign(self, request: web.Request) -> web.Response:
        path = f"/signed/audio/{GRANT}/stream/{request.match_info['asin']}"
        return self._answer({"path": path, "hls_path": f"{path}/hls/index.m3u8"})

    async def _hls(self, request: web.Request) -> web.Response:
        if request.match_info["grant"] != GRANT:
            return self._error(403, "signature_invalid", "The signature is wrong.")
        assert SECRET_HEADER not in request.headers
        return web.Response(
            text=f"#EXTM3U {request.match_info['name']}",
            content_type="application/vnd.apple.mpegurl",
        )

    async def _cover(self, request: web.Request) -> web.Response:
        asin = request.match_info["asin"]
        if asin not in self.books:
            return self._error(404, "unknown_book", f"There is no title {asin} here.")
        return web.Response(body=COVER, content_type="image/jpeg")

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        asin = request.match_info["asin"]
        if asin == ENDLESS_ASIN:
            return await self._stream_for_ever(request)
        if asin not in self.books and request.path not in self.open_paths:
            answer = self._error(503, "too_many_streams", "All transcodes are in use.")
            answer.headers["Retry-After"] = "7"
            return answer
        path = self.folder / f"{asin}.m4b"
        if not path.exists():
            path.write_bytes(AUDIO)
        self.queries.append(dict(request.query))
        if request.query.get("format") == "mp3":
            mp3 = await _transcoded(path, request.query)
            return web.FileResponse(mp3, headers={"Content-Type": "audio/mpeg"})
        return web.FileResponse(path, headers={"Content-Type": "audio/mp4"})

    async def _stream_for_ever(self, request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Length": str(10**12)})
        await answer.prepare(request)
        if self.breaks_off:
            await answer.write(bytes(1000))
            request.transport.abort()  # type: ignore[union-attr]
            return answer
        if self.stalls_until is not None:
            await answer.write(bytes(1000))
            await self.stalls_until.wait()
            return answer
        try:
            while True:
                await answer.write(bytes(65536))
        finally:
            self.stream_ended.set()

    def _answer(self, data: dict[str, Any], status: int = 200) -> web.Response:
        """Answer in the form of the version that is spoken."""
        body = {"success": True, "data": data}
        return web.json_response(body if self._has_envelope else data, status=status)

    def _error(self, status: int, code: str, message: str) -> web.Response:
        error = {"error": {"code": code, "message": message}}
        body = {"success": False, **error}
        return web.json_response(body if self._has_envelope else error, status=status)

    @property
    def _has_envelope(self) -> bool:
        return self.api_version > 1


async def _transcoded(path: Path, query: Mapping[str, str]) -> Path:
    """Return an MP3 of a file, from a place on and so fast, made once."""
    start_ms, speed = int(query.get("start_ms", "0")), query.get("speed", "1")
    target = path.with_suffix(f".{start_ms}-{speed}.mp3")
    if not target.exists():
        made = target.with_suffix(f".{secrets.token_hex(4)}.mp3")
        process = await asyncio.create_subprocess_exec(
            "ffmpeg", "-nostdin", "-v", "error", "-ss", f"{start_ms / 1000}",
            "-i", str(path), "-map", "0:a", "-filter:a", f"atempo={speed}",
            "-b:a", "32k", str(made),
        )  # fmt: skip
        assert await process.wait() == 0
        made.replace(target)
    return target


@asynccontextmanager
async def running_media_server(
    folder: Path, *, port: int | None = None
) -> AsyncIterator[FakeMediaServer]:
    """Run the stand-in on the loopback address."""
    fake = FakeMediaServer(folder)
    async with TestServer(fake.application(), port=port) as server:
        fake.url = str(server.make_url("")).rstrip("/")
        yield fake
