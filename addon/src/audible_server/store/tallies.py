"""How many titles and jobs there are."""

from audible_core.store.engine import reading
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from audible_server.store.schema import BOOKS, JOBS


class Tallies:
    """Counts over whole tables."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Use an open engine."""
        self._engine = engine

    async def count_books(self) -> dict[str, int]:
        """Return how many titles are in each state."""
        statement = select(BOOKS.c.state, func.count()).group_by(BOOKS.c.state)
        async with reading(self._engine) as connection:
            return {row[0]: row[1] for row in await connection.execute(statement)}

    async def count_jobs(self) -> dict[tuple[str, str], int]:
        """Return how many jobs of each kind are in each state."""
        columns = JOBS.c.kind, JOBS.c.state
        statement = select(*columns, func.count()).group_by(*columns)
        async with reading(self._engine) as connection:
            rows = await connection.execute(statement)
            return {(kind, state): number for kind, state, number in rows}
