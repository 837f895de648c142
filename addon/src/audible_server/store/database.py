"""Opening the server's database: migrations first, then one engine for everybody."""

import asyncio
from pathlib import Path
from typing import Final

from audible_core.errors import ServerDatabaseError, StoreError, StoreTooNewError
from audible_core.store.engine import create_engine_at, parse_address
from audible_core.store.migrate import Migrations, migrate
from sqlalchemy.ext.asyncio import AsyncEngine

MIGRATIONS: Final = Migrations(
    folder=Path(__file__).parent / "migrations", version_table="alembic_version"
)


async def open_database(path: Path) -> AsyncEngine:
    """Bring the database up to date and return its engine; the caller disposes of it.

    Raises StoreTooNewError for a database of a newer version, ServerDatabaseError if
    the file cannot be used.
    """
    address = parse_address(path)
    try:
        await migrate(address, MIGRATIONS)
    except StoreTooNewError:
        raise
    except StoreError as err:
        reason = getattr(err.__cause__, "orig", None) or err
        raise ServerDatabaseError(name=path.name, reason=str(reason)) from err
    return await asyncio.to_thread(create_engine_at, address)
