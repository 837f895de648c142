"""The same queries give the same answers on SQLite and on PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from audible_core.errors import (
    AudibleAuthError,
    AudibleConnectionError,
    InvalidValueError,
    RegistrationTooOldError,
    ServerDatabaseError,
    StoreTooNewError,
    TrackerError,
    UnknownAccountError,
    UnknownBookError,
)
from audible_core.models import Account, Asin, AudibleTitle, Credentials
from audible_core.store.engine import writing
from audible_core.vault import Vault
from audible_core.wire import BookState
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from audible_server.media.keys import ContentKey
from audible_server.media.probe import FileStamp, MediaInfo, ProbedChapter
from audible_server.store.accounts import AccountStore
from audible_server.store.books import BookStore
from audible_server.store.database import newest_revision, open_database
from audible_server.store.grants import FileKind, Grant
from audible_server.store.probes import DatabaseProbeStore
from audible_server.store.schema import METADATA

ACCOUNT = Account(account_id="amzn1.account.A", name="Ada", country_code="de")
FIRST = AudibleTitle(asin=Asin("B000000001"), title="Zwei", authors=("Kafka",))
SECOND = AudibleTitle(asin=Asin("B000000002"), title="eins", codecs=("LC_64",))


@pytest.fixture
async def engine(target: str | Path) -> AsyncIterator[AsyncEngine]:
    """Open an empty database."""
    engine = await open_database(target)
    yield engine
    await engine.dispose()


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    """Make keys."""
    return Vault.open(tmp_path / "keys")


@pytest.fixture
def accounts(engine: AsyncEngine, vault: Vault) -> AccountStore:
    """Return the queries on accounts."""
    return AccountStore(engine, vault)


@pytest.fixture
def books(engine: AsyncEngine, vault: Vault) -> BookStore:
    """Return the queries on books."""
    return BookStore(engine, vault)


async def test_migrations_make_the_schema_of_the_code(engine: AsyncEngine) -> None:
    """A new database has exactly the tables that the queries expect."""

    def differences(connection: Connection) -> object:
        return compare_metadata(MigrationContext.configure(connection), METADATA)

    async with engine.connect() as connection:
        assert [] == await connection.run_sync(differences)


async def test_accounts_are_kept_renewed_and_forgotten(accounts: AccountStore) -> None:
    """An account handed over twice is one account, with its newest credentials."""
    await accounts.save(ACCOUNT, Credentials('{"old": 1}'))
    await accounts.mark_failed(ACCOUNT.account_id, TrackerError())
    await accounts.save(ACCOUNT, Credentials('{"new": 1}'), signed_in_at=1)
    (found,) = await accounts.load_all()

    assert ("Ada", "de", None) == (found.name, found.country_code, found.error)
    assert '{"new": 1}' == (await accounts.load_credentials("amzn1.account.A")).text
    await accounts.save_activation_bytes(ACCOUNT.account_id, b"\x01\x02\x03\x04")
    assert b"\x01\x02\x03\x04" == await accounts.load_activation_bytes(
        ACCOUNT.account_id
    )
    await accounts.delete(ACCOUNT.account_id)
    with pytest.raises(UnknownAccountError):
        await accounts.load(ACCOUNT.account_id)


async def test_refused_sign_in_is_noted_until_there_is_another(
    accounts: AccountStore,
) -> None:
    """Not of credentials that were replaced meanwhile; libraries may still come."""
    account_id, refusal = ACCOUNT.account_id, RegistrationTooOldError()
    new = Credentials('{"new": 1}')
    await accounts.save(ACCOUNT, new)
    assert not await accounts.mark_refused(account_id, Credentials("{}"), refusal)
    assert await accounts.mark_refused(account_id, new, refusal)
    assert not await accounts.mark_refused(account_id, new, refusal)
    await accounts.mark_failed(account_id, TrackerError())
    await accounts.mark_fetched(account_id)
    await accounts.save(ACCOUNT, Credentials('{"newer token": 1}'))
    found = await accounts.load(account_id)
    assert (refusal.key, str(refusal)) == (found.error, found.error_text)
    assert (True, None) == (found.needs_sign_in, found.signed_in_at)

    await accounts.save(ACCOUNT, Credentials('{"newest": 1}'), signed_in_at=5)
    found = await accounts.load(account_id)
    assert (False, None, 5) == (found.needs_sign_in, found.error, found.signed_in_at)


async def test_refused_sign_in_outlasts_a_failed_fetch(accounts: AccountStore) -> None:
    """Until Audible answers again: then it was accepted."""
    account_id, refusal = ACCOUNT.account_id, AudibleAuthError()
    credentials = Credentials("{}")
    await accounts.save(ACCOUNT, credentials)
    await accounts.mark_refused(account_id, credentials, refusal)
    await accounts.mark_failed(account_id, AudibleConnectionError(reason="away"))
    assert (await accounts.load(account_id)).needs_sign_in

    await accounts.mark_fetched(account_id)
    assert (await accounts.load(account_id)).error is None
    await accounts.mark_failed(account_id, AudibleConnectionError(reason="away"))
    assert AudibleConnectionError.key == (await accounts.load(account_id)).error


async def test_library_is_kept_as_listed(
    accounts: AccountStore, books: BookStore
) -> None:
    """What the shop says changes, what is on disk stays, what left goes."""
    await accounts.save(ACCOUNT, Credentials("{}"))
    await books.save_library(ACCOUNT.account_id, [FIRST, SECOND])
    await books.update(FIRST.asin, state=BookState.DOWNLOADED, downloaded_bytes=2**33)
    renamed = AudibleTitle(asin=FIRST.asin, title="Drei", authors=("Kafka", "Brod"))
    await books.save_library(ACCOUNT.account_id, [renamed])
    (found,) = await books.load_all()

    assert ("Drei", ("Kafka", "Brod")) == (found.title, found.authors)
    assert (BookState.DOWNLOADED, 2**33) == (found.state, found.downloaded_bytes)
    with pytest.raises(UnknownBookError):
        await books.load(SECOND.asin)


async def test_large_library_is_listed_by_name(
    accounts: AccountStore, books: BookStore
) -> None:
    """A thousand titles are written in one transaction and come back in order."""
    await accounts.save(ACCOUNT, Credentials("{}"))
    titles = [
        AudibleTitle(asin=Asin(f"B{number:09}"), title=f"T {number:04}")
        for number in range(1000)
    ]
    await books.save_library(ACCOUNT.account_id, titles)
    found = [book.title for book in await books.load_all()]

    assert sorted(found) == found
    assert 1000 == len(found)


async def test_found_file_is_added_once_and_orphans_go(books: BookStore) -> None:
    """A title of which only a file is known is one title however often it is found."""
    await books.add_found(FIRST.asin)
    await books.add_found(FIRST.asin)
    assert 1 == len(await books.load_all())
    await books.delete_orphans()
    assert () == await books.load_all()


async def test_grant_is_kept_sealed_and_counted(
    accounts: AccountStore, books: BookStore, engine: AsyncEngine
) -> None:
    """What a license gave comes back whole; the table holds nothing of it.

    Whether its title was downloaded makes no difference.
    """
    await accounts.save(ACCOUNT, Credentials("{}"))
    await books.save_library(ACCOUNT.account_id, [FIRST])
    grant = Grant(
        kind=FileKind.AAXC,
        url="https://cdn.example/secret",
        key=ContentKey(bytes(16), bytes(range(16))),
        size_bytes=2**34,
        codec="mp4a.40.2",
        requested_at=1,
    )
    await books.save_grant(FIRST.asin, grant, is_license=True)
    await books.save_grant(FIRST.asin, grant, is_license=True)

    assert grant == await books.load_grant(FIRST.asin)
    book = await books.load(FIRST.asin)
    assert (2, 2**34, True) == (book.license_count, book.size_bytes, book.has_voucher)
    async with engine.connect() as connection:
        sealed = await connection.scalar(text("SELECT voucher FROM books"))
    assert "secret" not in str(sealed)
    for since_ms, count in ((1, 1), (2, 0)):
        assert count == await books.count_licensed(
            ACCOUNT.account_id, since_ms=since_ms
        )


async def test_probe_of_another_version_of_a_file_is_unknown(
    engine: AsyncEngine,
) -> None:
    """A result counts for the file that it was made from, the newest alone is kept."""
    probes = DatabaseProbeStore(engine)
    stamp = FileStamp("a.m4b", 2**40, 1_700_000_000_123_456_789)
    info = MediaInfo(
        duration_ms=1000,
        codec="aac",
        bit_rate_bps=64_000,
        chapters=(ProbedChapter("One", 0, 1000),),
    )
    await probes.save(stamp, info)
    newer = FileStamp("a.m4b", 5, 6)
    assert info == await probes.load(stamp)
    assert None is await probes.load(newer)
    await probes.save(newer, info)
    assert None is await probes.load(stamp)


async def test_database_of_a_newer_version_is_refused(target: str | Path) -> None:
    """An older program does not touch what a newer one wrote."""
    engine = await open_database(target)
    async with writing(engine) as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num='9999'"))
    await engine.dispose()
    with pytest.raises(StoreTooNewError, match=r"newer version \(9999\)"):
        await open_database(target)


async def test_servers_that_start_together_take_turns(postgres_url: str) -> None:
    """An empty database is made once, whoever comes first."""
    engines = await asyncio.gather(*(open_database(postgres_url) for _ in range(3)))
    async with engines[0].connect() as connection:
        found = (await connection.scalars(text("SELECT * FROM alembic_version"))).all()
    for engine in engines:
        await engine.dispose()

    assert [newest_revision()] == list(found)


async def test_database_of_the_integration_is_refused(postgres_url: str) -> None:
    """The two halves have tables of the same names."""
    engine = await open_database(postgres_url)
    async with writing(engine) as connection:
        for table in reversed(METADATA.sorted_tables):
            await connection.execute(text(f"DROP TABLE {table.name}"))
        await connection.execute(text("DROP TABLE alembic_version"))
        await connection.execute(text("CREATE TABLE audible_schema_version (n text)"))
    await engine.dispose()
    with pytest.raises(InvalidValueError, match="a database of its own"):
        await open_database(postgres_url)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("@127.0.0.1", "x@127.0.0.1"), "password is wrong"),
        (("/tracker_", "/nothing_"), "no database of this name"),
    ],
)
async def test_database_that_refuses_is_told_without_its_password(
    postgres_url: str, change: tuple[str, str], reason: str
) -> None:
    """A wrong address becomes a sentence, in which no secret stands."""
    password = postgres_url.split(":")[2].partition("@")[0]
    with pytest.raises(ServerDatabaseError, match=reason) as caught:
        await open_database(postgres_url.replace(*change))
    assert password not in str(caught.value)
    assert "postgresql://127.0.0.1/" in str(caught.value)
