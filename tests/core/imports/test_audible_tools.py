"""Libation, OpenAudible and audible-cli: files made from their descriptions."""

import json
from datetime import date

import pytest
from audible_core.imports import (
    ImportedRead,
    ImportFormat,
    RejectedRow,
)
from audible_core.kinds import BookStatus, BookType, ReadOutcome
from audible_core.models import SeriesPlace

from tests.core.imports.made import (
    books_of,
    json_book,
    note_keys,
    one_book,
    rejected_of,
    rows_of,
    table,
)

NOT_A_BOOK = ("Episode", "Parent", "Podcast")
UNDATED = (ImportedRead(None, None, ReadOutcome.FINISHED),)
E_MAIL = "somebody@example.org"

LIBATION_CSV = {
    "Account": E_MAIL,
    "Date Added to library": "14.08.2026 21:05:00",
    "Audible Product Id": "B017V4IM1G",
    "Locale": "germany",
    "Title": "Der Hobbit",
    "Subtitle": "Hin und zurück",
    "Authors": "J.R.R. Tolkien, Jane Roe",
    "Narrators": "Gert Heidenreich",
    "Length In Minutes": "650",
    "Publisher": "Der Hörverlag",
    "Series Names": "Mittelerde, Saga, die lange",
    "Series Order": "1 : Mittelerde, 0.5 : Saga, die lange",
    "Community Rating: Overall": "4,7",
    "My Rating: Overall": "4,5",
    "Date Published": "03.04.2012 00:00:00",
    "My Libation Tags": "fantasy kids",
    "Language": "German",
    "Is Finished?": "True",
}
LIBATION_JSON = {
    "Account": E_MAIL,
    "DateAdded": "2026-08-14T21:05:00+02:00",
    "AudibleProductId": "B017V4IM1G",
    "Title": "The Hobbit",
    "AuthorNames": "J.R.R. Tolkien",
    "NarratorNames": "Andy Serkis",
    "LengthInMinutes": 650,
    "SeriesOrder": "1 : Middle-earth",
    "MyRatingOverall": 0,
    "CommunityRatingOverall": 4.9,
    "DatePublished": "2020-09-21T00:00:00",
    "IsFinished": False,
    "IsSpatial": False,
    "IncludedUntil": None,
}
OPENAUDIBLE_CSV = {
    "Key": "k1",
    "Title": "The Hobbit",
    "Author": "J.R.R. Tolkien",
    "Narrated By": "Andy Serkis",
    "Purchase Date": "2026-08-14",
    "Duration": "10:50:30",
    "Release Date": "2020-09-21",
    "Ave. Rating": "4.9",
    "Series Name": "Middle-earth",
    "Series Sequence": "1",
    "ASIN": "B017V4IM1G",
    "Read Status": "Finished",
    "User ID": "A1B2C3",
    "Language": "english",
}
OPENAUDIBLE_JSON = {
    "asin": "B017V4IM1G",
    "key": "k1",
    "title": "The Hobbit",
    "author": "J.R.R. Tolkien",
    "narrated_by": "Andy Serkis",
    "purchase_date": "2026-08-14",
    "duration": "10:50:30",
    "seconds": 39030,
    "abridged": "false",
    "read_status": "Unread",
    "series_name": "Middle-earth",
    "series_sequence": "1",
    "user_id": "A1B2C3",
    "download_link": "https://example.org/?cust_id=secret",
    "chapters": [{"title": "One"}],
}
AUDIBLE_CLI = {
    "asin": "B017V4IM1G",
    "title": "The Hobbit",
    "subtitle": "",
    "authors": "J.R.R. Tolkien, Jane Roe",
    "narrators": "Andy Serkis",
    "series_title": "Middle-earth",
    "series_sequence": "1",
    "runtime_length_min": "650",
    "is_finished": "False",
    "percent_complete": "12.0",
    "rating": "4.9",
    "num_ratings": "1200",
    "date_added": "2026-08-15T10:00:00Z",
    "release_date": "2020-09-21",
    "purchase_date": "2026-08-14T10:00:00Z",
}


def test_libation_csv_of_a_german_computer() -> None:
    """Decimal commas, dotted dates, and series names that hold commas."""
    (book,) = books_of(table(LIBATION_CSV, delimiter=";"))

    assert ImportFormat.LIBATION is book.source_format
    assert ("B017V4IM1G", "Hin und zurück", 650 * 60_000, 4.5, 2012) == (
        book.asin,
        book.subtitle,
        book.runtime_ms,
        book.rating,
        book.year,
    )
    assert ("J.R.R. Tolkien", "Jane Roe") == book.authors
    assert (
        SeriesPlace("Mittelerde", "1"),
        SeriesPlace("Saga, die lange", "0.5"),
    ) == book.series
    assert (BookStatus.FINISHED, UNDATED, BookType.AUDIOBOOK) == (
        book.status,
        book.reads,
        book.book_type,
    )
    assert (date(2026, 8, 14), ("fantasy", "kids")) == (book.added_on, book.tags)
    assert "4,7" == book.extra["Community Rating: Overall"]


@pytest.mark.parametrize(
    ("added", "published"),
    [
        ("8/3/2026 9:05:00 PM", "9/21/2020 12:00:00 AM"),
        ("03/08/2026 21:05:00", "21/09/2020 00:00:00"),
        ("03.08.2026 21:05:00", "21.09.2020 00:00:00"),
        ("03-08-2026 21:05:00", "21-09-2020 00:00:00"),
        ("2026/08/03 21:05:00", "2020/09/21 0:00:00"),
        ("2026. 08. 03. 21:05:00", "2020. 09. 21. 0:00:00"),
    ],
)
def test_libation_dates_of_any_culture(added: str, published: str) -> None:
    """One program wrote all columns alike, so one column proves the other."""
    book = one_book(
        LIBATION_CSV | {"Date Added to library": added, "Date Published": published}
    )

    assert (date(2026, 8, 3), 2020, []) == (book.added_on, book.year, note_keys(book))


def test_libation_dates_that_nothing_proves_are_reported() -> None:
    """Two dates below the 13th leave the order open."""
    book = one_book(
        LIBATION_CSV
        | {"Date Added to library": "3/8/2026", "Date Published": "3/4/2012"}
    )

    assert (None, None) == (book.added_on, book.year)
    assert ["date_ambiguous"] * 2 == note_keys(book)


def test_libation_json() -> None:
    """Numbers and nulls are themselves; not finished is not "to read"."""
    book = json_book(LIBATION_JSON)

    assert (ImportFormat.LIBATION, None, ()) == (
        book.source_format,
        book.status,
        book.reads,
    )
    assert (39_000_000, None, date(2026, 8, 14), 2020) == (
        book.runtime_ms,
        book.rating,
        book.added_on,
        book.year,
    )
    assert {
        "CommunityRatingOverall": "4.9",
        "IsFinished": "false",
        "IsSpatial": "false",
    } == book.extra


@pytest.mark.parametrize("title", ["The Hobbit", ""])
def test_libation_address_of_the_account_is_dropped(title: str) -> None:
    """Neither a book nor a rejected row holds the e-mail address."""
    (csv_row,) = rows_of(table(LIBATION_CSV | {"Title": title}))
    book = json_book(LIBATION_JSON)

    assert isinstance(csv_row, RejectedRow) is (title == "")
    assert E_MAIL not in repr(csv_row)
    assert E_MAIL not in repr(book)


def test_openaudible_csv() -> None:
    """Length, series and status; everybody's rating is not the reader's."""
    book = one_book(OPENAUDIBLE_CSV)

    assert ImportFormat.OPENAUDIBLE is book.source_format
    assert (39_030_000, 2020, None, BookStatus.FINISHED, UNDATED) == (
        book.runtime_ms,
        book.year,
        book.rating,
        book.status,
        book.reads,
    )
    assert (SeriesPlace("Middle-earth", "1"),) == book.series
    assert ("Andy Serkis",) == book.narrators
    assert {"Key": "k1", "Ave. Rating": "4.9"} == book.extra


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("Reading", BookStatus.READING),
        ("Want to read", BookStatus.TO_READ),
        ("Did not finish", BookStatus.DID_NOT_FINISH),
        ("Unread", None),
    ],
)
def test_openaudible_statuses(word: str, status: BookStatus | None) -> None:
    """The word "Unread" stands on every book by a known fault, so it says nothing."""
    book = one_book(OPENAUDIBLE_CSV | {"Read Status": word})

    assert (status, []) == (book.status, note_keys(book))


def test_openaudible_us_dates() -> None:
    """M/d/yyyy is read when some row proves it."""
    first, second = books_of(
        table(
            OPENAUDIBLE_CSV | {"Purchase Date": "3/4/2026"},
            OPENAUDIBLE_CSV | {"Purchase Date": "12/25/2025", "ASIN": "B000000002"},
        )
    )

    assert [date(2026, 3, 4), date(2025, 12, 25)] == [first.added_on, second.added_on]


def test_openaudible_json_without_ids_of_the_user() -> None:
    """The user's id and the download address are not kept; chapters are."""
    book = json_book(OPENAUDIBLE_JSON)

    assert (39_030_000, None, "B017V4IM1G") == (
        book.runtime_ms,
        book.status,
        book.source_key,
    )
    assert '[{"title": "One"}]' == book.extra["chapters"]
    assert "secret" not in repr(book)
    assert "A1B2C3" not in repr(book)


@pytest.mark.parametrize(
    ("duration", "runtime_ms"),
    [
        ("1:02:03", 3_723_000),
        ("10:50", 39_000_000),
        ("12 hrs and 5 mins", 43_500_000),
        ("45 min", 2_700_000),
        ("long", None),
    ],
)
def test_openaudible_durations(duration: str, runtime_ms: int | None) -> None:
    """Clock and words; anything else is reported."""
    book = one_book(OPENAUDIBLE_CSV | {"Duration": duration})

    assert runtime_ms == book.runtime_ms
    assert ([] if runtime_ms else ["number_unreadable"]) == note_keys(book)


@pytest.mark.parametrize("delimiter", ["\t", ","])
def test_audible_cli_tables(delimiter: str) -> None:
    """TSV and CSV alike; the purchase is no date of reading."""
    (book,) = books_of(table(AUDIBLE_CLI, delimiter=delimiter))

    assert (ImportFormat.AUDIBLE_CLI, BookStatus.READING, 12.0) == (
        book.source_format,
        book.status,
        book.percent_complete,
    )
    assert (ImportedRead(None, None, ReadOutcome.UNDER_WAY),) == book.reads
    assert (date(2026, 8, 15), 2020, None) == (book.added_on, book.year, book.rating)
    assert ("4.9", "2026-08-14T10:00:00Z") == (
        book.extra["rating"],
        book.extra["purchase_date"],
    )


@pytest.mark.parametrize(
    ("is_finished", "percent", "status"),
    [
        (True, 43.0, BookStatus.FINISHED),
        (False, 0.0, BookStatus.TO_READ),
        (False, 99.0, BookStatus.READING),
        (None, None, None),
        (False, None, None),
    ],
)
def test_audible_cli_json_statuses(
    is_finished: bool | None, percent: float | None, status: BookStatus | None
) -> None:
    """The flag wins over the percentage; null stays unknown."""
    book = json_book(
        AUDIBLE_CLI | {"is_finished": is_finished, "percent_complete": percent}
    )

    assert (status, percent) == (book.status, book.percent_complete)


def test_a_bad_asin_is_reported_and_kept() -> None:
    """It is no key; the row is a book all the same."""
    book = one_book(AUDIBLE_CLI | {"asin": "not one"})

    assert (None, None, ["asin_unreadable"]) == (
        book.asin,
        book.source_key,
        note_keys(book),
    )
    assert "not one" == book.extra["asin"]


def test_json_members_that_are_no_objects_are_listed() -> None:
    """Each member of the list is a book or named with its reason."""
    rows = rows_of(
        '[{"asin": "B017V4IM1G", "title": "A", "runtime_length_min": 5}, 7, null, {}]'
    )

    assert ["row_unreadable", "row_unreadable", "empty_row"] == [
        row.reason.key for row in rows if isinstance(row, RejectedRow)
    ]
    assert 4 == len(rows)


@pytest.mark.parametrize(
    "body",
    [
        '{"books": [%s]}',
        '{"total": 1, "items": [%s]}',
        '{"B017V4IM1G": %s}',
        "%s",
        "\ufeff[%s]",
    ],
)
def test_json_in_every_wrapping(body: str) -> None:
    """A list, the one list of an object, objects under keys, or one object."""
    member = '{"asin": "B017V4IM1G", "title": "A", "runtime_length_min": 5}'
    books = books_of(body % member)

    assert [("A", 300_000)] == [(book.title, book.runtime_ms) for book in books]
    assert () == rejected_of(body % member)


@pytest.mark.parametrize("kind", NOT_A_BOOK)
def test_podcasts_of_libation_are_listed_and_no_books(kind: str) -> None:
    """They are heard, but no tracker of books has them."""
    (in_json,) = rejected_of(json.dumps([LIBATION_JSON | {"ContentType": kind}]))
    (in_csv,) = rejected_of(table({"Content Type": kind, **LIBATION_CSV}))

    for row in (in_json, in_csv):
        assert ("no_book_kind", {"value": kind}) == (row.reason.key, row.reason.data)
        assert kind in row.reason.sentence
        assert E_MAIL not in row.cells.values()


@pytest.mark.parametrize("kind", ["Product", "", "Unknown"])
def test_what_libation_calls_a_product_is_a_book(kind: str) -> None:
    """So is what an older version says nothing of."""
    assert "The Hobbit" == json_book(LIBATION_JSON | {"ContentType": kind}).title
