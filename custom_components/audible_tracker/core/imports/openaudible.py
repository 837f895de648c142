"""OpenAudible's export, CSV or its books.json."""

from typing import Final

from ..kinds import BookStatus, BookType
from ..models import SeriesPlace
from .editions import MS_PER_S, RUNTIME_MAX_MINUTES, read_duration_ms
from .format_reader import FormatReader, signatures
from .record import Record
from .rows import (
    ImportFormat,
    ImportRow,
    NoteKey,
)
from .statuses import reads_of, status_of

_SAYS_NOTHING: Final = frozenset({"unread", "none", "unknown"})


def read_row(record: Record) -> ImportRow:
    """Read one row; the user's id and the download address are left out."""
    record.drop("user id", "user_id", "download_link", "download link")
    asin = record.asin("asin")
    shelf = record.line("read status", "read_status")
    status = _status(record, shelf)
    released_on = record.day("release date", "release_date")
    return record.book(
        record.line("title"),
        source_key=asin or record.text("key", "product id", "product_id"),
        subtitle=record.line("subtitle"),
        authors=record.people("author", "authors"),
        narrators=record.people("narrated by", "narrated_by"),
        series=_series(record),
        asin=asin,
        year=released_on.year if released_on else None,
        runtime_ms=_runtime_ms(record),
        book_type=BookType.AUDIOBOOK,
        language=record.line("language"),
        publisher=record.line("publisher"),
        status=status,
        shelf=shelf,
        reads=reads_of(status, []),
        added_on=record.day("purchase date", "purchase_date"),
    )


def _status(record: Record, shelf: str | None) -> BookStatus | None:
    """Return the status; "Unread" stands on finished books too and says nothing."""
    if shelf is None or shelf.casefold() in _SAYS_NOTHING:
        return None
    status = status_of(shelf)
    if status is None:
        record.note(NoteKey.SHELF_UNKNOWN, value=shelf[:60])
    return status


def _series(record: Record) -> tuple[SeriesPlace, ...]:
    name = record.line("series name", "series_name")
    if name is None:
        return ()
    return (SeriesPlace(name, record.line("series sequence", "series_sequence")),)


def _runtime_ms(record: Record) -> int | None:
    seconds = record.whole("seconds", low=0, high=RUNTIME_MAX_MINUTES * 60)
    if seconds:
        return seconds * MS_PER_S
    value = record.peek("duration")
    runtime_ms = read_duration_ms(value)
    if runtime_ms is not None:
        record.drop("duration")
    elif value:
        record.note(NoteKey.NUMBER_UNREADABLE, column="Duration", value=value[:60])
    return runtime_ms


READER: Final = FormatReader(
    ImportFormat.OPENAUDIBLE,
    "OpenAudible (CSV, JSON)",
    signatures(
        "title|asin|narrated by",
        "title|asin|narrated_by",
        "title|author|key|narrated by",
    ),
    read_row,
    date_columns=("purchase date", "release date", "purchase_date", "release_date"),
    is_one_culture=True,
)
