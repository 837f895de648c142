"""A mark of what a reader's figures are made of: it is another one once any changed."""

from typing import Any, Final

from sqlalchemy import BigInteger, Column, Table, bindparam, func, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncConnection

from .records import ReaderId
from .schema import ACCOUNTS, GOALS, HISTORY, LISTENING_DAYS, READS

type ReaderMark = tuple[Any, ...]

_WANTED: Final = bindparam("wanted_reader", type_=BigInteger)


def _number_and_times(table: Table) -> tuple[Any, Any]:
    """Return how many rows there are, and a sum that any change of one makes another.

    What is undone has its former time of change: the newest alone would not tell.
    """
    changed: Column[Any] = table.c.updated_at
    ours = table.c.reader_id == _WANTED
    count = select(func.count()).select_from(table).where(ours)
    times = select(func.sum(type_coerce(changed, BigInteger))).where(ours)
    return count.scalar_subquery(), times.scalar_subquery()


_MARK: Final = select(
    *_number_and_times(LISTENING_DAYS),
    *_number_and_times(READS),
    *_number_and_times(GOALS),
    # The ledger only ever grows.
    select(func.max(HISTORY.c.id)).scalar_subquery(),
    select(func.count())
    .select_from(ACCOUNTS)
    .where(ACCOUNTS.c.default_reader_id == _WANTED)
    .scalar_subquery(),
)


async def load_reader_mark(
    connection: AsyncConnection, reader_id: ReaderId
) -> ReaderMark:
    """Return the mark of a reader. One statement."""
    wanted = {"wanted_reader": reader_id}
    return tuple((await connection.execute(_MARK, wanted)).one())
