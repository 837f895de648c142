"""LibraryThing's export: tab-separated, values often in square brackets."""

from typing import Final

from ..kinds import BookStatus
from .editions import book_type_of
from .format_reader import FormatReader, signatures
from .names import given_name_first, split_by
from .record import Record
from .rows import (
    ImportFormat,
    ImportRow,
)
from .statuses import Dates, reads_of, status_of


def read_row(record: Record) -> ImportRow:
    """Read one row; the collections tell the status, else a date of reading does."""
    started_on, finished_on = record.day("date started"), record.day("date read")
    dated = [Dates(started_on, finished_on)] if started_on or finished_on else []
    collections = record.words("collections")
    status = _status(collections)
    if status is None and finished_on is not None:
        status = BookStatus.FINISHED
    book_type = book_type_of(record.peek("media"))
    return record.book(
        record.line("title"),
        source_key=record.text("book id"),
        authors=_authors(record),
        isbns=record.isbns("isbn", "isbns"),
        year=record.whole("date", low=-3000, high=2200),
        page_count=record.pages("page count", book_type),
        book_type=book_type,
        language=record.line("languages"),
        status=status,
        shelf=", ".join(collections) or None,
        rating=record.rating("rating"),
        reads=reads_of(status, dated),
        added_on=record.day("entry date"),
        tags=record.words("tags"),
        review=record.prose("review"),
        private_notes=record.prose("private comment"),
    )


def _authors(record: Record) -> tuple[str, ...]:
    names = record.people("primary author", split=lambda text: (text,))
    names += record.people("secondary author", split=lambda text: split_by("|", text))
    return tuple(dict.fromkeys(given_name_first(name) for name in names))


def _status(collections: tuple[str, ...]) -> BookStatus | None:
    return next(filter(None, map(status_of, collections)), None)


READER: Final = FormatReader(
    ImportFormat.LIBRARYTHING,
    "LibraryThing (TSV, CSV)",
    signatures("title|primary author", "title|collections|entry date"),
    read_row,
    date_columns=("date started", "date read", "entry date", "acquired"),
)
