"""Streaming to many, to the slow and to those who leave: nothing is lost or kept."""

import asyncio
import shutil
import socket
import struct
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest
from audible_core.models import Asin

from audible_server.media.stored import FileBytes

from .conftest import StartServer
from .patience import SOON_S
from .running import running_server
from .server import Server, secret_headers
from .test_stream import ASIN, PATH, put_encrypted

SEED: Final = 20261129
MANY: Final = 500
KIB: Final = 1024


@pytest.fixture(params=["plain", "virtual"])
async def stocked(
    request: pytest.FixtureRequest,
    start_server: StartServer,
    long_book: Path,
    long_encrypted_book: Path,
) -> Server:
    """Return a server that holds a long book, once plain and once encrypted."""
    server = await start_server()
    if request.param == "plain":
        shutil.copy(long_book, server.settings.library_dir / f"{ASIN}.m4b")
    else:
        await put_encrypted(server, long_encrypted_book)
    return server


async def test_500_ranges_at_once_are_all_exact(stocked: Server) -> None:
    """Many players who seek at the same time each get their own bytes."""
    _, whole = await stocked.body(PATH)
    random = Random(SEED)
    starts = [random.randrange(len(whole) - 64 * KIB) for _ in range(MANY)]
    sizes = [random.choice((1, 100, 4 * KIB, 64 * KIB)) for _ in range(MANY)]
    found = await asyncio.gather(
        *(
            stocked.body(PATH, Range=f"bytes={start}-{start + size - 1}")
            for start, size in zip(starts, sizes, strict=True)
        )
    )

    for start, size, (status, body) in zip(starts, sizes, found, strict=True):
        assert (206, whole[start : start + size]) == (status, body), (SEED, start, size)


async def test_what_is_not_in_memory_is_read_in_a_thread(
    stocked: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that must be waited for changes no byte, whatever the size."""
    _, whole = await stocked.body(PATH)
    monkeypatch.setattr(FileBytes, "read_now", lambda *_: None)
    for size in (100, 64 * KIB, 3 * KIB * KIB):
        header = f"bytes=1000000-{1_000_000 + size - 1}"
        status, body = await stocked.body(PATH, Range=header)
        assert (206, whole[1_000_000 : 1_000_000 + size]) == (status, body)


async def test_those_who_leave_leave_nothing_behind(stocked: Server) -> None:
    """A hundred listeners who vanish in the middle cost no file, socket or thread."""
    await stocked.body(PATH)
    port = stocked.client.server.port
    assert port is not None
    open_before = _open_files()
    for _ in range(100):
        await _leave_in_the_middle(port)

    async with asyncio.timeout(SOON_S):
        # The database may have opened a connection more in the meantime.
        while _open_files() > open_before + 5 or not _are_threads_idle():
            await asyncio.sleep(0.01)
    assert 206 == (await stocked.body(PATH, Range="bytes=0-9"))[0]


async def _leave_in_the_middle(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(_request())
    assert b"HTTP/1.1 200" == (await reader.readexactly(12))
    # Says no goodbye, as a player that lost its network.
    connection = writer.get_extra_info("socket")
    linger = struct.pack("ii", 1, 0)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    writer.transport.abort()


def _request(asin: Asin = ASIN) -> bytes:
    lines = [f"GET /stream/{asin} HTTP/1.1", "Host: localhost"]
    lines += [f"{name}: {value}" for name, value in secret_headers().items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def _open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def _are_threads_idle() -> bool:
    pool: Any = asyncio.get_running_loop()._default_executor  # type: ignore[attr-defined]
    return pool is None or pool._idle_semaphore._value >= len(pool._threads)


@pytest.mark.parametrize("kind", ["plain", "virtual"])
async def test_slow_listeners_hold_little_memory(
    kind: str,
    start_server: StartServer,
    tmp_path: Path,
    long_book: Path,
    long_encrypted_book: Path,
) -> None:
    """Who takes nothing more costs less than a quarter of a megabyte."""
    library = tmp_path / "library"
    if kind == "virtual":
        await put_encrypted(await start_server(), long_encrypted_book)
    else:
        library.mkdir()
        (tmp_path / "data").mkdir()
        shutil.copy(long_book, library / f"{ASIN}.m4b")
    growth_mb = await asyncio.to_thread(_growth_of_slow, tmp_path)

    assert growth_mb < MANY / 5 / 4


def _growth_of_slow(folder: Path) -> float:
    """Return how much memory a hundred listeners cost who stop to read."""
    with running_server(folder) as server:
        slow = [_stuck(server.port)]
        server.settle()
        before_mb = server.rss_mb
        slow += [_stuck(server.port) for _ in range(MANY // 5)]
        # Long enough to fill every buffer on the way.
        for _ in range(10):
            with socket.create_connection(("127.0.0.1", server.port)) as other:
                other.sendall(_request().replace(b"GET", b"HEAD"))
                assert other.recv(12) == b"HTTP/1.1 200"
        growth_mb = server.rss_mb - before_mb
        for connection in slow:
            connection.close()
    return growth_mb


def _stuck(port: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), 20)
    connection.sendall(_request())
    assert connection.recv(12) == b"HTTP/1.1 200"
    return connection
