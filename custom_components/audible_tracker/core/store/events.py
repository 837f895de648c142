"""Events: everything ever told to automations, kept before it is told.

An event is stored in the transaction that causes it and published afterwards; what was
left unpublished is published later, after a crash at the next start, under the same id.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ..models import Asin
from .records import AccountId, BookId, ReaderId, TrackerEvent
from .schema import EVENTS
from .statements import (
    Upsert,
    columns_of,
    execute_in_slices,
    insert_returning,
    names_of,
    values_of,
)

_FIELDS: Final = names_of(TrackerEvent)
_COLUMNS: Final = columns_of(EVENTS, TrackerEvent)
_ADD: Final = Upsert(EVENTS, returning=(EVENTS.c.event_id,))
_UNPUBLISHED: Final = (
    select(*_COLUMNS)
    .where(EVENTS.c.published_at.is_(None))
    .order_by(EVENTS.c.created_at, EVENTS.c.event_id)
    .limit(bindparam("at_most"))
)
_UNPUBLISHED_OF: Final = _UNPUBLISHED.where(
    EVENTS.c.account_id == bindparam("wanted_account")
)
_PUBLISHED: Final = (
    update(EVENTS)
    .where(EVENTS.c.event_id == bindparam("wanted"))
    .values(published_at=bindparam("at"))
)
_OF_TITLE: Final = (
    select(*_COLUMNS)
    .where(EVENTS.c.asin == bindparam("wanted_asin"))
    .order_by(EVENTS.c.created_at.desc(), EVENTS.c.event_id)
    .limit(bindparam("at_most"))
)


_NEWEST_FIRST: Final = (
    select(*_COLUMNS)
    .order_by(EVENTS.c.created_at.desc(), EVENTS.c.event_id)
    .limit(bindparam("at_most"))
)
_OF_BOOK: Final = _NEWEST_FIRST.where(EVENTS.c.book_id == bindparam("wanted"))
_OF_READER: Final = _NEWEST_FIRST.where(EVENTS.c.reader_id == bindparam("wanted"))

_FORGET: Final = delete(EVENTS).where(
    EVENTS.c.event_type == bindparam("of_type"),
    EVENTS.c.published_at.is_not(None),
    EVENTS.c.created_at < bindparam("before", type_=EVENTS.c.created_at.type),
)


async def add_events(
    connection: AsyncConnection, events: Iterable[TrackerEvent]
) -> frozenset[str]:
    """Keep events to be published and return the ids of those that are new.

    Left out is what was said before: the same id, or the same ``once_key``.
    """
    rows = (values_of(event, _FIELDS) for event in events)
    found = await insert_returning(connection, _ADD.on(connection), rows)
    return frozenset(row[0] for row in found)


async def load_unpublished(
    connection: AsyncConnection,
    account_id: AccountId | None = None,
    *,
    limit: int = 500,
) -> tuple[TrackerEvent, ...]:
    """Return what is still to be told, of one account or of all, oldest first."""
    wanted: dict[str, int] = {"at_most": limit}
    if account_id is None:
        rows = await connection.execute(_UNPUBLISHED, wanted)
    else:
        wanted["wanted_account"] = account_id
        rows = await connection.execute(_UNPUBLISHED_OF, wanted)
    return tuple(TrackerEvent(*row) for row in rows)


async def mark_published(
    connection: AsyncConnection, event_ids: Iterable[str], *, at: datetime
) -> None:
    """Note that events were told."""
    rows = ({"wanted": event_id, "at": at} for event_id in event_ids)
    await execute_in_slices(connection, _PUBLISHED, rows)


async def load_events_of_title(
    connection: AsyncConnection, asin: Asin, *, limit: int = 100
) -> tuple[TrackerEvent, ...]:
    """Return a title's events, newest first."""
    wanted = {"wanted_asin": asin, "at_most": limit}
    rows = await connection.execute(_OF_TITLE, wanted)
    return tuple(TrackerEvent(*row) for row in rows)


async def load_events_of_book(
    connection: AsyncConnection, book_id: BookId, *, limit: int = 100
) -> tuple[TrackerEvent, ...]:
    """Return the events of all titles that are a book, newest first."""
    rows = await connection.execute(_OF_BOOK, {"wanted": book_id, "at_most": limit})
    return tuple(TrackerEvent(*row) for row in rows)


async def load_events_of_reader(
    connection: AsyncConnection, reader_id: ReaderId, *, limit: int = 100
) -> tuple[TrackerEvent, ...]:
    """Return a reader's events, newest first."""
    rows = await connection.execute(_OF_READER, {"wanted": reader_id, "at_most": limit})
    return tuple(TrackerEvent(*row) for row in rows)


async def forget_events(
    connection: AsyncConnection, event_type: str, *, before: datetime
) -> None:
    """Forget old events of a kind that was told and is told never again anyway."""
    await connection.execute(_FORGET, {"of_type": event_type, "before": before})
