"""Files, books and whole tables, as the tests of imports and exports need them."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from audible_core.imports import open_file
from audible_core.imports.rows import ImportRow
from audible_core.kinds import BookStatus, BookType, DateSource, ReadOutcome, Source
from audible_core.store.books import add_books, load_book
from audible_core.store.database import Store
from audible_core.store.links import save_links
from audible_core.store.reads import add_reads, load_reads_of_book
from audible_core.store.records import BookFields, BookId, ReaderId, ReadFields
from audible_core.store.schema import METADATA, SYNC_LOGS
from audible_core.transfer.exporter import ExportFormat, export_books
from audible_core.transfer.importer import ImportPreview, apply_import, preview_import
from audible_core.transfer.records import ImportResult
from sqlalchemy import select

from tests.core.store.household import NOW, Household, asin, link

GOODREADS = (
    "Book Id,Title,Author,ISBN,ISBN13,My Rating,Binding,Number of Pages,Date Read,"
    "Date Added,Bookshelves,Exclusive Shelf,My Review,Private Notes,Read Count"
)
STORYGRAPH = (
    "Title,Authors,ISBN/UID,Format,Read Status,Date Added,Last Date Read,Dates Read,"
    "Read Count,Star Rating,Review,Tags,Owned?"
)


def goodreads(*rows: str) -> bytes:
    """Return a file of Goodreads with these rows."""
    return "\n".join((GOODREADS, *rows)).encode()


def storygraph(*rows: str) -> bytes:
    """Return a file of the StoryGraph with these rows."""
    return "\n".join((STORYGRAPH, *rows)).encode()


def rows_of(data: bytes) -> tuple[ImportRow, ...]:
    """Return the rows of a file."""
    return tuple(open_file(data).rows())


async def preview(household: Household, data: bytes) -> ImportPreview:
    """Preview a file for the reader."""
    return await preview_import(household.store, household.reader_id, data)


async def import_file(
    household: Household, data: bytes, **options: Any
) -> ImportResult:
    """Preview a file and import it."""
    shown = await preview(household, data)
    return await apply_import(
        household.store, shown, **({"now": NOW, "actor": "Anna"} | options)
    )


async def all_rows(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table but the log's."""
    found = {}
    async with store.reading() as connection:
        for table in METADATA.sorted_tables:
            if table is not SYNC_LOGS:
                order = tuple(table.primary_key.columns)
                rows = await connection.execute(select(table).order_by(*order))
                found[table.name] = [tuple(row) for row in rows]
    return found


async def exported(
    store: Store, reader_id: ReaderId, form: ExportFormat = ExportFormat.JSON
) -> str:
    """Return the whole export of a reader."""
    return "".join([piece async for piece in export_books(store, reader_id, form)])


async def book_of(household: Household, book_id: BookId) -> BookFields:
    """Return a book's fields."""
    async with household.store.reading() as connection:
        return (await load_book(connection, book_id)).fields


async def reads_of(household: Household, book_id: BookId) -> Sequence[ReadFields]:
    """Return a book's reads, oldest first."""
    async with household.store.reading() as connection:
        reads = await load_reads_of_book(connection, book_id)
    return [read.fields for read in reads]


async def passes_of(
    household: Household, book_id: BookId
) -> list[tuple[str, date | None, date | None]]:
    """Return outcome, start and end of a book's reads, oldest first."""
    return [
        (read.outcome.value, read.started_on, read.finished_on or read.stopped_on)
        for read in await reads_of(household, book_id)
    ]


async def synced_book(
    household: Household,
    number: int = 1,
    *,
    name: str = "The Hobbit",
    authors: tuple[str, ...] = ("J.R.R. Tolkien",),
    outcome: ReadOutcome | None = ReadOutcome.FINISHED,
    status: BookStatus = BookStatus.FINISHED,
    read: dict[str, Any] | None = None,
    heard: dict[str, Any] | None = None,
    **fields: Any,
) -> BookId:
    """Store a book as a first sync does: an audiobook, its title's link, its pass."""
    reader_id = household.reader_id
    values = {
        "title": name,
        "authors": authors,
        "narrators": ("Rob Inglis",),
        "book_type": BookType.AUDIOBOOK,
        "asin": asin(number),
        "runtime_ms": 39_600_000,
        "status": status,
        "source": Source.AUDIBLE,
        "source_key": asin(number),
    }
    if outcome is ReadOutcome.FINISHED:
        values["finished_source"] = DateSource.UNKNOWN
    async with household.store.transaction() as connection:
        book = BookFields(reader_id=reader_id, **(values | fields))
        (book_id,) = await add_books(connection, (book,), now=NOW)
        made = link(
            household, number, book_id=book_id, audible_title=name, **(heard or {})
        )
        links = await save_links(connection, (made,), now=NOW)
        if outcome is not None:
            passed: dict[str, Any] = {
                "outcome": outcome,
                "started_source": DateSource.UNKNOWN,
                "source": Source.AUDIBLE,
            }
            if outcome is ReadOutcome.FINISHED:
                passed["finished_source"] = DateSource.UNKNOWN
            one = ReadFields(
                reader_id=reader_id,
                book_id=book_id,
                link_id=links[reader_id, asin(number)],
                **(passed | (read or {})),
            )
            await add_reads(connection, (one,), now=NOW)
    return book_id
