"""Opening the server's database: migrations first, then one engine for everybody."""

import asyncio
from pathlib import Path
from typing import Final

from audible_core.errors import (
    ServerDatabaseError,
    ServerInUseError,
    StoreDriverError,
    StoreError,
    StoreTooNewError,
)
from audible_core.store.engine import (
    Address,
    create_engine_at,
    parse_address,
    reading,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from audible_server.store.replicas import load_revision

_VERSIONS: Final = Path(__file__).parent / "migrations" / "versions"


def newest_revision() -> str:
    """Return the revision of the tables that this code knows. Blocks."""
    return max(path.name[1:5] for path in _VERSIONS.glob("v[0-9]*.py"))


async def open_database(target: str | Path) -> AsyncEngine:
    """Bring the database of a path or a ``postgresql://`` URL up to date and open it.

    The caller disposes of the engine. Raises StoreTooNewError for a database of a newer
    version, ServerInUseError if an older server uses it, InvalidValueError for another
    kind of URL, ServerDatabaseError if it cannot be used.
    """
    address = parse_address(target)
    try:
        engine = await asyncio.to_thread(create_engine_at, address)
        try:
            if not await _is_up_to_date(engine, address):
                await _migrate(address)
        except BaseException:
            await engine.dispose()
            raise
    except ServerInUseError, StoreDriverError, StoreTooNewError:
        raise
    except StoreError as err:
        raise ServerDatabaseError(
            name=_name(address), reason=_reason(address, err)
        ) from err
    return engine


async def _is_up_to_date(engine: AsyncEngine, address: Address) -> bool:
    """Tell whether there is nothing to migrate; a new database is not even opened."""
    if address.is_file and not await asyncio.to_thread(address.path.exists):
        return False
    newest = await asyncio.to_thread(newest_revision)
    async with reading(engine) as connection:
        try:
            return await load_revision(connection) == newest
        except DBAPIError:
            # There is no table of versions yet, or worse, which migrating tells.
            return False


async def _migrate(address: Address) -> None:
    # Alembic is needed after an update only.
    from audible_core.store.migrate import migrate

    from audible_server.store.migrating import MIGRATIONS

    await migrate(address, MIGRATIONS)


def _name(address: Address) -> str:
    return address.path.name if address.is_file else address.shown


def _reason(address: Address, err: StoreError) -> str:
    """Return what is wrong; what a database server says may name its user."""
    orig = getattr(err.__cause__, "orig", None) if address.is_file else None
    return str(orig or err.placeholders.get("reason") or err)
