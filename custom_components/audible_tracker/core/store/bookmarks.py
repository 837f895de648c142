"""Bookmarks: the places of a title that its reader has marked."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import bindparam, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ..bookmark import Bookmark
from ..kinds import Source
from .records import LinkId, ReaderId, SyncLogId
from .schema import BOOKMARKS, LINKS
from .statements import Upsert, columns_of, execute_in_slices, names_of, values_of

_TABLE: Final = BOOKMARKS
_FIELDS: Final = tuple(name for name in names_of(Bookmark) if name != "key")
_KEYS: Final = ("link_id", "source", "source_key")
_SAVE: Final = Upsert(
    _TABLE,
    keys=_KEYS,
    renew=("position_ms", "note", "updated_at", "sync_log_id"),
    where=lambda new: _TABLE.c.updated_at < new.excluded.updated_at,
    returning=(_TABLE.c.id,),
)
_ADD: Final = Upsert(_TABLE)
_IS_ONE: Final = (
    _TABLE.c.link_id.in_(bindparam("some", expanding=True)),
    _TABLE.c.source == bindparam("wanted_source", type_=_TABLE.c.source.type),
    _TABLE.c.source_key == bindparam("wanted_key", type_=_TABLE.c.source_key.type),
)
_HOLDER: Final = select(_TABLE.c.link_id).where(*_IS_ONE).order_by(_TABLE.c.id)
_DELETE: Final = delete(_TABLE).where(*_IS_ONE)
_OF_READER: Final = (
    select(_TABLE.c.link_id, *columns_of(_TABLE, Bookmark, key="source_key"))
    .join(LINKS, LINKS.c.id == _TABLE.c.link_id)
    .where(LINKS.c.reader_id == bindparam("wanted_reader"))
    .order_by(
        _TABLE.c.link_id,
        _TABLE.c.position_ms,
        _TABLE.c.created_at,
        _TABLE.c.source_key,
    )
)


async def save_bookmark(
    connection: AsyncConnection, link_id: LinkId, bookmark: Bookmark
) -> bool:
    """Keep a bookmark, or what is newer of one that is known; tell if that was news."""
    values = _row(link_id, bookmark, None)
    return (await connection.scalar(_SAVE.on(connection), values)) is not None


async def add_bookmarks(
    connection: AsyncConnection,
    bookmarks: Iterable[tuple[LinkId, Bookmark]],
    *,
    sync_log_id: SyncLogId,
) -> None:
    """Add the bookmarks of an import; those that are known stay as they are."""
    rows = (_row(link_id, bookmark, sync_log_id) for link_id, bookmark in bookmarks)
    await execute_in_slices(connection, _ADD.on(connection), rows)


async def find_holder(
    connection: AsyncConnection, links: Sequence[LinkId], source: Source, key: str
) -> LinkId | None:
    """Return which of some links has a bookmark, None if none has."""
    return await connection.scalar(_HOLDER, _one(links, source, key))


async def delete_bookmark(
    connection: AsyncConnection, links: Sequence[LinkId], source: Source, key: str
) -> bool:
    """Delete a bookmark of some links; tell if it was there."""
    result = await connection.execute(_DELETE, _one(links, source, key))
    return result.rowcount > 0


async def delete_bookmarks_of_import(
    connection: AsyncConnection, sync_log_id: SyncLogId
) -> None:
    """Delete what an import has made and nobody has changed since."""
    statement = delete(_TABLE).where(_TABLE.c.sync_log_id == sync_log_id)
    await connection.execute(statement)


async def load_bookmarks(
    connection: AsyncConnection, reader_id: ReaderId
) -> dict[LinkId, tuple[Bookmark, ...]]:
    """Return a reader's bookmarks by title, each title's by their place."""
    rows = await connection.execute(_OF_READER, {"wanted_reader": reader_id})
    found: dict[LinkId, tuple[Bookmark, ...]] = {}
    for link_id, *values in rows:
        found[link_id] = (*found.get(link_id, ()), Bookmark(*values))
    return found


def _row(
    link_id: LinkId, bookmark: Bookmark, sync_log_id: SyncLogId | None
) -> dict[str, Any]:
    return values_of(bookmark, _FIELDS) | {
        "link_id": link_id,
        "source_key": bookmark.key,
        "sync_log_id": sync_log_id,
    }


def _one(links: Sequence[LinkId], source: Source, key: str) -> dict[str, object]:
    return {"some": links, "wanted_source": source, "wanted_key": key}
