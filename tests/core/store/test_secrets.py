"""Planted secrets are found nowhere but in the sealed column."""

import io
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from audible_core.errors import StoreError
from audible_core.models import Credentials
from audible_core.store import database
from audible_core.store.accounts import Resealed, load_credentials, save_account
from audible_core.store.database import Store, open_store
from audible_core.store.readers import add_reader
from audible_core.vault import Vault
from sqlalchemy import text

from tests.core.store.household import NOW, Household
from tests.core.store.postgres import PostgresServer

SECRET = "Atnr|planted-refresh-token-4711"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Write down every line of every logger."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    for name in ("sqlalchemy.engine", "sqlalchemy.pool", "alembic", "aiosqlite"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)
    for name in ("sqlalchemy.engine", "sqlalchemy.pool", "alembic", "aiosqlite"):
        logging.getLogger(name).setLevel(logging.NOTSET)


async def sign_in(store: Store) -> Household:
    """Add an account whose registration is the secret."""
    async with store.transaction() as connection:
        reader_id = await add_reader(connection, "Anna", person=None, now=NOW)
        account_id = await save_account(
            connection,
            store.vault,
            Credentials(SECRET),
            customer_id="c",
            marketplace="de",
            name="Anna",
            email=None,
            reader_id=reader_id,
            now=NOW,
        )
        await load_credentials(connection, store.vault, account_id)
    return Household(store, reader_id, account_id)


async def everything_stored(target: str | Path, server: PostgresServer | None) -> bytes:
    """Return all bytes of the database."""
    if isinstance(target, Path):
        files = target.parent.glob(f"{target.name}*")
        return b"".join(file.read_bytes() for file in files)
    assert server is not None
    return server.dump(target.rsplit("/", 1)[-1]).encode()


async def test_planted_secret_is_nowhere(
    target: str | Path,
    kind: str,
    request: pytest.FixtureRequest,
    log: io.StringIO,
    tmp_path: Path,
) -> None:
    """Not in the database, in no line of the log, in no text of an object."""
    vault = Vault.open(tmp_path / "keys")
    keys = (tmp_path / "keys").read_text(encoding="ascii").split()
    store = await open_store(target, vault=vault, owner="o", time_zone=ZoneInfo("UTC"))
    await sign_in(store)
    failed = ""
    try:
        await sign_in(store)
    except StoreError as err:
        failed = f"{err!r} {err.__cause__!r} {err.__cause__}"
    await store.rotate_keys()
    await store.close()
    keys += (tmp_path / "keys").read_text(encoding="ascii").split()

    server = request.getfixturevalue("postgres") if kind == "postgresql" else None
    stored = await everything_stored(target, server)
    shown = f"{store!r} {store._engine!r} {vault!r} {vault.__dict__.keys()} {failed}"
    shown += f"{log.getvalue()} {' '.join(sys.argv)}"
    password = server.password if server is not None else SECRET
    assert b"audible_config" in stored
    assert "INSERT INTO readers" in log.getvalue()
    assert failed
    for secret in (SECRET, password, *keys):
        assert secret.encode() not in stored
        assert secret not in shown


async def test_rotation_seals_everything_anew(
    household: Household, tmp_path: Path
) -> None:
    """The old key opens nothing any more, the new one everything."""
    store = household.store
    column = text("SELECT encrypted_credentials FROM audible_config")
    async with store.reading() as connection:
        before = (await connection.execute(column)).scalar_one()
    old_keys = (tmp_path / "keys").read_text(encoding="ascii")

    count = await store.rotate_keys()

    async with store.reading() as connection:
        after = (await connection.execute(column)).scalar_one()
        credentials = await load_credentials(
            connection, store.vault, household.account_id
        )
    new_keys = (tmp_path / "keys").read_text(encoding="ascii")
    assert (Resealed(1, 0), Credentials("a registration")) == (count, credentials)
    assert before != after
    assert [1, 1] == [len(old_keys.split()), len(new_keys.split())]
    assert old_keys != new_keys


async def test_rotation_that_is_interrupted_loses_nothing(
    household: Household, tmp_path: Path
) -> None:
    """Between the new key and the newly sealed rows both keys are in the file."""
    household.store.vault.add_key()

    restarted = Vault.open(tmp_path / "keys")

    async with household.store.reading() as connection:
        credentials = await load_credentials(
            connection, restarted, household.account_id
        )
    assert Credentials("a registration") == credentials


async def test_rotation_that_fails_leaves_no_key_behind(
    household: Household, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often it is tried; what is sealed is opened as before."""
    keys = (tmp_path / "keys").read_text(encoding="ascii")

    async def fail(*_: object) -> None:
        raise StoreError

    monkeypatch.setattr(database, "reseal_credentials", fail)
    for _ in range(2):
        with pytest.raises(StoreError):
            await household.store.rotate_keys()

    assert keys == (tmp_path / "keys").read_text(encoding="ascii")
    async with household.store.reading() as connection:
        credentials = await load_credentials(
            connection, household.store.vault, household.account_id
        )
    assert Credentials("a registration") == credentials
