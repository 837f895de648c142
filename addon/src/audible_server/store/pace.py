"""How fast all servers together may ask Audible, where they share a database."""

import asyncio
from contextlib import suppress
from typing import Final, override

from audible_core.audible.bucket import Bucket, full_bucket, take, wait_s
from audible_core.audible.pace import Pace
from audible_core.errors import StoreError
from audible_core.store.engine import reading, writing
from audible_core.store.statements import Upsert
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from audible_server.store.clock import clock_of, now_at
from audible_server.store.schema import PACES

_NAME: Final = "audible"
_MS_PER_S: Final = 1000
_MAKE: Final = Upsert(PACES)


class SharedPace(Pace):
    """One bucket in the database; who waits has taken its token already.

    So waiting is in order of asking, on whichever server. While the database is away
    each server keeps the pace for itself.
    """

    def __init__(self, engine: AsyncEngine, per_minute: int) -> None:
        """Use an open PostgreSQL."""
        super().__init__(per_minute)
        self._engine = engine
        self._per_minute = per_minute

    @override
    async def wait_turn(self) -> None:
        """Return when a request may be sent."""
        try:
            wait = await self._take()
        except StoreError:
            await super().wait_turn()
            return
        try:
            await asyncio.sleep(wait)
        except asyncio.CancelledError:
            with suppress(StoreError):
                await asyncio.shield(self._give_back())
            raise

    @override
    async def wait_turn_first(self) -> None:
        """Return when a request may be sent; in the database all wait in one line."""
        await self.wait_turn()

    @override
    async def first_wait_s(self) -> float:
        """Return how long a request would wait now, behind those of all servers."""
        statement = select(
            PACES.c.tokens, PACES.c.at_ms, clock_of("postgresql").label("now_ms")
        )
        try:
            async with reading(self._engine) as connection:
                rows = await connection.execute(statement.where(PACES.c.name == _NAME))
                row = rows.one_or_none()
        except StoreError:
            return await super().first_wait_s()
        if row is None:
            return 0.0
        bucket = Bucket(self._per_minute, row.tokens, row.at_ms / _MS_PER_S)
        return wait_s(bucket, max(row.now_ms, row.at_ms) / _MS_PER_S)

    async def _take(self) -> float:
        """Take a token; return after how many seconds it may be used."""
        async with writing(self._engine) as connection:
            now_ms = await now_at(connection)
            fresh = full_bucket(self._per_minute)
            values = {"name": _NAME, "tokens": fresh.tokens, "at_ms": now_ms}
            await connection.execute(_MAKE.on(connection), values)
            own = PACES.c.name == _NAME
            row = (
                await connection.execute(
                    select(PACES.c.tokens, PACES.c.at_ms).where(own).with_for_update()
                )
            ).one()
            bucket = Bucket(self._per_minute, row.tokens, row.at_ms / _MS_PER_S)
            # Who waited for the row looks at the clock anew.
            now_s = max(now_ms, row.at_ms) / _MS_PER_S
            left = take(bucket, now_s)
            await connection.execute(
                update(PACES)
                .where(own)
                .values(tokens=left.tokens, at_ms=int(left.at_s * _MS_PER_S))
            )
        return wait_s(bucket, now_s)

    async def _give_back(self) -> None:
        statement = update(PACES).where(PACES.c.name == _NAME)
        async with writing(self._engine) as connection:
            await connection.execute(statement.values(tokens=PACES.c.tokens + 1))
