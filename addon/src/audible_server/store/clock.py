"""The time of day as it is stored."""

from datetime import UTC, datetime
from typing import Final

from sqlalchemy import BigInteger, ColumnElement, cast, extract, func, literal

_MS_PER_S: Final = 1000


def now_ms() -> int:
    """Return the time now in epoch milliseconds."""
    return int(datetime.now(UTC).timestamp() * _MS_PER_S)


def clock_of(dialect: str) -> ColumnElement[int]:
    """Return the time now in epoch milliseconds, for a statement.

    That of the database server where there is one: the clocks of several machines
    differ.
    """
    if dialect != "postgresql":
        return literal(now_ms())
    seconds = extract("epoch", func.clock_timestamp())
    return cast(seconds * _MS_PER_S, BigInteger)
