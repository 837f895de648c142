"""Pure: a row of a file as a book of the tracker, as reads, and as a query."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

from ..imports import ImportedBook, ImportedRead
from ..isbn import Isbn
from ..kinds import BookStatus, DateSource, ReadOutcome, Source
from ..matching import TitleQuery
from ..models import SeriesPlace
from ..store.records import BookFields, ReaderId, ReadFields
from ..sync.rules import MS_PER_MINUTE
from ..sync.tracked_book import with_page

IMPORTED: Final = "imported"
"""The member of a book's ``extra`` that holds, by identity, what its rows had."""

ENDED: Final = "ended"
"""The member of such a row: how many of its passes were over, to know new ones by."""

DAYS: Final = "days"
"""The member of such a row: the days on which they ended, as far as files said."""


def query_of_row(row: ImportedBook) -> TitleQuery:
    """Return a row as matching is asked for it; only recordings have a runtime."""
    series_title, series_sequence = _place(row.series)
    runtime_ms = row.runtime_ms
    return TitleQuery(
        asin=row.asin or "",
        title=row.title,
        subtitle=row.subtitle or "",
        authors=row.authors,
        narrators=row.narrators,
        series_title=series_title,
        series_sequence=series_sequence,
        runtime_min=None if runtime_ms is None else runtime_ms / MS_PER_MINUTE,
        language=row.language or "",
        isbn=row.isbn13 or "",
        year=row.year,
    )


def _place(series: tuple[SeriesPlace, ...]) -> tuple[str, str]:
    return (series[0].title, series[0].sequence or "") if series else ("", "")


def isbns_of(isbns: Iterable[Isbn]) -> tuple[str, ...]:
    """Return each edition's number once; a damaged one stays as it was sent."""
    return tuple(dict.fromkeys(isbn.isbn13 or isbn.sent for isbn in isbns))


def book_of_row(
    row: ImportedBook, reader_id: ReaderId, reads: Sequence[ReadFields]
) -> BookFields:
    """Return the book that a row with these passes is when there is none like it."""
    book = _plain_book(row, reader_id)
    if row.tracked is None:
        return with_missing_page(with_days(book, reads))
    tracked = row.tracked
    return replace(
        book,
        isbn13=tracked.isbn13,
        isbns=tuple(isbn.sent for isbn in row.isbns),
        cover_url=tracked.cover_url,
        current_position_ms=tracked.current_position_ms,
        current_page=tracked.current_page,
        started_on=tracked.started_on,
        started_source=tracked.started_source,
        finished_on=tracked.finished_on,
        finished_source=tracked.finished_source,
        source=tracked.source,
        source_key=tracked.source_key,
        extra=_with_rows(tracked.extra, book.extra[IMPORTED]),
    )


def _plain_book(row: ImportedBook, reader_id: ReaderId) -> BookFields:
    return BookFields(
        reader_id=reader_id,
        title=row.title,
        subtitle=row.subtitle,
        authors=row.authors,
        narrators=row.narrators,
        series=row.series,
        book_type=row.book_type,
        isbn13=row.isbn13,
        isbns=isbns_of(row.isbns),
        asin=row.asin,
        publisher=row.publisher,
        year=row.year,
        language=row.language,
        page_count=row.page_count,
        runtime_ms=row.runtime_ms,
        status=row.status or BookStatus.TO_READ,
        percent_complete=row.percent_complete,
        added_on=row.added_on,
        rating=row.rating,
        review=row.review,
        private_notes=row.private_notes,
        tags=row.tags,
        source=Source.IMPORT,
        source_key=row.identity,
        extra={IMPORTED: {row.identity: document_of_row(row)}},
    )


def document_of_row(row: ImportedBook) -> dict[str, Any]:
    """Return what a row says that no field of a book takes."""
    told: dict[str, Any] = {
        "shelf": row.shelf,
        "contributors": list(row.contributors),
        # Not copied: with many rows these are a large part of what is held.
        "columns": row.extra,
        ENDED: ended_count(row.reads),
        DAYS: sorted(day.isoformat() for day in ended_days(row.reads)),
    }
    return {name: value for name, value in told.items() if value}


def ended_count(reads: Iterable[ImportedRead]) -> int:
    """Return how many passes of a row are over: one under way is told by itself."""
    return sum(read.outcome is not ReadOutcome.UNDER_WAY for read in reads)


def ended_days(reads: Iterable[ImportedRead]) -> frozenset[date]:
    """Return the days on which passes of a row were finished or given up."""
    ends = (read.finished_on or read.stopped_on for read in reads)
    return frozenset(day for day in ends if day is not None)


def rows_in(extra: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return what is kept of a book's imported rows, by identity."""
    rows = extra.get(IMPORTED)
    if not isinstance(rows, Mapping):
        return {}
    return {
        identity: document
        for identity, document in rows.items()
        if isinstance(document, dict)
    }


def _with_rows(extra: Mapping[str, Any], rows: Mapping[str, Any]) -> dict[str, Any]:
    return {**extra, IMPORTED: {**rows_in(extra), **rows}}


def with_row(
    book: BookFields, row: ImportedBook, document: Mapping[str, Any]
) -> BookFields:
    """Return the book with what is kept of a row, and of the rows of an export."""
    sent = row.tracked.extra if row.tracked is not None else {}
    rows = {**rows_in(sent), **rows_in(book.extra), row.identity: dict(document)}
    return replace(book, extra={**sent, **book.extra, IMPORTED: rows})


def reads_of_row(row: ImportedBook, reader_id: ReaderId) -> tuple[ReadFields, ...]:
    """Return a row's passes; a date that the file does not say stays unknown."""
    return tuple(read_of_row(read, reader_id) for read in row.reads)


def read_of_row(read: ImportedRead, reader_id: ReaderId) -> ReadFields:
    """Return one pass as it is stored; its book is filled in when it is kept."""
    is_told = read.source is not None
    is_over = read.outcome is ReadOutcome.FINISHED or read.finished_on is not None
    start = read.started_source if is_told else source_of(read.started_on)
    finish = source_of(read.finished_on) if is_over else None
    return ReadFields(
        reader_id=reader_id,
        book_id=None,
        link_id=None,
        outcome=read.outcome,
        started_on=read.started_on,
        started_source=start,
        finished_on=read.finished_on,
        finished_source=read.finished_source if is_told else finish,
        finished_at=read.finished_at,
        stopped_on=read.stopped_on,
        source=read.source or Source.IMPORT,
    )


def source_of(day: object) -> DateSource:
    """Return what a day of a file rests on; nothing does for one that it lacks."""
    return DateSource.UNKNOWN if day is None else DateSource.IMPORT


def with_days(book: BookFields, reads: Sequence[ReadFields]) -> BookFields:
    """Return the book with the days of its reads where it has none of its own.

    The finish is the last one that is known, the start that of the pass that counts:
    the open one while it is read, else the one with that finish.
    """
    last = _last_finished(reads)
    values: dict[str, Any] = {}
    if last is not None and _is_newer(book, last):
        values["finished_on"] = last.finished_on
        values["finished_source"] = last.finished_source
    current = _current(book.status, reads) or last
    if current is not None and book.started_on is None:
        values["started_on"] = current.started_on
        values["started_source"] = current.started_source
    return replace(book, **values) if values else book


def _last_finished(reads: Iterable[ReadFields]) -> ReadFields | None:
    """Return the pass with the last finish; one of unknown day if there is no other."""
    finished = [read for read in reads if read.outcome is ReadOutcome.FINISHED]
    return max(
        finished,
        key=lambda read: (read.finished_on or date.min, read.started_on is not None),
        default=None,
    )


def _is_newer(book: BookFields, read: ReadFields) -> bool:
    if book.finished_on is None:
        return read.finished_on is not None or book.finished_source is None
    is_own = book.finished_source is DateSource.USER
    return (
        not is_own
        and read.finished_on is not None
        and read.finished_on > book.finished_on
    )


def _current(status: BookStatus, reads: Sequence[ReadFields]) -> ReadFields | None:
    match status:
        case BookStatus.READING | BookStatus.PAUSED:
            wanted = ReadOutcome.UNDER_WAY
        case BookStatus.DID_NOT_FINISH:
            wanted = ReadOutcome.STOPPED
        case BookStatus.FINISHED | BookStatus.TO_READ:
            return None
    return next((read for read in reversed(reads) if read.outcome is wanted), None)


def with_missing_page(book: BookFields) -> BookFields:
    """Return the book with its page, where it has none and one can be known."""
    return book if book.current_page is not None else with_page(book)
