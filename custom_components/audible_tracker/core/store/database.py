"""Opening the tracker's database, and the one object that hands out connections."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ..errors import StoreOwnedError, StoreUnavailableError
from ..unbroken import unbroken
from ..vault import Vault
from .accounts import Resealed, reseal_credentials
from .engine import Address, create_engine_at, parse_address, reading, writing
from .migrate import Migrations, migrate
from .schema import OWNER
from .statements import Upsert

MIGRATIONS: Final = Migrations(
    folder=Path(__file__).parent / "migrations", version_table="audible_schema_version"
)
_CLAIM: Final = Upsert(OWNER)
_CLAIMED: Final = select(OWNER.c.owner)
_CLOSING_S: Final = 5.0
_TIME_ZONE: Final = "tracker_time_zone"


class Store:
    """The open database; ``vault`` seals the credentials in it.

    Close it. Time zone: the one whose days the daily limit counts.
    """

    def __init__(
        self, engine: AsyncEngine, address: Address, vault: Vault, time_zone: ZoneInfo
    ) -> None:
        """Use `open_store` instead."""
        self._engine = engine.execution_options(**{_TIME_ZONE: time_zone})
        self._address = address
        # One writer at a time: what a sync writes rests on what it has read before, and
        # SQLite has one anyway. It waits here, not in the database.
        self._turn = asyncio.Lock()
        self._in_use = 0
        self._unused = asyncio.Event()
        self._unused.set()
        self._is_closed = False
        self.vault = vault
        self.time_zone = time_zone

    def __repr__(self) -> str:
        """Say where it is, without user and password."""
        return f"<Store at {self._address.shown}>"

    @property
    def is_file(self) -> bool:
        """Tell whether it is the built-in kind."""
        return self._address.is_file

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """Yield a connection; its work is kept whole at the end, or not at all.

        Raises StoreUnavailableError (try later) and the other StoreErrors. Only work
        on the database belongs inside: any OSError there counts as the database's. Not
        to be nested: the second one would wait for the first.
        """
        async with self._used(), self._turn, writing(self._engine) as connection:
            yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """Yield a connection that only reads; it waits for no writer."""
        async with self._used(), reading(self._engine) as connection:
            yield connection

    async def rotate_keys(
        self, reseal_others: Callable[[], Awaitable[None]] | None = None
    ) -> Resealed:
        """Seal all credentials under a new key; return how many there were.

        ``reseal_others`` seals anew what is kept elsewhere. Stopped anywhere, what is
        stored can still be opened.
        """
        async with self.transaction() as connection:
            # In its turn: nobody else seals with a key that may be taken back.
            await asyncio.to_thread(self.vault.add_key)
            try:
                resealed = await reseal_credentials(connection, self.vault)
            except BaseException:
                await asyncio.to_thread(self.vault.take_key_back)
                raise
        if reseal_others is not None:
            await reseal_others()
        await asyncio.to_thread(self.vault.drop_old_keys)
        return resealed

    async def close(self) -> None:
        """Close all connections, those in use as soon as they are given back.

        Waits a few seconds for these, and no longer. Who comes later is refused with
        StoreUnavailableError: an engine left to itself would connect once more.
        """
        self._is_closed = True
        # Half of it would leave connections open that nobody knows any more.
        await unbroken(self._end())

    async def _end(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_CLOSING_S):
                await self._unused.wait()
        await self._engine.dispose()

    @asynccontextmanager
    async def _used(self) -> AsyncIterator[None]:
        if self._is_closed:
            raise StoreUnavailableError(reason="it was closed")
        self._in_use += 1
        self._unused.clear()
        try:
            yield
        finally:
            self._in_use -= 1
            if self._in_use == 0:
                self._unused.set()


def time_zone_of(connection: AsyncConnection) -> ZoneInfo:
    """Return the time zone of the store that a connection belongs to."""
    zone: ZoneInfo = connection.engine.get_execution_options()[_TIME_ZONE]
    return zone


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
