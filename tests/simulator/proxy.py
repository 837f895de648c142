"""A CONNECT proxy that ends TLS and hands the connection to the shop.

A machine without internet: every host outside the shop is refused.
"""

import asyncio
import ssl
from collections.abc import Callable
from typing import Final

from .markets import host_kind
from .tls import CertificateAuthority

HANDSHAKE_TIMEOUT_S: Final = 20.0
MAX_HEAD_BYTES: Final = 16_384

type MakeHandler = Callable[[], asyncio.Protocol]


class TunnelProxy:
    """Accepts CONNECT for the shop's host names; owns every tunnel it opens."""

    def __init__(
        self,
        authority: CertificateAuthority,
        make_handler: MakeHandler,
        is_reachable: Callable[[], bool],
    ) -> None:
        """Take the authority, a factory of HTTP handlers, and the shop's state."""
        self._authority = authority
        self._make_handler = make_handler
        self._is_reachable = is_reachable
        self._transports: set[asyncio.Transport] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.connects: list[tuple[str, int]] = []

    async def start(self, port: int) -> int:
        """Listen on the loopback address; return the port."""
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: _ProxyConnection(self), "127.0.0.1", port
        )
        self._server = server
        return int(server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Stop listening and end every tunnel."""
        if self._server:
            self._server.close()
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.abort_tunnels()

    def abort_tunnels(self) -> None:
        """Cut every open connection at once, as a lost line does."""
        for transport in self._transports:
            transport.abort()
        self._transports.clear()

    def opened(self, transport: asyncio.Transport) -> None:
        """Remember a client connection, and forget those that have ended.

        Once TLS has taken a connection over, nobody tells us that it ended.
        """
        ended = {known for known in self._transports if known.is_closing()}
        self._transports -= ended
        self._transports.add(transport)

    def answer(self, head: bytes, transport: asyncio.Transport) -> None:
        """Refuse the request, or turn the connection into a TLS server."""
        method, target = _request_line(head)
        host = target.rpartition(":")[0].lower() if method == "CONNECT" else ""
        if method != "CONNECT":
            _refuse(transport, "502 Bad Gateway", "Only CONNECT leaves this machine")
        elif not self._is_reachable() or host_kind(host) is None:
            self.connects.append((host, 502))
            _refuse(transport, "502 Bad Gateway", f"No route to {host}")
        else:
            self.connects.append((host, 200))
            task = asyncio.ensure_future(self._open_tunnel(host, transport))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _open_tunnel(self, host: str, transport: asyncio.Transport) -> None:
        loop = asyncio.get_running_loop()
        context = await asyncio.to_thread(self._authority.server_context, host)
        transport.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        early = _EarlyBytes()
        try:
            tls = await loop.start_tls(
                transport,
                early,
                context,
                server_side=True,
                ssl_handshake_timeout=HANDSHAKE_TIMEOUT_S,
            )
        except OSError, ssl.SSLError:
            # The client hung up or does not trust us: nobody is left to tell.
            transport.abort()
            return
        if tls is None:
            return
        handler = self._make_handler()
        tls.set_protocol(handler)
        handler.connection_made(tls)
        early.hand_over(handler)


class _ProxyConnection(asyncio.Protocol):
    """Collects the head of one proxy request."""

    def __init__(self, proxy: TunnelProxy) -> None:
        self._proxy = proxy
        self._head = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            self._transport = transport
            self._proxy.opened(transport)

    def data_received(self, data: bytes) -> None:
        self._head += data
        if self._transport is None:
            return
        if b"\r\n\r\n" in self._head:
            self._transport.pause_reading()
            self._proxy.answer(self._head, self._transport)
        elif len(self._head) > MAX_HEAD_BYTES:
            self._transport.abort()


class _EarlyBytes(asyncio.Protocol):
    """Keeps what a client sends together with the end of its handshake."""

    def __init__(self) -> None:
        self._data = b""
        self._is_lost = False

    def data_received(self, data: bytes) -> None:
        self._data += data

    def connection_lost(self, exc: Exception | None) -> None:
        self._is_lost = True

    def hand_over(self, handler: asyncio.Protocol) -> None:
        if self._data:
            handler.data_received(self._data)
        if self._is_lost:
            handler.connection_lost(None)


def _request_line(head: bytes) -> tuple[str, str]:
    parts = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
    return (parts[0], parts[1]) if len(parts) == 3 else ("", "")


def _refuse(transport: asyncio.Transport, status: str, reason: str) -> None:
    body = reason.encode() + b"\n"
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: text/plain\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    transport.write(head.encode() + body)
    transport.close()
