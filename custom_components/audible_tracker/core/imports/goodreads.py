"""Goodreads' library export: 31, 24 or 23 columns, and what others add to them."""

from typing import Final

from ..kinds import BookStatus
from .editions import book_type_of
from .format_reader import FormatReader, signatures
from .names import one_line, title_and_series
from .record import Record
from .rows import (
    ImportFormat,
    ImportRow,
)
from .statuses import Dates, reads_of, status_of, take_read_count, take_status

_YEAR_MIN: Final = -3000
_YEAR_MAX: Final = 2200


def read_row(record: Record) -> ImportRow:
    """Read one row. The one Date Read is the end of one pass, whatever Read Count says.

    Reading by name only: exports since 2026 lack Average Rating.
    """
    title, series = title_and_series(record.line("title") or "")
    first = record.line("author")
    authors = ((first,) if first else ()) + record.people("additional authors")
    book_type = book_type_of(record.peek("binding"))
    read_on = record.day("date read")
    dated = [Dates(None, read_on)] if read_on else []
    status, shelf = _status(record, dated)
    count = take_read_count(record, "read count")
    tags = record.words("bookshelves", "shelves")
    return record.book(
        title,
        source_key=record.text("book id"),
        authors=tuple(dict.fromkeys(authors)),
        series=series,
        asin=record.shop_asin("isbn13", "isbn", "asin"),
        isbns=record.isbns("isbn13", "isbn"),
        year=record.whole(
            "year published",
            "original publication year",
            low=_YEAR_MIN,
            high=_YEAR_MAX,
        ),
        page_count=record.pages("number of pages", book_type),
        book_type=book_type,
        publisher=record.line("publisher"),
        status=status,
        shelf=shelf,
        rating=record.rating("my rating"),
        reads=reads_of(status, dated, count),
        read_count=count,
        added_on=record.day("date added"),
        tags=tuple(tag for tag in tags if tag != shelf),
        review=record.prose("my review"),
        private_notes=record.prose("private notes"),
    )


def _status(record: Record, dated: list[Dates]) -> tuple[BookStatus | None, str | None]:
    """Take the exclusive shelf; files made for Goodreads name it among the shelves."""
    if record.peek("exclusive shelf"):
        return take_status(record, "exclusive shelf", dated=dated)
    shelves = record.peek("bookshelves") or record.peek("shelves")
    for shelf in shelves.split(","):
        status = status_of(shelf)
        if status is not None:
            return status, one_line(shelf)
    return take_status(record, dated=dated)


READER: Final = FormatReader(
    ImportFormat.GOODREADS,
    "Goodreads (CSV)",
    signatures(
        "title|author|exclusive shelf",
        "title|author|bookshelves",
        "title|author|my rating",
        "title|author|date read",
        "title|author l-f",
    ),
    read_row,
    date_columns=("date read", "date added"),
)
