"""Opening the tracker's database, and the one object that hands out connections."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ..errors import StoreOwnedError
from ..vault import Vault
from .accounts import reseal_credentials
from .engine import Address, create_engine_at, parse_address, reading, writing
from .migrate import Migrations, migrate
from .schema import OWNER
from .statements import Upsert

MIGRATIONS: Final = Migrations(
    folder=Path(__file__).parent / "migrations", version_table="audible_schema_version"
)
_CLAIM: Final = Upsert(OWNER)
_CLAIMED: Final = select(OWNER.c.owner)


class Store:
    """The open database; ``vault`` seals the credentials in it.

    Close it. Time zone: the one whose days the daily limit counts.
    """

    def __init__(
        self, engine: AsyncEngine, address: Address, vault: Vault, time_zone: ZoneInfo
    ) -> None:
        """Use `open_store` instead."""
        self._engine = engine
        self._address = address
        # SQLite has one writer at a time: wait here, not in the database.
        self._turn: AbstractAsyncContextManager[object] = (
            asyncio.Lock() if address.is_file else nullcontext()
        )
        self.vault = vault
        self.time_zone = time_zone

    def __repr__(self) -> str:
        """Say where it is, without user and password."""
        return f"<Store at {self._address.shown}>"

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """Yield a connection; its work is kept whole at the end, or not at all.

        Raises StoreUnavailableError (try later) and the other StoreErrors. Only work
        on the database belongs inside: any OSError there counts as the database's. Not
        to be nested: the second one would wait for the first.
        """
        async with self._turn, writing(self._engine) as connection:
            yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """Yield a connection that only reads; it waits for no writer."""
        async with reading(self._engine) as connection:
            yield connection

    async def rotate_keys(self) -> int:
        """Seal all credentials under a new key; return how many there were.

        Stopped anywhere, what is stored can still be opened.
        """
        await asyncio.to_thread(self.vault.add_key)
        async with self.transaction() as connection:
            count = await reseal_credentials(connection, self.vault)
        await asyncio.to_thread(self.vault.drop_old_keys)
        return count

    async def close(self) -> None:
        """Close all connections; waits for none that is still in use."""
        await self._engine.dispose()


async def open_store(
    target: str | Path,
    *,
    vault: Vault,
    owner: str,
    time_zone: ZoneInfo,
    take_over: bool = False,
) -> Store:
    """Bring the database of a path or a ``postgresql://`` URL up to date and open it.

    ``owner`` tells installations apart: a database that another one uses is refused
    with StoreOwnedError, unless it is to be taken over. Also raises StoreTooNewError,
    StoreAccessError, StoreDamagedError, StoreUnavailableError, InvalidValueError.
    """
    address = parse_address(target)
    await migrate(address, MIGRATIONS)
    engine = await asyncio.to_thread(create_engine_at, address)
    store = Store(engine, address, vault, time_zone)
    try:
        async with store.transaction() as connection:
            await _claim(connection, owner, time_zone.key, take_over=take_over)
    except BaseException:
        await store.close()
        raise
    return store


async def _claim(
    connection: AsyncConnection, owner: str, time_zone: str, *, take_over: bool
) -> None:
    row = {"id": 1, "owner": owner, "time_zone": time_zone}
    await connection.execute(_CLAIM.on(connection), row)
    found = (await connection.execute(_CLAIMED)).scalar_one()
    if found != owner and not take_over:
        raise StoreOwnedError(owner=found)
    await connection.execute(update(OWNER).values(owner=owner, time_zone=time_zone))
