"""The time of day as it is stored."""

import time
from typing import Final

from sqlalchemy import BigInteger, ColumnElement, cast, extract, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

_MS_PER_S: Final = 1000
_NS_PER_MS: Final = 1_000_000


def now_ms() -> int:
    """Return the time now in epoch milliseconds."""
    return time.time_ns() // _NS_PER_MS


def clock_of(dialect: str) -> ColumnElement[int]:
    """Return the time now in epoch milliseconds, for a statement.

    That of the database server where there is one: the clocks of several machines
    differ.
    """
    if dialect != "postgresql":
        return literal(now_ms())
    seconds = extract("epoch", func.clock_timestamp())
    return cast(seconds * _MS_PER_S, BigInteger)


async def now_at(connection: AsyncConnection) -> int:
    """Return the time now where the database is, in epoch milliseconds."""
    now = await connection.scalar(select(clock_of(connection.dialect.name)))
    return int(now or 0)
