"""What is heard and marked on the page: one place per title, and its bookmarks."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Final, Self
from uuid import uuid4

from audible_core.errors import UnknownBookmarkError
from audible_core.models import Asin
from audible_core.store.engine import reading, writing
from audible_core.store.statements import Upsert
from sqlalchemy import RowMapping, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from audible_server.store.clock import now_ms
from audible_server.store.event_log import StoredEvent, append_event
from audible_server.store.schema import BOOKMARKS, POSITIONS

POSITION_EVENT: Final = "position"
BOOKMARK_EVENT: Final = "bookmark"
BOOKMARK_DELETED_EVENT: Final = "bookmark_deleted"

_TOLD_EVERY_MS: Final = 60_000
"""While somebody listens, the other half hears of it so often."""

_LEAP_MS: Final = 60_000
_FASTEST: Final = 4
"""No page plays at such a speed: what is further on was not heard but sought."""

_PLACES: Final = (POSITIONS.c.position_ms, POSITIONS.c.heard_at, POSITIONS.c.told_at)
_SAVE: Final = Upsert(
    POSITIONS,
    keys=("asin",),
    renew=("position_ms", "heard_at", "told_at"),
    # In the statement itself: between a look and the writing another may have written.
    where=lambda new: POSITIONS.c.heard_at < new.excluded.heard_at,
    returning=(POSITIONS.c.asin,),
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where listening on the page stands, since when; epoch milliseconds."""

    asin: Asin
    position_ms: int
    heard_at: int

    def to_json(self) -> dict[str, Any]:
        """Return it as the API shows it."""
        return {**asdict(self), "heard_at": instant(self.heard_at)}


@dataclass(frozen=True, slots=True)
class Bookmark:
    """A marked place with a note, which may be empty; instants in epoch milliseconds.

    ``bookmark_id`` is ours, and never used again.
    """

    bookmark_id: str
    asin: Asin
    position_ms: int
    note: str
    created_at: int
    updated_at: int

    @classmethod
    def of(cls, row: RowMapping) -> Self:
        """Return the bookmark of a row."""
        return cls(**row)

    def to_json(self) -> dict[str, Any]:
        """Return it as the API shows it."""
        return {
            **asdict(self),
            "created_at": instant(self.created_at),
            "updated_at": instant(self.updated_at),
        }


def instant(epoch_ms: int) -> str:
    """Return a time as the API writes it."""
    return datetime.fromtimestamp(epoch_ms / 1000, UTC).isoformat()


def instant_if_known(epoch_ms: int | None) -> str | None:
    """Return a time as the API writes it, None where there is none."""
    return None if epoch_ms is None else instant(epoch_ms)


class ListeningStore:
    """Queries on places and bookmarks; a change and its event are one transaction."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Use an open engine."""
        self._engine = engine

    async def load_place(self, asin: Asin) -> Place | None:
        """Return where listening stands, None if it was never heard here."""
        async with reading(self._engine) as connection:
            kept = await _kept_place(connection, asin)
        return None if kept is None else kept[0]

    async def save_place(
        self, place: Place, *, is_playing: bool
    ) -> tuple[Place, StoredEvent | None]:
        """Keep a place unless a newer one is kept; return the one that is kept now.

        The event tells of it: of every place where somebody stopped, or to which they
        leapt, and of one in a minute while they listen. A page that is torn away says
        no last word.
        """
        async with writing(self._engine) as connection:
            kept = await _kept_place(connection, place.asin)
            told_at = 0 if kept is None else kept[1]
            is_due = place.heard_at - told_at >= _TOLD_EVERY_MS
            is_leap = kept is not None and _is_leap(kept[0], place)
            is_told = not is_playing or is_due or is_leap
            told_at = place.heard_at if is_told else told_at
            values = {**asdict(place), "told_at": told_at}
            if await connection.scalar(_SAVE.on(connection), values) is None:
                newer = await _kept_place(connection, place.asin)
                return (place if newer is None else newer[0]), None
            event = None
            if is_told:
                event = await append_event(connection, POSITION_EVENT, place.to_json())
        return place, event

    async def load_bookmarks(self, asin: Asin) -> tuple[Bookmark, ...]:
        """Return a title's bookmarks by their place."""
        statement = (
            select(BOOKMARKS)
            .where(BOOKMARKS.c.asin == asin)
            .order_by(BOOKMARKS.c.position_ms, BOOKMARKS.c.created_at)
        )
        async with reading(self._engine) as connection:
            rows = await connection.execute(statement)
            return tuple(Bookmark.of(row) for row in rows.mappings())

    async def add_bookmark(
        self, asin: Asin, position_ms: int, note: str
    ) -> tuple[Bookmark, StoredEvent]:
        """Mark a place."""
        now = now_ms()
        bookmark = Bookmark(uuid4().hex, asin, position_ms, note, now, now)
        async with writing(self._engine) as connection:
            await connection.execute(insert(BOOKMARKS).values(asdict(bookmark)))
            event = await append_event(connection, BOOKMARK_EVENT, bookmark.to_json())
        return bookmark, event

    async def change_bookmark(
        self, asin: Asin, bookmark_id: str, changes: dict[str, Any]
    ) -> tuple[Bookmark, StoredEvent]:
        """Change place or note; raise UnknownBookmarkError."""
        statement = (
            update(BOOKMARKS)
            .where(_is_bookmark(asin, bookmark_id))
            .values(**changes, updated_at=now_ms())
            .returning(*BOOKMARKS.c)
        )
        async with writing(self._engine) as connection:
            row = (await connection.execute(statement)).mappings().one_or_none()
            if row is None:
                raise UnknownBookmarkError(bookmark_id=bookmark_id)
            bookmark = Bookmark.of(row)
            event = await append_event(connection, BOOKMARK_EVENT, bookmark.to_json())
        return bookmark, event

    async def delete_bookmark(self, asin: Asin, bookmark_id: str) -> StoredEvent:
        """Forget a bookmark; raise UnknownBookmarkError."""
        statement = delete(BOOKMARKS).where(_is_bookmark(asin, bookmark_id))
        named = {"asin": asin, "bookmark_id": bookmark_id}
        async with writing(self._engine) as connection:
            if not (await connection.execute(statement)).rowcount:
                raise UnknownBookmarkError(bookmark_id=bookmark_id)
            return await append_event(connection, BOOKMARK_DELETED_EVENT, named)


def _is_leap(before: Place, place: Place) -> bool:
    """Tell whether somebody went there without hearing what is between."""
    moved_ms = place.position_ms - before.position_ms
    heard_most_ms = _FASTEST * (place.heard_at - before.heard_at)
    return moved_ms <= -_LEAP_MS or moved_ms - heard_most_ms >= _LEAP_MS


async def _kept_place(
    connection: AsyncConnection, asin: Asin
) -> tuple[Place, int] | None:
    """Return the place, and when it was last told."""
    statement = select(*_PLACES).where(POSITIONS.c.asin == asin)
    row = (await connection.execute(statement)).one_or_none()
    return None if row is None else (Place(asin, row[0], row[1]), row[2])


def _is_bookmark(asin: Asin, bookmark_id: str) -> Any:
    return (BOOKMARKS.c.asin == asin) & (BOOKMARKS.c.bookmark_id == bookmark_id)
