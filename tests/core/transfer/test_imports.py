"""Preview, import, the rows that wait for a person, and undo, on both databases."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta

import pytest
from audible_core.errors import (
    ImportFileUnknownError,
    ImportTakenBackError,
    InvalidValueError,
    NoImportError,
)
from audible_core.kinds import BookStatus, ReadOutcome, Source, SyncStatus, SyncType
from audible_core.store.books import add_books, change_books, stream_books
from audible_core.store.links import save_links
from audible_core.store.readers import add_reader
from audible_core.store.reads import add_reads, change_reads, load_reads_of_book
from audible_core.store.records import (
    Book,
    BookFields,
    BookId,
    ReadFields,
    SyncLogFields,
    SyncLogId,
)
from audible_core.store.sync_logs import (
    add_sync_log,
    clean_up_sync_logs,
    count_standing_imports,
    load_import_logs,
    load_standing_imports,
    load_sync_log,
)
from audible_core.transfer.importer import apply_import, preview_import
from audible_core.transfer.records import Choice, RowOutcome, RowReason
from audible_core.transfer.row_decisions import (
    decide_waiting_rows,
    load_rejected_rows,
    load_waiting_rows,
)
from audible_core.transfer.undo import undo_import

from tests.core.imports.made import sample
from tests.core.store.household import NOW, Household, asin, link
from tests.core.transfer.library import (
    all_rows,
    book_of,
    goodreads,
    import_file,
    passes_of,
    preview,
    synced_book,
)

LATER = NOW + timedelta(days=1)
HOBBIT = (
    "7,The Hobbit,J.R.R. Tolkien,,,4,Paperback,310,2015/06/01,2014/01/02,"
    '"fantasy",read,"Good.",,1'
)
DUNE = "8,Dune,Frank Herbert,,,0,Paperback,412,,,,to-read,,,0"
READ_DUNE = '8,Dune,Frank Herbert,,,3,Paperback,412,2016/02/03,,"sand",read,"Long.",,1'
UNSURE = "9,The Lord of the Rings (Omnibus),J.R.R. Tolkien,,,0,,,,,,read,,,1"
NO_TITLE = "10,,Nobody,,,0,,,,,,read,,,1"
FILE = goodreads(HOBBIT, DUNE, UNSURE, NO_TITLE)


async def books_of(household: Household) -> dict[str, Book]:
    """Return the reader's books by their titles."""
    async with household.store.reading() as connection:
        return {
            book.fields.title: book
            async for book in stream_books(connection, household.reader_id)
        }


async def add_trilogy(household: Household) -> BookId:
    """Store the book that the omnibus may be."""
    fields = BookFields(
        household.reader_id, "The Lord of the Rings", authors=("J.R.R. Tolkien",)
    )
    async with household.store.transaction() as connection:
        (book_id,) = await add_books(connection, (fields,), now=NOW)
    return book_id


async def test_preview_says_what_becomes_of_each_row_and_writes_nothing(
    household: Household,
) -> None:
    """Counts and a reason per row, page by page."""
    known = await synced_book(household)
    trilogy = await add_trilogy(household)
    before = await all_rows(household.store)
    shown = await preview(household, FILE)

    assert {
        RowOutcome.MADE: 1,
        RowOutcome.JOINED: 1,
        RowOutcome.UNCHANGED: 0,
        RowOutcome.UNSURE: 1,
        RowOutcome.SKIPPED: 0,
        RowOutcome.REJECTED: 1,
    } == shown.counts
    assert [
        (1, "The Hobbit", RowReason.MATCHED, known),
        (2, "Dune", RowReason.NEW, None),
        (3, "The Lord of the Rings (Omnibus)", RowReason.LOW_CONFIDENCE, None),
        (4, "", RowReason.NO_BOOK, None),
    ] == [(row.number, row.title, row.reason, row.book_id) for row in shown.page(0, 9)]
    (unsure,) = shown.page(0, 9, RowOutcome.UNSURE)
    assert trilogy == unsure.candidates[0].book_id
    assert ("The row has no title.",) == shown.page(3, 1)[0].sentences
    assert () == shown.page(4, 9)
    assert before == await all_rows(household.store)


async def test_import_makes_joins_and_lists(household: Household) -> None:
    """One transaction; its log says what was done, and holds what it needs to undo."""
    known = await synced_book(household)
    await add_trilogy(household)
    result = await import_file(household, FILE)
    async with household.store.reading() as connection:
        log = await load_sync_log(connection, result.sync_log_id)

    assert (1, 1, 0, 1, 0, 1, 1, 0) == (
        result.made,
        result.joined,
        result.unchanged,
        result.unsure,
        result.skipped,
        result.rejected,
        result.books_made,
        result.reads_added,
    )
    assert [("finished", None, date(2015, 6, 1))] == await passes_of(household, known)
    assert (SyncType.IMPORT, SyncStatus.SUCCESS, 1) == (
        log.fields.sync_type,
        log.fields.status,
        log.fields.books_made,
    )
    assert ("Anna", "goodreads") == (
        log.fields.details["actor"],
        log.fields.details["format"],
    )
    assert 1 == len(log.fields.details["rejected_parts"])
    dune = (await books_of(household))["Dune"].fields
    assert (BookStatus.TO_READ, Source.IMPORT, "goodreads:key:8") == (
        dune.status,
        dune.source,
        dune.source_key,
    )


async def test_log_lists_imports_and_not_their_parts(household: Household) -> None:
    """A person sees one line per import."""
    await synced_book(household)
    first = await import_file(household, goodreads(HOBBIT))
    second = await import_file(household, goodreads(DUNE), now=LATER)
    async with household.store.reading() as connection:
        logs = await load_import_logs(connection)

    assert [second.sync_log_id, first.sync_log_id] == [log.sync_log_id for log in logs]


async def test_a_person_chooses_for_rows(household: Household) -> None:
    """This book, a new one, or none; also for rows that were not unsure."""
    trilogy = await add_trilogy(household)
    shown = await preview(household, FILE)
    result = await apply_import(
        household.store, shown, choices={2: Choice.SKIP, 3: trilogy}, now=NOW
    )
    books = await books_of(household)

    assert (1, 1, 0, 1) == (result.made, result.joined, result.unsure, result.skipped)
    assert {"The Hobbit", "The Lord of the Rings"} == set(books)
    assert [("finished", None, None)] == await passes_of(household, trilogy)


async def test_choosing_twice_changes_nothing(household: Household) -> None:
    """A row that has become a book stays that book."""
    await add_trilogy(household)
    for _ in range(2):
        shown = await preview(household, FILE)
        result = await apply_import(
            household.store, shown, choices={3: Choice.NEW}, now=NOW
        )

    assert (3, 0) == (result.unchanged, result.made)
    assert 4 == len(await books_of(household))


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ({9: Choice.NEW}, "row: 9 is not allowed"),
        ({4: Choice.NEW}, "row: 4 is not allowed"),
        ({1: BookId(77)}, "row 1: 77 is not allowed"),
    ],
)
async def test_impossible_choices_are_named(
    household: Household, choices: dict[int, BookId], words: str
) -> None:
    """No such row, a rejected row, or no such book: nothing is imported."""
    before = await all_rows(household.store)
    shown = await preview(household, FILE)
    with pytest.raises(InvalidValueError, match=words):
        await apply_import(household.store, shown, choices=choices, now=NOW)

    assert before == await all_rows(household.store)


async def test_unsure_rows_wait_and_are_decided_later(household: Household) -> None:
    """Whole rows are kept, with their candidates, until a person says what they are."""
    trilogy = await add_trilogy(household)
    first = await import_file(household, FILE)
    waiting = await load_waiting_rows(household.store, first.sync_log_id)
    result = await decide_waiting_rows(
        household.store, first.sync_log_id, {3: trilogy}, actor="Anna", now=LATER
    )
    left = await load_waiting_rows(household.store, first.sync_log_id)

    assert [(3, RowReason.LOW_CONFIDENCE, [trilogy])] == [
        (row.number, row.reason, [one.book_id for one in row.candidates])
        for row in waiting
    ]
    assert (1, 0, ()) == (result.joined, result.unsure, left)
    assert [("finished", None, None)] == await passes_of(household, trilogy)
    with pytest.raises(InvalidValueError, match="no row waits"):
        await decide_waiting_rows(
            household.store, first.sync_log_id, {3: Choice.NEW}, now=LATER
        )


async def test_waiting_row_cannot_be_a_book_that_is_not_there(
    household: Household,
) -> None:
    """The row goes on waiting."""
    await add_trilogy(household)
    first = await import_file(household, FILE)
    with pytest.raises(InvalidValueError, match="row 3: 77 is not allowed"):
        await decide_waiting_rows(
            household.store, first.sync_log_id, {3: BookId(77)}, now=LATER
        )

    assert 1 == len(await load_waiting_rows(household.store, first.sync_log_id))


async def test_decided_rows_are_undone_by_themselves(household: Household) -> None:
    """The decision is an import of its own; its rows wait again."""
    await add_trilogy(household)
    first = await import_file(household, FILE)
    between = await all_rows(household.store)
    waiting = await load_waiting_rows(household.store, first.sync_log_id)
    decided = await decide_waiting_rows(
        household.store, first.sync_log_id, {3: Choice.NEW}, now=LATER
    )
    made = await books_of(household)
    undone = await undo_import(household.store, decided.sync_log_id, now=LATER)

    assert 4 == len(made)
    assert 1 == undone.books_removed
    assert between == await all_rows(household.store)
    assert 1 == len(waiting)
    assert waiting == await load_waiting_rows(household.store, first.sync_log_id)
    again = await decide_waiting_rows(
        household.store, first.sync_log_id, {3: Choice.NEW}, now=LATER
    )
    assert 1 == again.made


async def test_rows_of_an_undone_decision_stand_in_the_files_order(
    household: Household,
) -> None:
    """Only that decision's rows come back; the other one stands."""
    await add_trilogy(household)
    other = UNSURE.replace("9,", "11,").replace("Omnibus", "Deluxe Box Set")
    first = await import_file(household, goodreads(UNSURE, DUNE, other))
    number = first.sync_log_id
    skipped = await decide_waiting_rows(
        household.store, number, {1: Choice.SKIP}, now=LATER
    )
    await decide_waiting_rows(household.store, number, {3: Choice.NEW}, now=LATER)
    none = await load_waiting_rows(household.store, number)
    await undo_import(household.store, skipped.sync_log_id, now=LATER)

    assert (2, ()) == (first.unsure, none)
    assert [1] == [
        row.number for row in await load_waiting_rows(household.store, number)
    ]


async def test_undo_of_an_import_undoes_what_was_decided_of_its_rows(
    household: Household,
) -> None:
    """Newest first; nothing of the file is left."""
    trilogy = await add_trilogy(household)
    before = await all_rows(household.store)
    other = UNSURE.replace("9,", "11,").replace("Omnibus", "Deluxe Box Set")
    first = await import_file(household, goodreads(UNSURE, DUNE, other))
    number = first.sync_log_id
    made = await decide_waiting_rows(
        household.store, number, {1: Choice.NEW}, now=LATER
    )
    await decide_waiting_rows(household.store, number, {3: trilogy}, now=LATER)
    undone = await undo_import(household.store, number, now=LATER)

    assert before == await all_rows(household.store)
    assert (2, 1) == (undone.books_removed, undone.books_restored)
    with pytest.raises(ImportTakenBackError):
        await undo_import(household.store, made.sync_log_id, now=LATER)


async def test_only_files_that_changed_something_can_be_undone(
    household: Household,
) -> None:
    """A file that is known already, and decisions about rows, are no own entries."""
    await add_trilogy(household)
    first = await import_file(household, FILE)
    await decide_waiting_rows(
        household.store, first.sync_log_id, {3: Choice.NEW}, now=LATER
    )
    again = await import_file(household, FILE, now=LATER)
    other = await import_file(household, goodreads(READ_DUNE), now=LATER)
    async with household.store.reading() as connection:
        standing = await load_standing_imports(connection, limit=10)
        count = await count_standing_imports(connection)
        newest = await load_standing_imports(connection, limit=1)

    assert 3 == again.unchanged
    assert [other.sync_log_id, first.sync_log_id] == [
        one.sync_log_id for one in standing
    ]
    assert (2, standing[:1]) == (count, newest)


async def test_rejected_rows_can_be_looked_up(household: Household) -> None:
    """All of them, by number, with their reasons, however many there are."""
    result = await import_file(household, goodreads(DUNE, *700 * [NO_TITLE]))
    rejected = await load_rejected_rows(household.store, result.sync_log_id)

    assert 700 == result.rejected == len(rejected)
    assert (2, "", ("The row has no title.",)) == (
        rejected[0].number,
        rejected[0].title,
        rejected[0].reasons,
    )


async def test_rows_that_wait_outlive_the_log(household: Household) -> None:
    """Nobody has decided of them yet; the import can be undone as long."""
    await add_trilogy(household)
    before = await all_rows(household.store)
    settled = await import_file(household, goodreads(READ_DUNE))
    await undo_import(household.store, settled.sync_log_id, now=NOW)
    first = await import_file(household, FILE)
    number = first.sync_log_id
    much_later = NOW + timedelta(days=100)
    async with household.store.transaction() as connection:
        removed = await clean_up_sync_logs(connection, now=much_later)
    waiting = await load_waiting_rows(household.store, number)
    decided = await decide_waiting_rows(
        household.store, number, {3: Choice.SKIP}, now=much_later
    )
    async with household.store.transaction() as connection:
        await clean_up_sync_logs(connection, now=much_later)
    await undo_import(household.store, decided.sync_log_id, now=much_later)

    assert 0 < removed
    assert 1 == len(waiting)
    assert waiting == await load_waiting_rows(household.store, number)
    await undo_import(household.store, number, now=much_later)
    assert before == await all_rows(household.store)
    async with household.store.transaction() as connection:
        await clean_up_sync_logs(connection, now=NOW + timedelta(days=300))
        assert () == await load_import_logs(connection)


async def test_rows_to_skip_wait_no_more(household: Household) -> None:
    """Left out is decided, too."""
    await add_trilogy(household)
    first = await import_file(household, FILE)
    before = await all_rows(household.store)
    result = await decide_waiting_rows(
        household.store, first.sync_log_id, {3: Choice.SKIP}, now=LATER
    )

    assert 1 == result.skipped
    assert () == await load_waiting_rows(household.store, first.sync_log_id)
    assert before == await all_rows(household.store)


async def test_what_changed_after_the_preview_is_not_lost(household: Household) -> None:
    """A rating given while the preview was looked at stays."""
    known = await synced_book(household)
    shown = await preview(household, goodreads(HOBBIT))
    fields = await book_of(household, known)
    async with household.store.transaction() as connection:
        rated = BookFields(
            **{name: getattr(fields, name) for name in BookFields.__dataclass_fields__}
            | {"rating": 1.5}
        )
        await change_books(connection, ((known, rated),), now=LATER)
    result = await apply_import(household.store, shown, now=LATER)

    after = await book_of(household, known)
    assert (1.5, "Good.", 310) == (after.rating, after.review, after.page_count)
    assert 1 == result.joined


async def test_book_that_came_after_the_preview_is_joined(household: Household) -> None:
    """A sync made the book meanwhile: there is one, not two."""
    shown = await preview(household, goodreads(HOBBIT))
    known = await synced_book(household)
    result = await apply_import(household.store, shown, now=LATER)

    assert (0, 1) == (result.made, result.joined)
    assert {"The Hobbit"} == set(await books_of(household))
    assert [("finished", None, date(2015, 6, 1))] == await passes_of(household, known)


async def test_two_imports_of_one_file_at_once_make_it_once(
    household: Household,
) -> None:
    """Whoever comes second finds what the first one made."""
    shown = await preview(household, FILE)
    results = await asyncio.gather(
        *(apply_import(household.store, shown, now=NOW) for _ in range(2))
    )

    assert {0, 3} == {result.made for result in results}
    assert 3 == len(await books_of(household))


async def test_undo_leaves_what_a_person_changed(household: Household) -> None:
    """Filled fields are empty again, but not those that were changed since."""
    known = await synced_book(household)
    result = await import_file(household, goodreads(HOBBIT, DUNE))
    books = await books_of(household)
    changed = {
        known: {"review": "My own words.", "tags": ("fantasy", "loved")},
        books["Dune"].book_id: {"rating": 5.0},
    }
    async with household.store.transaction() as connection:
        for book in books.values():
            values = {
                name: getattr(book.fields, name)
                for name in BookFields.__dataclass_fields__
            }
            fields = BookFields(**(values | changed[book.book_id]))
            await change_books(connection, ((book.book_id, fields),), now=LATER)
    undone = await undo_import(household.store, result.sync_log_id, now=LATER)

    after = await book_of(household, known)
    assert ("My own words.", ("loved",), None, None, {}) == (
        after.review,
        after.tags,
        after.rating,
        after.page_count,
        after.extra.get("imported", {}),
    )
    assert [("finished", None, None)] == await passes_of(household, known)
    assert (0, 1, 1) == (
        undone.books_removed,
        undone.books_kept,
        undone.books_restored,
    )
    assert 5.0 == (await books_of(household))["Dune"].fields.rating


async def test_undo_leaves_books_that_are_used_since(household: Household) -> None:
    """A title was linked to one, a pass was begun in the other: both stay."""
    result = await import_file(household, goodreads(HOBBIT, DUNE, UNSURE))
    books = await books_of(household)
    async with household.store.transaction() as connection:
        book_id = books["The Hobbit"].book_id
        await save_links(connection, (link(household, 1, book_id=book_id),), now=LATER)
        begun = ReadFields(
            household.reader_id, books["Dune"].book_id, None, ReadOutcome.UNDER_WAY
        )
        await add_reads(connection, (begun,), now=LATER)
    undone = await undo_import(household.store, result.sync_log_id, now=LATER)

    assert {"The Hobbit", "Dune"} == set(await books_of(household))
    assert (1, 2, 2) == (
        undone.books_removed,
        undone.books_kept,
        undone.reads_removed,
    )


async def test_undo_takes_back_what_a_sync_only_wrote_to(household: Household) -> None:
    """The title of each book was found: the read got its link, the books new times.

    What the title itself was heard stays, without the file's days and words.
    """
    result = await import_file(household, goodreads(HOBBIT, READ_DUNE))
    async with household.store.transaction() as connection:
        for number, book in enumerate((await books_of(household)).values(), start=1):
            made = link(
                household, number, book_id=book.book_id, is_finished=number == 1
            )
            links = await save_links(connection, (made,), now=LATER)
            reads = await load_reads_of_book(connection, book.book_id)
            link_id = links[household.reader_id, asin(number)]
            changed = [
                (read.read_id, replace(read.fields, link_id=link_id)) for read in reads
            ]
            await change_reads(connection, changed, now=LATER)
            await change_books(connection, ((book.book_id, book.fields),), now=LATER)
    undone = await undo_import(household.store, result.sync_log_id, now=LATER)

    books = await books_of(household)
    assert (0, 2, 2) == (undone.books_removed, undone.books_kept, undone.reads_removed)
    for name, status, passes in (
        ("The Hobbit", BookStatus.FINISHED, [("finished", None, None)]),
        ("Dune", BookStatus.TO_READ, []),
    ):
        fields = books[name].fields
        assert (status, None, None, None, None, (), {}) == (
            fields.status,
            fields.finished_on,
            fields.rating,
            fields.review,
            fields.page_count,
            fields.tags,
            fields.extra,
        )
        assert passes == await passes_of(household, books[name].book_id)


async def test_undo_removes_books_that_were_only_touched(household: Household) -> None:
    """Written to and not changed: nothing uses them, so nothing is left of them."""
    before = await all_rows(household.store)
    result = await import_file(household, goodreads(HOBBIT, READ_DUNE))
    async with household.store.transaction() as connection:
        for book in (await books_of(household)).values():
            await change_books(connection, ((book.book_id, book.fields),), now=LATER)
            reads = await load_reads_of_book(connection, book.book_id)
            same = [(read.read_id, read.fields) for read in reads]
            await change_reads(connection, same, now=LATER)
    await undo_import(household.store, result.sync_log_id, now=LATER)

    assert before == await all_rows(household.store)


async def test_two_imports_are_undone_one_after_the_other(
    household: Household,
) -> None:
    """The last first, and the tracker is as it was."""
    await synced_book(household)
    before = await all_rows(household.store)
    first = await import_file(household, goodreads(HOBBIT, DUNE))
    second = await import_file(household, sample("storygraph/storygraph-23col.csv"))
    third = await import_file(
        household,
        b"Title,Authors,ISBN/UID,Read Status,Dates Read,Tags\n"
        b'The Hobbit,J.R.R. Tolkien,x1,read,"2019/02/03, 2015/06/01",slow\n'
        b"Dune,Frank Herbert,x2,read,2020/01/01,sand\n",
        now=LATER,
    )
    for result in (third, second, first):
        await undo_import(household.store, result.sync_log_id, now=LATER)

    assert (0, 2, 2) == (third.made, third.joined, third.reads_added)
    assert before == await all_rows(household.store)


async def test_undo_of_a_corrected_day_gives_the_day_back(household: Household) -> None:
    """The newer file moved the pass and added none; its undo moves it back."""
    await import_file(household, goodreads(HOBBIT))
    before = await all_rows(household.store)
    corrected = goodreads(HOBBIT.replace("2015/06/01", "2015/05/06"))
    result = await import_file(household, corrected, now=LATER)
    book_id = (await books_of(household))["The Hobbit"].book_id
    between = await passes_of(household, book_id)
    await undo_import(household.store, result.sync_log_id, now=LATER)

    assert (1, 0) == (result.joined, result.reads_added)
    assert [("finished", None, date(2015, 5, 6))] == between
    assert before == await all_rows(household.store)


async def test_undo_of_the_older_import_leaves_the_younger_ones_work(
    household: Household,
) -> None:
    """What both brought stays with the one that is left."""
    known = await synced_book(household)
    first = await import_file(household, goodreads(HOBBIT))
    await import_file(
        household,
        b"Title,Authors,ISBN/UID,Read Status,Dates Read,Tags\n"
        b"The Hobbit,J.R.R. Tolkien,x1,read,2019/02/03,slow\n",
        now=LATER,
    )
    await undo_import(household.store, first.sync_log_id, now=LATER)
    after = await book_of(household, known)

    assert (("slow",), None) == (after.tags, after.page_count)
    assert ["storygraph:key:x1"] == list(after.extra["imported"])
    assert ("finished", None, date(2019, 2, 3)) in await passes_of(household, known)


async def test_undo_of_a_younger_file_gives_the_older_rows_cells_back(
    household: Household,
) -> None:
    """Unknown columns that changed from file to file, and other members of a book."""
    book_id = await synced_book(household, extra={"mine": {"a": 1}, "plain": 2})
    header = "Book Id,Title,Author,Exclusive Shelf,Average Rating\n"
    line = "7,The Hobbit,J.R.R. Tolkien,read,"
    await import_file(household, f"{header}{line}4.1\n".encode())
    between = await all_rows(household.store)
    second = await import_file(household, f"{header}{line}4.2\n".encode(), now=LATER)
    newer = await book_of(household, book_id)
    await undo_import(household.store, second.sync_log_id, now=LATER)

    rows = newer.extra["imported"]
    assert {"Average Rating": "4.2"} == rows["goodreads:key:7"]["columns"]
    assert between == await all_rows(household.store)


async def test_undo_twice_is_refused_with_a_sentence(household: Household) -> None:
    """The log keeps that it was taken back."""
    result = await import_file(household, FILE)
    await undo_import(household.store, result.sync_log_id, now=LATER)
    async with household.store.reading() as connection:
        log = await load_sync_log(connection, result.sync_log_id)

    assert SyncStatus.UNDONE is log.fields.status
    for refused in (
        undo_import(household.store, result.sync_log_id, now=LATER),
        decide_waiting_rows(
            household.store, result.sync_log_id, {3: Choice.NEW}, now=LATER
        ),
    ):
        with pytest.raises(ImportTakenBackError, match="taken back already"):
            await refused


async def test_only_an_import_can_be_undone(household: Household) -> None:
    """Not another log row, not a part of an import, not one that is gone."""
    await synced_book(household)
    result = await import_file(household, goodreads(HOBBIT))
    async with household.store.transaction() as connection:
        log = await load_sync_log(connection, result.sync_log_id)
        sync = SyncLogFields(None, SyncType.USER, SyncStatus.SUCCESS, NOW, 1)
        other = await add_sync_log(connection, sync)
    (part, *_) = log.fields.details["change_parts"]
    for number in (part, other, 999):
        with pytest.raises(NoImportError, match=f"no import {number}"):
            await undo_import(household.store, SyncLogId(number), now=LATER)


async def test_file_of_no_use_is_refused_as_a_whole(household: Household) -> None:
    """The error names what was found."""
    with pytest.raises(ImportFileUnknownError, match="the columns a, b"):
        await preview_import(household.store, household.reader_id, b"a,b\n1,2\n")


async def test_progress_is_told_on_the_event_loop(household: Household) -> None:
    """Rows done of rows in all, rising to the end."""
    lines = [f"{n},Night {n},Jane Roe {n},,,0,,,,,,read,,,1" for n in range(600)]
    told: list[tuple[int, int]] = []
    loops = []

    def note(done: int, total: int) -> None:
        loops.append(asyncio.get_running_loop())
        told.append((done, total))

    await preview_import(
        household.store, household.reader_id, goodreads(*lines), progress=note
    )
    await asyncio.sleep(0)

    assert [(250, 600), (500, 600), (600, 600)] == told
    assert 1 == len(set(loops))


async def test_books_of_another_reader_are_left_alone(household: Household) -> None:
    """Two readers of one house have two trackers."""
    await synced_book(household)
    async with household.store.transaction() as connection:
        ben = await add_reader(connection, "Ben", person=None, now=NOW)
    shown = await preview_import(household.store, ben, goodreads(HOBBIT))
    result = await apply_import(household.store, shown, now=NOW)

    assert (1, 0) == (result.made, result.joined)
