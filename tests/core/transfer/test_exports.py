"""What leaves the tracker comes back equal: books, reads, and the titles they are."""

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from audible_core.bookmark import Bookmark
from audible_core.exports import JSON_FILE
from audible_core.kinds import BookStatus, BookType, DateSource, ReadOutcome, Source
from audible_core.models import SeriesPlace
from audible_core.store.bookmarks import load_bookmarks, save_bookmark
from audible_core.store.books import add_books, stream_books
from audible_core.store.changes import BookmarkChange
from audible_core.store.database import open_store
from audible_core.store.links import load_links_of_title
from audible_core.store.records import (
    Book,
    BookFields,
    BookId,
    Evidence,
    Link,
    LinkFields,
    LinkId,
    Read,
    ReadFields,
    ReadId,
)
from audible_core.transfer.exporter import ExportFormat
from audible_core.transfer.import_plan import plan_import
from audible_core.transfer.records import RowOutcome, StoredBook, StoredBooks
from audible_core.transfer.stored_rows import row_of_book
from audible_core.transfer.undo import undo_import
from audible_core.vault import Vault
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.imports.made import TRACKER_FILES, sample
from tests.core.store.household import NOW, Household, asin, move_in
from tests.core.transfer.library import (
    all_rows,
    exported,
    goodreads,
    import_file,
    preview,
    reads_of,
    rows_of,
    storygraph,
    synced_book,
)
from tests.core.transfer.made import READER, applied, shelf

MARKS = tuple(
    Bookmark(Source.PLAYER, key, 61_500, note, NOW - timedelta(hours=1), NOW)
    for key, note in (("b1", "Who is „she“?"), ("b2", ""))
)


async def mark(household: Household, number: int, bookmark: Bookmark) -> LinkId:
    """Mark a place of a title, as the server's page does."""
    async with household.store.transaction() as connection:
        links = await load_links_of_title(connection, asin(number))
        await save_bookmark(connection, links[0].link_id, bookmark)
    return links[0].link_id


async def other_home(folder: Path) -> Household:
    """Open the empty tracker of another installation."""
    folder.mkdir()
    store = await open_store(
        folder / "tracker.db",
        vault=Vault.open(folder / "keys"),
        owner="elsewhere",
        time_zone=ZoneInfo("Europe/Berlin"),
    )
    return await move_in(store)


async def fill(household: Household) -> None:
    """Store what a year of syncs, imports and decisions leaves."""
    await synced_book(
        household,
        1,
        read={
            "started_on": date(2026, 1, 2),
            "started_source": DateSource.HEARD,
            "finished_on": date(2026, 2, 3),
            "finished_source": DateSource.STATUS,
            "finished_at": datetime(2026, 2, 3, 21, 5, 1, 250_000, tzinfo=UTC),
        },
        heard={
            "is_finished": True,
            "last_position_ms": 39_599_000,
            "last_position_at": NOW - timedelta(days=9),
            "last_percentage": 99.9,
            "match_confidence": 0.97,
            "match_method": "matching",
            "evidence": (Evidence("author_same", "author same", 0.5),),
            "manually_confirmed": True,
            "sync_enabled": False,
            "sync_interval_minutes": 45,
        },
        finished_on=date(2026, 2, 3),
        finished_source=DateSource.USER,
        current_position_ms=39_599_000,
        percent_complete=99.9,
        cover_url="https://images.invalid/1.jpg",
        isbns=("9783161484100", "3-16-148410-X", "978316148410"),
        isbn13="9783161484100",
        extra={"Shelf": "a, b", "nested": {"a": [1, None, "ü"]}},
    )
    await synced_book(
        household, 2, name="Dune", authors=("Frank Herbert",), outcome=None
    )
    await mark(household, 1, MARKS[0])
    await mark(household, 1, MARKS[1])
    # Two books that are alike, because their reader wants them apart.
    twin = BookFields(household.reader_id, "The Hobbit", authors=("J.R.R. Tolkien",))
    async with household.store.transaction() as connection:
        await add_books(connection, (twin, twin), now=NOW)
    for name in ("goodreads-31col.csv", "goodreads-enhanced-27col-audio-rereads.csv"):
        await import_file(household, sample(f"goodreads/{name}"))


async def test_moving_to_another_home_loses_nothing(
    household: Household, tmp_path: Path
) -> None:
    """Exported, imported into an empty tracker, exported: equal, letter by letter."""
    await fill(household)
    first = await exported(household.store, household.reader_id)
    there = await other_home(tmp_path / "there")
    try:
        await import_file(there, first.encode())
        second = await exported(there.store, there.reader_id)
        async with there.store.reading() as connection:
            (link,) = await load_links_of_title(connection, asin(1))
            bookmarks = await load_bookmarks(connection, there.reader_id)
    finally:
        await there.store.close()

    assert first == second
    assert {link.link_id: MARKS} == bookmarks
    assert (True, False, 45, None, 39_599_000) == (
        link.fields.manually_confirmed,
        link.fields.sync_enabled,
        link.fields.sync_interval_minutes,
        link.fields.account_id,
        link.fields.last_position_ms,
    )


async def test_export_read_back_where_it_was_made_changes_nothing(
    household: Household,
) -> None:
    """Each book knows its own row again, also two that are alike."""
    await fill(household)
    before = await all_rows(household.store)
    text = await exported(household.store, household.reader_id)
    result = await import_file(household, text.encode(), now=NOW + timedelta(days=1))

    assert len(json.loads(text)["books"]) == result.unchanged
    assert before == await all_rows(household.store)


async def test_books_come_home_as_the_same_books(
    household: Household, tmp_path: Path
) -> None:
    """What was exported there after a move is known here."""
    await fill(household)
    before = await all_rows(household.store)
    there = await other_home(tmp_path / "there")
    try:
        text = await exported(household.store, household.reader_id)
        await import_file(there, text.encode())
        text = await exported(there.store, there.reader_id)
    finally:
        await there.store.close()
    shown = await preview(household, text.encode())

    assert shown.counts[RowOutcome.UNCHANGED] == len(shown.plan.rows)
    assert before == await all_rows(household.store)


async def test_export_joins_what_the_first_sync_made(
    household: Household, tmp_path: Path
) -> None:
    """A moved reader's books join the titles that are there, and never two one book."""
    await fill(household)
    text = await exported(household.store, household.reader_id)
    there = await other_home(tmp_path / "there")
    try:
        await synced_book(there, 1, read={"started_source": DateSource.UNKNOWN})
        before = await all_rows(there.store)
        result = await import_file(there, text.encode())
        async with there.store.reading() as connection:
            names = [
                book.fields.title
                async for book in stream_books(connection, there.reader_id)
            ]
            (marked,) = (await load_bookmarks(connection, there.reader_id)).values()
        await undo_import(there.store, result.sync_log_id, now=NOW)
        after = await all_rows(there.store)
    finally:
        await there.store.close()

    assert MARKS == marked
    assert len(json.loads(text)["books"]) == len(names)
    assert 1 == result.joined
    assert 3 <= names.count("The Hobbit")
    assert before == after


async def test_passes_join_the_title_that_was_heard(
    household: Household, tmp_path: Path
) -> None:
    """After a move, an old pass belongs to the title there, not only to the book."""
    await synced_book(
        household,
        read={
            "finished_on": date(2020, 1, 2),
            "finished_source": DateSource.HEARD,
        },
        heard={"last_position_ms": 1000},
    )
    text = await exported(household.store, household.reader_id)
    body = json.loads(text)
    body["books"][0]["tracked"]["links"].append(
        body["books"][0]["tracked"]["links"][0] | {"asin": asin(9)}
    )
    there = await other_home(tmp_path / "there")
    try:
        book_id = await synced_book(there, outcome=None, status=BookStatus.TO_READ)
        result = await import_file(there, json.dumps(body).encode())
        (read,) = await reads_of(there, book_id)
        async with there.store.reading() as connection:
            (own,) = await load_links_of_title(connection, asin(1))
            (new,) = await load_links_of_title(connection, asin(9))
        await undo_import(there.store, result.sync_log_id, now=NOW)
        async with there.store.reading() as connection:
            left = await load_links_of_title(connection, asin(9))
    finally:
        await there.store.close()

    assert (own.link_id, date(2020, 1, 2)) == (read.link_id, read.finished_on)
    assert (None, book_id) == (own.fields.last_position_ms, new.fields.book_id)
    assert () == left


async def test_binding_of_another_edition_is_not_exported(household: Household) -> None:
    """A recording is no paperback, though the row that joined it was one."""
    await synced_book(household)
    row = "7,The Hobbit,J.R.R. Tolkien,,,5,Mass Market Paperback,310,,,,read,,,1"
    await import_file(household, goodreads(row))
    text = await exported(household.store, household.reader_id, ExportFormat.GOODREADS)
    (found,) = csv.DictReader(io.StringIO(text))

    assert ("Audible Audio", "310") == (found["Binding"], found["Number of Pages"])


@pytest.mark.parametrize("name", TRACKER_FILES)
def test_every_sample_survives_a_move(name: str) -> None:
    """Import, export, import elsewhere, export: no letter differs."""
    here = shelf()
    here = applied(plan_import(rows_of(sample(name)), here), here)
    there = StoredBooks(READER, "there")
    there = applied(plan_import(rows_of(_text(here).encode()), there), there)

    assert _text(here) == _text(there)


def _text(stored: StoredBooks) -> str:
    return "".join(
        JSON_FILE.pieces(
            row_of_book(book, stored.owner, number)
            for number, book in enumerate(stored.books.values(), start=1)
        )
    )


async def test_unknown_columns_are_in_the_export(household: Household) -> None:
    """What no field takes leaves with the book."""
    await import_file(
        household, sample("goodreads/goodreads-enhanced-27col-audio-rereads.csv")
    )
    books = json.loads(await exported(household.store, household.reader_id))["books"]

    told = [
        row["columns"]
        for book in books
        for row in book["tracked"]["extra"]["imported"].values()
    ]
    assert 73 == len(told)
    assert all("n_ratings" in columns for columns in told)


async def test_goodreads_file_keeps_binding_and_own_shelf(household: Household) -> None:
    """A book that came from Goodreads goes back as it was there."""
    await import_file(
        household,
        goodreads(
            '7,Dune,Frank Herbert,,,5,Mass Market Paperback,412,,,,waiting,"",,0'
        ),
    )
    text = await exported(household.store, household.reader_id, ExportFormat.GOODREADS)
    (row,) = csv.DictReader(io.StringIO(text))

    assert ("Dune", "Mass Market Paperback", "waiting", "5", "412") == (
        row["Title"],
        row["Binding"],
        row["Exclusive Shelf"],
        row["My Rating"],
        row["Number of Pages"],
    )


async def test_a_read_book_goes_back_to_its_own_shelf(household: Household) -> None:
    """The day says there, as it did here, that it was read; elsewhere it is read."""
    result = await import_file(
        household, goodreads("7,Dune,Frank Herbert,,,5,,,2020/05/05,,,german,,,1")
    )
    text = await exported(household.store, household.reader_id, ExportFormat.GOODREADS)
    (row,) = csv.DictReader(io.StringIO(text))
    (book,) = (await all_rows(household.store))["books"]

    assert 1 == result.made
    assert "finished" in {str(cell) for cell in book}
    assert ("german", "2020/05/05") == (row["Exclusive Shelf"], row["Date Read"])
    for_others = await exported(
        household.store, household.reader_id, ExportFormat.STORYGRAPH
    )
    (row,) = csv.DictReader(io.StringIO(for_others))
    assert ("read", "2020/05/05") == (row["Exclusive Shelf"], row["Date Read"])


async def test_book_that_was_read_since_leaves_its_own_shelf(
    household: Household,
) -> None:
    """The file has said nothing of reading it; Goodreads is told."""
    await import_file(household, goodreads("7,Dune,Frank Herbert,,,5,,,,,,waiting,,,0"))
    finished = storygraph("Dune,Frank Herbert,x1,print,read,,,2021/01/02,1,,,,No")
    await import_file(household, finished)
    text = await exported(household.store, household.reader_id, ExportFormat.GOODREADS)
    (row,) = csv.DictReader(io.StringIO(text))

    assert ("read", "2021/01/02") == (row["Exclusive Shelf"], row["Date Read"])


async def test_storygraph_file_has_quarters(household: Household) -> None:
    """Ratings stay as fine as they are."""
    await synced_book(household, rating=4.25)
    text = await exported(household.store, household.reader_id, ExportFormat.STORYGRAPH)
    (row,) = csv.DictReader(io.StringIO(text))

    assert ("4.25", "read", "Audible Audio") == (
        row["My Rating"],
        row["Exclusive Shelf"],
        row["Binding"],
    )


async def test_empty_tracker_exports_an_empty_file(household: Household) -> None:
    """No books are an empty list."""
    text = await exported(household.store, household.reader_id)

    assert [] == json.loads(text)["books"]


def texts(max_size: int = 8) -> st.SearchStrategy[str]:
    """Return texts that a store can hold."""
    letters = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
    return st.text(letters, max_size=max_size)


NAMES = st.lists(texts(), max_size=2).map(tuple)
DAYS = st.none() | st.dates()
INSTANTS = st.datetimes(
    min_value=datetime(1980, 1, 1),  # noqa: DTZ001
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001
).map(lambda instant: instant.replace(microsecond=0, tzinfo=UTC))
SOURCES = st.none() | st.sampled_from(DateSource)
WHOLE = st.none() | st.integers(min_value=0, max_value=2**31 - 1)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(0, 99) | texts(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(texts(), inner),
    max_leaves=4,
)
BOOKS = st.builds(
    BookFields,
    reader_id=st.just(READER),
    title=texts().filter(bool),
    subtitle=st.none() | texts(),
    authors=NAMES,
    narrators=NAMES,
    series=st.lists(
        st.builds(SeriesPlace, texts(), st.none() | texts()), max_size=2
    ).map(tuple),
    book_type=st.sampled_from(BookType),
    isbn13=st.none() | st.just("9780440238140"),
    isbns=st.sampled_from(((), ("9780440238140", "0440238145"), ("97804402",))),
    asin=st.none() | st.just(asin(3)),
    publisher=st.none() | texts(),
    year=WHOLE,
    language=st.none() | texts(),
    page_count=WHOLE,
    runtime_ms=WHOLE,
    cover_url=st.none() | texts(),
    status=st.sampled_from(BookStatus),
    current_position_ms=WHOLE,
    percent_complete=st.none() | st.floats(min_value=0, max_value=100),
    current_page=WHOLE,
    started_on=DAYS,
    started_source=SOURCES,
    finished_on=DAYS,
    finished_source=SOURCES,
    added_on=DAYS,
    rating=st.none() | st.floats(min_value=0.25, max_value=5),
    review=st.none() | texts(),
    private_notes=st.none() | texts(),
    tags=NAMES,
    source=st.sampled_from(Source),
    source_key=st.none() | texts(),
    extra=st.dictionaries(texts().filter(lambda name: name != "imported"), JSON),
)
READS = st.builds(
    ReadFields,
    reader_id=st.just(READER),
    book_id=st.none(),
    link_id=st.none() | st.just(LinkId(1)),
    outcome=st.sampled_from(ReadOutcome),
    started_on=DAYS,
    started_source=SOURCES,
    finished_on=DAYS,
    finished_source=SOURCES,
    finished_at=st.none() | INSTANTS,
    stopped_on=DAYS,
    source=st.sampled_from(Source),
)
LINK = st.builds(
    LinkFields,
    reader_id=st.just(READER),
    asin=st.just(asin(1)),
    account_id=st.none(),
    book_id=st.none(),
    audible_title=texts().filter(bool),
    is_finished=st.none() | st.booleans(),
    last_position_ms=WHOLE,
    last_position_at=st.none() | INSTANTS,
    last_percentage=st.none() | st.floats(min_value=0, max_value=100),
    match_confidence=st.none() | st.floats(min_value=0, max_value=1),
    match_method=st.none() | texts(),
    evidence=st.lists(
        st.builds(
            Evidence, texts(), texts(), st.none() | st.floats(min_value=-1, max_value=1)
        ),
        max_size=2,
    ).map(tuple),
    manually_confirmed=st.booleans(),
    sync_enabled=st.booleans(),
    sync_interval_minutes=WHOLE,
    removed_at=st.none() | INSTANTS,
)


BOOKMARKS = st.builds(
    Bookmark,
    source=st.sampled_from(Source),
    key=texts(),
    position_ms=st.integers(min_value=0, max_value=10**10),
    note=texts(),
    created_at=INSTANTS,
    updated_at=INSTANTS,
)


@settings(max_examples=150, deadline=None)
@given(BOOKS, st.lists(READS, max_size=3), LINK, st.lists(BOOKMARKS, max_size=3))
def test_whatever_a_book_holds_comes_back(
    fields: BookFields,
    reads: list[ReadFields],
    link: LinkFields,
    bookmarks: list[Bookmark],
) -> None:
    """Fields, passes, the link and the bookmarks of any book survive the export."""
    stored = StoredBook(
        Book(BookId(5), NOW, NOW, fields),
        tuple(
            Read(ReadId(number), NOW, NOW, read) for number, read in enumerate(reads)
        ),
        (Link(LinkId(1), NOW, NOW, link),),
        {LinkId(1): tuple(bookmarks), LinkId(2): MARKS},
    )
    text = "".join(JSON_FILE.pieces([row_of_book(stored, "here", 1)]))
    plan = plan_import(rows_of(text.encode()), StoredBooks(READER, "there"))
    (made,) = plan.new_books

    assert [link] == [change.fields for change in plan.links]
    assert [BookmarkChange((READER, asin(1)), one) for one in bookmarks] == [
        *plan.bookmarks
    ]
    assert [replace(read, link_id=None) for read in reads] == [
        change.fields for change in plan.new_reads
    ]
    assert [read.link_id is not None for read in reads] == [
        change.link is not None for change in plan.new_reads
    ]
    kept = {name: made.fields.extra[name] for name in fields.extra}
    assert fields == replace(made.fields, extra=kept)
