"""Passes through books as days, for calendars."""

from datetime import date
from typing import Final

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ..kinds import ReadOutcome
from .records import Pass, ReaderId
from .schema import BOOKS, LINKS, READS

_STARTS: Final = func.coalesce(
    READS.c.started_on,
    READS.c.finished_on,
    READS.c.stopped_on,
    type_=READS.c.started_on.type,
)
_ENDS: Final = func.coalesce(
    READS.c.finished_on, READS.c.stopped_on, READS.c.started_on
)
_BETWEEN: Final = (
    select(
        READS.c.id,
        func.coalesce(BOOKS.c.title, LINKS.c.audible_title),
        BOOKS.c.authors,
        _STARTS,
        READS.c.finished_on,
        READS.c.stopped_on,
        READS.c.outcome,
    )
    .outerjoin(BOOKS, BOOKS.c.id == READS.c.book_id)
    .outerjoin(LINKS, LINKS.c.id == READS.c.link_id)
    .where(
        READS.c.reader_id == bindparam("wanted_reader"),
        bindparam("last_day", type_=READS.c.started_on.type) >= _STARTS,
        or_(
            READS.c.outcome == ReadOutcome.UNDER_WAY,
            bindparam("first_day", type_=READS.c.started_on.type) <= _ENDS,
        ),
    )
    .order_by(_STARTS, READS.c.id)
)


async def load_passes(
    connection: AsyncConnection, reader_id: ReaderId, *, first: date, last: date
) -> tuple[Pass, ...]:
    """Return the passes of which a day lies between two days, both included.

    Those of unknown days are left out: they are on no calendar.
    """
    wanted = {"wanted_reader": reader_id, "first_day": first, "last_day": last}
    rows = await connection.execute(_BETWEEN, wanted)
    return tuple(
        Pass(
            read_id=read_id,
            title=title or "",
            authors=authors or (),
            starts_on=starts_on,
            ends_on=None
            if outcome is ReadOutcome.UNDER_WAY
            else finished_on or stopped_on or starts_on,
        )
        for read_id, title, authors, starts_on, finished_on, stopped_on, outcome in rows
    )
