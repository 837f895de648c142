"""What a reader wants to hear next, in order."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ..errors import NotInStoreError
from .list_tables import UP_NEXT
from .records import ReaderId, UpNext, UpNextId
from .statements import columns_of

_MINE: Final = UP_NEXT.c.reader_id == bindparam("wanted_reader")
_ITEM: Final = UP_NEXT.c.id == bindparam("wanted_item")
_OF_READER: Final = (
    select(*columns_of(UP_NEXT, UpNext, item_id="id"))
    .where(_MINE)
    .order_by(UP_NEXT.c.place, UP_NEXT.c.id)
)
_LAST: Final = select(func.coalesce(func.max(UP_NEXT.c.place), 0)).where(_MINE)
_ADD: Final = insert(UP_NEXT)
_CHANGE: Final = update(UP_NEXT).where(_MINE, _ITEM)
_DELETE: Final = delete(UP_NEXT).where(
    _MINE, UP_NEXT.c.id.in_(bindparam("some", expanding=True))
)


async def load_up_next(
    connection: AsyncConnection, reader_id: ReaderId
) -> tuple[UpNext, ...]:
    """Return a reader's list."""
    rows = await connection.execute(_OF_READER, {"wanted_reader": reader_id})
    return tuple(UpNext(*row) for row in rows)


async def add_up_next(
    connection: AsyncConnection,
    reader_id: ReaderId,
    title: str,
    *,
    note: str,
    now: datetime,
) -> None:
    """Add something at the end."""
    last: int = await connection.scalar(_LAST, {"wanted_reader": reader_id}) or 0
    row = {
        "reader_id": reader_id,
        "title": title,
        "note": note,
        "place": last + 1,
        "created_at": now,
        "updated_at": now,
    }
    await connection.execute(_ADD, row)


async def change_up_next(
    connection: AsyncConnection, reader_id: ReaderId, item: UpNext, *, now: datetime
) -> None:
    """Change title, note and whether it is done; raise NotInStoreError."""
    statement = _CHANGE.values(
        title=item.title, note=item.note, is_done=item.is_done, updated_at=now
    )
    wanted = {"wanted_reader": reader_id, "wanted_item": item.item_id}
    if (await connection.execute(statement, wanted)).rowcount == 0:
        raise NotInStoreError(what="entry", number=item.item_id)


async def delete_up_next(
    connection: AsyncConnection, reader_id: ReaderId, items: Sequence[UpNextId]
) -> None:
    """Remove entries; one that is not there is no mistake."""
    wanted = {"wanted_reader": reader_id, "some": list(items)}
    await connection.execute(_DELETE, wanted)


async def move_up_next(
    connection: AsyncConnection,
    reader_id: ReaderId,
    item_id: UpNextId,
    *,
    after: UpNextId | None,
) -> None:
    """Put an entry behind another one, or first; raise NotInStoreError."""
    known = [item.item_id for item in await load_up_next(connection, reader_id)]
    for wanted in (item_id, after):
        if wanted is not None and wanted not in known:
            raise NotInStoreError(what="entry", number=wanted)
    order = [one for one in known if one != item_id]
    order.insert(order.index(after) + 1 if after in order else 0, item_id)
    for place, one in enumerate(order, 1):
        which = {"wanted_reader": reader_id, "wanted_item": one}
        await connection.execute(_CHANGE.values(place=place), which)
