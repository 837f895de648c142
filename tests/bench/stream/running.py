"""The server as a process of its own, stocked and with its access check on."""

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from audible_core.models import Asin
from audible_core.vault import Vault
from audible_core.wire import SECRET_HEADER

from audible_server.store.books import BookStore
from audible_server.store.database import open_database
from audible_server.store.grants import FileKind, Grant
from tests.addon.nginx import free_port, running_nginx, wait_for
from tests.bench.stream.books import CACHE, KEY, locked_book, plain_book

PLAIN: Final = Asin("B0BENCH001")
LOCKED: Final = Asin("B0BENCH002")
SECRET: Final = "a-secret-for-the-bench"
HEADERS: Final = {SECRET_HEADER: SECRET}
PLAIN_PATH: Final = f"/stream/{PLAIN}"
LOCKED_PATH: Final = f"/stream/{LOCKED}"
NGINX_PATH: Final = f"/{PLAIN}.m4b"
_GRACE_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Running:
    """A server that listens on loopback."""

    port: int
    pid: int

    @property
    def rss_mb(self) -> float:
        """Return the memory that the process holds, in MiB."""
        return self._kib("VmRSS") / 1024

    @property
    def cpu_s(self) -> float:
        """Return the processor time it took so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").split()
        return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")

    def _kib(self, name: str) -> int:
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        line = next(line for line in status.splitlines() if line.startswith(name))
        return int(line.split()[1])


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
        os.link(locked_book(), library / f"{LOCKED}.aaxc")
        asyncio.run(_add_grant(folder / "data"))
        yield folder


@contextmanager
def running_server(folder: Path) -> Iterator[Running]:
    """Run the server on such a folder until it is not needed any more."""
    port = free_port()
    with (folder / "server.log").open("wb") as log:
        process = start(folder, port, log.fileno())
        try:
            wait_for(port, process)
            yield Running(port, process.pid)
        finally:
            process.terminate()
            process.wait(_GRACE_S)


def start(folder: Path, port: int, log: int) -> subprocess.Popen[bytes]:
    """Start the server; it may not listen yet."""
    values = {
        "DATA_DIR": str(folder / "data"),
        "LIBRARY_DIR": str(folder / "library"),
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "SECRET": SECRET,
        "LOG_LEVEL": "warning",
    }
    named = {f"AUDIBLE_SERVER_{name}": value for name, value in values.items()}
    return subprocess.Popen(
        [sys.executable, "-m", "audible_server"],
        env=os.environ | named,
        stdout=log,
        stderr=log,
    )


@contextmanager
def both_running() -> Iterator[tuple[Running, int]]:
    """Run the stocked server and nginx on the same files; yield it and nginx's port."""
    with (
        stocked_folder() as folder,
        running_server(folder) as server,
        running_nginx(folder / "library", folder / "nginx") as nginx_port,
    ):
        yield server, nginx_port


async def _add_grant(data_dir: Path) -> None:
    vault = Vault.open(data_dir / "keys")
    engine = await open_database(data_dir / "server.db")
    books = BookStore(engine, vault)
    await books.add_found(LOCKED)
    grant = Grant(
        kind=FileKind.AAXC,
        url="https://cdn.example/book",
        key=KEY,
        size_bytes=locked_book().stat().st_size,
        codec="mp4a.40.2",
        requested_at=0,
    )
    await books.save_grant(LOCKED, grant, is_license=True)
    await engine.dispose()


def has(program: str) -> bool:
    """Tell whether a peer is installed."""
    return shutil.which(program) is not None
