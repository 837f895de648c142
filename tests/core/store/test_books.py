"""Books: search, merge, deletion, and taking an import back."""

from dataclasses import replace
from datetime import date

import pytest
from audible_core.errors import NotInStoreError
from audible_core.kinds import (
    BookStatus,
    BookType,
    DateSource,
    ReadOutcome,
    Source,
    SyncStatus,
    SyncType,
)
from audible_core.models import Asin, SeriesPlace
from audible_core.store.books import (
    add_books,
    change_books,
    delete_book,
    delete_books_of_import,
    load_book,
    load_books_by_isbn,
    load_books_by_status,
    search_books,
    stream_books,
)
from audible_core.store.history import add_to_ledger, load_history
from audible_core.store.links import load_link
from audible_core.store.moved_rows import merge_books
from audible_core.store.reads import add_reads, load_reads_of_book, load_reads_of_link
from audible_core.store.records import (
    Book,
    BookFields,
    BookId,
    LedgerEntry,
    ReadFields,
    SyncLogFields,
)
from audible_core.store.sync_logs import add_sync_log
from sqlalchemy import text

from tests.core.store.household import DAY, NOW, Household, book, linked_book


def full_book(household: Household) -> BookFields:
    """Return a book of which everything is known."""
    return BookFields(
        reader_id=household.reader_id,
        title="Die Laternen",
        subtitle="Roman",
        authors=("Jane Öberg", "李明"),
        narrators=("A. Reader",),
        series=(SeriesPlace("Lanterns", "10.5"), SeriesPlace("All", None)),
        book_type=BookType.PRINT,
        isbn13="9783161484100",
        isbns=("9783161484100", "3-16-148410-X"),
        asin=Asin("B000000001"),
        publisher="Test House",
        year=1999,
        language="de",
        page_count=412,
        runtime_ms=36_000_000,
        cover_url="https://images.invalid/1.jpg",
        status=BookStatus.FINISHED,
        current_position_ms=35_999_999,
        percent_complete=99.9,
        current_page=411,
        started_on=date(2026, 1, 2),
        started_source=DateSource.HEARD,
        finished_on=date(2026, 2, 3),
        finished_source=DateSource.UNKNOWN,
        added_on=date(2025, 12, 24),
        rating=4.25,
        review="Gut.\nSehr gut.",
        private_notes="from Ben",
        tags=("crime", "fjord"),
        source=Source.IMPORT,
        source_key="12345",
        sync_log_id=None,
        extra={"Bookshelves": "a, b", "Owned Copies": "1", "nested": {"a": [1, None]}},
    )


async def test_book_comes_back_as_it_went_in(household: Household) -> None:
    """Nothing of a book is lost, columns that nobody knows included."""
    fields = full_book(household)
    async with household.store.transaction() as connection:
        (book_id,) = await add_books(connection, (fields,), now=NOW)
        added = await load_book(connection, book_id)
        changed = replace(fields, title="Die Laterne", rating=None)
        await change_books(connection, ((book_id, changed),), now=NOW + DAY)
        after = await load_book(connection, book_id)

    assert Book(book_id, NOW, NOW, fields) == added
    assert Book(book_id, NOW, NOW + DAY, changed) == after


async def test_numbers_come_in_the_order_of_the_books(household: Household) -> None:
    """Whoever adds many books knows which number is whose."""
    names = [f"Book {number}" for number in range(600)]
    async with household.store.transaction() as connection:
        books = [book(household.reader_id, name) for name in names]
        numbers = await add_books(connection, books, now=NOW)
        stored = {
            entry.book_id: entry.fields.title
            async for entry in stream_books(connection, household.reader_id)
        }

    assert names == [stored[number] for number in numbers]


async def test_number_of_a_deleted_book_is_not_given_again(
    household: Household,
) -> None:
    """An automation that still holds the number must not act on another book."""
    fields = book(household.reader_id, "One")
    async with household.store.transaction() as connection:
        (first,) = await add_books(connection, (fields,), now=NOW)
        await delete_book(connection, first)
        (second,) = await add_books(connection, (fields,), now=NOW)

    assert second > first


TITLES = (
    "Die Laternen von Öst",
    "Laterne",
    "100 % Wahrheit",
    'The "Quoted" One',
    "IT",
    "A_B",
    "Der Wächter der Laternen",
)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("laterne", [1, 0, 6]),
        ("LATERNEN der", [6]),
        ("öst", [0]),
        ("ÖST laternen", [0]),
        ("it", [4, 2]),
        ("100 %", [2]),
        ('"quoted"', [3]),
        ("a_b", [5]),
        ("% wahr", [2]),
        ("nothing", []),
        ("", []),
        ("  ", []),
    ],
)
async def test_search_finds_all_words_anywhere(
    household: Household, words: str, found: list[int]
) -> None:
    """Case does not matter, signs are no wildcards, short titles come first."""
    async with household.store.transaction() as connection:
        books = [book(household.reader_id, name) for name in TITLES]
        await add_books(connection, books, now=NOW)
        hits = await search_books(connection, household.reader_id, words)

    assert [TITLES[number] for number in found] == [hit.fields.title for hit in hits]


async def test_search_follows_a_changed_title(household: Household) -> None:
    """A book is found by the name that it has now, and a deleted one not at all."""
    reader_id = household.reader_id
    async with household.store.transaction() as connection:
        books = (book(reader_id, "Laterne"), book(reader_id, "Laternen"))
        first, second = await add_books(connection, books, now=NOW)
        renamed = book(reader_id, "Fackel")
        await change_books(connection, ((first, renamed),), now=NOW)
        await delete_book(connection, second)
        old = await search_books(connection, reader_id, "Laterne")
        new = await search_books(connection, reader_id, "fackel")

    assert [(), (first,)] == [old, tuple(hit.book_id for hit in new)]


async def test_books_by_isbn_and_status(household: Household) -> None:
    """Two books of one ISBN are both found: that is a conflict, no coin toss."""
    reader_id = household.reader_id
    isbn = "9783161484100"
    async with household.store.transaction() as connection:
        books = (
            book(reader_id, "One", isbn13=isbn),
            book(reader_id, "Two", isbn13=isbn, status=BookStatus.PAUSED),
            book(reader_id, "Three"),
        )
        await add_books(connection, books, now=NOW)
        same = await load_books_by_isbn(connection, reader_id, isbn)
        paused = await load_books_by_status(connection, reader_id, BookStatus.PAUSED)

    assert ["One", "Two"] == sorted(entry.fields.title for entry in same)
    assert ["Two"] == [entry.fields.title for entry in paused]


async def test_deleted_book_leaves_the_history_of_its_title(
    household: Household,
) -> None:
    """What was heard was heard; reads that were only the book's go with it."""
    link_id, book_id = await linked_book(household)
    reader_id = household.reader_id
    heard = ReadFields(reader_id, book_id, link_id, ReadOutcome.UNDER_WAY)
    typed = ReadFields(reader_id, book_id, None, ReadOutcome.FINISHED)
    entry = LedgerEntry(link_id, 1, 1.0, False, Source.AUDIBLE, None, None, NOW, NOW)
    async with household.store.transaction() as connection:
        await add_reads(connection, (heard, typed), now=NOW)
        await add_to_ledger(connection, (entry,))
        await delete_book(connection, book_id)
        link = await load_link(connection, link_id)
        reads = await load_reads_of_link(connection, link_id)
        history = await load_history(connection, link_id)

    assert link.fields.book_id is None
    assert [replace(heard, book_id=None)] == [read.fields for read in reads]
    assert (entry,) == history


async def test_merged_book_brings_its_reads_and_titles(household: Household) -> None:
    """Two entries for one book become one, and nothing is lost."""
    link_id, dropped = await linked_book(household, 1)
    _, kept = await linked_book(household, 2)
    read = ReadFields(household.reader_id, dropped, link_id, ReadOutcome.FINISHED)
    async with household.store.transaction() as connection:
        await add_reads(connection, (read,), now=NOW)
        await merge_books(connection, kept=kept, dropped=dropped)
        link = await load_link(connection, link_id)
        reads = await load_reads_of_book(connection, kept)
        with pytest.raises(NotInStoreError):
            await load_book(connection, dropped)

    assert kept == link.fields.book_id
    assert [kept] == [entry.fields.book_id for entry in reads]


async def test_import_can_be_taken_back(household: Household) -> None:
    """Its books go, but not those that a title has been linked to since."""
    reader_id = household.reader_id
    log = SyncLogFields(None, SyncType.IMPORT, SyncStatus.SUCCESS, NOW, 5)
    async with household.store.transaction() as connection:
        log_id = await add_sync_log(connection, log)
        imported = [
            book(reader_id, name, sync_log_id=log_id) for name in ("One", "Two")
        ]
        one, two = await add_books(connection, imported, now=NOW)
        (own,) = await add_books(connection, (book(reader_id, "Own"),), now=NOW)
        reads = [
            ReadFields(
                reader_id, number, None, ReadOutcome.FINISHED, sync_log_id=log_id
            )
            for number in (one, two, own)
        ]
        await add_reads(connection, reads, now=NOW)
        used = ReadFields(reader_id, two, None, ReadOutcome.UNDER_WAY)
        await add_reads(connection, (used,), now=NOW)
        count = await delete_books_of_import(connection, log_id)
        left = {entry.book_id async for entry in stream_books(connection, reader_id)}
        reads_of_own = await load_reads_of_book(connection, own)

    assert (1, {two, own}, ()) == (count, left, reads_of_own)


async def test_unknown_book_is_named(household: Household) -> None:
    """Changing what is gone gives a sentence."""
    async with household.store.transaction() as connection:
        with pytest.raises(NotInStoreError, match="There is no book 99"):
            await delete_book(connection, BookId(99))


async def test_documents_keep_no_nul(household: Household) -> None:
    """A cell of a file may hold what PostgreSQL takes in no text."""
    fields = book(
        household.reader_id, "Dune", extra={"a\0b": ["c\0", {"d": "\0"}, 1, "\ud800"]}
    )
    async with household.store.transaction() as connection:
        (book_id,) = await add_books(connection, (fields,), now=NOW)
        stored = await load_book(connection, book_id)
        found = await connection.scalar(
            text("SELECT extra ->> 'ab' FROM books WHERE id = :id"), {"id": book_id}
        )

    assert {"ab": ["c", {"d": ""}, 1, "?"]} == stored.fields.extra
    assert "\0" not in str(found)
