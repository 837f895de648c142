"""*.cloudfront.net and cds.audible.{tld}: the audio bytes, by signed address."""

import asyncio
import re
import time
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

from aiohttp import web

from ..answers import SHOP
from ..content_address import is_genuine
from ..faults import Fault, FaultKind
from ..shop import Shop
from ..titles import Form
from .content_api import BOOKS

FAULT: Final = web.RequestKey("fault", Fault)

_BLOCK_BYTES: Final = 1 << 20
_SLOW_BLOCK_BYTES: Final = 1 << 14
_REFUSED_AGENTS: Final = ("python", "aiohttp", "httpx", "curl", "wget", "go-http")
_RANGE: Final = re.compile(r"bytes=(\d*)-(\d*)")
_DENIED: Final = (
    b'<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code>'
    b"<Message>Access Denied</Message></Error>"
)
COMPANION: Final = b"%PDF-1.4\n% a simulated companion\n%%EOF\n"
_TYPES: Final = {".aaxc": "audio/aax", ".aax": "audio/vnd.audible.aax"}


def cdn() -> web.Application:
    """Return the application of these hosts."""
    app = web.Application()
    app.router.add_get("/companion/{asin}.pdf", _companion)
    app.router.add_get("/{asin}/{name}", _content)
    app.router.add_get("/download/{number}/{asin}/{name}", _aax)
    return app


async def _content(request: web.Request) -> web.StreamResponse:
    shop = request.config_dict[SHOP]
    title = shop.titles.get(request.match_info["asin"])
    if title is None or not _may_have(request):
        return _denied()
    path = await request.config_dict[BOOKS].content(title)
    content_type = "audio/mpeg" if title.form is Form.MPEG else _TYPES[path.suffix]
    return await _send(request, path, content_type)


async def _companion(request: web.Request) -> web.Response:
    if not _may_have(request):
        return _denied()
    return web.Response(body=COMPANION, content_type="application/pdf")


async def _aax(request: web.Request) -> web.StreamResponse:
    shop = request.config_dict[SHOP]
    title = shop.titles.get(request.match_info["asin"])
    number = request.match_info["number"]
    accounts = [
        account
        for account in shop.accounts.values()
        if account.customer_number == number
    ]
    if title is None or not accounts or not _may_have(request):
        return _denied()
    path = await request.config_dict[BOOKS].aax(title, accounts[0].activation_bytes)
    return await _send(request, path, _TYPES[".aax"])


def _may_have(request: web.Request) -> bool:
    agent = request.headers.get("User-Agent", "").lower()
    if not agent or any(agent.startswith(name) for name in _REFUSED_AGENTS):
        return False
    return is_genuine(request.config_dict[SHOP], request.path, request.query)


def _denied() -> web.Response:
    headers = {"x-cache": "Error from cloudfront", "server": "CloudFront"}
    return web.Response(
        body=_DENIED, status=403, content_type="application/xml", headers=headers
    )


async def _send(
    request: web.Request, path: Path, content_type: str
) -> web.StreamResponse:
    """Send the file or the range asked for; neither ETag nor Last-Modified."""
    if request.method == "HEAD":
        # As slow as the real one, which is why clients should not ask.
        await asyncio.sleep(request.config_dict[SHOP].settings.head_delay_s)
    file = await asyncio.to_thread(path.open, "rb")
    try:
        size = path.stat().st_size
        span = _span(request.headers.get("Range"), size)
        if span is None:
            headers = {"Content-Range": f"bytes */{size}"}
            return web.Response(status=416, headers=headers)
        start, end = span
        response = web.StreamResponse(
            status=206 if "Range" in request.headers else 200,
            headers={
                "Content-Type": content_type,
                "Content-Length": str(end - start),
                "Accept-Ranges": "bytes",
                "server": "AmazonS3",
                "x-cache": "Hit from cloudfront",
            },
        )
        if response.status == 206:
            response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
        await response.prepare(request)
        if request.method != "HEAD":
            # Who asked may have hung up.
            with suppress(ConnectionResetError):
                await _write(request, response, file, start, end)
        return response
    finally:
        file.close()


async def _write(
    request: web.Request,
    response: web.StreamResponse,
    file: BinaryIO,
    start: int,
    end: int,
) -> None:
    fault = request.get(FAULT)
    cut = end
    if fault is not None and fault.kind is FaultKind.CUT_DOWNLOAD:
        cut = min(end, start + fault.after_bytes)
    shop = request.config_dict[SHOP]
    file.seek(start)
    at = start
    while at < cut:
        is_slow = shop.settings.content_kbit_per_s is not None
        most = _SLOW_BLOCK_BYTES if is_slow else _BLOCK_BYTES
        block = await asyncio.to_thread(file.read, min(most, cut - at))
        await _line_is_free(shop, len(block))
        await response.write(block)
        at += len(block)
        shop.content_bytes_sent += len(block)
    if cut < end and request.transport:
        await _hang_up(request.transport)


async def _line_is_free(shop: Shop, count: int) -> None:
    """Wait as long as so many bytes take on the customer's one slow line."""
    rate = shop.settings.content_kbit_per_s
    if rate is None:
        return
    now = time.monotonic()
    shop.content_line_free_at = max(now, shop.content_line_free_at) + count / rate / 125
    await asyncio.sleep(shop.content_line_free_at - now)


async def _hang_up(transport: asyncio.Transport) -> None:
    """Break the line, but only after what was written has left."""
    while transport.get_write_buffer_size():
        await asyncio.sleep(0.01)
    transport.abort()


def _span(value: str | None, size: int) -> tuple[int, int] | None:
    """Return the bytes to send, end excluded; None when there are none there."""
    if value is None:
        return 0, size
    match = _RANGE.fullmatch(value)
    if match is None or not any(match.groups()):
        return 0, size
    first, last = match.groups()
    if not first:
        return max(0, size - int(last)), size
    start = int(first)
    end = min(size, int(last) + 1) if last else size
    return (start, end) if start < end else None
