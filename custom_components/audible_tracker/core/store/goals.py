"""Goals: what a reader wants to reach."""

from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from .records import Goal, ReaderId
from .schema import GOALS
from .statements import Upsert, columns_of, names_of, values_of

_FIELDS: Final = names_of(Goal)
_KEYS: Final = ("reader_id", "kind", "starts_on", "ends_on")
_OF_READER: Final = (
    select(*columns_of(GOALS, Goal))
    .where(GOALS.c.reader_id == bindparam("wanted_reader"))
    .order_by(GOALS.c.starts_on, GOALS.c.kind)
)
_SAVE: Final = Upsert(GOALS, keys=_KEYS, renew=("target", "updated_at"))
_DELETE: Final = delete(GOALS).where(
    *(GOALS.c[name] == bindparam(f"old_{name}") for name in _KEYS)
)


async def save_goal(connection: AsyncConnection, goal: Goal, *, now: datetime) -> None:
    """Set a goal, or its new target."""
    row = values_of(goal, _FIELDS) | {"created_at": now, "updated_at": now}
    await connection.execute(_SAVE.on(connection), row)


async def delete_goal(connection: AsyncConnection, goal: Goal) -> None:
    """Give a goal up; one that is not there is no mistake."""
    values = {f"old_{name}": getattr(goal, name) for name in _KEYS}
    await connection.execute(_DELETE, values)


async def load_goals(
    connection: AsyncConnection, reader_id: ReaderId
) -> tuple[Goal, ...]:
    """Return a reader's goals, oldest first."""
    rows = await connection.execute(_OF_READER, {"wanted_reader": reader_id})
    return tuple(Goal(*row) for row in rows)
