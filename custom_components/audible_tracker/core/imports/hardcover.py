"""Hardcover's own CSV export; no name in it is sure to be there."""

from typing import Final

from ..kinds import BookType
from .editions import book_type_of
from .format_reader import FormatReader, signatures
from .names import split_full_names
from .record import Record
from .rows import (
    ImportFormat,
    ImportRow,
)
from .statuses import Dates, reads_of, take_read_count, take_status


def read_row(record: Record) -> ImportRow:
    """Read one row; Date Finished of a book given up is the day it was given up."""
    started_on, finished_on = record.day("date started"), record.day("date finished")
    dated = [Dates(started_on, finished_on)] if started_on or finished_on else []
    status, shelf = take_status(record, "status", dated=dated)
    count = take_read_count(record, "read count")
    book_type = _book_type(record)
    return record.book(
        record.line("title"),
        source_key=record.text("hardcover book id", "hardcover edition id"),
        authors=record.people("author", "authors", split=split_full_names),
        narrators=record.people("narrator", "narrators"),
        asin=record.asin("asin"),
        isbns=record.isbns("isbn 13", "isbn13", "isbn 10", "isbn10", "isbn"),
        page_count=record.pages("pages", book_type),
        book_type=book_type,
        publisher=record.line("publisher"),
        status=status,
        shelf=shelf,
        rating=record.rating("rating"),
        reads=reads_of(status, dated, count),
        read_count=count,
        added_on=record.day("date added"),
        tags=record.words("lists"),
        review=record.prose("review"),
        private_notes=record.prose("private notes"),
    )


def _book_type(record: Record) -> BookType:
    return book_type_of(record.peek("format") or record.peek("binding"))


READER: Final = FormatReader(
    ImportFormat.HARDCOVER,
    "Hardcover (CSV)",
    signatures(
        "title|hardcover book id",
        "title|author|status|date started|date finished",
        "title|author|status|isbn 13",
    ),
    read_row,
    date_columns=("date added", "date started", "date finished", "review date"),
)
