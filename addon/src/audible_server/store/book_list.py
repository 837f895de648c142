"""Pages of the list of titles; no more rows are read than are shown."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from audible_core.store.engine import reading
from audible_core.wire import BookState
from sqlalchemy import ColumnElement, Row, and_, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncEngine

from audible_server.store.books import COLUMNS, Book, book_of
from audible_server.store.folding import folded
from audible_server.store.schema import BOOKS, POSITIONS

_ESCAPE: Final = "\\"


class BookOrder(StrEnum):
    """What titles are put in order by."""

    TITLE = "title"
    AUTHOR = "author"
    RUNTIME = "runtime"
    ADDED = "added"
    UPDATED = "updated"
    HEARD = "heard"


_KEYS: Final = {
    BookOrder.TITLE: BOOKS.c.search_text,
    BookOrder.AUTHOR: BOOKS.c.authors,
    BookOrder.RUNTIME: func.coalesce(BOOKS.c.duration_ms, BOOKS.c.runtime_ms, 0),
    BookOrder.ADDED: func.coalesce(BOOKS.c.listed_at, 0),
    BookOrder.UPDATED: BOOKS.c.updated_at,
    BookOrder.HEARD: func.coalesce(POSITIONS.c.heard_at, 0),
}


@dataclass(frozen=True, slots=True)
class BookQuery:
    """Which titles are wanted; None leaves a choice open.

    ``words`` must each be in the name, a person, the series or the ASIN.
    """

    words: str | None = None
    state: BookState | None = None
    is_downloaded: bool | None = None
    is_heard: bool | None = None
    account_id: str | None = None
    order: BookOrder = BookOrder.TITLE
    is_descending: bool = False
    limit: int = 50
    offset: int = 0


@dataclass(frozen=True, slots=True)
class ListedBook:
    """A title, and where listening on the page stands; None if it was not begun."""

    book: Book
    position_ms: int | None


_NAMES: Final = tuple(column.name for column in COLUMNS)
_WITH_PLACES: Final = BOOKS.outerjoin(POSITIONS, POSITIONS.c.asin == BOOKS.c.asin)


class BookList:
    """Queries on many titles at once."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Use an open engine."""
        self._engine = engine

    async def load(self, query: BookQuery) -> tuple[tuple[ListedBook, ...], int]:
        """Return a page of the titles, and how many there are in all."""
        condition = and_(*_conditions(query))
        key = _KEYS[query.order]
        counted = BOOKS if query.is_heard is None else _WITH_PLACES
        count = select(func.count()).select_from(counted).where(condition)
        page = (
            # In one statement: each costs a built-in database half a millisecond.
            select(*COLUMNS, POSITIONS.c.position_ms, count.scalar_subquery())
            .select_from(_WITH_PLACES)
            .where(condition)
            .order_by(key.desc() if query.is_descending else key, BOOKS.c.asin)
            .limit(query.limit)
            .offset(query.offset)
        )
        async with reading(self._engine) as connection:
            rows = (await connection.execute(page)).all()
            # Nobody tells how many there are where none is shown.
            total = rows[0][-1] if rows else await connection.scalar(count)
        return tuple(_listed(row) for row in rows), total or 0


def _listed(row: Row[Any]) -> ListedBook:
    *members, position_ms, _total = row
    return ListedBook(book_of(dict(zip(_NAMES, members, strict=True))), position_ms)


def _conditions(query: BookQuery) -> list[ColumnElement[bool]]:
    words = folded(query.words or "").split()
    found: list[ColumnElement[bool]] = [true()]
    found += [
        BOOKS.c.search_text.like(_containing(word), escape=_ESCAPE) for word in words
    ]
    if query.state is not None:
        found.append(BOOKS.c.state == query.state)
    if query.account_id is not None:
        found.append(BOOKS.c.account_id == query.account_id)
    if query.is_heard is not None:
        is_heard = POSITIONS.c.asin.is_not(None)
        found.append(is_heard if query.is_heard else ~is_heard)
    if query.is_downloaded is not None:
        is_there: Any = or_(
            BOOKS.c.local_path_converted.is_not(None),
            BOOKS.c.local_path_aax.is_not(None),
        )
        found.append(is_there if query.is_downloaded else ~is_there)
    return found


def _containing(word: str) -> str:
    for sign in (_ESCAPE, "%", "_"):
        word = word.replace(sign, _ESCAPE + sign)
    return f"%{word}%"
