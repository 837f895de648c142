"""Reads: single passes through a book; a re-read is a read of its own."""

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Row, bindparam, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ..errors import NotInStoreError
from ..kinds import ReadOutcome
from .records import (
    BookId,
    LinkId,
    Read,
    ReaderId,
    ReadFields,
    ReadId,
    SyncLogId,
)
from .schema import READS
from .statements import (
    columns_of,
    execute_in_slices,
    names_of,
    reserve_numbers,
    select_some,
    streamed,
    values_of,
)

_FIELDS: Final = names_of(ReadFields)
READ_COLUMNS: Final = (
    READS.c.id,
    READS.c.created_at,
    READS.c.updated_at,
    *columns_of(READS, ReadFields),
)
_ALL: Final = select(*READ_COLUMNS).order_by(READS.c.id)
_ONE: Final = _ALL.where(READS.c.id == bindparam("wanted"))
_SOME: Final = _ALL.where(READS.c.id.in_(bindparam("some", expanding=True)))
_OF_BOOK: Final = _ALL.where(READS.c.book_id == bindparam("wanted"))
_OF_LINK: Final = _ALL.where(READS.c.link_id == bindparam("wanted"))
_OF_READER: Final = _ALL.where(READS.c.reader_id == bindparam("wanted_reader"))
_NEWEST_OF_READER: Final = (
    select(*READ_COLUMNS)
    .where(READS.c.reader_id == bindparam("wanted_reader"))
    .order_by(READS.c.id.desc())
)
_NEWEST_OF_BOOKS: Final = select(*READ_COLUMNS).where(
    READS.c.id.in_(
        select(func.max(READS.c.id))
        .where(READS.c.book_id.in_(bindparam("some", expanding=True)))
        .group_by(READS.c.book_id)
        .scalar_subquery()
    )
)
_FIRST_FINISH: Final = select(func.min(READS.c.finished_on)).where(
    READS.c.reader_id == bindparam("wanted_reader")
)
_FINISHED: Final = _ALL.where(
    READS.c.reader_id == bindparam("wanted_reader"),
    READS.c.finished_on >= bindparam("first_day"),
    READS.c.finished_on <= bindparam("last_day"),
    READS.c.outcome == ReadOutcome.FINISHED,
)
_COUNT: Final = select(
    func.count(),
    func.count().filter(
        READS.c.finished_on >= bindparam("first_day"),
        READS.c.finished_on <= bindparam("last_day"),
    ),
).where(
    READS.c.reader_id == bindparam("wanted_reader"),
    READS.c.outcome == ReadOutcome.FINISHED,
)
_ADD: Final = insert(READS)
_CHANGE: Final = (
    update(READS)
    .where(READS.c.id == bindparam("wanted"))
    .values({name: bindparam(f"new_{name}") for name in (*_FIELDS, "updated_at")})
)
_MOVE: Final = (
    update(READS)
    .where(READS.c.link_id == bindparam("wanted"))
    .values(book_id=bindparam("new_book"))
)


async def add_reads(
    connection: AsyncConnection, reads: Sequence[ReadFields], *, now: datetime
) -> tuple[ReadId, ...]:
    """Add reads and return their numbers, in the same order."""
    numbers = await reserve_numbers(connection, READS, len(reads))
    rows = (
        values_of(read, _FIELDS) | {"id": number, "created_at": now, "updated_at": now}
        for number, read in zip(numbers, reads, strict=True)
    )
    await execute_in_slices(connection, _ADD, rows)
    return tuple(ReadId(number) for number in numbers)


async def restore_reads(connection: AsyncConnection, reads: Iterable[Read]) -> None:
    """Put deleted reads back as they were, under their old numbers."""
    rows = (
        values_of(read.fields, _FIELDS)
        | {
            "id": read.read_id,
            "created_at": read.created_at,
            "updated_at": read.updated_at,
        }
        for read in reads
    )
    await execute_in_slices(connection, _ADD, rows)


async def put_back_reads(connection: AsyncConnection, reads: Iterable[Read]) -> None:
    """Give known reads the fields and the time of change that they had."""
    rows = (
        {f"new_{name}": getattr(read.fields, name) for name in _FIELDS}
        | {"wanted": read.read_id, "new_updated_at": read.updated_at}
        for read in reads
    )
    await execute_in_slices(connection, _CHANGE, rows)


async def change_reads(
    connection: AsyncConnection,
    changed: Iterable[tuple[ReadId, ReadFields]],
    *,
    now: datetime,
) -> None:
    """Replace all fields of known reads."""
    rows = (
        {f"new_{name}": getattr(read, name) for name in _FIELDS}
        | {"wanted": read_id, "new_updated_at": now}
        for read_id, read in changed
    )
    await execute_in_slices(connection, _CHANGE, rows)


async def load_read(connection: AsyncConnection, read_id: ReadId) -> Read:
    """Return one read; raise NotInStoreError if there is none."""
    row = (await connection.execute(_ONE, {"wanted": read_id})).one_or_none()
    if row is None:
        raise NotInStoreError(what="read", number=read_id)
    return read_of(row)


async def load_some_reads(
    connection: AsyncConnection, read_ids: Iterable[ReadId]
) -> dict[ReadId, Read]:
    """Return the reads of these numbers that there are; a statement for each 250."""
    found: dict[ReadId, Read] = {}
    async for rows in select_some(connection, _SOME, read_ids):
        found.update((row[0], read_of(row)) for row in rows)
    return found


async def load_reads_of_book(
    connection: AsyncConnection, book_id: BookId
) -> tuple[Read, ...]:
    """Return a book's reads, oldest first."""
    rows = await connection.execute(_OF_BOOK, {"wanted": book_id})
    return tuple(read_of(row) for row in rows)


async def load_reads_of_import(
    connection: AsyncConnection, sync_log_id: SyncLogId
) -> tuple[Read, ...]:
    """Return the reads that an import made, as far as there are any left."""
    statement = _ALL.where(READS.c.sync_log_id == sync_log_id)
    found: list[Read] = []
    async for rows in streamed(connection, statement):
        found.extend(map(read_of, rows))
    return tuple(found)


async def load_reads_of_link(
    connection: AsyncConnection, link_id: LinkId
) -> tuple[Read, ...]:
    """Return a title's reads, oldest first; it need not be linked."""
    rows = await connection.execute(_OF_LINK, {"wanted": link_id})
    return tuple(read_of(row) for row in rows)


async def load_newest_reads(
    connection: AsyncConnection, book_ids: Iterable[BookId]
) -> dict[BookId, Read]:
    """Return the read of each book that was stored last; a statement for each 250."""
    found: dict[BookId, Read] = {}
    async for rows in select_some(connection, _NEWEST_OF_BOOKS, book_ids):
        for read in map(read_of, rows):
            if read.fields.book_id is not None:
                found[read.fields.book_id] = read
    return found


async def stream_reads(
    connection: AsyncConnection, reader_id: ReaderId
) -> AsyncIterator[Read]:
    """Yield all reads of a reader, oldest first. One statement."""
    async for rows in streamed(connection, _OF_READER, {"wanted_reader": reader_id}):
        for row in rows:
            yield read_of(row)


async def load_newest_reads_of_reader(
    connection: AsyncConnection, reader_id: ReaderId, *, limit: int
) -> tuple[Read, ...]:
    """Return a reader's reads that were stored last, newest first."""
    wanted = {"wanted_reader": reader_id}
    rows = await connection.execute(_NEWEST_OF_READER.limit(limit), wanted)
    return tuple(read_of(row) for row in rows)


async def load_finished_reads(
    connection: AsyncConnection, reader_id: ReaderId, *, first: date, last: date
) -> tuple[Read, ...]:
    """Return what a reader finished from one day to another, both included."""
    wanted = {"wanted_reader": reader_id, "first_day": first, "last_day": last}
    rows = await connection.execute(_FINISHED, wanted)
    return tuple(read_of(row) for row in rows)


async def count_finished(
    connection: AsyncConnection, reader_id: ReaderId, *, first: date, last: date
) -> tuple[int, int]:
    """Return how much a reader finished in all, and between two days (included)."""
    wanted = {"wanted_reader": reader_id, "first_day": first, "last_day": last}
    in_all, within = (await connection.execute(_COUNT, wanted)).one()
    return in_all, within


async def load_first_finish(
    connection: AsyncConnection, reader_id: ReaderId
) -> date | None:
    """Return the first day on which a reader is known to have finished something."""
    day: date | None = await connection.scalar(
        _FIRST_FINISH, {"wanted_reader": reader_id}
    )
    return day


async def move_reads(
    connection: AsyncConnection, link_id: LinkId, book_id: BookId | None
) -> None:
    """Let a title's reads follow it to the book that it is linked to now."""
    await connection.execute(_MOVE, {"wanted": link_id, "new_book": book_id})


async def delete_read(connection: AsyncConnection, read_id: ReadId) -> None:
    """Delete a read that never was."""
    result = await connection.execute(delete(READS).where(READS.c.id == read_id))
    if result.rowcount == 0:
        raise NotInStoreError(what="read", number=read_id)


def read_of(row: Row[Any] | Sequence[Any]) -> Read:
    """Return the read in a row of READ_COLUMNS."""
    read_id, created_at, updated_at, *rest = row
    return Read(read_id, created_at, updated_at, ReadFields(*rest))
