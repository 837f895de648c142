"""What hangs on a book, moved to another one, and back."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import batched
from typing import Final

from sqlalchemy import Column, and_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from .books import delete_book, load_book
from .records import BookId, LinkId
from .schema import CONFLICTS, EVENTS, LINKS, READS
from .statements import SLICE_ROWS

_PLACES: Final[Mapping[str, Column[int]]] = {
    "reads": READS.c.book_id,
    "links": LINKS.c.book_id,
    "events": EVENTS.c.book_id,
    "conflicts": CONFLICTS.c.resolved_book_id,
}

type Moved = dict[str, list[int | str]]
"""The keys of the rows that were moved, by what they are."""


async def merge_books(
    connection: AsyncConnection, *, kept: BookId, dropped: BookId
) -> Moved:
    """Move all reads, links and events of one book to another and delete it.

    So do the conflicts that were resolved by it. Returns what has moved.
    """
    await load_book(connection, kept)
    moved: Moved = {}
    for name, place in _PLACES.items():
        key = _key(place)
        found = select(key).where(place == dropped).order_by(key)
        moved[name] = [*(await connection.scalars(found))]
        change = update(place.table).where(place == dropped)
        await connection.execute(change.values({place.name: kept}))
    await delete_book(connection, dropped)
    return moved


async def move_back(
    connection: AsyncConnection,
    moved: Mapping[str, Sequence[int | str]],
    *,
    kept: BookId,
    dropped: BookId,
) -> None:
    """Move rows back to the book that they came from, if they are where they went."""
    for name, place in _PLACES.items():
        for some in batched(moved.get(name, ()), SLICE_ROWS, strict=False):
            change = update(place.table).where(place == kept, _key(place).in_(some))
            await connection.execute(change.values({place.name: dropped}))


async def follow_links(
    connection: AsyncConnection,
    link_ids: Iterable[LinkId],
    *,
    kept: BookId,
    dropped: BookId,
    since: datetime,
) -> None:
    """Let what was heard of some titles since follow them to their book."""
    of_titles = (
        select(LINKS.c.id)
        .where(
            LINKS.c.id.in_(tuple(link_ids)),
            LINKS.c.asin == EVENTS.c.asin,
            LINKS.c.reader_id == EVENTS.c.reader_id,
        )
        .exists()
    )
    for place, condition in (
        (READS.c.book_id, READS.c.link_id.in_(tuple(link_ids))),
        (EVENTS.c.book_id, and_(EVENTS.c.created_at >= since, of_titles)),
    ):
        change = update(place.table).where(place == kept, condition)
        await connection.execute(change.values({place.name: dropped}))


def _key(place: Column[int]) -> Column[int | str]:
    (key,) = place.table.primary_key.columns
    return key
