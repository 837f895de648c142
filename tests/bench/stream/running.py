"""Servers beside each other: ours, stocked and with its access check on, and nginx."""

import asyncio
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from audible_core.models import Asin
from audible_core.vault import Vault

from audible_server.store.books import BookStore
from audible_server.store.database import open_database
from audible_server.store.grants import FileKind, Grant
from tests.addon.nginx import running_nginx
from tests.addon.running import Running, running_server
from tests.addon.server import secret_headers
from tests.bench.stream.books import CACHE, KEY, locked_book, plain_book

PLAIN: Final = Asin("B0BENCH001")
LOCKED: Final = Asin("B0BENCH002")
HEADERS: Final = secret_headers()
PLAIN_PATH: Final = f"/stream/{PLAIN}"
LOCKED_PATH: Final = f"/stream/{LOCKED}"
# The same book again: nobody has asked for these yet.
_COLD: Final = tuple(Asin(f"B0BENCHC{number:02}") for number in range(6))
COLD_PATHS: Final = tuple(f"/stream/{asin}" for asin in _COLD)
NGINX_PATH: Final = f"/{PLAIN}.m4b"


@contextmanager
def empty_folder() -> Iterator[Path]:
    """Yield a folder for one server's data and library, on the disk of the books."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as name:
        folder = Path(name)
        for part in ("data", "library"):
            (folder / part).mkdir()
        yield folder


@contextmanager
def stocked_folder() -> Iterator[Path]:
    """Yield a folder whose library holds the book, plain and encrypted."""
    with empty_folder() as folder:
        library = folder / "library"
        os.link(plain_book(), library / f"{PLAIN}.m4b")
        for asin in (LOCKED, *_COLD):
            os.link(locked_book(), library / f"{asin}.aaxc")
        asyncio.run(_add_grants(folder / "data"))
        yield folder


@contextmanager
def both_running() -> Iterator[tuple[Running, int]]:
    """Run the stocked server and nginx on the same files; yield it and nginx's port."""
    with (
        stocked_folder() as folder,
        running_server(folder) as server,
        running_nginx(folder / "library", folder / "nginx") as nginx_port,
    ):
        server.settle()
        yield server, nginx_port


async def _add_grants(data_dir: Path) -> None:
    vault = Vault.open(data_dir / "keys")
    engine = await open_database(data_dir / "server.db")
    books = BookStore(engine, vault)
    grant = Grant(
        kind=FileKind.AAXC,
        url="https://cdn.example/book",
        key=KEY,
        size_bytes=locked_book().stat().st_size,
        codec="mp4a.40.2",
        requested_at=0,
    )
    for asin in (LOCKED, *_COLD):
        await books.add_found(asin)
        await books.save_grant(asin, grant, is_license=True)
    await engine.dispose()
