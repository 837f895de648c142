"""A page of a reader's books: searched, filtered, sorted and counted."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, and_, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ..kinds import BookStatus
from ..models import Asin
from .books import book_of, books_where, is_anywhere
from .records import AccountId, Book, BookId, ReaderId
from .schema import BOOKS, LINKS, TITLES
from .statements import select_some

_WORDS_MAX: Final = 10


class BookOrder(StrEnum):
    """How a page is sorted; what is unknown comes last."""

    CHANGED = "changed"
    TITLE = "title"
    ADDED = "added"
    STARTED = "started"
    FINISHED = "finished"
    RATING = "rating"


@dataclass(frozen=True, slots=True)
class BookPage:
    """Some books of all that fit.

    ``counts`` are of all books that hold the words, whatever their status.
    """

    total: int
    counts: Mapping[BookStatus, int]
    books: tuple[Book, ...]


_ORDERS: Final[Mapping[BookOrder, tuple[ColumnElement[object], ...]]] = {
    BookOrder.CHANGED: (BOOKS.c.updated_at.desc(),),
    BookOrder.TITLE: (func.lower(BOOKS.c.title),),
    BookOrder.ADDED: (BOOKS.c.added_on.desc().nulls_last(),),
    BookOrder.STARTED: (BOOKS.c.started_on.desc().nulls_last(),),
    BookOrder.FINISHED: (BOOKS.c.finished_on.desc().nulls_last(),),
    BookOrder.RATING: (BOOKS.c.rating.desc().nulls_last(), func.lower(BOOKS.c.title)),
}


async def load_book_page(
    connection: AsyncConnection,
    reader_id: ReaderId,
    *,
    words: Sequence[str] = (),
    status: BookStatus | None = None,
    order: BookOrder = BookOrder.CHANGED,
    offset: int = 0,
    limit: int = 30,
) -> BookPage:
    """Return a page of a reader's books whose titles and persons hold all words.

    Two statements.
    """
    is_meant = and_(
        BOOKS.c.reader_id == reader_id, *map(is_anywhere, words[:_WORDS_MAX])
    )
    counted = (
        select(BOOKS.c.status, func.count()).where(is_meant).group_by(BOOKS.c.status)
    )
    counts = {row[0]: row[1] for row in await connection.execute(counted)}
    is_shown = is_meant
    if status is not None:
        is_shown = and_(is_meant, BOOKS.c.status == status)
    page = (
        books_where(is_shown)
        .order_by(*_ORDERS[order], BOOKS.c.id)
        .offset(offset)
        .limit(limit)
    )
    books = tuple(book_of(row) for row in await connection.execute(page))
    total = sum(counts.values()) if status is None else counts.get(status, 0)
    return BookPage(total, counts, books)


_COVERS: Final = (
    select(LINKS.c.book_id, LINKS.c.account_id, LINKS.c.asin)
    .join(
        TITLES,
        and_(TITLES.c.account_id == LINKS.c.account_id, TITLES.c.asin == LINKS.c.asin),
    )
    .where(
        LINKS.c.book_id.in_(bindparam("some", expanding=True)),
        TITLES.c.cover_url.is_not(None),
    )
    .order_by(LINKS.c.id.desc())
)


async def load_covers(
    connection: AsyncConnection, book_ids: Iterable[BookId]
) -> dict[BookId, tuple[AccountId, Asin]]:
    """Return which account's title has a book's cover, of those that are titles.

    Of several titles the one that was linked first.
    """
    found: dict[BookId, tuple[AccountId, Asin]] = {}
    async for rows in select_some(connection, _COVERS, book_ids):
        found.update((row[0], (row[1], row[2])) for row in rows)
    return found
