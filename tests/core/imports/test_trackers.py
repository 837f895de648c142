"""Trackers' files: what the samples do not hold, made from their descriptions."""

from datetime import date

import pytest
from audible_core.imports import (
    ImportedRead,
    ImportFormat,
    open_file,
)
from audible_core.kinds import BookStatus, BookType, ReadOutcome
from audible_core.models import SeriesPlace

from tests.core.imports.made import (
    books_of,
    note_keys,
    one_book,
    rejected_of,
    rows_of,
    table,
)

GOODREADS = {"Title": "Dune", "Author": "Frank Herbert", "Exclusive Shelf": "read"}
STORYGRAPH = {"Title": "Dune", "Authors": "Frank Herbert", "Read Status": "read"}
HARDCOVER = {
    "Title": "Dune",
    "Author": "Frank Herbert",
    "Status": "Read",
    "Hardcover Book ID": "312460",
    "ISBN 13": "9780440238140",
    "Pages": "604",
    "Content Warnings": "",
    "Lists": "Favorites, Deserts",
    "Owned": "true",
    "Date Added": "2024-01-05",
    "Date Started": "2024-02-01",
    "Date Finished": "2024-02-20",
    "Rating": "4.5",
    "Private Notes": "lent to Ann",
    "Review": "Sand.",
    "Review Contains Spoilers": "false",
}


@pytest.mark.parametrize(
    ("sent", "title", "series"),
    [
        ("Sula (Hainish, #1.5)", "Sula", (SeriesPlace("Hainish", "1.5"),)),
        ("Sula (Hainish #4)", "Sula", (SeriesPlace("Hainish", "4"),)),
        ("Sula (Magic 2.0 #6)", "Sula", (SeriesPlace("Magic 2.0", "6"),)),
        ("Sula (Hainish, #1-3)", "Sula", (SeriesPlace("Hainish", "1-3"),)),
        (
            "Sula (Mistborn, #1; The Cosmere, #3)",
            "Sula",
            (SeriesPlace("Mistborn", "1"), SeriesPlace("The Cosmere", "3")),
        ),
        (
            "Sula (Tales (New Series), #2)",
            "Sula",
            (SeriesPlace("Tales (New Series)", "2"),),
        ),
        ("Sula  (Abridged)", "Sula (Abridged)", ()),
        ("Sula (The #1 Guide)", "Sula (The #1 Guide)", ()),
        ("The C# (#1)", "The C# (#1)", ()),
        ("Sula (Track#3)", "Sula (Track#3)", ()),
        ("(Hainish, #1)", "(Hainish, #1)", ()),
        ("Sula) (Hainish, #1", "Sula) (Hainish, #1", ()),
    ],
)
def test_goodreads_series_hides_in_the_title(
    sent: str, title: str, series: tuple[SeriesPlace, ...]
) -> None:
    """Only "(Name, #number)" at the end is a series; all else stays in the title."""
    book = one_book(GOODREADS | {"Title": sent})

    assert (title, series) == (book.title, book.series)


def test_goodreads_asin_in_the_isbn_field_is_an_asin() -> None:
    """Other tools upload ASINs there; it is no damaged ISBN."""
    book = one_book(GOODREADS | {"ISBN": '="B017V4IM1G"', "ISBN13": '=""'})

    assert ("B017V4IM1G", (), []) == (book.asin, book.isbns, note_keys(book))


@pytest.mark.parametrize(
    ("isbn", "note"),
    [
        ("9.78053E+12", "isbn_spreadsheet"),
        ("9780440238141", "isbn_damaged"),
        ("440238145", "isbn_zeros_lost"),
    ],
)
def test_spreadsheet_s_damage_to_an_isbn_is_reported(isbn: str, note: str) -> None:
    """The number stays as sent; the row is imported all the same."""
    book = one_book(GOODREADS | {"ISBN13": isbn})

    assert [isbn] == [number.sent for number in book.isbns]
    assert [note] == note_keys(book)
    assert isbn in book.notes[0].sentence


def test_isbns_of_two_editions_in_one_row_are_reported() -> None:
    """Both are kept; a person may look."""
    book = one_book(GOODREADS | {"ISBN": "0440238145", "ISBN13": "9780007486267"})

    assert ["isbns_disagree"] == note_keys(book)
    assert "9780007486267" == book.isbn13
    assert [False, False] == [isbn.is_damaged for isbn in book.isbns]
    damaged = one_book(GOODREADS | {"ISBN": "0440238146"})
    assert True in [isbn.is_damaged for isbn in damaged.isbns]


def test_goodreads_texts_keep_their_lines() -> None:
    """``<br/>`` in reviews and notes is a line break."""
    book = one_book(
        GOODREADS | {"My Review": "One<br/>two<br />three", "Private Notes": "a<br/>b"}
    )

    assert ("One\ntwo\nthree", "a\nb") == (book.review, book.private_notes)


def test_goodreads_shelves_are_tags_without_the_status() -> None:
    """The exclusive shelf is repeated among the shelves by Goodreads."""
    book = one_book(
        GOODREADS
        | {"Exclusive Shelf": "to-read", "Bookshelves": "to-read, sf, sf, a b"}
    )

    assert ("sf", "a b") == book.tags
    assert BookStatus.TO_READ is book.status


def test_goodreads_upload_file_without_exclusive_shelf() -> None:
    """Files made for Goodreads' import name the status among the shelves."""
    book = one_book(
        {"Title": "Dune", "Author": "Frank Herbert", "Bookshelves": "sf, read"}
    )

    assert (BookStatus.FINISHED, "read", ("sf",)) == (
        book.status,
        book.shelf,
        book.tags,
    )


def test_unreadable_cells_survive_in_the_rest() -> None:
    """What cannot be used is neither lost nor repaired."""
    book = one_book(
        GOODREADS
        | {
            "My Rating": "11",
            "Number of Pages": "many",
            "Read Count": "99999",
            "Date Added": "yesterday",
            "Date Read": "2020/02/30",
        }
    )

    assert (None, None, None, None) == (
        book.rating,
        book.page_count,
        book.read_count,
        book.added_on,
    )
    assert {
        "My Rating": "11",
        "Number of Pages": "many",
        "Read Count": "99999",
        "Date Added": "yesterday",
        "Date Read": "2020/02/30",
    } == book.extra
    assert 5 == len(book.notes)


def test_storygraph_dates_read() -> None:
    """Ranges and lone dates, newest first in the file, oldest first here."""
    book = one_book(
        STORYGRAPH
        | {
            "Dates Read": "2023/05/23-2023/06/07, 2020/01/02",
            "Last Date Read": "2023/06/07",
            "Read Count": "3",
        }
    )

    assert (
        ImportedRead(None, date(2020, 1, 2), ReadOutcome.FINISHED),
        ImportedRead(date(2023, 5, 23), date(2023, 6, 7), ReadOutcome.FINISHED),
        ImportedRead(None, None, ReadOutcome.FINISHED),
    ) == book.reads
    assert {} == book.extra


def test_storygraph_dates_that_cannot_be_read_survive() -> None:
    """The good half of a range is used; the cell is kept and remarked on."""
    cell = "2023/02/30-2023/06/07, 2023/13/01-2023/13/02, soon"
    book = one_book(STORYGRAPH | {"Dates Read": cell})

    assert (ImportedRead(None, date(2023, 6, 7), ReadOutcome.FINISHED),) == book.reads
    assert ["date_unreadable"] * 4 == note_keys(book)
    assert cell == book.extra["Dates Read"]


def test_storygraph_last_date_read_alone_is_a_finish() -> None:
    """A lone date is an end; the start is unknown and not the same day."""
    book = one_book(STORYGRAPH | {"Last Date Read": "2023/06/07", "Dates Read": ""})

    assert (ImportedRead(None, date(2023, 6, 7), ReadOutcome.FINISHED),) == book.reads


def test_storygraph_us_dates_of_a_spreadsheet() -> None:
    """Ranges prove the order of a column too."""
    book = one_book(STORYGRAPH | {"Dates Read": "5/23/2023-6/7/2023"})

    assert (
        ImportedRead(date(2023, 5, 23), date(2023, 6, 7), ReadOutcome.FINISHED),
    ) == book.reads


def test_storygraph_of_2021_says_author_and_isbn() -> None:
    """Older column names, and a book under way with a start only."""
    book = one_book(
        {
            "Title": "Dune",
            "Author": "Frank Herbert",
            "ISBN": "0440238145",
            "Read Status": "currently-reading",
            "Dates Read": "2021/03/01-",
        }
    )

    assert ("9780440238140", ("Frank Herbert",)) == (book.isbn13, book.authors)
    assert (ImportedRead(date(2021, 3, 1), None, ReadOutcome.UNDER_WAY),) == book.reads


def test_storygraph_short_id_and_tags_only() -> None:
    """The site's own id is a key, no ISBN; a row with only tags has no status."""
    book = one_book(
        STORYGRAPH
        | {"ISBN/UID": "a8f3-short-id", "Read Status": "", "Tags": "owned, audio"}
    )

    assert ("a8f3-short-id", (), None, (), ("owned", "audio")) == (
        book.source_key,
        book.isbns,
        book.status,
        book.reads,
        book.tags,
    )


def test_storygraph_quarter_stars_and_pause() -> None:
    """Ratings come in quarters; the site also has a pause."""
    book = one_book(STORYGRAPH | {"Star Rating": "4.25", "Read Status": "paused"})

    assert (4.25, BookStatus.PAUSED) == (book.rating, book.status)


def test_hardcover_row() -> None:
    """Everything of the description, read by name."""
    book = one_book(HARDCOVER)

    assert ImportFormat.HARDCOVER is book.source_format
    assert ("312460", "9780440238140", 604, 4.5) == (
        book.source_key,
        book.isbn13,
        book.page_count,
        book.rating,
    )
    assert (
        ImportedRead(date(2024, 2, 1), date(2024, 2, 20), ReadOutcome.FINISHED),
    ) == book.reads
    assert (("Favorites", "Deserts"), "Sand.", "lent to Ann") == (
        book.tags,
        book.review,
        book.private_notes,
    )
    assert {"Owned": "true", "Review Contains Spoilers": "false"} == book.extra


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("Want to Read", BookStatus.TO_READ),
        ("Currently Reading", BookStatus.READING),
        ("Paused", BookStatus.PAUSED),
        ("Did not finish", BookStatus.DID_NOT_FINISH),
        ("Ignored", None),
    ],
)
def test_hardcover_statuses(word: str, status: BookStatus | None) -> None:
    """All words of the site; "Ignored" is none of a reader's."""
    undated = HARDCOVER | {"Date Started": "", "Date Finished": ""}
    assert status is one_book(undated | {"Status": word}).status


def test_librarything_collections_tell_the_status() -> None:
    """The reader's collections win over the dates."""
    row = {
        "Book Id": "7",
        "Title": "Emma",
        "Primary Author": "Austen, Jane",
        "Secondary Author": "Smith, John|Unesco",
        "Collections": "Your library, Currently reading",
        "Date Started": "[2020-05-01]",
        "Media": "Audiobook",
        "Page Count": "14",
    }
    (book,) = books_of(table(row, delimiter="\t"))

    assert ("Jane Austen", "John Smith", "Unesco") == book.authors
    assert BookStatus.READING is book.status
    assert (ImportedRead(date(2020, 5, 1), None, ReadOutcome.UNDER_WAY),) == book.reads
    assert (BookType.AUDIOBOOK, None) == (book.book_type, book.page_count)


def test_openlibrary_with_titles_is_imported() -> None:
    """Were titles in the file, its rows would be books."""
    book = one_book(
        {
            "Work Id": "OL1W",
            "Edition Id": "OL2M",
            "Bookshelf": "Already Read",
            "Title": "Emma",
        }
    )

    assert ("OL2M", BookStatus.FINISHED) == (book.source_key, book.status)


def test_calibre_with_few_columns_and_an_audiobook() -> None:
    """The user chooses the columns; the year 101 means no date."""
    book = one_book(
        {
            "title": "Emma",
            "authors": "Jane Austen & John Smith",
            "identifiers": "amazon:B000000001,audible:B017V4IM1G,isbn:0440238145",
            "formats": "m4b, epub",
            "pubdate": "0101-01-01T00:00:00+00:00",
            "#read": "Yes",
        }
    )

    assert ("Jane Austen", "John Smith") == book.authors
    assert ("B017V4IM1G", "9780440238140") == (book.asin, book.isbn13)
    assert (BookType.AUDIOBOOK, None, []) == (
        book.book_type,
        book.year,
        note_keys(book),
    )
    assert "Yes" == book.extra["#read"]


def test_bookwyrm_stopped_book_and_unknown_shelf() -> None:
    """A stop date is no finish; a shelf without dates says nothing."""
    base = {"title": "Emma", "author_text": "Jane Austen", "remote_id": "x"}
    empty = {"stopped_date": "", "aasin": ""}
    stopped, cooking = books_of(
        table(
            base
            | {"shelf": "stopped-reading", "start_date": "2020-01-01"}
            | {"stopped_date": "2020-02-01", "aasin": "B017V4IM1G"},
            base | {"remote_id": "y", "shelf": "cooking-9", "start_date": ""} | empty,
        )
    )

    assert BookStatus.DID_NOT_FINISH is stopped.status
    assert "B017V4IM1G" == stopped.asin
    assert (
        ImportedRead(date(2020, 1, 1), None, ReadOutcome.STOPPED, date(2020, 2, 1)),
    ) == stopped.reads
    assert (None, ["shelf_unknown"]) == (cooking.status, note_keys(cooking))


def openreads_row(**members: str) -> dict[str, str]:
    """Return a row of the app's backup."""
    return {
        "title": "Emma",
        "author": "Jane Austen",
        "status": "finished",
        "deleted": "false",
        "readings": "",
        "book_format": "paperback",
        "my_review": "",
    } | members


def test_openreads_several_readings() -> None:
    """Each reading is a read of its own; the time spent is no date."""
    book = one_book(
        openreads_row(
            readings="2023-10-27T00:00:00.000|2023-11-28T00:00:00.000|3600000;"
            "|2020-01-01T00:00:00.000|"
        )
    )

    assert (
        ImportedRead(None, date(2020, 1, 1), ReadOutcome.FINISHED),
        ImportedRead(date(2023, 10, 27), date(2023, 11, 28), ReadOutcome.FINISHED),
    ) == book.reads


def test_openreads_deleted_book_is_listed() -> None:
    """What lies in the app's bin is not brought back, and not hidden."""
    (row,) = rejected_of(table(openreads_row(deleted="true")))

    assert "deleted_at_source" == row.reason.key
    assert "Emma" == row.cells["title"]


@pytest.mark.parametrize(
    ("author", "authors"),
    [
        ("Ann Lee, Bo Ray", ("Ann Lee", "Bo Ray")),
        ("Smith, Mark", ("Smith, Mark",)),
        ("Martin King, Jr.", ("Martin King, Jr.",)),
    ],
)
def test_openreads_authors(author: str, authors: tuple[str, ...]) -> None:
    """A comma parts two full names, not a surname from a given name."""
    assert authors == one_book(openreads_row(author=author)).authors


def test_title_is_the_only_thing_a_row_must_have() -> None:
    """A row without a title is listed with all that it says."""
    content = table(GOODREADS | {"Title": " "}, GOODREADS)
    (row,) = rejected_of(content)

    assert ("no_title", 1) == (row.reason.key, row.row_number)
    assert {"Author": "Frank Herbert", "Exclusive Shelf": "read"} == row.cells
    assert 2 == len(rows_of(content))


def test_identity_outlives_changes_of_status_and_date() -> None:
    """The same book later, finished and rated, is the same row to the importer."""
    before = one_book(STORYGRAPH | {"Read Status": "to-read"})
    after = one_book(
        STORYGRAPH | {"Read Status": "read", "Star Rating": "5", "Title": "DUNE "}
    )
    other = one_book(STORYGRAPH | {"Title": "Dune Messiah"})

    assert before.identity == after.identity
    assert before.identity != other.identity


def test_identity_is_the_isbn_where_there_is_no_key() -> None:
    """A corrected title, or the other form of the ISBN, is still the same row."""
    before = one_book(STORYGRAPH | {"ISBN/UID": "0440238145"})
    after = one_book(STORYGRAPH | {"ISBN/UID": "9780440238140", "Title": "Dune!"})

    assert before.identity == after.identity


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ("Title,Author,Exclusive Shelf", ImportFormat.GOODREADS),
        ("title , AUTHOR,Exclusive  shelf", ImportFormat.GOODREADS),
        ("Title,Author,Read Status", ImportFormat.STORYGRAPH),
        ("Title,Author,Hardcover Book ID", ImportFormat.HARDCOVER),
        ("Title,Primary Author", ImportFormat.LIBRARYTHING),
        ("Work Id,Edition Id,Bookshelf", ImportFormat.OPENLIBRARY),
        ("title,authors,series_index", ImportFormat.CALIBRE),
        ("title,author_text", ImportFormat.BOOKWYRM),
        ("title,author,readings", ImportFormat.OPENREADS),
        ("Title,Audible Product Id,Account", ImportFormat.LIBATION),
        ("Key,Title,Author,Narrated By,ASIN,Read Status", ImportFormat.OPENAUDIBLE),
        ("asin,title,runtime_length_min", ImportFormat.AUDIBLE_CLI),
    ],
)
def test_formats_are_told_by_their_columns(
    columns: str, expected: ImportFormat
) -> None:
    """Order, case and blanks do not matter."""
    assert expected is open_file(f"{columns}\nx,y,z\n".encode()).format
