"""Servers that share a database know of each other; newer ones wait for older ones."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from audible_core.errors import ServerInUseError, StoreTooNewError
from audible_core.store.engine import parse_address, writing
from audible_core.store.migrate import migrate
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from audible_server.library import presence
from audible_server.library.presence import new_replica, present
from audible_server.store.database import newest_revision, open_database
from audible_server.store.migrating import MIGRATIONS
from audible_server.store.replicas import ReplicaStore
from tests.addon.patience import SOON_S


@pytest.fixture
async def engine(postgres_url: str) -> AsyncIterator[AsyncEngine]:
    """Open an empty database."""
    engine = await open_database(postgres_url)
    yield engine
    await engine.dispose()


def _stop() -> None:
    raise AssertionError("it is not too old")


async def _make_older(engine: AsyncEngine) -> None:
    """Let the tables look as an older server left them."""
    async with writing(engine) as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num='0001'"))


async def _run(engine: AsyncEngine, statement: str) -> None:
    async with writing(engine) as connection:
        await connection.execute(text(statement))


async def test_server_is_known_while_it_runs(engine: AsyncEngine) -> None:
    """It is there from its start to its end, and once."""
    replicas = ReplicaStore(engine)
    me, other = new_replica("1", newest_revision()), new_replica("1", newest_revision())
    async with present(replicas, me, _stop), present(replicas, other, _stop):
        await replicas.beat(me)
        assert {me, other} == set(await replicas.load_alive())
    assert () == await replicas.load_alive()


async def test_newer_server_changes_no_tables_under_an_older_one(
    postgres_url: str, engine: AsyncEngine
) -> None:
    """It is refused with a sentence while an older one is alive, and only then."""
    replicas = ReplicaStore(engine)
    me = new_replica("0.9", newest_revision())
    async with present(replicas, me, _stop):
        await _make_older(engine)
        with pytest.raises(ServerInUseError, match=r"1 server\(s\).*\(0\.9\)"):
            await open_database(postgres_url)

    # Nobody is left: now the tables may be changed; these have nothing to be done.
    await _run(engine, f"UPDATE alembic_version SET version_num='{newest_revision()}'")
    await (await open_database(postgres_url)).dispose()


async def test_server_that_was_killed_is_waited_for_no_longer_than_said(
    postgres_url: str, engine: AsyncEngine
) -> None:
    """Who was not seen for a while does not stand in the way."""
    await ReplicaStore(engine).beat(new_replica("0.9", newest_revision()))
    await _run(engine, "UPDATE replicas SET seen_at = seen_at - 46000")
    await _make_older(engine)
    # It goes on to the migration, which finds its tables made already.
    with pytest.raises(Exception, match="a statement failed") as caught:
        await migrate(parse_address(postgres_url), MIGRATIONS)
    assert not isinstance(caught.value, ServerInUseError)


async def test_server_that_is_too_old_is_not_known(engine: AsyncEngine) -> None:
    """An older server that comes between is refused before it does anything."""
    replicas = ReplicaStore(engine)
    with pytest.raises(StoreTooNewError):
        async with present(replicas, new_replica("0.9", "0001"), _stop):
            pass
    assert () == await replicas.load_alive()


async def test_server_that_became_too_old_stops(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who was cut off while a newer one changed the tables ends by itself."""
    monkeypatch.setattr(presence, "BEAT_EVERY_S", 0.01)
    stopped = asyncio.Event()
    me = new_replica("0.9", newest_revision())
    async with present(ReplicaStore(engine), me, stopped.set):
        await _run(engine, "UPDATE alembic_version SET version_num='9999'")
        async with asyncio.timeout(SOON_S):
            await stopped.wait()
