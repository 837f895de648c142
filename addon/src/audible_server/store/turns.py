"""Whose turn it is, among all servers on one database."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

from audible_core.store.engine import writing
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

_MOST: Final = 4
"""Each turn keeps a connection; the rest of the pool is for other work."""


class Turns:
    """Locks by name; one ends with its server, however that ends.

    A file has one program, which has locks of its own.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        """Use an open engine."""
        self._engine = engine
        self._room = asyncio.Semaphore(_MOST)

    @asynccontextmanager
    async def of(self, name: str) -> AsyncGenerator[None]:
        """Wait until no other server has the turn, and keep it for the block."""
        if self._engine.dialect.name != "postgresql":
            yield
            return
        turn = func.pg_advisory_xact_lock(func.hashtextextended(name, 0))
        async with self._room, writing(self._engine) as connection:
            await connection.execute(select(turn))
            yield
