"""Every sample file of a tracker goes through, whole, with what is known of it."""

from collections import Counter
from datetime import date

import pytest
from audible_core.imports import (
    ImportedBook,
    ImportedRead,
    ImportFormat,
    open_file,
)
from audible_core.kinds import BookStatus, BookType, ReadOutcome
from audible_core.models import SeriesPlace

from tests.core.imports.made import (
    TRACKER_FILES,
    books_of,
    note_keys,
    rejected_of,
    rows_of,
    sample,
)

FILES = {
    "goodreads/bookwyrm-goodreads.csv": ("goodreads", 31, 3, 3),
    "goodreads/goodreads-23col-2026.csv": ("goodreads", 23, 5, 5),
    "goodreads/goodreads-24col.csv": ("goodreads", 24, 89, 89),
    "goodreads/goodreads-31col.csv": ("goodreads", 31, 150, 150),
    "goodreads/goodreads-enhanced-27col-audio-rereads.csv": ("goodreads", 27, 73, 73),
    "goodreads/jelu-goodreads-duplicate-events.csv": ("goodreads", 31, 6, 6),
    "goodreads/jelu-goodreads1.csv": ("goodreads", 31, 10, 10),
    "goodreads/jelu-goodreads_library_export-2022.csv": ("goodreads", 24, 10, 10),
    "other-trackers/bookwyrm.csv": ("bookwyrm", 27, 3, 3),
    "other-trackers/calibre.csv": ("calibre", 21, 1, 1),
    "other-trackers/librarything.tsv": ("librarything", 49, 3, 3),
    "other-trackers/openlibrary.csv": ("openlibrary", 3, 4, 0),
    "other-trackers/openreads.csv": ("openreads", 19, 4, 4),
    "storygraph/bookwyrm-storygraph.csv": ("storygraph", 23, 2, 2),
    "storygraph/storygraph-23col.csv": ("storygraph", 23, 193, 193),
}
FINISHED = ReadOutcome.FINISHED


def test_every_sample_is_named_below() -> None:
    """No sample is left out of the table."""
    assert sorted(FILES) == list(TRACKER_FILES)


@pytest.mark.parametrize("name", TRACKER_FILES)
def test_sample_is_recognized_and_every_row_is_a_book_or_listed(name: str) -> None:
    """Format, columns, rows and books are as counted by hand."""
    file = open_file(sample(name))
    rows = tuple(file.rows())
    books = [row for row in rows if isinstance(row, ImportedBook)]

    found = (file.format.value, len(file.columns), file.row_count, len(books))
    assert FILES[name] == found
    assert [*range(1, file.row_count + 1)] == [row.row_number for row in rows]


@pytest.mark.parametrize("name", TRACKER_FILES)
def test_reading_a_sample_again_gives_the_same_rows(name: str) -> None:
    """A file imported twice has the same rows and the same identities."""
    first, second = rows_of(sample(name)), rows_of(sample(name))

    assert first == second
    identities = [row.identity for row in first if isinstance(row, ImportedBook)]
    assert identities == [b.identity for b in books_of(sample(name))]
    assert len(set(identities)) == len(identities)


def test_old_goodreads_layout_counts() -> None:
    """Statuses, reads and ISBNs of the file with 31 columns."""
    books = books_of(sample("goodreads/goodreads-31col.csv"))

    assert {
        BookStatus.FINISHED: 115,
        BookStatus.TO_READ: 30,
        BookStatus.DID_NOT_FINISH: 4,
        BookStatus.READING: 1,
    } == Counter(book.status for book in books)
    assert {"dropped"} == {
        book.shelf for book in books if book.status is BookStatus.DID_NOT_FINISH
    }
    assert [BookType.AUDIOBOOK] == [
        book.book_type for book in books if book.book_type is BookType.AUDIOBOOK
    ]
    assert 83 == sum(not book.isbns for book in books)
    assert 66 == sum(book.isbn13 is not None for book in books)
    assert 4 == sum(
        book.status is BookStatus.FINISHED and book.reads[0].finished_on is None
        for book in books
    )


def test_read_count_above_the_dates_adds_reads_without_dates() -> None:
    """The seven re-read books have one dated read, and the others without a date."""
    books = books_of(sample("goodreads/goodreads-31col.csv"))
    again = [book for book in books if (book.read_count or 0) > 1]

    assert 7 == len(again)
    for book in again:
        assert book.read_count == len(book.reads)
        assert 1 == sum(read.finished_on is not None for read in book.reads)


def test_reading_again_keeps_the_old_finish() -> None:
    """A book on "currently-reading" with a Date Read was finished once before."""
    warbreaker = books_of(sample("goodreads/goodreads-31col.csv"))[0]

    assert "Warbreaker" == warbreaker.title
    assert (SeriesPlace("Warbreaker", "1"),) == warbreaker.series
    assert (
        ImportedRead(None, date(2014, 4, 5), FINISHED),
        ImportedRead(None, None, ReadOutcome.UNDER_WAY),
    ) == warbreaker.reads
    assert (688, 4.0, date(2010, 12, 2)) == (
        warbreaker.page_count,
        warbreaker.rating,
        warbreaker.added_on,
    )


def test_goodreads_of_2026_without_average_rating_is_read_by_name() -> None:
    """The missing column shifts nothing, and 0 and 0.0 are no ratings."""
    books = books_of(sample("goodreads/goodreads-23col-2026.csv"))

    assert [2.0, None, 3.0] == [book.rating for book in books[:3]]
    assert date(2026, 7, 26) == books[0].reads[0].finished_on
    assert 4 == sum(book.status is BookStatus.FINISHED for book in books)
    assert all("  " not in name for book in books for name in book.authors)


def test_hours_in_the_page_field_never_become_pages() -> None:
    """An audiobook of 11 "pages" has no page count, and the row says so."""
    profiler = books_of(sample("goodreads/goodreads-23col-2026.csv"))[2]

    assert BookType.AUDIOBOOK is profiler.book_type
    assert profiler.page_count is None
    assert "11" == profiler.extra["Number of Pages"]
    assert ["pages_of_audiobook"] == note_keys(profiler)


def test_enhanced_export_keeps_the_columns_of_others() -> None:
    """Third-party columns survive; 29 audio rows, 20 re-reads, shelf "abandoned"."""
    books = books_of(sample("goodreads/goodreads-enhanced-27col-audio-rereads.csv"))

    assert "2024-10-18,2024-10-31" == books[1].extra["read_dates"]
    assert "75" == books[1].extra["n_ratings"]
    audio = [book for book in books if book.book_type is BookType.AUDIOBOOK]
    assert 29 == len(audio)
    assert {None} == {book.page_count for book in audio}
    assert 20 == sum((book.read_count or 0) > 1 for book in books)
    assert 13 == sum(book.status is BookStatus.DID_NOT_FINISH for book in books)


def test_unknown_exclusive_shelf_is_kept_and_reported() -> None:
    """The shelf "waiting" is no status; the row is imported and says so."""
    books = books_of(sample("goodreads/jelu-goodreads1.csv"))
    waiting = [book for book in books if book.shelf == "waiting"]

    assert [(None, ["shelf_unknown"])] == [
        (book.status, note_keys(book)) for book in waiting
    ]


def test_row_without_isbn_and_date_is_a_book() -> None:
    """Nothing is made up for what is missing."""
    book = books_of(sample("goodreads/bookwyrm-goodreads.csv"))[1]

    assert ("Subcutanean", (), None) == (book.title, book.isbns, book.rating)
    patisserie = books_of(sample("goodreads/bookwyrm-goodreads.csv"))[2]
    assert (ImportedRead(None, None, FINISHED),) * 2 == patisserie.reads


def test_storygraph_counts() -> None:
    """Statuses, types and identifiers of the file with 193 rows."""
    books = books_of(sample("storygraph/storygraph-23col.csv"))

    assert {
        BookStatus.TO_READ: 128,
        BookStatus.FINISHED: 64,
        BookStatus.DID_NOT_FINISH: 1,
    } == Counter(book.status for book in books)
    assert 5 == sum(book.book_type is BookType.AUDIOBOOK for book in books)
    assert 8 == sum(book.book_type is BookType.UNKNOWN for book in books)
    assert ["B07MNWKF2M"] == [book.asin for book in books if book.asin]
    assert 11 == sum(not book.isbns and not book.asin for book in books)
    undated = [ImportedRead(None, None, FINISHED)]
    assert 5 == sum(
        book.status is BookStatus.FINISHED and [*book.reads] == undated
        for book in books
    )


def test_storygraph_spots() -> None:
    """Narrators, ranges, lone dates, re-reads and given-up books."""
    books = {
        book.title: book for book in books_of(sample("storygraph/storygraph-23col.csv"))
    }

    assert ("Shvorne Marks",) == books["Queenie"].narrators
    assert (ImportedRead(date(2023, 5, 23), date(2023, 6, 7), FINISHED),) == books[
        "Neverwhere"
    ].reads
    assert (ImportedRead(None, date(2022, 11, 26), FINISHED),) == books[
        "Purple Hibiscus"
    ].reads
    assert (
        ImportedRead(date(2025, 5, 26), date(2025, 6, 11), FINISHED),
        ImportedRead(None, None, FINISHED),
    ) == books["El guardián invisible"].reads
    assert (ImportedRead(None, None, ReadOutcome.STOPPED, date(2021, 7, 11)),) == books[
        "The Secret History"
    ].reads
    assert "Yes" == books["The Secret History"].extra["Owned?"]


def test_storygraph_isbns_of_both_lengths_are_checked() -> None:
    """ISBN-10 and ISBN-13 come out as 13 digits; five stars are five."""
    books = books_of(sample("storygraph/bookwyrm-storygraph.csv"))

    assert ["9780520227354", "9780374538651"] == [book.isbn13 for book in books]
    assert [None, 5.0] == [book.rating for book in books]
    assert 3 == len(books[0].authors)


def test_librarything_with_a_byte_that_is_no_utf_8() -> None:
    """The damaged byte is named, and every other letter stays right."""
    marelle, _, master = books_of(sample("other-trackers/librarything.tsv"))

    assert ["character_unreadable"] == note_keys(marelle)
    assert "Subjects" == marelle.notes[0].data["column"]
    assert "Le Maître et Marguerite" == master.title
    assert ("Mikhaïl Boulgakov",) == master.authors
    assert (ImportedRead(date(2007, 4, 16), date(2007, 5, 8), FINISHED),) == (
        marelle.reads
    )
    assert ("9782070291342", 590, 4.5, 1979) == (
        marelle.isbn13,
        marelle.page_count,
        marelle.rating,
        marelle.year,
    )
    assert master.status is None


def test_openlibrary_rows_without_titles_are_listed() -> None:
    """All four rows are named, with their ids and the reason."""
    rows = rejected_of(sample("other-trackers/openlibrary.csv"))

    assert ["no_title"] * 4 == [row.reason.key.value for row in rows]
    assert {
        "Work Id": "OL17062644W",
        "Edition Id": "OL25726365M",
        "Bookshelf": "Already Read",
    } == rows[3].cells


def test_calibre_row() -> None:
    """Series index, identifiers and the year of publication."""
    (book,) = books_of(sample("other-trackers/calibre.csv"))

    assert (SeriesPlace("InCryptid", "8"),) == book.series
    assert ("9780756411800", 2019, 5.0, date(2021, 1, 19), BookType.EBOOK) == (
        book.isbn13,
        book.year,
        book.rating,
        book.added_on,
        book.book_type,
    )
    assert book.status is None
    assert () == book.reads
    assert "goodreads:39077187,isbn:9780756411800" == book.extra["identifiers"]


def test_bookwyrm_rows() -> None:
    """A finish date makes a book finished, also on a shelf of the reader's own."""
    simple = books_of(sample("other-trackers/bookwyrm.csv"))[1]

    assert (BookStatus.FINISHED, "cooking-9") == (simple.status, simple.shelf)
    assert (ImportedRead(date(2022, 8, 10), date(2022, 10, 10), FINISHED),) == (
        simple.reads
    )
    assert "...in his hummus" == simple.review
    assert "Too much tahini" == simple.extra["review_name"]


def test_openreads_rows() -> None:
    """Readings with and without a start, tags, and a surname before a comma."""
    wild, record, divide, winter = books_of(sample("other-trackers/openreads.csv"))

    assert ("1", "Solarpunk") == wild.tags
    assert () == wild.reads
    assert (ImportedRead(date(2023, 10, 27), date(2023, 11, 28), FINISHED),) == (
        record.reads
    )
    assert (ImportedRead(None, date(2023, 12, 10), FINISHED),) == divide.reads
    assert ("Smith, Mark",) == winter.authors


def test_an_account_s_library_as_json_is_read_like_audible_cli_s() -> None:
    """Lists of names and of series in a library dump are understood."""
    content = sample("audible-account/library-baseline.json")
    books = books_of(content)

    assert ImportFormat.AUDIBLE_CLI is open_file(content).format
    assert 70 == len(books)
    assert ("Douglas Preston", "Lincoln Child") == books[0].authors
    assert (SeriesPlace("Gideon Crew Series", "3"),) == books[0].series
    assert 36 == sum(book.status is BookStatus.FINISHED for book in books)
    assert {None} == {read.finished_on for book in books for read in book.reads}
