"""The backup of the app Openreads."""

from typing import Final

from .editions import book_type_of
from .format_reader import FormatReader, signatures
from .names import split_full_names
from .record import Record
from .rows import (
    ImportFormat,
    ImportRow,
    NoteKey,
    RowNote,
)
from .statuses import Dates, reads_of, take_status

_TAG_SEPARATOR: Final = "|||||"


def read_row(record: Record) -> ImportRow:
    """Read one row; what its user threw away is listed, not imported."""
    if record.flag("deleted"):
        return record.rejected(RowNote(NoteKey.DELETED_AT_SOURCE))
    status, shelf = take_status(record, "status")
    book_type = book_type_of(record.peek("book_format"))
    return record.book(
        record.line("title"),
        source_key=record.text("olid"),
        subtitle=record.line("subtitle"),
        authors=record.people("author", split=split_full_names),
        isbns=record.isbns("isbn"),
        year=record.whole("publication_year", low=-3000, high=2200),
        page_count=record.pages("pages", book_type),
        book_type=book_type,
        status=status,
        shelf=shelf,
        rating=record.rating("rating"),
        reads=reads_of(status, _readings(record)),
        added_on=record.day("date_added"),
        tags=record.words("tags", separator=_TAG_SEPARATOR),
        review=record.prose("my_review"),
        private_notes=record.prose("notes"),
    )


def _readings(record: Record) -> list[Dates]:
    """Take the readings, each ``start|finish|`` with the time spent after it."""
    dates: list[Dates] = []
    notes_before = record.note_count
    value = record.text("readings") or ""
    for reading in value.split(";"):
        started, _, rest = reading.partition("|")
        finished = rest.partition("|")[0]
        started_on = record.day_in(started, "readings") if started.strip() else None
        finished_on = record.day_in(finished, "readings") if finished.strip() else None
        if started_on or finished_on:
            dates.append(Dates(started_on, finished_on))
    if record.note_count > notes_before:
        record.keep("readings")
    return dates


READER: Final = FormatReader(
    ImportFormat.OPENREADS,
    "Openreads (CSV)",
    signatures("title|author|readings", "title|author|book_format|my_review"),
    read_row,
    date_columns=("readings", "date_added", "date_modified"),
)
