"""Whether a reader's books are as they were when work on them was planned."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import (
    BigInteger,
    Table,
    bindparam,
    func,
    select,
    type_coerce,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from .records import ReaderId
from .schema import BOOKS, LINKS, OWNER, READS

_TABLES: Final = (BOOKS, LINKS, READS)


def _marks(table: Table) -> tuple[object, ...]:
    is_own = table.c.reader_id == bindparam("wanted_reader")
    changed = type_coerce(table.c.updated_at, BigInteger)
    return (
        select(func.count()).where(is_own).select_from(table).scalar_subquery(),
        select(func.max(table.c.id)).where(is_own).scalar_subquery(),
        select(func.sum(changed)).where(is_own).scalar_subquery(),
    )


_STAMP: Final = select(*(mark for table in _TABLES for mark in _marks(table)))  # type: ignore[call-overload]
_OWNER: Final = select(OWNER.c.owner)


@dataclass(frozen=True, slots=True)
class Stamp:
    """Number, newest and times of change of a reader's books, links and reads."""

    marks: tuple[int, ...]


async def load_stamp(connection: AsyncConnection, reader_id: ReaderId) -> Stamp:
    """Return a value that changes when anything of a reader's books does."""
    row = (await connection.execute(_STAMP, {"wanted_reader": reader_id})).one()
    return Stamp(tuple(int(mark or 0) for mark in row))


async def load_owner(connection: AsyncConnection) -> str:
    """Return whose database this is: a name that no other installation has."""
    owner: str = (await connection.execute(_OWNER)).scalar_one()
    return owner
