"""Brings a database up to date with Alembic: all missing steps, or none. Knows no book.

Reading migrations from disk blocks, so all of it runs in a thread of its own.
"""

import asyncio
import secrets
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from ..errors import StoreDamagedError, StoreTooNewError
from .engine import (
    MIGRATION_LOCK,
    Address,
    create_engine_at,
    make_private,
    translated_errors,
)

# Alembic keeps what it is working on in variables of its own modules.
_ONE_AT_A_TIME: Final = threading.Lock()


@dataclass(frozen=True, slots=True)
class Migrations:
    """A folder of Alembic migrations and the table that remembers the newest one.

    A migration calls ``config.attributes["run_sql_beside"](__file__)`` to run the SQL
    file of its name for the kind of database: ``0001_initial.sqlite.sql``. ``check``
    is asked before anything is changed, with the version that was found, and may raise.
    """

    folder: Path
    version_table: str
    check: Callable[[Connection, str | None], None] | None = None


@dataclass(frozen=True, slots=True)
class _Run:
    address: Address
    migrations: Migrations
    target: str


async def migrate(
    address: Address, migrations: Migrations, *, target: str = "head"
) -> None:
    """Run the missing migrations in one transaction.

    A file that holds an older version is copied beside itself first. Raises
    StoreTooNewError for a database of a newer version, and the errors of engine.py.
    """
    await asyncio.to_thread(_migrate, _Run(address, migrations, target))


def _migrate(run: _Run) -> None:
    with _ONE_AT_A_TIME, translated_errors():
        if run.address.is_file:
            make_private(run.address.path)
        asyncio.run(_in_one_transaction(run))


async def _in_one_transaction(run: _Run) -> None:
    # Tables are rebuilt in migrations; what refers to them is checked at the end.
    engine = create_engine_at(run.address, is_pooled=False, has_references=False)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_bring_up_to_date, run)
    finally:
        await engine.dispose()


def _bring_up_to_date(connection: Connection, run: _Run) -> None:
    if not run.address.is_file:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
    config = _config(connection, run.migrations)
    script = ScriptDirectory.from_config(config)
    found = _version(connection, run.migrations)
    if found is not None:
        _refuse_newer(found, script)
        if found == script.as_revision_number(run.target):
            return
        if run.address.is_file:
            _copy(run.address.path, found)
    if run.migrations.check is not None:
        run.migrations.check(connection, found)
    command.upgrade(config, run.target)
    if run.address.is_file:
        _check_references(connection)


def _config(connection: Connection, migrations: Migrations) -> Config:
    config = Config()
    # Read as interpolation otherwise.
    location = str(migrations.folder).replace("%", "%%")
    config.set_main_option("script_location", location)
    config.attributes["connection"] = connection
    config.attributes["version_table"] = migrations.version_table
    config.attributes["run_sql_beside"] = lambda name: _run_sql(connection, Path(name))
    return config


def _run_sql(connection: Connection, migration: Path) -> None:
    file = migration.with_suffix(f".{connection.dialect.name}.sql")
    for statement in file.read_text(encoding="utf-8").split("\n\n"):
        if bare := statement.strip():
            connection.exec_driver_sql(bare)


def _version(connection: Connection, migrations: Migrations) -> str | None:
    options = {"version_table": migrations.version_table}
    return MigrationContext.configure(connection, opts=options).get_current_revision()


def _refuse_newer(found: str, script: ScriptDirectory) -> None:
    if found not in {known.revision for known in script.walk_revisions()}:
        raise StoreTooNewError(found=found)


def _copy(path: Path, version: str) -> None:
    """Copy the file as it was before the transaction that is about to change it."""
    backup = path.with_name(f"{path.name}.{version}.backup")
    draft = path.with_name(f".{backup.name}.{secrets.token_hex(4)}")
    try:
        make_private(draft)
        with (
            closing(sqlite3.connect(path)) as source,
            closing(sqlite3.connect(draft)) as target,
        ):
            source.backup(target)
        draft.replace(backup)
    finally:
        draft.unlink(missing_ok=True)


def _check_references(connection: Connection) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        raise StoreDamagedError(reason=f"a row of {broken[0]} refers to nothing")
