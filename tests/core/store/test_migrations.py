"""Migrations: atomic, refused when newer, copied before, equal to the schema."""

import asyncio
import multiprocessing
import signal
import sqlite3
from contextlib import closing
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from audible_core.errors import (
    StoreDamagedError,
    StoreError,
    StoreTooNewError,
    StoreUnavailableError,
)
from audible_core.models import Credentials
from audible_core.store import migrate as migrating
from audible_core.store.accounts import load_accounts, load_credentials
from audible_core.store.books import search_books
from audible_core.store.database import MIGRATIONS, open_store
from audible_core.store.engine import Address, create_engine_at, parse_address
from audible_core.store.events import load_unpublished
from audible_core.store.goals import load_goals
from audible_core.store.migrate import migrate
from audible_core.store.objects import create_schema
from audible_core.store.schema import METADATA
from audible_core.vault import Vault
from sqlalchemy import Connection, Table

from tests.core.store.dying import migrate_and_die, migrate_together
from tests.core.store.make_dump import DUMPS, KEY, versions
from tests.core.store.postgres import PostgresServer
from tests.core.store.schemas import restore, schema_of

type Target = str | Path


@pytest.fixture
def server(kind: str, request: pytest.FixtureRequest) -> PostgresServer | None:
    """Return the server where it is one."""
    if kind == "sqlite":
        return None
    found: PostgresServer = request.getfixturevalue("postgres")
    return found


async def run_on(address: Address, work: object) -> object:
    """Run blocking work on a connection and keep what it did."""
    engine = create_engine_at(address, is_pooled=False)
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(work)  # type: ignore[arg-type]
    finally:
        await engine.dispose()


async def test_schema_is_the_sum_of_the_migrations(
    target: Target, server: PostgresServer | None, tmp_path: Path
) -> None:
    """Tables, indexes, views, triggers and functions, down to their words."""
    other: Target = tmp_path / "other.db"
    if server is not None:
        other = server.url(await server.create_database())
    await migrate(parse_address(target), MIGRATIONS)
    await run_on(parse_address(other), create_schema)

    assert schema_of(other, server) == schema_of(target, server)
    if isinstance(other, str) and server is not None:
        await server.drop_database(other.rsplit("/", 1)[-1])


async def test_nothing_is_left_to_generate(target: Target) -> None:
    """Alembic itself finds no difference between the tables and the code."""

    def differences(connection: Connection) -> list[object]:
        options = {
            "include_object": lambda entry, name, *_: (
                not (
                    isinstance(entry, Table)
                    and str(name).startswith(("books_search", MIGRATIONS.version_table))
                )
                # An index on an operator class is no part of the tables.
                and name != "ix_books_title_trigram"
            )
        }
        context = MigrationContext.configure(connection, opts=options)
        return list(compare_metadata(context, METADATA))

    address = parse_address(target)
    await migrate(address, MIGRATIONS)

    assert [] == await run_on(address, differences)


async def test_second_start_changes_nothing(tmp_path: Path) -> None:
    """Migrations that have run do not run again, and no copy is made."""
    path = tmp_path / "tracker.db"
    await migrate(parse_address(path), MIGRATIONS)
    before = path.read_bytes()

    await migrate(parse_address(path), MIGRATIONS)

    assert before == path.read_bytes()
    assert ["tracker.db"] == [entry.name for entry in tmp_path.iterdir()]


@pytest.mark.parametrize(
    "version", ["0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009"]
)
async def test_stored_dump_of_a_release_is_what_its_migrations_make(
    target: Target, server: PostgresServer | None, tmp_path: Path, version: str
) -> None:
    """A migration that was released is never edited."""
    other: Target = tmp_path / "other.db"
    if server is not None:
        other = server.url(await server.create_database())
    restore(dump(version, server), other, server)
    await migrate(parse_address(target), MIGRATIONS, target=version)

    assert schema_of(other, server) == schema_of(target, server)
    if isinstance(other, str) and server is not None:
        await server.drop_database(other.rsplit("/", 1)[-1])


def dump(version: str, server: PostgresServer | None) -> str:
    """Return the stored dump of a version."""
    kind = "sqlite" if server is None else "postgresql"
    return (DUMPS / f"{version}.{kind}.sql").read_text(encoding="utf-8")


def test_every_version_has_its_dump() -> None:
    """A release without one could not be tested later."""
    files = {file.name for file in DUMPS.iterdir()}

    assert files == {
        f"{version}.{kind}.sql"
        for version in versions()
        for kind in ("sqlite", "postgresql")
    }


@pytest.mark.parametrize("version", versions())
async def test_database_of_a_release_migrates_with_its_rows(
    target: Target, server: PostgresServer | None, version: str
) -> None:
    """What an older version wrote is read by this one, and everything works."""
    restore(dump(version, server), target, server)

    store = await open_store(
        target, vault=Vault([KEY]), owner="here", time_zone=ZoneInfo("UTC")
    )
    async with store.reading() as connection:
        (account,) = await load_accounts(connection)
        credentials = await load_credentials(
            connection, store.vault, account.account_id
        )
        found = await search_books(connection, account.default_reader_id, "lantern")
        events = await load_unpublished(connection)
        goals = await load_goals(connection, account.default_reader_id)
    await store.close()

    assert Credentials("a registration") == credentials
    assert ["The Lantern Keeper"] == [book.fields.title for book in found]
    assert (["event-1"], ()) == ([event.event_id for event in events], goals)


async def test_copy_is_made_before_a_file_changes(tmp_path: Path) -> None:
    """The copy is the older version, whole, and as private as the file."""
    path = tmp_path / "tracker.db"
    restore(dump("0001", None), path, None)

    await migrate(parse_address(path), MIGRATIONS)

    copy = tmp_path / "tracker.db.0001.backup"
    assert 0o600 == copy.stat().st_mode & 0o777
    assert ["0001", "0009"] == [version_in(file) for file in (copy, path)]
    assert {copy, path} == set(tmp_path.iterdir())
    with closing(sqlite3.connect(copy)) as connection:
        assert [(2,)] == connection.execute(
            "SELECT count(*) FROM audible_book_mappings"
        ).fetchall()


@pytest.mark.parametrize(
    ("said", "error", "words"),
    [
        ("database or disk is full", StoreUnavailableError, "the disk is full"),
        ("database disk image is malformed", StoreDamagedError, "cannot be read"),
    ],
)
async def test_copy_that_fails_is_told_in_words_and_nothing_changes(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    said: str,
    error: type[StoreError],
    words: str,
) -> None:
    """Without a copy no file is changed; the half of one does not stay."""
    path = tmp_path / "tracker.db"
    restore(dump("0001", None), path, None)

    def fail(_file: object) -> None:
        raise sqlite3.OperationalError(said)

    with monkeypatch.context() as patch:
        patch.setattr(migrating, "closing", fail)
        with pytest.raises(error, match=words):
            await migrate(parse_address(path), MIGRATIONS)

    assert ("0001", {path}) == (version_in(path), set(tmp_path.iterdir()))


def version_in(path: Path) -> str:
    """Read the version that a file says it is of."""
    with closing(sqlite3.connect(path)) as connection:
        row = connection.execute(f"SELECT * FROM {MIGRATIONS.version_table}").fetchone()
    return str(row[0])


async def test_newer_database_is_refused_and_left_alone(target: Target) -> None:
    """An older program does not touch what a newer one wrote."""
    address = parse_address(target)
    await migrate(address, MIGRATIONS)

    def pretend(connection: Connection) -> None:
        connection.exec_driver_sql(
            f"UPDATE {MIGRATIONS.version_table} SET version_num = '9999'"
        )

    await run_on(address, pretend)

    with pytest.raises(StoreTooNewError, match=r"newer version \(9999\)"):
        await migrate(address, MIGRATIONS)


@pytest.mark.parametrize(
    ("before", "after"), [(None, "0001"), ("0001", "head")], ids=["new", "older"]
)
async def test_process_killed_half_way_through_a_migration(
    target: Target,
    server: PostgresServer | None,
    before: str | None,
    after: str,
) -> None:
    """All of it or nothing; the next start simply goes on."""
    address = parse_address(target)
    if before is not None:
        await migrate(address, MIGRATIONS, target=before)
    schema = schema_of(target, server)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.core.store.dying"])
    # The second statement of the second step is the one that notes its version.
    for statement in (1, 2, 30) if before is None else (1, 2, 5, 8):
        process = context.Process(
            target=migrate_and_die, args=(target, after, statement)
        )
        process.start()
        await asyncio.to_thread(process.join)

        assert -signal.SIGKILL == process.exitcode
        assert schema == schema_of(target, server)

    await migrate(address, MIGRATIONS)
    assert schema != schema_of(target, server)


async def test_two_programs_that_start_at_once_take_turns(target: Target) -> None:
    """The first does the work, the others find it done."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.core.store.dying"])
    start = context.Barrier(3)
    processes = [
        context.Process(target=migrate_together, args=(target, start))
        for _ in range(start.parties)
    ]
    for process in processes:
        process.start()
    for process in processes:
        await asyncio.to_thread(process.join)

    assert [0, 0, 0] == [process.exitcode for process in processes]
