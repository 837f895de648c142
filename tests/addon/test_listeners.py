"""Who listens: seen by what their side takes, however slowly."""

import asyncio
import shutil
import socket
from pathlib import Path

from audible_core.models import Asin

from audible_server.library.listeners import Listeners

from .conftest import StartServer
from .patience import SOON_S
from .server import SECRET, Server

ASIN = Asin("B0SLOWBOOK")
_STILL_S = 0.5


async def _asking(server: Server) -> socket.socket:
    """Ask for the book as a player that takes little at a time."""
    loop = asyncio.get_running_loop()
    player = socket.socket()
    player.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32 * 1024)
    player.setblocking(False)
    host, port = server.client.host, server.client.port
    await loop.sock_connect(player, (host, port))
    head = f"GET /stream/{ASIN} HTTP/1.1\r\nHost: x\r\nX-API-Secret: {SECRET}\r\n\r\n"
    await loop.sock_sendall(player, head.encode())
    return player


async def _still(listeners: Listeners) -> None:
    """Wait until nothing moves any more, and let that be long ago."""
    while True:
        listeners.is_any()
        before = listeners._moved_at
        await asyncio.sleep(_STILL_S)
        listeners.is_any()
        if listeners._moved_at == before:
            listeners._moved_at -= 60
            return


async def test_slow_listener_of_a_plain_file_is_heard_and_a_paused_one_is_not(
    start_server: StartServer, long_book: Path
) -> None:
    """What the kernel sends by itself may take a player a quarter of an hour."""
    server = await start_server()
    shutil.copy(long_book, server.settings.library_dir / f"{ASIN}.m4b")
    listeners, loop = server.services.listeners, asyncio.get_running_loop()
    player = await _asking(server)
    try:
        async with asyncio.timeout(SOON_S):
            assert (await loop.sock_recv(player, 1000)).startswith(b"HTTP/1.1 200")
            await _still(listeners)
            assert not listeners.is_any()
            sent_bytes = 0
            while sent_bytes < 100_000:
                sent_bytes += len(await loop.sock_recv(player, 16 * 1024))
            while not listeners.is_any():
                await asyncio.sleep(0.01)
            await _still(listeners)
            assert not listeners.is_any()
    finally:
        player.close()
