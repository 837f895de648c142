"""Changes rows and remembers what they were, so that a decision can be undone."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncConnection

from ..store.books import add_books, change_books, delete_book, load_book
from ..store.links import LinkDecision, decision_of, set_decision
from ..store.packing import packed, unpacked
from ..store.reads import add_reads, change_reads, delete_read
from ..store.records import (
    Book,
    BookFields,
    BookId,
    Link,
    Read,
    ReadFields,
    ReadId,
)
from ..store.schema import BOOKS, LINKS, READS
from ..store.statements import names_of, values_of

# What follows the listening; all else of a book is its reader's own.
LISTENING: Final = (
    "status",
    "current_position_ms",
    "percent_complete",
    "current_page",
    "started_on",
    "started_source",
    "finished_on",
    "finished_source",
)
PLACE: Final = ("last_position_ms", "last_percentage", "is_finished")
_BOOK: Final = names_of(BookFields)
_READ: Final = names_of(ReadFields)
_DECISION: Final = names_of(LinkDecision)

type Stored = dict[str, Any]


class Recorder:
    """Makes the changes of one decision in one transaction."""

    def __init__(self, connection: AsyncConnection, now: datetime) -> None:
        """Start with nothing changed."""
        self._connection = connection
        self._now = now
        self._links: list[Stored] = []
        self._books: list[Stored] = []
        self._reads: list[Stored] = []

    @property
    def before(self) -> Stored:
        """Return what the rows were and became, for the journal."""
        parts = {"links": self._links, "books": self._books, "reads": self._reads}
        return {name: rows for name, rows in parts.items() if rows}

    async def decide(self, link: Link, decision: LinkDecision) -> None:
        """Say which book a title is."""
        await set_decision(self._connection, link.link_id, decision, now=self._now)
        before = _values(LINKS, decision_of(link.fields), _DECISION)
        heard = _values(LINKS, link.fields, PLACE)
        self._links.append({"id": link.link_id, "before": before, "heard": heard})

    async def add_book(self, fields: BookFields) -> Book:
        """Make a book."""
        (book_id,) = await add_books(self._connection, (fields,), now=self._now)
        after = _values(BOOKS, fields, _BOOK)
        self._books.append({"id": book_id, "before": None, "after": after})
        return await load_book(self._connection, book_id)

    async def change_book(self, book: Book, fields: BookFields) -> Book:
        """Change a book; one that is no other is left alone."""
        if book.fields == fields:
            return book
        await change_books(self._connection, ((book.book_id, fields),), now=self._now)
        names = [
            name
            for name in _BOOK
            if name in LISTENING or getattr(book.fields, name) != getattr(fields, name)
        ]
        self._books.append(
            {
                "id": book.book_id,
                "before": _values(BOOKS, book.fields, names),
                "after": _values(BOOKS, fields, names),
            }
        )
        return replace(book, fields=fields, updated_at=self._now)

    async def delete_book(self, book: Book) -> None:
        """Delete a book that has no reads and no links any more."""
        await delete_book(self._connection, book.book_id)
        before = packed_book(book)
        self._books.append({"id": book.book_id, "before": before, "after": None})

    async def add_read(self, fields: ReadFields) -> ReadId:
        """Make a read."""
        (read_id,) = await add_reads(self._connection, (fields,), now=self._now)
        after = _values(READS, fields, _READ)
        self._reads.append({"id": read_id, "before": None, "after": after})
        return read_id

    async def change_reads(self, changed: Iterable[tuple[Read, ReadFields]]) -> None:
        """Change reads; those that are no others are left alone."""
        new = [(read, fields) for read, fields in changed if read.fields != fields]
        rows = ((read.read_id, fields) for read, fields in new)
        await change_reads(self._connection, rows, now=self._now)
        self._reads.extend(
            {
                "id": read.read_id,
                "before": _values(READS, read.fields, _READ),
                "after": _values(READS, fields, _READ),
            }
            for read, fields in new
        )

    async def drop_reads(self, reads: Iterable[Read]) -> None:
        """Delete reads that are known otherwise, or never were."""
        for read in reads:
            await delete_read(self._connection, read.read_id)
            before = _row(READS, read, _READ)
            self._reads.append({"id": read.read_id, "before": before, "after": None})


def packed_book(book: Book) -> Stored:
    """Return a whole book for the journal."""
    return _row(BOOKS, book, _BOOK)


def deleted_book(number: int, stored: Mapping[str, Any]) -> Book:
    """Return a book as it was when it was deleted."""
    values = unpacked(BOOKS, stored)
    created_at, updated_at = values.pop("created_at"), values.pop("updated_at")
    return Book(BookId(number), created_at, updated_at, BookFields(**values))


def dropped_read(number: int, stored: Mapping[str, Any]) -> Read:
    """Return a read as it was when it was dropped."""
    values = unpacked(READS, stored)
    created_at, updated_at = values.pop("created_at"), values.pop("updated_at")
    return Read(ReadId(number), created_at, updated_at, ReadFields(**values))


def decision_in(stored: Mapping[str, Any]) -> LinkDecision:
    """Return what a link said before."""
    return LinkDecision(**unpacked(LINKS, stored))


def brought_back[F: (BookFields, ReadFields)](
    now: F, table: Table, step: Mapping[str, Any], *, whole: bool
) -> F:
    """Return a row with what a decision had changed in it.

    What somebody or something else has changed since stays, unless ``whole``.
    """
    before = unpacked(table, step["before"])
    after = unpacked(table, step["after"])
    values = {
        name: value
        for name, value in before.items()
        if (whole and name in LISTENING) or getattr(now, name) == after[name]
    }
    return replace(now, **values)


def _values(table: Table, record: Any, names: Iterable[str]) -> Stored:
    return packed(table, values_of(record, tuple(names)))


def _row(table: Table, record: Book | Read, names: Iterable[str]) -> Stored:
    times = {"created_at": record.created_at, "updated_at": record.updated_at}
    return _values(table, record.fields, names) | packed(table, times)
