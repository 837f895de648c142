"""Lines of our own to PostgreSQL, which hear what the database tells."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine


@asynccontextmanager
async def opened_line(
    engine: AsyncEngine, on_lost: Callable[[], None]
) -> AsyncGenerator[Any]:
    """Open a connection and yield asyncpg's own; each statement is for itself.

    ``on_lost`` is called when it is gone.
    """
    async with engine.connect() as plain:
        connection = await plain.execution_options(isolation_level="AUTOCOMMIT")
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver is not None  # it is open
        driver.add_termination_listener(lambda _: on_lost())
        try:
            yield driver
        finally:
            # It listens: nobody else may get it from the pool.
            await connection.invalidate()
