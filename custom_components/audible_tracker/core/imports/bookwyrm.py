"""BookWyrm's own export."""

from datetime import date
from typing import Final

from ..kinds import BookStatus
from .format_reader import FormatReader, signatures
from .record import Record
from .rows import (
    ImportFormat,
    ImportRow,
    NoteKey,
)
from .statuses import Dates, reads_of, status_of


def read_row(record: Record) -> ImportRow:
    """Read one row; on a shelf of the reader's own, the dates tell the status."""
    started_on, finished_on = record.day("start_date"), record.day("finish_date")
    stopped_on = record.day("stopped_date")
    shelf = record.line("shelf", "shelf_name")
    status = _status(record, shelf, finished_on=finished_on, stopped_on=stopped_on)
    ended_on = finished_on or stopped_on
    dated = [Dates(started_on, ended_on)] if started_on or ended_on else []
    return record.book(
        record.line("title"),
        source_key=record.text("remote_id"),
        authors=record.people("author_text"),
        asin=record.asin("aasin"),
        isbns=record.isbns("isbn_13", "isbn_10"),
        status=status,
        shelf=shelf,
        rating=record.rating("rating"),
        reads=reads_of(status, dated),
        added_on=record.day("shelf_date"),
        review=record.prose("review_content"),
    )


def _status(
    record: Record,
    shelf: str | None,
    *,
    finished_on: date | None,
    stopped_on: date | None,
) -> BookStatus | None:
    status = status_of(shelf) if shelf else None
    if status is not None:
        return status
    if finished_on is not None:
        return BookStatus.FINISHED
    if stopped_on is not None:
        return BookStatus.DID_NOT_FINISH
    if shelf:
        record.note(NoteKey.SHELF_UNKNOWN, value=shelf[:60])
    return None


READER: Final = FormatReader(
    ImportFormat.BOOKWYRM,
    "BookWyrm (CSV)",
    signatures("title|author_text", "title|remote_id|shelf"),
    read_row,
    date_columns=("start_date", "finish_date", "stopped_date", "shelf_date"),
)
