"""Exports: ours loses nothing, the other two are what the sites take."""

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from audible_core.bookmark import Bookmark
from audible_core.exports import (
    GOODREADS_COLUMNS,
    GOODREADS_FILE,
    JSON_FILE,
    STORYGRAPH_FILE,
    FileShape,
)
from audible_core.imports import (
    ImportedBook,
    ImportedRead,
    ImportFormat,
    NoteKey,
    RejectedRow,
    RowNote,
)
from audible_core.imports.tracked import TrackedDetails, TrackedLink
from audible_core.isbn import Isbn, read_isbn
from audible_core.kinds import BookStatus, BookType, DateSource, ReadOutcome, Source
from audible_core.models import Asin, SeriesPlace
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.imports.made import TRACKER_FILES, books_of, rows_of, sample

ISBN = read_isbn("9780440238140")
HOBBIT = ImportedBook(
    source_format=ImportFormat.GOODREADS,
    row_number=7,
    title="The Hobbit",
    subtitle="There and Back",
    authors=("J.R.R. Tolkien", "Jane Roe"),
    narrators=("Andy Serkis",),
    series=(SeriesPlace("Middle-earth", "0.5"), SeriesPlace("Classics")),
    isbns=(ISBN,) if ISBN else (),
    year=2020,
    page_count=310,
    book_type=BookType.AUDIOBOOK,
    publisher="Recorded",
    status=BookStatus.FINISHED,
    rating=4.5,
    reads=(
        ImportedRead(None, date(2020, 1, 2), ReadOutcome.FINISHED),
        ImportedRead(date(2022, 1, 1), date(2022, 3, 4), ReadOutcome.FINISHED),
        ImportedRead(None, None, ReadOutcome.FINISHED),
    ),
    added_on=date(2019, 5, 6),
    tags=("fantasy", "a, b", "kids"),
    review='He said "hm",\nthen left.',
)


def json_text(*books: ImportedBook) -> str:
    """Return our export of the books."""
    return "".join(JSON_FILE.pieces(books))


def goodreads_cells(book: ImportedBook) -> dict[str, str]:
    """Return one book's line of the Goodreads file by column."""
    text = "".join(GOODREADS_FILE.pieces([book]))
    return next(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize(
    "name", [*TRACKER_FILES, "audible-account/library-baseline.json"]
)
def test_own_export_of_every_sample_comes_back_equal(name: str) -> None:
    """Row by row, with notes, unknown columns, sources and row numbers."""
    books = books_of(sample(name))

    assert books == books_of(json_text(*books))


def test_own_export_says_what_it_is() -> None:
    """Name and version stand first; no books are an empty list."""
    body = json.loads(json_text(HOBBIT))

    assert ["format", "schema_version", "books"] == list(body)
    assert ("audible_tracker", 3, 1) == (
        body["format"],
        body["schema_version"],
        len(body["books"]),
    )
    assert [] == json.loads(json_text())["books"]
    assert () == rows_of(json_text())


def texts(max_size: int = 12) -> st.SearchStrategy[str]:
    """Return texts that a store can hold."""
    letters = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
    return st.text(letters, max_size=max_size)


NAMES = st.lists(texts(), max_size=3).map(tuple)
DAYS = st.none() | st.dates()
WHOLE = st.none() | st.integers(min_value=-5000, max_value=10**9)
ISBNS = texts().map(read_isbn).filter(bool) | st.just(ISBN)
BOOKS = st.builds(
    ImportedBook,
    source_format=st.sampled_from(ImportFormat),
    row_number=st.integers(min_value=1, max_value=10**6),
    title=texts().filter(bool),
    source_key=st.none() | texts(),
    subtitle=st.none() | texts(),
    authors=NAMES,
    narrators=NAMES,
    contributors=NAMES,
    series=st.lists(
        st.builds(SeriesPlace, texts(), st.none() | texts()), max_size=2
    ).map(tuple),
    isbns=st.lists(ISBNS, max_size=2).map(tuple),
    asin=st.none() | st.just(Asin("B017V4IM1G")),
    year=WHOLE,
    page_count=WHOLE,
    runtime_ms=WHOLE,
    book_type=st.sampled_from(BookType),
    language=st.none() | texts(),
    publisher=st.none() | texts(),
    status=st.none() | st.sampled_from(BookStatus),
    shelf=st.none() | texts(),
    percent_complete=st.none() | st.floats(min_value=0, max_value=100),
    rating=st.none() | st.floats(min_value=0.25, max_value=5),
    reads=st.lists(
        st.builds(ImportedRead, DAYS, DAYS, st.sampled_from(ReadOutcome), DAYS),
        max_size=3,
    ).map(tuple),
    read_count=WHOLE,
    added_on=DAYS,
    tags=NAMES,
    review=st.none() | texts(),
    private_notes=st.none() | texts(),
    extra=st.dictionaries(texts(), texts(), max_size=3),
    notes=st.lists(
        st.builds(
            RowNote,
            st.sampled_from(NoteKey),
            st.dictionaries(texts(), texts(), max_size=2),
        ),
        max_size=2,
    ).map(tuple),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(BOOKS, max_size=3))
def test_own_export_of_any_books_comes_back_equal(books: list[ImportedBook]) -> None:
    """Whatever a book holds, also line breaks, quotes and other scripts."""
    assert tuple(books) == rows_of(json_text(*books))


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("title", ""),
        ("title", 5),
        ("source", None),
        ("source", {"format": "elsewhere", "row": 1}),
        ("authors", "Tolkien"),
        ("authors", [1]),
        ("year", "2020"),
        ("year", True),
        ("year", 10**30),
        ("rating", 7),
        ("rating", "5"),
        ("status", "eaten"),
        ("book_type", None),
        ("added_on", "2020/01/01"),
        ("reads", {}),
        ("reads", [5]),
        ("reads", [{"outcome": "won"}]),
        ("isbns", [""]),
        ("extra", {"a": 1}),
        ("notes", [{"key": "no_such_key", "data": {}}]),
    ],
)
def test_a_changed_export_lists_the_row_and_the_member(
    member: str, value: object
) -> None:
    """A hand-edited export loses only the row that was spoiled."""
    body = json.loads(json_text(HOBBIT, HOBBIT))
    body["books"][0][member] = value
    first, second = rows_of(json.dumps(body))

    assert isinstance(first, RejectedRow)
    assert "row_unreadable" == first.reason.key
    assert member in first.reason.sentence
    assert "Recorded" == first.cells["publisher"]
    assert HOBBIT == second


TRACKED = TrackedDetails(
    source=Source.AUDIBLE,
    source_key="B017V4IM1G",
    isbn13="9780440238140",
    started_on=date(2022, 1, 1),
    started_source=DateSource.HEARD,
    links=(
        TrackedLink(
            Asin("B017V4IM1G"),
            "The Hobbit",
            last_position_at=datetime(2022, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC),
            evidence=(("author_same", "author same", None),),
            bookmarks=(
                Bookmark(
                    Source.PLAYER,
                    "b1",
                    61_500,
                    "Who is „she“?",
                    datetime(2022, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC),
                    datetime(2022, 1, 3, tzinfo=UTC),
                ),
            ),
        ),
    ),
    extra={"imported": {"goodreads:key:7": {"columns": {"Spoiler": ""}}}},
)


def test_what_the_tracker_knows_comes_back_equal() -> None:
    """Links, places and what rests on what are in the export of a tracked book."""
    read = replace(
        HOBBIT.reads[1],
        started_source=DateSource.HEARD,
        finished_source=DateSource.STATUS,
        finished_at=datetime(2022, 3, 4, 21, 0, tzinfo=UTC),
        source=Source.AUDIBLE,
        asin=Asin("B017V4IM1G"),
    )
    book = replace(HOBBIT, tracked=TRACKED, reads=(read,))

    assert (book,) == rows_of(json_text(book))


def test_export_of_the_second_version_is_read() -> None:
    """It knew of no bookmarks."""
    book = replace(HOBBIT, tracked=TRACKED)
    body = json.loads(json_text(book))
    body["schema_version"] = 2
    del body["books"][0]["tracked"]["links"][0]["bookmarks"]
    bare = replace(TRACKED, links=(replace(TRACKED.links[0], bookmarks=()),))

    assert (replace(HOBBIT, tracked=bare),) == rows_of(json.dumps(body))


def test_export_of_the_first_version_is_read() -> None:
    """What it had no members for is unknown."""
    body = json.loads(json_text(HOBBIT))
    body["schema_version"] = 1
    del body["books"][0]["tracked"]
    for read in body["books"][0]["reads"]:
        for name in ("started_source", "finished_source", "finished_at", "source"):
            del read[name]

    assert (HOBBIT,) == rows_of(json.dumps(body))


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("source", "elsewhere"),
        ("isbn13", "0440238145"),
        ("isbn13", ""),
        ("current_page", 2**40),
        ("started_on", "soon"),
        ("started_source", "guess"),
        ("links", {}),
        ("links", [{"asin": None}]),
        ("links", [{"asin": "B017V4IM1G", "manually_confirmed": 1}]),
        ("extra", []),
    ],
)
def test_a_changed_detail_lists_the_row_and_the_member(
    member: str, value: object
) -> None:
    """What the tracker knows is as strict as the rest."""
    body = json.loads(json_text(replace(HOBBIT, tracked=TRACKED)))
    body["books"][0]["tracked"][member] = value
    (row,) = rows_of(json.dumps(body))

    assert isinstance(row, RejectedRow)
    assert "tracked" in row.reason.sentence
    assert member in row.reason.sentence or "manually_confirmed" in row.reason.sentence


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("source", "elsewhere"),
        ("key", None),
        ("position_ms", None),
        ("position_ms", 2**53),
        ("note", 5),
        ("created_at", None),
        ("updated_at", "soon"),
    ],
)
def test_a_changed_bookmark_lists_the_row_and_the_member(
    member: str, value: object
) -> None:
    """It is as strict as the rest."""
    body = json.loads(json_text(replace(HOBBIT, tracked=TRACKED)))
    body["books"][0]["tracked"]["links"][0]["bookmarks"][0][member] = value
    (row,) = rows_of(json.dumps(body))

    assert isinstance(row, RejectedRow)
    assert f"bookmarks.{member}" in row.reason.sentence


def test_instant_without_zone_is_wrong() -> None:
    """Nobody can tell when that was."""
    body = json.loads(json_text(HOBBIT))
    body["books"][0]["reads"][0]["finished_at"] = "2022-03-04T21:00:00"
    (row,) = rows_of(json.dumps(body))

    assert isinstance(row, RejectedRow)
    assert "finished_at" in row.reason.sentence


def test_goodreads_file_has_goodreads_columns_and_forms() -> None:
    """Series in the title, formulas around ISBNs, slashed dates, whole stars."""
    cells = goodreads_cells(HOBBIT)

    assert list(GOODREADS_COLUMNS) == list(cells)
    assert {
        "Title": "The Hobbit: There and Back (Middle-earth, #0.5)",
        "Author": "J.R.R. Tolkien",
        "Additional Authors": "Jane Roe",
        "ISBN": '="0440238145"',
        "ISBN13": '="9780440238140"',
        "My Rating": "5",
        "Binding": "Audible Audio",
        "Date Read": "2022/03/04",
        "Date Added": "2019/05/06",
        "Exclusive Shelf": "read",
        "Bookshelves": "fantasy, a b, kids",
        "My Review": 'He said "hm",<br/>then left.',
        "Read Count": "3",
        "Year Published": "2020",
    }.items() <= cells.items()


@pytest.mark.parametrize("shape", [GOODREADS_FILE, STORYGRAPH_FILE])
def test_files_of_other_sites_name_authors_without_roles(shape: FileShape) -> None:
    """A translator is no author there; our own file says all that is known."""
    authors = ("Emily Brook - translator", "Homer", "Ada Roe - editor")
    book = replace(HOBBIT, authors=authors)
    cells = next(csv.DictReader(io.StringIO("".join(shape.pieces([book])))))

    assert ("Homer", "Ada Roe") == (cells["Author"], cells["Additional Authors"])
    assert list(authors) == json.loads(json_text(book))["books"][0]["authors"]


def test_storygraph_file_keeps_quarters_of_stars() -> None:
    """The StoryGraph imports Goodreads' shape and knows finer ratings."""
    text = "".join(STORYGRAPH_FILE.pieces([HOBBIT]))
    cells = next(csv.DictReader(io.StringIO(text)))

    assert ("4.5", "2022/03/04") == (cells["My Rating"], cells["Date Read"])


def test_audiobook_without_isbn_carries_its_asin() -> None:
    """Goodreads takes an ASIN in the ISBN field; a damaged ISBN is never sent."""
    broken = Isbn("9.78053E+12")
    book = ImportedBook(
        ImportFormat.LIBATION,
        1,
        "The Hobbit",
        isbns=(broken,),
        asin=Asin("B017V4IM1G"),
    )
    cells = goodreads_cells(book)

    assert ('="B017V4IM1G"', '=""') == (cells["ISBN"], cells["ISBN13"])
    assert ("to-read", "0") == (cells["Exclusive Shelf"], cells["My Rating"])


@pytest.mark.parametrize(
    ("rating", "cell"),
    [(None, "0"), (0.25, "1"), (2.25, "2"), (3.5, "4"), (5.0, "5"), (0.0, "0")],
)
def test_goodreads_ratings_are_whole_and_never_fall_to_none(
    rating: float | None, cell: str
) -> None:
    """Halves go up; the least rating stays a rating."""
    book = ImportedBook(ImportFormat.STORYGRAPH, 1, "A", rating=rating)

    assert cell == goodreads_cells(book)["My Rating"]


@pytest.mark.parametrize(
    ("status", "shelf"),
    [
        (BookStatus.TO_READ, "to-read"),
        (BookStatus.READING, "currently-reading"),
        (BookStatus.FINISHED, "read"),
        (BookStatus.PAUSED, "paused"),
        (BookStatus.DID_NOT_FINISH, "did-not-finish"),
        (None, "to-read"),
    ],
)
def test_statuses_become_shelves(status: BookStatus | None, shelf: str) -> None:
    """An unknown status claims no history."""
    book = ImportedBook(ImportFormat.OPENAUDIBLE, 1, "A", status=status)

    assert shelf == goodreads_cells(book)["Exclusive Shelf"]


@pytest.mark.parametrize(
    "name", [name for name in TRACKER_FILES if name.startswith("goodreads/")]
)
def test_goodreads_file_of_a_goodreads_file_says_the_same(name: str) -> None:
    """Titles, people, ISBNs, statuses, ratings and read dates survive the round."""
    books = books_of(sample(name))
    back = books_of("".join(GOODREADS_FILE.pieces(books)))

    def told(book: ImportedBook) -> tuple[object, ...]:
        last = max((r.finished_on for r in book.reads if r.finished_on), default=None)
        return (
            book.title,
            book.series,
            book.authors,
            book.isbn13,
            book.status,
            book.shelf if book.status is None else None,
            book.rating,
            book.added_on,
            book.year,
            book.page_count,
            book.book_type,
            last,
            len(book.reads),
        )

    assert [told(book) for book in books] == [told(book) for book in back]
