"""What all modules of the store share: slices, streams, upserts, rows to records."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from itertools import batched
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Executable, Row, Select, Table, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

SLICE_ROWS: Final = 250
"""More rows at once would hold the event loop for longer than a few milliseconds."""

STREAM_ROWS: Final = 500
"""So many rows are turned into records before the event loop gets its turn."""

_LAST_NUMBER: Final = text("SELECT seq FROM sqlite_sequence WHERE name = :name")
_NEXT_NUMBERS: Final = text(
    "SELECT nextval(pg_get_serial_sequence(:name, 'id')) "
    "FROM generate_series(1, :count)"
)

type Values = dict[str, Any]
type Insert = sqlite.Insert | postgresql.Insert


class Upsert:
    """An INSERT that decides itself what happens to a row that is there already.

    ``renew`` names the columns that take the new value; without any, the old row stays,
    whatever rule of uniqueness it is that the new one breaks. ``keys_where`` is the
    condition of a partial index.
    """

    def __init__(
        self,
        table: Table,
        *,
        keys: Sequence[str] = (),
        keys_where: ColumnElement[bool] | None = None,
        renew: Iterable[str] = (),
        where: Callable[[Insert], Any] | None = None,
        returning: Sequence[Column[Any]] = (),
    ) -> None:
        """Make the statement once for each kind of database."""
        names = tuple(renew)
        self._by_dialect: dict[str, Executable] = {}
        for dialect in (sqlite, postgresql):
            insert: Insert = dialect.insert(table)
            if names:
                insert = insert.on_conflict_do_update(
                    index_elements=list(keys),
                    index_where=keys_where,
                    set_={name: insert.excluded[name] for name in names},
                    where=where(insert) if where is not None else None,
                )
            else:
                insert = insert.on_conflict_do_nothing()
            statement = insert.returning(*returning) if returning else insert
            self._by_dialect[dialect.__name__.rsplit(".", 1)[-1]] = statement

    def on(self, connection: AsyncConnection) -> Executable:
        """Return the statement for a connection's database."""
        return self._by_dialect[connection.dialect.name]


async def execute_in_slices(
    connection: AsyncConnection, statement: Executable, rows: Iterable[Values]
) -> None:
    """Run a statement for each row; rows are made slice by slice."""
    for piece in batched(rows, SLICE_ROWS, strict=False):
        await connection.execute(statement, piece)


async def insert_returning(
    connection: AsyncConnection, statement: Executable, rows: Iterable[Values]
) -> list[Row[Any]]:
    """Run an INSERT … RETURNING for each row and return what came, slice by slice."""
    found: list[Row[Any]] = []
    for piece in batched(rows, SLICE_ROWS, strict=False):
        result = await connection.execute(statement, piece)
        found.extend(result.all())
    return found


async def reserve_numbers(
    connection: AsyncConnection, table: Table, count: int
) -> Sequence[int]:
    """Return numbers for new rows, which nobody else gets; needs a transaction.

    Asking for each row's number while it is inserted takes SQLite ten times as long.
    """
    if connection.dialect.name == "sqlite":
        # Whoever writes is alone until the end of the transaction.
        last = await connection.scalar(_LAST_NUMBER, {"name": table.name})
        return range((last or 0) + 1, (last or 0) + 1 + count)
    values = {"name": table.name, "count": count}
    return (await connection.scalars(_NEXT_NUMBERS, values)).all()


async def streamed(
    connection: AsyncConnection,
    statement: Select[Any],
    values: Mapping[str, Any] | None = None,
) -> AsyncIterator[Sequence[Row[Any]]]:
    """Yield the rows in partitions, so that a long answer does not hold the loop."""
    result = await connection.stream(statement, values)
    async for rows in result.partitions(STREAM_ROWS):
        yield rows


async def select_some(
    connection: AsyncConnection,
    statement: Select[Any],
    wanted: Iterable[object],
    values: Mapping[str, Any] | None = None,
) -> AsyncIterator[Sequence[Row[Any]]]:
    """Yield the rows of a statement that looks for ``some`` values, slice by slice."""
    for piece in batched(wanted, SLICE_ROWS, strict=False):
        result = await connection.execute(statement, {**(values or {}), "some": piece})
        yield result.all()


def names_of(record: type) -> tuple[str, ...]:
    """Return the fields of a record, in order; its columns have the same names."""
    return tuple(member.name for member in fields(record))


def columns_of(table: Table, record: type, **renamed: str) -> tuple[Column[Any], ...]:
    """Return the columns of a record's fields, in order, so that a row makes one.

    ``renamed`` gives the column of a field that has another name.
    """
    return tuple(table.c[renamed.get(name, name)] for name in names_of(record))


def values_of(record: Any, names: Sequence[str]) -> Values:
    """Return a record's named fields by column."""
    return {name: getattr(record, name) for name in names}
