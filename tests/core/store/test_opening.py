"""Opening: whose database it is, what is refused, and how a lost server comes back."""

import asyncio
import socket
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from zoneinfo import ZoneInfo

import asyncpg
import pytest
from audible_core.errors import (
    InvalidValueError,
    StoreAccessError,
    StoreDamagedError,
    StoreError,
    StoreOwnedError,
    StoreRefusedError,
    StoreUnavailableError,
)
from audible_core.store.database import Store, open_store
from audible_core.store.engine import parse_address, store_error
from audible_core.store.readers import add_reader, load_readers
from audible_core.vault import Vault
from sqlalchemy import text

from tests.core.store.household import NOW
from tests.core.store.postgres import PostgresServer, running_postgres

UTC_ZONE = ZoneInfo("UTC")


async def reopen(
    target: str | Path, vault: Vault, *, owner: str = "here", take_over: bool = False
) -> None:
    """Open and close the store."""
    store = await open_store(
        target, vault=vault, owner=owner, time_zone=UTC_ZONE, take_over=take_over
    )
    await store.close()


async def test_rows_outlive_a_restart(target: str | Path, vault: Vault) -> None:
    """What was kept is there when the store is opened again."""
    for expected in ([], ["Anna"]):
        store = await open_store(target, vault=vault, owner="o", time_zone=UTC_ZONE)
        async with store.transaction() as connection:
            assert expected == [r.name for r in await load_readers(connection)]
            if not expected:
                await add_reader(connection, "Anna", person=None, now=NOW)
        await store.close()


async def test_database_of_another_installation_is_refused(
    target: str | Path, vault: Vault
) -> None:
    """Two Home Assistants do not share a tracker by mistake, but one may move."""
    await reopen(target, vault)
    with pytest.raises(StoreOwnedError, match=r"\(here\)"):
        await reopen(target, vault, owner="there")
    await reopen(target, vault, owner="there", take_over=True)

    with pytest.raises(StoreOwnedError, match=r"\(there\)"):
        await reopen(target, vault)


async def test_reading_sees_one_state(store: Store) -> None:
    """What others write meanwhile is not there until the next reading."""
    async with store.transaction() as connection:
        await add_reader(connection, "Anna", person=None, now=NOW)
    async with store.reading() as reading:
        before = await load_readers(reading)
        async with store.transaction() as connection:
            await add_reader(connection, "Ben", person=None, now=NOW)
        assert before == await load_readers(reading)
    async with store.reading() as reading:
        assert 2 == len(await load_readers(reading))


async def test_damaged_file_is_named(tmp_path: Path, vault: Vault) -> None:
    """A file that is no database gives a sentence, and is left as it is."""
    path = tmp_path / "tracker.db"
    content = b"this is no database" * 100
    path.write_bytes(content)

    with pytest.raises(StoreDamagedError):
        await reopen(path, vault)

    assert content == path.read_bytes()


async def test_file_that_cannot_be_opened_is_named(
    tmp_path: Path, vault: Vault
) -> None:
    """A folder in the file's place gives a sentence."""
    (tmp_path / "tracker.db").mkdir()

    with pytest.raises(StoreUnavailableError):
        await reopen(tmp_path / "tracker.db", vault)


async def test_new_file_is_private(tmp_path: Path, vault: Vault) -> None:
    """Nobody else on the machine reads what somebody reads."""
    path = tmp_path / "deep" / "er" / "tracker.db"
    store = await open_store(path, vault=vault, owner="o", time_zone=UTC_ZONE)
    async with store.transaction() as connection:
        await add_reader(connection, "Anna", person=None, now=NOW)
        modes = {entry.stat().st_mode & 0o777 for entry in path.parent.iterdir()}
    await store.close()

    assert {0o600} == modes


async def test_file_is_opened_as_the_design_says(tmp_path: Path, vault: Vault) -> None:
    """Write-ahead log, foreign keys, and patience with another program."""
    path = tmp_path / "tracker.db"
    store = await open_store(path, vault=vault, owner="o", time_zone=UTC_ZONE)
    async with store.reading() as connection:
        found = {
            name: (await connection.execute(text(f"PRAGMA {name}"))).scalar_one()
            for name in ("journal_mode", "foreign_keys", "busy_timeout", "synchronous")
        }
    await store.close()

    assert {
        "journal_mode": "wal",
        "foreign_keys": 1,
        "busy_timeout": 5000,
        "synchronous": 1,
    } == found


async def test_reader_does_not_wait_for_a_writer(store: Store) -> None:
    """Entities are shown while a long sync writes; they see what was before."""
    async with store.transaction() as writer:
        await add_reader(writer, "Anna", person=None, now=NOW)
        async with asyncio.timeout(2), store.reading() as connection:
            during = await load_readers(connection)
    async with store.reading() as connection:
        after = await load_readers(connection)

    assert [(), 1] == [during, len(after)]


async def test_writers_take_turns(store: Store) -> None:
    """Actions and syncs at once neither fail nor lose anything."""

    async def add(number: int) -> None:
        async with store.transaction() as connection:
            await load_readers(connection)
            await add_reader(connection, f"Reader {number}", person=None, now=NOW)

    await asyncio.gather(*(add(number) for number in range(20)))
    async with store.reading() as connection:
        assert 20 == len(await load_readers(connection))


async def test_reading_connection_cannot_write(store: Store, kind: str) -> None:
    """A mistake in the program shows at once on PostgreSQL, and keeps nothing."""

    async def write() -> None:
        async with store.reading() as connection:
            await add_reader(connection, "Anna", person=None, now=NOW)

    if kind == "postgresql":
        with pytest.raises(StoreError):
            await write()
    else:
        await write()

    async with store.reading() as connection:
        assert () == await load_readers(connection)


async def test_cancelled_work_leaves_nothing_and_the_store_works(store: Store) -> None:
    """Home Assistant cancels what takes too long, at any moment."""
    began = asyncio.Event()

    async def never_ends() -> None:
        async with store.transaction() as connection:
            await add_reader(connection, "Anna", person=None, now=NOW)
            began.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(never_ends())
    await began.wait()
    task.cancel()
    await asyncio.wait([task])

    assert task.cancelled()
    async with store.transaction() as connection:
        assert () == await load_readers(connection)


async def test_file_locked_by_another_program_is_tried_later(
    tmp_path: Path, vault: Vault
) -> None:
    """The error says that it will pass."""
    path = tmp_path / "tracker.db"
    store = await open_store(path, vault=vault, owner="o", time_zone=UTC_ZONE)
    with closing(sqlite3.connect(path, autocommit=True)) as other:
        other.execute("BEGIN IMMEDIATE")

        async def write() -> None:
            async with store.reading() as connection:
                await connection.execute(text("PRAGMA busy_timeout = 20"))
            async with store.transaction() as connection:
                await load_readers(connection)

        with pytest.raises(StoreUnavailableError, match="locked"):
            await write()
    await store.close()


@pytest.fixture
async def server_store(
    postgres: PostgresServer, vault: Vault
) -> AsyncIterator[tuple[Store, str]]:
    """Open a store on the server, and name its database."""
    name = await postgres.create_database()
    store = await open_store(
        postgres.url(name), vault=vault, owner="o", time_zone=UTC_ZONE
    )
    yield store, name
    await store.close()
    await postgres.drop_database(name)


async def test_connection_that_died_is_replaced(
    server_store: tuple[Store, str], postgres: PostgresServer
) -> None:
    """A restarted server is not noticed by whoever asks next."""
    store, name = server_store
    async with store.reading() as connection:
        await load_readers(connection)
    await postgres.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        f"WHERE datname = '{name}'"
    )

    async with store.reading() as connection:
        assert () == await load_readers(connection)


async def test_connection_that_dies_at_work_is_an_outage(
    server_store: tuple[Store, str], postgres: PostgresServer
) -> None:
    """The work is not kept, the error says try later, and later it works."""
    store, name = server_store

    async def interrupted() -> None:
        async with store.transaction() as connection:
            await add_reader(connection, "Anna", person=None, now=NOW)
            await postgres.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                f"WHERE datname = '{name}'"
            )
            await load_readers(connection)

    with pytest.raises(StoreUnavailableError):
        await interrupted()
    async with store.reading() as connection:
        assert () == await load_readers(connection)


async def test_server_that_is_gone_is_an_outage(vault: Vault) -> None:
    """A server that is down, or still starting, is tried again later."""

    def stopped() -> str:
        with running_postgres() as server:
            return server.url("postgres")

    url = await asyncio.to_thread(stopped)

    with pytest.raises(StoreUnavailableError):
        await reopen(url, vault)


async def test_refused_sign_in_is_told_apart_from_an_outage(
    postgres: PostgresServer, vault: Vault
) -> None:
    """A wrong password and a wrong name will not get better by waiting."""
    right = postgres.url("postgres")
    wrong = (
        right.replace(postgres.password, "wr0ng"),
        postgres.url("no_such_database"),
    )
    for url in wrong:
        with pytest.raises(StoreAccessError) as caught:
            await reopen(url, vault)
        assert "wr0ng" not in f"{caught.value}{caught.value.__cause__}"


async def test_server_without_encryption_is_not_trusted_with_a_password(
    postgres: PostgresServer, vault: Vault
) -> None:
    """Who asks for a checked certificate gets one or nothing."""
    for mode in ("require", "verify-ca", "verify-full"):
        with pytest.raises(StoreUnavailableError):
            await reopen(f"{postgres.url('postgres')}?sslmode={mode}", vault)


async def test_database_without_the_right_to_add_trigrams_works(
    postgres: PostgresServer, vault: Vault
) -> None:
    """The search is slower there, and everything else is as everywhere."""
    name = await postgres.create_database()
    await postgres.execute("CREATE ROLE plain LOGIN PASSWORD 'plain'")
    await postgres.execute("GRANT ALL ON SCHEMA public TO plain", name)
    await postgres.execute(f'REVOKE CREATE ON DATABASE "{name}" FROM PUBLIC')
    url = postgres.url(name).replace(f"tracker:{postgres.password}", "plain:plain")

    await reopen(url, vault)

    connection = await asyncpg.connect(url)
    extensions = await connection.fetch("SELECT extname FROM pg_extension")
    await connection.close()
    await postgres.drop_database(name)
    await postgres.execute("DROP ROLE plain")
    assert ["plpgsql"] == [row["extname"] for row in extensions]


@pytest.mark.parametrize(
    "url",
    [
        "mysql://anna:s3cret@host/books",
        "s3cret",
        "postgresql://anna:s3cret@host",
        "postgresql+psycopg2://anna:s3cret@host/books",
        "",
        "postgresql://anna:s3cret@host:port/books",
        "postgresql://anna:s3cret@host/books?sslmode=s3cret",
        "postgresql://anna:s3cret@host/books?password=s3cret",
    ],
)
def test_wrong_url_is_refused_and_never_repeated(url: str) -> None:
    """The password in it would be in every log."""
    with pytest.raises(InvalidValueError) as caught:
        parse_address(url)

    assert "s3cret" not in f"{caught.value!r}{caught.value.__cause__}"


@pytest.mark.parametrize(
    ("url", "ssl"),
    [
        ("postgres://a:b@host/books", None),
        (" postgresql://a:b@host:5433/books?sslmode=require\n", "require"),
        ("postgresql+asyncpg://a:b@host/books?ssl=verify-full", "verify-full"),
        ("postgresql://a:b@host/books?sslmode=disable&channel_binding=x", "disable"),
    ],
)
def test_url_is_understood_as_others_write_it(url: str, ssl: str | None) -> None:
    """Copied from a hosting page, it works, and shows no password."""
    address = parse_address(url)

    assert ("postgresql+asyncpg", ssl) == (
        address.url.drivername,
        address.url.query.get("ssl"),
    )
    assert "<Address postgresql://host/books>" == repr(address)


async def test_store_that_is_closed_waits_for_what_is_under_way(
    target: str | Path, vault: Vault
) -> None:
    """Work that has begun is kept whole, and then nothing is open any more."""
    store = await open_store(target, vault=vault, owner="o", time_zone=UTC_ZONE)
    has_begun, may_end = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        async with store.transaction() as connection:
            has_begun.set()
            await may_end.wait()
            await add_reader(connection, "Anna", person=None, now=NOW)

    worker = asyncio.create_task(work())
    await has_begun.wait()
    closing_store = asyncio.create_task(store.close())
    await asyncio.sleep(0)
    assert not closing_store.done()
    may_end.set()
    await asyncio.gather(worker, closing_store)

    again = await open_store(target, vault=vault, owner="o", time_zone=UTC_ZONE)
    async with again.reading() as connection:
        assert ["Anna"] == [r.name for r in await load_readers(connection)]
    assert isinstance(target, Path) == again.is_file
    await again.close()


@pytest.mark.parametrize("way", ["reading", "transaction"])
async def test_store_that_is_closed_is_not_opened_by_who_comes_late(
    target: str | Path, vault: Vault, way: str
) -> None:
    """Work that comes after the end is refused, and opens no connection."""
    store = await open_store(target, vault=vault, owner="o", time_zone=UTC_ZONE)
    await store.close()

    with pytest.raises(StoreUnavailableError):
        async with getattr(store, way)():
            pytest.fail("a closed store was used")


async def test_statement_that_fails_is_told_without_its_text(
    store: Store, kind: str
) -> None:
    """Neither SQL nor a value of it is in the sentence."""
    wrong = "SELECT secret_column FROM no_such_table"
    with pytest.raises(StoreError) as told:
        async with store.transaction() as connection:
            await connection.execute(text(wrong))
    assert "secret_column" not in str(told.value), kind
    assert "no_such_table" not in str(told.value), kind


async def test_value_that_does_not_fit_is_a_refusal(store: Store, kind: str) -> None:
    """Trying again would not help, and no SQL is shown."""
    if kind != "postgresql":
        # SQLite keeps what it is given.
        return
    with pytest.raises(StoreRefusedError, match="a value does not fit"):
        async with store.transaction() as connection:
            await connection.execute(text("SELECT CAST(:n AS integer)"), {"n": 2**40})


@pytest.mark.parametrize(
    ("err", "words"),
    [
        (socket.gaierror(-2, "x"), "no server of this name is known"),
        (ConnectionRefusedError(111, "x"), "no database answers at this address"),
        (ConnectionResetError(104, "x"), "the connection was lost"),
        (TimeoutError(), "the server does not answer"),
        (OSError("x"), "the connection failed"),
        (asyncpg.InvalidPasswordError("x"), "the password is wrong"),
        (asyncpg.InvalidCatalogNameError("x"), "there is no database of this name"),
        (asyncpg.InsufficientPrivilegeError("x"), "the user lacks a right"),
        (asyncpg.TooManyConnectionsError("x"), "too many connections"),
        (asyncpg.CannotConnectNowError("x"), "the server is starting"),
        (asyncpg.AdminShutdownError("x"), "the server was shut down"),
        (asyncpg.ConnectionDoesNotExistError("x"), "the connection was lost"),
    ],
)
def test_reason_is_told_in_words(err: Exception, words: str) -> None:
    """A class of Python's says nothing to whoever reads it."""
    ours = store_error(err)
    assert ours is not None
    assert words == ours.placeholders["reason"]
