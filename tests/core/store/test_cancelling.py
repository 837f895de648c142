"""Who is cancelled in the middle of a statement locks nobody out."""

import asyncio
import gc
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from audible_core.store.database import Store, open_store
from audible_core.store.engine import create_engine_at, parse_address
from audible_core.store.readers import add_reader
from audible_core.store.sqlite import FileConnection
from audible_core.vault import Vault
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.core.store.household import NOW

UTC_ZONE = ZoneInfo("UTC")
SLOW = text(
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000)"
    " SELECT max(i) FROM n UNION ALL SELECT 0"
)


@pytest.fixture
def _no_collection() -> Iterator[None]:
    """Keep what a cancelled task leaves in its traceback, as an idle program does."""
    gc.disable()
    yield
    gc.enable()


async def write(store: Store) -> None:
    """Take the writer's turn, and read a while in it."""
    async with store.transaction() as connection:
        await add_reader(connection, "Anna", person=None, now=NOW)
        await connection.execute(SLOW)


@pytest.mark.usefixtures("_no_collection")
async def test_store_is_free_whenever_its_writer_was_cancelled(
    target: str | Path, vault: Vault
) -> None:
    """Nothing of it was kept, and the next who opens the database may write."""
    kept: list[BaseException] = []
    for steps in range(0, 40, 3):
        store = await open_store(target, vault=vault, owner="o", time_zone=UTC_ZONE)
        worker = asyncio.create_task(write(store))
        for _ in range(steps):
            await asyncio.sleep(0.001 if steps > 20 else 0)
        worker.cancel()
        (told,) = await asyncio.gather(worker, return_exceptions=True)
        if told is None:
            # On a busy machine it may have been done before.
            await store.close()
            break
        assert isinstance(told, asyncio.CancelledError)
        kept.append(told)
        await store.close()
        if isinstance(target, Path):
            with closing(sqlite3.connect(target, timeout=0)) as other:
                other.execute("BEGIN IMMEDIATE")
                assert (0,) == other.execute("SELECT count(*) FROM readers").fetchone()


async def test_store_is_closed_whole_although_who_closes_it_is_cancelled(
    target: str | Path, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Home Assistant cancels an unloading where it stops; no connection stays open."""
    store = await open_store(target, vault=vault, owner="o", time_zone=UTC_ZONE)
    async with store.reading(), store.reading(), store.reading():
        pass
    is_begun, may_end, has_ended = asyncio.Event(), asyncio.Event(), False
    dispose = AsyncEngine.dispose

    async def dispose_slowly(engine: AsyncEngine) -> None:
        nonlocal has_ended
        is_begun.set()
        await may_end.wait()
        await dispose(engine)
        has_ended = True

    monkeypatch.setattr(AsyncEngine, "dispose", dispose_slowly)
    closing_store = asyncio.create_task(store.close())
    await is_begun.wait()
    closing_store.cancel()
    may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await closing_store
    assert has_ended


def test_connection_gives_up_what_it_has_begun_when_it_is_closed(
    tmp_path: Path,
) -> None:
    """Also with a statement half read; closed twice is closed."""
    path = tmp_path / "of.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE words (word TEXT)")
        connection.executemany("INSERT INTO words VALUES (?)", [("one",), ("two",)])
        connection.commit()
    connection = FileConnection(path, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    half_read = connection.execute("SELECT word FROM words")
    assert ("one",) == half_read.fetchone()
    connection.close()
    connection.close()

    with closing(sqlite3.connect(path, timeout=0)) as other:
        other.execute("BEGIN IMMEDIATE")


def test_files_are_opened_so(tmp_path: Path) -> None:
    """The engine's connections are of that kind."""
    engine = create_engine_at(parse_address(tmp_path / "of.db"))

    async def kind() -> type:
        async with engine.connect() as connection:
            raw = await connection.get_raw_connection()
            found = type(raw.driver_connection._conn)
        await engine.dispose()
        return found

    assert FileConnection is asyncio.run(kind())
