"""A library of a thousand books: how soon it is known, and a page of it shown."""

import http.client
import json
import os
import random
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any, Final

from tests.addon.running import Running, running_server
from tests.bench.figures import Figure
from tests.bench.stream.books import plain_book
from tests.bench.stream.running import HEADERS, empty_folder

BOOKS: Final = 1000
_ROUNDS: Final = 5
_PAGES: Final = 200
_PAGE: Final = 50
_LENGTH_S: Final = 10
_DAY_S: Final = 24 * 3600
_PATIENCE_S: Final = 120.0


def measure() -> Iterator[Figure]:
    """Give the figures of the scan and the list."""
    scans: list[float] = []
    pages: list[float] = []
    with empty_folder() as folder:
        _fill(folder / "library")
        for _ in range(_ROUNDS):
            with running_server(folder) as server:
                scans.append(_scan_s(server))
                pages = _pages_ms(server)
            # The next one knows nothing yet.
            shutil.rmtree(folder / "data")
            (folder / "data").mkdir()
    yield Figure("list_50_of_1000_ms", median(pages), "ms", 4, len(pages))
    yield Figure("scan_1000_s", median(scans), "s", 2, len(scans))


def _fill(library: Path) -> None:
    """Put books there that differ in name, time and place."""
    book = library.with_name("book.m4b")
    cut = ["-map", "0:a", "-c", "copy", "-t", str(_LENGTH_S), "-f", "ipod", str(book)]
    argv = ["ffmpeg", "-nostdin", "-v", "error", "-i", str(plain_book()), *cut]
    subprocess.run(argv, check=True)
    # What was written just now might still be on its way.
    yesterday = time.time() - _DAY_S
    for number in range(BOOKS):
        folder = library / f"Author {number // 10}"
        folder.mkdir(exist_ok=True)
        path = folder / f"Title {number} [B0MANY{number:04}].m4b"
        shutil.copyfile(book, path)
        os.utime(path, (yesterday + number, yesterday + number))


def _scan_s(server: Running) -> float:
    """Return how long the first scan took, by the server's own clock."""
    until = time.monotonic() + _PATIENCE_S
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    while time.monotonic() < until:
        last = _data(connection, "/api/scan")["last"]
        if last is not None and last["files"] == BOOKS:
            return float(last["took_ms"]) / 1e3
        time.sleep(0.1)
    message = "the library was not scanned"
    raise RuntimeError(message)


def _pages_ms(server: Running) -> list[float]:
    """Return how long pages from all over the list took."""
    rng = random.Random(1)
    took = []
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    for _ in range(_PAGES):
        offset = rng.randrange(BOOKS - _PAGE)
        began = time.perf_counter()
        page = _data(connection, f"/api/books?limit={_PAGE}&offset={offset}")
        took.append((time.perf_counter() - began) * 1e3)
        assert (_PAGE, BOOKS) == (len(page["books"]), page["total"])
    return took


def _data(connection: http.client.HTTPConnection, path: str) -> Any:
    connection.request("GET", path, headers=HEADERS)
    response = connection.getresponse()
    body = json.loads(response.read())
    assert response.status == 200, body
    return body["data"]
