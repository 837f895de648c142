"""The StoryGraph's export: 23 columns; files of 2021 say Author and ISBN."""

import re
from typing import Final

from ..isbn import Isbn, IsbnFlaw, read_isbn
from .editions import book_type_of
from .format_reader import FormatReader, signatures
from .names import by_role
from .record import Record
from .rows import (
    ImportFormat,
    ImportRow,
)
from .statuses import Dates, reads_of, take_read_count, take_status

_SPAN: Final = re.compile(
    r"(?P<start>[0-9]{1,4}(?P<a>[-/.])[0-9]{1,2}(?P=a)[0-9]{1,4})?"
    r"\s*[-\u2013]\s*"
    r"(?P<end>[0-9]{1,4}(?P<b>[-/.])[0-9]{1,2}(?P=b)[0-9]{1,4})?"
)


def read_row(record: Record) -> ImportRow:
    """Read one row; a lone date in Dates Read is an end, its start unknown."""
    narrators, contributors = by_role(record.people("contributors"), "narrator")
    dated = _dates(record)
    status, shelf = take_status(record, "read status", dated=dated)
    count = take_read_count(record, "read count")
    asin = record.shop_asin("isbn/uid", "isbn")
    isbns, source_key = _identifiers(record)
    return record.book(
        record.line("title"),
        source_key=source_key,
        authors=record.people("authors", "author"),
        narrators=narrators,
        contributors=contributors,
        asin=asin,
        isbns=isbns,
        book_type=book_type_of(record.peek("format")),
        status=status,
        shelf=shelf,
        rating=record.rating("star rating"),
        reads=reads_of(status, dated, count),
        read_count=count,
        added_on=record.day("date added"),
        tags=record.words("tags"),
        review=record.prose("review"),
    )


def _identifiers(record: Record) -> tuple[tuple[Isbn, ...], str | None]:
    """Take the ISBNs; what is none at all is the site's own short id."""
    value = record.peek("isbn/uid") or record.peek("isbn")
    isbn = read_isbn(value)
    if isbn is not None and isbn.flaw is IsbnFlaw.NO_NUMBER and "," not in value:
        return (), record.text("isbn/uid", "isbn")
    return record.isbns("isbn/uid", "isbn"), None


def _dates(record: Record) -> list[Dates]:
    value = record.text("dates read")
    last = record.peek("last date read")
    if value is None:
        day = record.day("last date read")
        return [Dates(None, day)] if day else []
    if last and last in value:
        record.drop("last date read")
    notes_before = record.note_count
    dates = [_span(record, part.strip()) for part in value.split(",") if part.strip()]
    if record.note_count > notes_before:
        record.keep("dates read")
    return [part for part in dates if part is not None]


def _span(record: Record, text: str) -> Dates | None:
    match = _SPAN.fullmatch(text)
    if match is None or not (match["start"] or match["end"]):
        day = record.day_in(text, "dates read")
        return Dates(None, day) if day else None
    start = record.day_in(match["start"], "dates read") if match["start"] else None
    end = record.day_in(match["end"], "dates read") if match["end"] else None
    if start is None and end is None:
        return None
    return Dates(start, end)


READER: Final = FormatReader(
    ImportFormat.STORYGRAPH,
    "StoryGraph (CSV)",
    signatures("title|read status", "title|star rating", "title|isbn/uid"),
    read_row,
    date_columns=("date added", "last date read", "dates read"),
)
