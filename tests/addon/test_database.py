"""The database: migrations, what a failed one leaves, what is refused."""

import sqlite3
from pathlib import Path

import pytest
from alembic import op
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from audible_core.errors import ServerDatabaseError, StoreTooNewError
from audible_core.store.engine import parse_address
from audible_core.store.migrate import migrate
from sqlalchemy import create_engine

from audible_server.store.database import open_database
from audible_server.store.migrating import MIGRATIONS
from audible_server.store.schema import METADATA


async def _migrate(path: Path) -> None:
    await migrate(parse_address(path), MIGRATIONS)


def _tables(path: Path) -> set[str]:
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    names = {name for (name,) in rows}
    connection.close()
    return names


async def test_migrations_make_the_schema_of_the_code(tmp_path: Path) -> None:
    """A new database has exactly the tables that the queries expect."""
    path = tmp_path / "server.db"
    await _migrate(path)

    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), METADATA)
    engine.dispose()

    assert [] == differences


async def test_second_start_changes_nothing(tmp_path: Path) -> None:
    """Migrations that have run do not run again."""
    path = tmp_path / "server.db"
    await _migrate(path)
    before = path.read_bytes()

    await _migrate(path)

    assert before == path.read_bytes()


async def test_failed_migration_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A migration that stops in the middle can simply run again."""
    path = tmp_path / "server.db"

    def fail(*_: object) -> None:
        raise RuntimeError("power cut")

    with monkeypatch.context() as patch:
        # The last table of the first migration; the others were made before.
        patch.setattr(op, "create_index", fail)
        with pytest.raises(RuntimeError, match="power cut"):
            await _migrate(path)
    assert set() == _tables(path)
    await _migrate(path)

    assert {"accounts", "books", "probes"} < _tables(path)


async def test_database_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    """An older program does not touch what a newer one wrote."""
    path = tmp_path / "server.db"
    await _migrate(path)
    connection = sqlite3.connect(path)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()

    with pytest.raises(StoreTooNewError, match=r"newer version \(9999\)"):
        await open_database(path)


async def test_damaged_database_is_named(tmp_path: Path) -> None:
    """A file that is no database gives a sentence, no traceback."""
    path = tmp_path / "server.db"
    path.write_bytes(b"this is no database" * 100)

    with pytest.raises(ServerDatabaseError, match=r"server\.db.*not a database"):
        await open_database(path)


async def test_any_name_of_a_folder_is_taken_literally(tmp_path: Path) -> None:
    """A question mark in the path is no option of the driver."""
    folder = tmp_path / "odd?mode=ro#100%"
    folder.mkdir()
    engine = await open_database(folder / "server.db")
    async with engine.connect():
        pass
    await engine.dispose()

    assert [folder.name] == [path.name for path in tmp_path.iterdir()]
    assert {"accounts", "books", "probes"} < _tables(folder / "server.db")
