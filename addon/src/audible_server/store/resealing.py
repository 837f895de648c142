"""Sealing everything anew under another key, all of it or nothing."""

import asyncio
from typing import Final

from audible_core.store.engine import writing
from audible_core.vault import Vault
from sqlalchemy import Column, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from audible_server.store.schema import ACCOUNTS, BOOKS

_SEALED: Final = (
    (ACCOUNTS.c.account_id, ACCOUNTS.c.credentials),
    (ACCOUNTS.c.account_id, ACCOUNTS.c.activation_bytes),
    (BOOKS.c.asin, BOOKS.c.voucher),
)


class KeyChange:
    """Changes the key of all that is sealed; one change at a time."""

    def __init__(self, engine: AsyncEngine, vault: Vault) -> None:
        """Use an open engine, and the vault that everybody uses."""
        self._engine = engine
        self._vault = vault
        self._lock = asyncio.Lock()

    async def run(self) -> int:
        """Make a new key, seal all with it, forget the old ones; return how many.

        Raises SealError where something was sealed with a key that is lost; then what
        is sealed stays as it was, and the new key stays beside the old ones: a download
        or a sign-in may have sealed something with it. A crash at any moment leaves
        keys that open everything.
        """
        async with self._lock:
            await asyncio.to_thread(self._vault.add_key)
            count = await self._reseal_all()
            # What was sealed just before, and written just after.
            await self._reseal_all()
            await asyncio.to_thread(self._vault.drop_old_keys)
            return count

    async def _reseal_all(self) -> int:
        async with writing(self._engine) as connection:
            counts = [await _reseal(connection, self._vault, *pair) for pair in _SEALED]
        return sum(counts)


async def _reseal(
    connection: AsyncConnection, vault: Vault, key: Column[str], sealed: Column[str]
) -> int:
    statement = select(key, sealed).where(sealed.is_not(None)).with_for_update()
    rows = (await connection.execute(statement)).all()
    for name, text in rows:
        renewed = vault.resealed(text, what=sealed.name)
        change = update(key.table).where(key == name).values({sealed.name: renewed})
        await connection.execute(change)
    return len(rows)
