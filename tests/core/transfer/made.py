"""Books of the tracker as values, without a database."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from audible_core.imports.rows import ImportRow
from audible_core.kinds import BookStatus, BookType, DateSource, ReadOutcome, Source
from audible_core.store.records import (
    AccountId,
    Book,
    BookFields,
    BookId,
    Link,
    LinkFields,
    LinkId,
    Read,
    ReaderId,
    ReadFields,
    ReadId,
)
from audible_core.transfer.import_plan import plan_import
from audible_core.transfer.records import ImportPlan, StoredBook, StoredBooks

from tests.core.store.household import NOW, asin

READER = ReaderId(1)
UNDER_WAY = ReadOutcome.UNDER_WAY
FINISHED = ReadOutcome.FINISHED
STOPPED = ReadOutcome.STOPPED


def passed(outcome: ReadOutcome = FINISHED, **fields: Any) -> ReadFields:
    """Return a pass as a first sync stores it."""
    values: dict[str, Any] = {
        "outcome": outcome,
        "link_id": LinkId(1),
        "started_source": DateSource.UNKNOWN,
        "source": Source.AUDIBLE,
    }
    if outcome is FINISHED:
        values["finished_source"] = DateSource.UNKNOWN
    return ReadFields(**({"reader_id": READER, "book_id": BookId(1)} | values | fields))


def recording(
    *reads: ReadFields,
    number: int = 1,
    heard_at: datetime | None = None,
    **fields: Any,
) -> StoredBook:
    """Return an audiobook as a first sync makes it, with its link and these passes."""
    values: dict[str, Any] = {
        "reader_id": READER,
        "title": "The Hobbit",
        "authors": ("J.R.R. Tolkien",),
        "narrators": ("Rob Inglis",),
        "book_type": BookType.AUDIOBOOK,
        "asin": asin(number),
        "runtime_ms": 39_600_000,
        "status": BookStatus.FINISHED,
        "source": Source.AUDIBLE,
        "source_key": asin(number),
    }
    link = LinkFields(
        READER,
        asin(number),
        AccountId(1),
        BookId(number),
        "The Hobbit",
        last_position_at=heard_at,
    )
    return StoredBook(
        Book(BookId(number), NOW, NOW, BookFields(**(values | fields))),
        tuple(
            Read(ReadId(place), NOW, NOW, read)
            for place, read in enumerate(reads, start=1)
        ),
        (Link(LinkId(number), NOW, NOW, link),),
    )


def shelf(*books: StoredBook) -> StoredBooks:
    """Return these books as all that the reader has."""
    return StoredBooks(
        READER,
        "here",
        {one.book.book_id: one for one in books},
        frozenset(link.fields.asin for one in books for link in one.links),
    )


def applied(plan: ImportPlan, stored: StoredBooks, *, days: int = 0) -> StoredBooks:
    """Return the reader's books after a plan, ``days`` after the first ones."""
    at = NOW + timedelta(days=days)
    edited = {edit.before.book_id: edit.after for edit in plan.changed_books}
    reads = {edit.before.read_id: edit.after for edit in plan.changed_reads}
    books = {
        number: StoredBook(
            Book(number, one.book.created_at, at, edited.get(number, one.book.fields)),
            tuple(
                Read(
                    read.read_id,
                    read.created_at,
                    read.updated_at,
                    reads.get(read.read_id, read.fields),
                )
                for read in one.reads
            )
            + _new_reads(plan, number, at),
            one.links,
        )
        for number, one in stored.books.items()
    }
    for place, new in enumerate(plan.new_books, start=1000):
        number = BookId(place)
        book = Book(number, at, at, new.fields)
        books[number] = StoredBook(book, _new_reads(plan, new.key, at))
    return StoredBooks(stored.reader_id, stored.owner, books, stored.linked)


def _new_reads(plan: ImportPlan, ref: int | str, at: datetime) -> tuple[Read, ...]:
    return tuple(
        Read(ReadId(5000 + 1000 * (at - NOW).days + place), at, at, change.fields)
        for place, change in enumerate(plan.new_reads)
        if change.book == ref
    )


def join(rows: Sequence[ImportRow], *books: StoredBook) -> StoredBook:
    """Return the one book that there is after rows were planned against these."""
    stored = shelf(*books)
    after = applied(plan_import(rows, stored), stored)
    (book,) = after.books.values()
    return book


def passes(book: StoredBook) -> list[tuple[str, date | None, date | None]]:
    """Return outcome, start and end of each pass."""
    return [
        (
            read.fields.outcome.value,
            read.fields.started_on,
            read.fields.finished_on or read.fields.stopped_on,
        )
        for read in book.reads
    ]
