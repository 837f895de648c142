"""Whether somebody listens now: conversions may rest meanwhile."""

import socket
import struct
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler
from audible_core.models import Asin

from audible_server.http.counts import SENT
from audible_server.http.parameters import address_of
from audible_server.http.services import SERVICES

# In Linux' struct tcp_info (linux/tcp.h): tcpi_bytes_acked, 64 bits.
_ACKED_AT: Final = 120
_INFO_BYTES: Final = 128


@web.middleware
async def listeners_noted(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Note who is being sent audio.

    What the kernel sends by itself is counted here once in up to 16 MiB, which takes a
    slow listener long; so what their side has acknowledged counts as well.
    """
    asin = request.match_info.get("asin")
    if asin is None or "/stream/" not in address_of(request):
        return await handler(request)
    sent = request[SENT]
    listeners = request.app[SERVICES].listeners
    with listeners.one(Asin(asin), lambda: sent.size_bytes + acknowledged(request)):
        return await handler(request)


def acknowledged(request: web.Request) -> int:
    """Return how many bytes the other side of the connection has acknowledged.

    0 where the connection is gone, or the kernel does not say.
    """
    transport = request.transport
    sock = None if transport is None else transport.get_extra_info("socket")
    if sock is None:
        return 0
    try:
        info = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _INFO_BYTES)
    except OSError:
        return 0
    if len(info) < _INFO_BYTES:
        return 0
    count: int = struct.unpack_from("=Q", info, _ACKED_AT)[0]
    return count
