"""Sending a body piece by piece, and cutting off one that cannot be finished."""

import logging
import socket
from typing import Final

from aiohttp import web

_LOGGER = logging.getLogger(__name__)
# The kernel would else collect 4 MB for each listener.
_SEND_BUFFER_BYTES: Final = 128 * 1024


def bound_send_buffer(request: web.Request) -> None:
    """Keep the kernel from collecting megabytes for one listener."""
    if request.transport is None:
        return
    sock = request.transport.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)


def break_off(request: web.Request, error: Exception) -> None:
    """Cut the connection, so that nobody takes the part for the whole."""
    _LOGGER.warning("A stream was broken off: %s", str(error) or type(error).__name__)
    if request.transport is not None:
        request.transport.abort()
