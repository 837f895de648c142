"""What happened and must reach the other half, also one that is away for days."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from audible_core.store.engine import reading
from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from audible_server.store.clock import now_ms
from audible_server.store.schema import EVENTS

_KEPT_MS: Final = int(timedelta(days=90).total_seconds() * 1000)
# Who writes is alone until the end of the transaction, so that numbers are seen in
# their order; SQLite has one writer anyway.
_ALONE: Final = text("LOCK TABLE events IN SHARE ROW EXCLUSIVE MODE")


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """Something that happened; its number is never used twice, and only grows."""

    event_id: int
    kind: str
    data: Mapping[str, Any]


async def append_event(
    connection: AsyncConnection, kind: str, data: Mapping[str, Any]
) -> StoredEvent:
    """Write down what happened, in the transaction that makes it happen.

    The number is the time in epoch milliseconds, or the last one and one more: who
    remembers a number of a database that was lost misses nothing of a new one.
    """
    if connection.dialect.name == "postgresql":
        await connection.execute(_ALONE)
    now = now_ms()
    last = await connection.scalar(select(func.max(EVENTS.c.event_id))) or 0
    event = StoredEvent(max(now, last + 1), kind, data)
    await connection.execute(
        insert(EVENTS).values(
            event_id=event.event_id, kind=kind, data=json.dumps(dict(data))
        )
    )
    await connection.execute(delete(EVENTS).where(EVENTS.c.event_id < now - _KEPT_MS))
    return event


class EventLog:
    """Queries on what happened."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Use an open engine."""
        self._engine = engine

    async def load_after(self, event_id: int, *, at_most: int) -> list[StoredEvent]:
        """Return what came after an event, oldest first."""
        statement = (
            select(EVENTS.c.event_id, EVENTS.c.kind, EVENTS.c.data)
            .where(EVENTS.c.event_id > event_id)
            .order_by(EVENTS.c.event_id)
            .limit(at_most)
        )
        async with reading(self._engine) as connection:
            rows = await connection.execute(statement)
            return [StoredEvent(row[0], row[1], json.loads(row[2])) for row in rows]
