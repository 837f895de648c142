"""Open Library's reading log: ids and a shelf, usually without any title."""

from typing import Final

from .format_reader import FormatReader, signatures
from .record import Record
from .rows import (
    ImportFormat,
    ImportRow,
)
from .statuses import reads_of, take_status


def read_row(record: Record) -> ImportRow:
    """Read one row; without a title it is listed, with its ids, and not imported."""
    status, shelf = take_status(record, "bookshelf")
    return record.book(
        record.line("title"),
        source_key=record.text("edition id", "work id"),
        authors=record.people("authors", "author"),
        isbns=record.isbns("isbn 13", "isbn 10", "isbn"),
        status=status,
        shelf=shelf,
        rating=record.rating("my ratings", "my rating", "rating"),
        reads=reads_of(status, []),
    )


READER: Final = FormatReader(
    ImportFormat.OPENLIBRARY,
    "Open Library (CSV)",
    signatures("work id|bookshelf", "work id|edition id|bookshelf"),
    read_row,
)
