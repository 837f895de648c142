"""What a listener, a server at rest and a year cost: docs/scaling.md counts on it."""

import asyncio
import http.client
import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import asyncpg

from tests.addon.running import Running, running_server
from tests.bench.figures import Figure
from tests.bench.stream.books import BOOK_S
from tests.bench.stream.load import MIB
from tests.bench.stream.running import HEADERS, LOCKED_PATH, PLAIN, stocked_folder
from tests.core.store.postgres import PostgresServer, running_postgres

_TRANSCODED_S: Final = 1800
_IDLE_S: Final = 60.0
_FIRST_S: Final = 30.0
"""What a start asks in the background comes before."""

_PLACES_A_DAY: Final = 12
_DAYS: Final = 365


def measure() -> Iterator[Figure]:
    """Give the figures of transcodes, of rest, and of a year."""
    with stocked_folder() as folder, running_server(folder) as server:
        server.settle()
        yield from _transcodes(server)
    with stocked_folder() as folder, running_server(folder) as server:
        yield from _year(server, folder / "data" / "server.db")
    with running_postgres() as postgres:
        yield from _at_rest(postgres)


def _transcodes(server: Running) -> Iterator[Figure]:
    """Give how many listeners of each format one core encodes for."""
    for wish in ("mp3", "opus", "aac", "flac"):
        before_s = server.cpu_s + server.children_cpu_s
        start_ms = (BOOK_S - _TRANSCODED_S) * 1000
        with closing(_connection(server)) as connection:
            path = f"{LOCKED_PATH}?format={wish}&start_ms={start_ms}"
            connection.request("GET", path, headers=HEADERS)
            answer = connection.getresponse()
            assert answer.status == 200, answer.status
            while answer.read(MIB):
                pass
        # Its ffmpeg is counted once it was waited for.
        time.sleep(2)
        spent_s = server.cpu_s + server.children_cpu_s - before_s
        name = f"transcode_{wish}_listeners_per_core"
        yield Figure(name, _TRANSCODED_S / spent_s, "listeners", None, 1)


def _year(server: Running, database: Path) -> Iterator[Figure]:
    """Give what a year of listening leaves in the database, told by a page."""
    server.settle()
    before = _held(database)
    first = datetime.now(UTC) - timedelta(days=_DAYS)
    with closing(_connection(server)) as connection:
        for number in range(_DAYS * _PLACES_A_DAY):
            heard_at = first + timedelta(days=number / _PLACES_A_DAY)
            place = {"position_ms": number * 1000, "heard_at": heard_at.isoformat()}
            _put(connection, f"/api/books/{PLAIN}/position", place)
    rows, size_bytes = _held(database)
    count = _DAYS * _PLACES_A_DAY
    yield Figure("year_rows", rows - before[0], "rows", None, count)
    yield Figure("year_mb", (size_bytes - before[1]) / MIB, "MiB", None, count)


def _held(database: Path) -> tuple[int, int]:
    """Return how many rows there are, and how many bytes they take."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type='table'")
        rows = sum(
            connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]
            for (name,) in names.fetchall()
        )
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        (page_bytes,) = connection.execute("PRAGMA page_size").fetchone()
    return rows, pages * page_bytes


def _at_rest(postgres: PostgresServer) -> Iterator[Figure]:
    """Give what a server that nobody uses asks of its PostgreSQL."""
    name = asyncio.run(postgres.create_database())
    with (
        stocked_folder() as folder,
        running_server(folder, DATABASE_URL=postgres.url(name)) as server,
    ):
        server.settle()
        time.sleep(_FIRST_S)
        before, connections = asyncio.run(_seen(postgres, name))
        time.sleep(_IDLE_S)
        after, _ = asyncio.run(_seen(postgres, name))
    yield Figure(
        "idle_transactions_per_minute",
        (after - before) * 60 / _IDLE_S,
        "transactions",
        None,
        1,
    )
    yield Figure("idle_connections", connections, "connections", None, 1)


async def _seen(postgres: PostgresServer, name: str) -> tuple[int, int]:
    """Return its transactions so far, and who is connected; seen from another one."""
    connection = await asyncpg.connect(postgres.url("postgres"))
    try:
        # A backend tells what it did a second late at most, once it rests.
        await asyncio.sleep(1.5)
        row = await connection.fetchrow(
            "SELECT xact_commit + xact_rollback, numbackends "
            "FROM pg_stat_database WHERE datname = $1",
            name,
        )
    finally:
        await connection.close()
    return row[0], row[1]


def _connection(server: Running) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)


def _put(connection: http.client.HTTPConnection, path: str, body: Any) -> None:
    connection.request("PUT", path, json.dumps(body), HEADERS)
    answer = connection.getresponse()
    content = answer.read()
    assert answer.status == 200, content
