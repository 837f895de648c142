"""The ledger: every change of a position, for ever. Rows are only ever added."""

from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from typing import Final

from sqlalchemy import BigInteger, bindparam, func, insert, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncConnection

from ..kinds import Source
from ..models import Position
from .records import BookId, LedgerEntry, LinkId, ReaderId
from .schema import HISTORY, LINKS, READS
from .statements import (
    columns_of,
    execute_in_slices,
    names_of,
    select_some,
    streamed,
    values_of,
)
from .types import instant_of

_FIELDS: Final = names_of(LedgerEntry)
_COLUMNS: Final = columns_of(HISTORY, LedgerEntry)
_ADD: Final = insert(HISTORY)
_NEWEST: Final = (
    select(*_COLUMNS)
    .where(HISTORY.c.link_id == bindparam("wanted_link"))
    .order_by(HISTORY.c.recorded_at.desc(), HISTORY.c.id.desc())
    .limit(bindparam("at_most"))
)
_OF_BOOK: Final = (
    select(*_COLUMNS)
    .join(LINKS, LINKS.c.id == HISTORY.c.link_id)
    .where(LINKS.c.book_id == bindparam("wanted_book"))
    .order_by(HISTORY.c.recorded_at.desc(), HISTORY.c.id.desc())
    .limit(bindparam("at_most"))
)
_OF_READER: Final = (
    select(*_COLUMNS)
    .join(LINKS, LINKS.c.id == HISTORY.c.link_id)
    .where(LINKS.c.reader_id == bindparam("wanted_reader"))
    # Rows are only ever added, so that the numbers are the order.
    .order_by(HISTORY.c.id.desc())
    .limit(bindparam("at_most"))
)
_SINCE: Final = (
    select(*_COLUMNS)
    .join(LINKS, LINKS.c.id == HISTORY.c.link_id)
    .where(
        LINKS.c.reader_id == bindparam("wanted_reader"),
        HISTORY.c.recorded_at >= bindparam("since", type_=HISTORY.c.recorded_at.type),
    )
    .order_by(HISTORY.c.link_id, HISTORY.c.recorded_at, HISTORY.c.id)
)

# No time zone is off by less: what happened in one quarter happened on one day.
_QUARTER_MS: Final = 900_000
_QUARTERS: Final = (
    select(type_coerce(HISTORY.c.heard_at, BigInteger) // _QUARTER_MS)
    .join(LINKS, LINKS.c.id == HISTORY.c.link_id)
    .where(
        LINKS.c.reader_id == bindparam("wanted_reader"),
        HISTORY.c.recorded_at >= bindparam("since", type_=HISTORY.c.recorded_at.type),
        HISTORY.c.heard_at.is_not(None),
        HISTORY.c.source.in_((Source.AUDIBLE, Source.PLAYER)),
    )
    .distinct()
)
# A place that was told comes back in whole milliseconds, or in whole seconds.
_SAME_MS: Final = 1_000
_AT_HOME: Final = (
    select(HISTORY.c.id)
    .join(LINKS, LINKS.c.id == HISTORY.c.link_id)
    .where(
        LINKS.c.reader_id == bindparam("wanted_reader"),
        LINKS.c.asin == bindparam("wanted_asin"),
        HISTORY.c.source.in_((Source.PLAYER, Source.USER)),
        HISTORY.c.position_ms.between(bindparam("from_ms"), bindparam("to_ms")),
        HISTORY.c.heard_at.between(
            bindparam("since", type_=HISTORY.c.heard_at.type),
            bindparam("until", type_=HISTORY.c.heard_at.type),
        ),
    )
    .limit(1)
)
_PASS_BEGAN: Final = (
    select(func.max(READS.c.created_at))
    .where(READS.c.link_id == HISTORY.c.link_id)
    .correlate(HISTORY)
    .scalar_subquery()
)
_FURTHEST: Final = (
    select(HISTORY.c.link_id, func.max(HISTORY.c.position_ms))
    .where(
        HISTORY.c.link_id.in_(bindparam("some", expanding=True)),
        HISTORY.c.position_ms.is_not(None),
        _PASS_BEGAN.is_(None) | (HISTORY.c.recorded_at >= _PASS_BEGAN),
    )
    .group_by(HISTORY.c.link_id)
)


async def add_to_ledger(
    connection: AsyncConnection, entries: Iterable[LedgerEntry]
) -> None:
    """Add rows to the ledger."""
    rows = (values_of(entry, _FIELDS) for entry in entries)
    await execute_in_slices(connection, _ADD, rows)


async def was_heard_at_home(
    connection: AsyncConnection,
    reader_id: ReaderId,
    position: Position,
    *,
    since: datetime,
    until: datetime,
) -> bool:
    """Tell whether a reader was at a place of a title here, and not at Audible."""
    wanted = {
        "wanted_reader": reader_id,
        "wanted_asin": position.asin,
        "from_ms": position.position_ms - _SAME_MS,
        "to_ms": position.position_ms + _SAME_MS,
        "since": since,
        "until": until,
    }
    return (await connection.execute(_AT_HOME, wanted)).first() is not None


async def load_history(
    connection: AsyncConnection, link_id: LinkId, *, limit: int = 100
) -> tuple[LedgerEntry, ...]:
    """Return the newest rows of a link, newest first."""
    wanted = {"wanted_link": link_id, "at_most": limit}
    rows = await connection.execute(_NEWEST, wanted)
    return tuple(LedgerEntry(*row) for row in rows)


async def load_history_of_book(
    connection: AsyncConnection, book_id: BookId, *, limit: int = 100
) -> tuple[LedgerEntry, ...]:
    """Return the newest rows of all titles that are a book, newest first."""
    wanted = {"wanted_book": book_id, "at_most": limit}
    rows = await connection.execute(_OF_BOOK, wanted)
    return tuple(LedgerEntry(*row) for row in rows)


async def load_furthest(
    connection: AsyncConnection, link_ids: Iterable[LinkId]
) -> dict[LinkId, int]:
    """Return the furthest places, in ms, since each link's newest pass began."""
    found: dict[LinkId, int] = {}
    async for rows in select_some(connection, _FURTHEST, link_ids):
        found.update((link_id, position_ms) for link_id, position_ms in rows)
    return found


async def load_history_of_reader(
    connection: AsyncConnection, reader_id: ReaderId, *, limit: int = 100
) -> tuple[LedgerEntry, ...]:
    """Return the newest rows of all titles of a reader, newest first."""
    wanted = {"wanted_reader": reader_id, "at_most": limit}
    rows = await connection.execute(_OF_READER, wanted)
    return tuple(LedgerEntry(*row) for row in rows)


async def stream_history(
    connection: AsyncConnection, reader_id: ReaderId, *, since: datetime
) -> AsyncIterator[LedgerEntry]:
    """Yield a reader's rows from an instant on, title by title, oldest first."""
    wanted = {"wanted_reader": reader_id, "since": since}
    async for rows in streamed(connection, _SINCE, wanted):
        for row in rows:
            yield LedgerEntry(*row)


async def load_heard_quarters(
    connection: AsyncConnection, reader_id: ReaderId, *, since: datetime
) -> tuple[datetime, ...]:
    """Return the quarters of an hour in which a reader's places moved by listening."""
    wanted = {"wanted_reader": reader_id, "since": since}
    rows = await connection.execute(_QUARTERS, wanted)
    return tuple(instant_of(int(quarter) * _QUARTER_MS) for (quarter,) in rows)
