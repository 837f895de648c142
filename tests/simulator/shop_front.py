"""All hosts of the shop as one application; records requests and plays faults."""

import asyncio
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler

from .answers import SHOP
from .books import Books
from .faults import Fault, FaultKind, take_fault
from .hosts.amazon_api import amazon_api
from .hosts.amazon_site import amazon_site
from .hosts.audible_api import audible_api
from .hosts.audible_site import audible_site
from .hosts.cde import cde
from .hosts.cdn import FAULT, cdn
from .hosts.content_api import BOOKS
from .hosts.images import images
from .markets import HostKind, host_kind
from .shop import RecordedRequest, Shop

_DOMAINS: Final = (
    ("www.amazon.*", amazon_site),
    ("api.amazon.*", amazon_api),
    ("api.audible.*", audible_api),
    ("www.audible.*", audible_site),
    ("cde-ta-g7g.amazon.com", cde),
    ("cds.audible.*", cdn),
    ("*.cloudfront.net", cdn),
    ("m.media-amazon.com", images),
)
_ERROR_PAGE: Final = (
    "<!DOCTYPE html><html><head><title>Error</title></head><body>"
    "<h1>Whoops! Looks like something went wrong.</h1></body></html>"
)
_STALL_CHECK_S: Final = 0.1


def shop_front(shop: Shop, books: Books) -> web.Application:
    """Return the application that answers for every host name of the shop."""
    app = web.Application(middlewares=[_record, _play_faults])
    app[SHOP] = shop
    app[BOOKS] = books
    for domain, make in _DOMAINS:
        app.add_domain(domain, make())
    return app


@web.middleware
async def _record(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Note each request with the status it was answered, 0 when it never was."""
    status = 0
    try:
        response = await handler(request)
        status = response.status
    except web.HTTPException as err:
        status = err.status
        raise
    finally:
        request.config_dict[SHOP].requests.append(
            RecordedRequest(
                host=request.host.partition(":")[0],
                method=request.method,
                path=request.path,
                query=request.query_string,
                status=status,
            )
        )
    return response


@web.middleware
async def _play_faults(request: web.Request, handler: Handler) -> web.StreamResponse:
    faults = request.config_dict[SHOP].faults
    host = request.host.partition(":")[0].lower()
    is_download = host_kind(host) is HostKind.CDN
    fault = take_fault(faults, request.path, is_download=is_download)
    if fault is None:
        return await handler(request)
    if fault.kind is FaultKind.CUT_DOWNLOAD:
        request[FAULT] = fault
        return await handler(request)
    if fault.kind is FaultKind.STALL:
        await _stall(faults, fault)
        return await handler(request)
    if fault.kind is FaultKind.LATE:
        answer = await handler(request)
        await asyncio.sleep(fault.late_s)
        return answer
    return _faulty_answer(fault)


async def _stall(faults: list[Fault], fault: Fault) -> None:
    """Wait until the fault is removed; ends with the connection otherwise."""
    while any(known is fault for known in faults):
        await asyncio.sleep(_STALL_CHECK_S)


def _faulty_answer(fault: Fault) -> web.Response:
    match fault.kind:
        case FaultKind.RATE_LIMIT:
            return web.json_response({"message": "Too many requests"}, status=429)
        case FaultKind.RATE_LIMIT_RETRY_AFTER:
            headers = {"Retry-After": str(fault.retry_after_s)}
            body = {"message": "Too many requests"}
            return web.json_response(body, status=429, headers=headers)
        case FaultKind.SERVER_ERROR_HTML:
            return _html(500)
        case FaultKind.UNAVAILABLE:
            return _html(503)
        case FaultKind.HTML:
            return _html(200)
        case _:
            return web.Response(body=b"", content_type="application/json")


def _html(status: int) -> web.Response:
    return web.Response(text=_ERROR_PAGE, status=status, content_type="text/html")
