"""A thousand people who listen at once, each at eight times the speed of sound."""

import selectors
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import Final

from tests.addon.running import Running
from tests.bench.figures import Figure
from tests.bench.stream.load import KIB
from tests.bench.stream.running import (
    HEADERS,
    LOCKED_PATH,
    PLAIN_PATH,
    running_server,
    stocked_folder,
)

LISTENERS: Final = 1000
_OPENED_WITHIN_S: Final = 1.0
_HEARD_S: Final = 20.0
_BYTES_PER_S: Final = 64 * KIB
# What a player holds before it begins, and at most.
_BUFFER_BYTES: Final = 64 * KIB
_TICK_S: Final = 0.1


def measure() -> Iterator[Figure]:
    """Give the figures of many listeners, of a plain book and of a virtual one."""
    for path, suffix, most_mb in ((PLAIN_PATH, "", 60), (LOCKED_PATH, "_virtual", 110)):
        with stocked_folder() as folder, running_server(folder) as server:
            yield from _figures(server, path, suffix, most_mb)


def _figures(
    server: Running, path: str, suffix: str, most_mb: float
) -> Iterator[Figure]:
    server.settle()
    # What any first request costs is no matter of a thousand.
    _Crowd(server, path, 1).listen(1.0)
    before_mb, before_s = server.rss_mb, server.cpu_s
    crowd = _Crowd(server, path, LISTENERS)
    crowd.listen(_HEARD_S)
    header_ms = sorted(one.header_ms for one in crowd.listeners)
    name = f"listeners_{LISTENERS}"
    p99_ms = header_ms[len(header_ms) * 99 // 100]
    underruns = sum(one.underruns for one in crowd.listeners)
    growth_mb = crowd.most_rss_mb - before_mb
    hours = LISTENERS * _HEARD_S / 3600
    cpu = (server.cpu_s - before_s) / hours
    yield Figure(f"{name}_header_p50_ms{suffix}", header_ms[len(header_ms) // 2], "ms",
                 None, LISTENERS)  # fmt: skip
    yield Figure(f"{name}_header_p99_ms{suffix}", p99_ms, "ms", 50, LISTENERS)
    yield Figure(f"{name}_underruns{suffix}", underruns, "times", 0, LISTENERS)
    yield Figure(f"{name}_rss_growth_mb{suffix}", growth_mb, "MiB", most_mb, LISTENERS)
    yield Figure(f"{name}_cpu_s_per_hour{suffix}", cpu, "s", None, LISTENERS)


@dataclass(slots=True, eq=False)
class _Listener:
    """One connection; it takes what its buffer has room for, and plays from that."""

    socket: socket.socket
    asked_at: float
    header_ms: float = 0.0
    began_at: float | None = None
    received: int = 0
    underruns: int = 0

    def take_head(self, now: float) -> None:
        """Read the headers, which come in one piece."""
        head, separator, rest = self.socket.recv(4 * KIB).partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200") or not separator:
            raise RuntimeError(head.decode())
        self.header_ms = (now - self.asked_at) * 1e3
        self.received = len(rest)

    def take_body(self, now: float) -> None:
        """Read what there is room for; note a moment without sound."""
        room = self._played(now) + _BUFFER_BYTES - self.received
        with suppress(BlockingIOError):
            self.received += len(self.socket.recv(max(0, room)))
        if self.began_at is None and self.received >= _BUFFER_BYTES:
            self.began_at = now
        if self._played(now) > self.received:
            self.underruns += 1
            # Goes on from there when more has come.
            self.began_at = now - self.received / _BYTES_PER_S

    def _played(self, now: float) -> int:
        if self.began_at is None:
            return 0
        return int((now - self.began_at) * _BYTES_PER_S)


class _Crowd:
    """Listeners in one thread: each is looked at ten times a second."""

    def __init__(self, server: Running, path: str, size: int) -> None:
        """Prepare so many listeners."""
        lines = [f"GET {path} HTTP/1.1", "Host: localhost"]
        lines += [f"{name}: {value}" for name, value in HEADERS.items()]
        self._request = "\r\n".join(lines).encode() + b"\r\n\r\n"
        self._server = server
        self._size = size
        self.listeners: list[_Listener] = []
        self.most_rss_mb = 0.0
        self._looked = 0

    def listen(self, heard_s: float) -> None:
        """Open all within a second, spread evenly, and listen for so long."""
        began = time.perf_counter()
        with ExitStack() as stack, selectors.DefaultSelector() as waiting:
            while (now := time.perf_counter() - began) < _OPENED_WITHIN_S + heard_s:
                due = min(self._size, int(now / _OPENED_WITHIN_S * self._size) + 1)
                while len(self.listeners) < due:
                    listener = self._open(stack)
                    waiting.register(listener.socket, selectors.EVENT_READ, listener)
                for key, _ in waiting.select(0.001):
                    key.data.take_head(time.perf_counter())
                    waiting.unregister(key.fileobj)
                self._take_some(now)
            for key in list(waiting.get_map().values()):
                # Nothing came at all.
                key.data.header_ms = heard_s * 1e3

    def _open(self, stack: ExitStack) -> _Listener:
        connection = stack.enter_context(socket.socket())
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
        asked_at = time.perf_counter()
        connection.connect(("127.0.0.1", self._server.port))
        connection.setblocking(False)
        connection.sendall(self._request)
        listener = _Listener(connection, asked_at)
        self.listeners.append(listener)
        return listener

    def _take_some(self, now: float) -> None:
        """Look at as many as are due since the last look."""
        due = int(now / _TICK_S * self._size)
        # Who is late looks at nobody twice.
        for number in range(max(self._looked, due - self._size), due):
            place = number % self._size
            if not place:
                self.most_rss_mb = max(self.most_rss_mb, self._server.rss_mb)
            if place < len(self.listeners) and self.listeners[place].header_ms:
                self.listeners[place].take_body(time.perf_counter())
        self._looked = due
