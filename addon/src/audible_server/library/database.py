"""Opening the server's database: migrations first, then one engine for everybody."""

import asyncio
from pathlib import Path
from typing import Any, Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from audible_core.errors import ServerDatabaseError, StoreTooNewError
from sqlalchemy import URL, Connection, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

_MIGRATIONS: Final = Path(__file__).parent / "migrations"
_PRAGMAS: Final = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA busy_timeout = 5000",
)


async def open_database(path: Path) -> AsyncEngine:
    """Bring the database up to date and return its engine; the caller disposes of it.

    Raises StoreTooNewError for a database of a newer version, ServerDatabaseError if
    the file cannot be used.
    """
    try:
        await asyncio.to_thread(migrate, path)
    except DBAPIError as err:
        raise ServerDatabaseError(name=path.name, reason=str(err.orig)) from err
    engine = create_async_engine(_url("sqlite+aiosqlite", path))
    event.listen(engine.sync_engine, "connect", _set_pragmas)
    return engine


def migrate(path: Path) -> None:
    """Run the missing migrations, all of them or none. Blocks."""
    engine = create_engine(_url("sqlite", path))
    event.listen(engine, "connect", _own_transactions)
    event.listen(engine, "begin", _begin)
    try:
        with engine.begin() as connection:
            _upgrade(connection)
    finally:
        engine.dispose()


def _url(driver: str, path: Path) -> URL:
    # In a text, a question mark in the path would end it.
    return URL.create(driver, database=str(path))


def _upgrade(connection: Connection) -> None:
    config = Config()
    # Read as interpolation otherwise.
    location = str(_MIGRATIONS).replace("%", "%%")
    config.set_main_option("script_location", location)
    config.attributes["connection"] = connection
    known = {
        script.revision
        for script in ScriptDirectory.from_config(config).walk_revisions()
    }
    found = MigrationContext.configure(connection).get_current_revision()
    if found is not None and found not in known:
        raise StoreTooNewError(found=found)
    command.upgrade(config, "head")


def _own_transactions(connection: Any, _record: Any) -> None:
    """Keep sqlite3 from committing before each statement that changes the schema."""
    connection.isolation_level = None


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _set_pragmas(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(pragma)
    cursor.close()
