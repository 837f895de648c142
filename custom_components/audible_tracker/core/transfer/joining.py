"""Pure: what a book gets from a row that is the same book, and what stays as it is.

The READ history belongs to the work, so that one book of the tracker takes the rows of
all its editions. Nothing that a person or Audible has said is overwritten: only what is
unknown is filled.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from ..imports import ImportedBook
from ..kinds import BookStatus, BookType, DateSource
from ..store.packing import packed
from ..store.records import BookFields
from ..store.schema import BOOKS
from .drafts import DraftBook
from .read_joining import ReadNews, join_reads
from .records import Difference
from .row_book import (
    IMPORTED,
    book_of_row,
    document_of_row,
    ended_days,
    reads_of_row,
    rows_in,
    with_days,
    with_missing_page,
    with_row,
)
from .row_past import RowPast, ended_added, passes_document, past_of

# What a row gives to a book that does not know it.
_FILLED: Final = (
    "subtitle", "authors", "narrators", "series", "isbn13", "isbns", "asin",
    "publisher", "year", "language", "page_count", "runtime_ms", "cover_url",
    "current_position_ms", "percent_complete", "current_page", "added_on", "rating",
    "review", "private_notes", "tags",
)  # fmt: skip
# Sets: a row that is new here adds to them.
_WIDENED: Final = ("isbns", "tags")
# A reader's own words: what stays against a row is shown before the import.
_OWN: Final = ("rating", "review", "private_notes")
# Facts of an edition: what differs is kept with the row.
_EDITION: Final = (
    "title", "subtitle", "authors", "narrators", "asin", "publisher", "year",
    "language", "page_count", "runtime_ms", "added_on", "rating", "review",
    "private_notes",
)  # fmt: skip
_SHOWN_MAX: Final = 60
_DIFFERS: Final = "differs"


@dataclass(frozen=True, slots=True)
class Joined:
    """What a row brought to a book; ``is_known`` if it had the row before."""

    is_known: bool
    filled: tuple[str, ...]
    reads_added: int
    kept: tuple[Difference, ...]


def join_row(
    book: DraftBook,
    row: ImportedBook,
    *,
    is_itself: bool = False,
    days: frozenset[date] | None = None,
) -> Joined:
    """Give a book what it lacks of a row.

    ``is_itself`` tells that the row was exported from this very book, which then need
    not remember it. ``days`` are those on which the passes of all the file's rows of
    this identity ended; without them this is the only one.
    """
    before = book.fields
    is_known = is_itself or row.identity in rows_in(before.extra)
    passes = reads_of_row(row, before.reader_id)
    theirs = book_of_row(row, before.reader_id, passes)
    news = join_reads(
        book,
        row.identity,
        row.reads,
        is_same_row=is_known,
        past=_past(book, row, days),
    )
    fields = _filled(before, theirs, is_known=is_known)
    fields = replace(fields, book_type=_type_of(before.book_type, theirs.book_type))
    kept = [*_own_differences(fields, theirs), *news.kept]
    fields, kept_status = _with_status(book, fields, row.status, news)
    fields = with_missing_page(fields)
    if not is_itself:
        fields = with_row(fields, row, _document(fields, theirs, row, news))
    book.fields = fields
    if not is_known and row.tracked is not None:
        book.links.extend(row.tracked.links)
    return Joined(
        is_known=is_known,
        filled=tuple(_changed_names(before, book.fields, news)),
        reads_added=len(news.added),
        kept=(*kept, *kept_status),
    )


def _past(book: DraftBook, row: ImportedBook, days: frozenset[date] | None) -> RowPast:
    """Return what is known of a row; one that stood in this file is no earlier one."""
    stored = book.stored.book.fields if book.stored is not None else None
    return past_of(row, stored, ended_days(row.reads) if days is None else days)


def _filled(ours: BookFields, theirs: BookFields, *, is_known: bool) -> BookFields:
    values: dict[str, Any] = {}
    for name in _FILLED:
        mine, their = getattr(ours, name), getattr(theirs, name)
        if mine in (None, ()):
            values[name] = their
        elif name in _WIDENED and not is_known:
            # What a person took out of a known row's book does not come back.
            values[name] = tuple(dict.fromkeys((*mine, *their)))
    return replace(ours, **values)


def _type_of(ours: BookType, theirs: BookType) -> BookType:
    """Return the kind of edition: the recording's, whose pages are the print's."""
    if ours is BookType.UNKNOWN or theirs is BookType.AUDIOBOOK:
        return theirs
    return ours


def _with_status(
    book: DraftBook, fields: BookFields, status: BookStatus | None, news: ReadNews
) -> tuple[BookFields, tuple[Difference, ...]]:
    """Return the book with its status and days, and the status that was not taken."""
    taken = _status_of(book, fields.status, status, news)
    if taken is not fields.status and taken is BookStatus.READING:
        # Another pass has begun; the start of the last one is not its start.
        fields = replace(fields, started_on=None, started_source=None)
    if _has_end(fields, news.redated_from):
        fields = replace(fields, finished_on=None, finished_source=None)
    if news.is_news or taken is not fields.status:
        reads = [read.fields for read in book.reads]
        fields = with_days(replace(fields, status=taken), reads)
    if status in (None, taken):
        return fields, ()
    return fields, (Difference("status", taken.value, status.value),)


def _has_end(book: BookFields, day: date | None) -> bool:
    """Tell whether a book's finish is this day, and a file's."""
    is_files = book.finished_source is DateSource.IMPORT
    return is_files and day is not None and book.finished_on == day


def _status_of(
    book: DraftBook, ours: BookStatus, theirs: BookStatus | None, news: ReadNews
) -> BookStatus:
    """Return the status of the two that knows more.

    A reader's own "paused" and "did not finish" stay. A book that is read now is over
    only if no pass is open any more, and one that is over is read again only if the row
    has such a pass.
    """
    if theirs is None or ours in (BookStatus.PAUSED, BookStatus.DID_NOT_FINISH):
        return ours
    open_reads = [read for read in book.reads if read.is_open]
    if ours is BookStatus.TO_READ:
        has_passes = len(book.reads) > len(news.added)
        return ours if has_passes and not news.is_news else theirs
    if ours is BookStatus.FINISHED:
        begins = any(read.is_open for read in news.added)
        return theirs if begins and theirs is not BookStatus.FINISHED else ours
    if theirs is BookStatus.PAUSED:
        return ours if any(read.is_watched for read in open_reads) else theirs
    if theirs in (BookStatus.FINISHED, BookStatus.DID_NOT_FINISH):
        return ours if open_reads or not news.is_news else theirs
    return ours


def _own_differences(ours: BookFields, theirs: BookFields) -> Iterable[Difference]:
    for name in _OWN:
        mine, their = getattr(ours, name), getattr(theirs, name)
        if their is not None and mine != their:
            yield Difference(name, _shown(mine), _shown(their))


def _shown(value: object) -> str:
    text = str(value)
    return text if len(text) <= _SHOWN_MAX else f"{text[: _SHOWN_MAX - 1]}…"


def _edition_differences(ours: BookFields, theirs: BookFields) -> dict[str, Any]:
    differing = {
        name: value
        for name in _EDITION
        if (value := getattr(theirs, name)) not in (None, ())
        and value != getattr(ours, name)
    }
    return packed(BOOKS, differing)


def _document(
    ours: BookFields, theirs: BookFields, row: ImportedBook, news: ReadNews
) -> dict[str, Any]:
    """Return what is kept of a row; what differed when it came first stays."""
    document = document_of_row(row)
    known = rows_in(ours.extra).get(row.identity)
    if known is not None:
        added = ended_added(read.fields for read in news.added)
        document |= passes_document(
            known, row.reads, added=added, corrected=news.corrected
        )
    differs = (
        _edition_differences(ours, theirs) if known is None else known.get(_DIFFERS)
    )
    return document | {_DIFFERS: differs} if differs else document


def _changed_names(
    before: BookFields, after: BookFields, news: ReadNews
) -> Iterable[str]:
    """Name what a book got; that a row was there is not worth a word."""
    for name in (*_FILLED, "book_type", "status", "started_on", "finished_on"):
        if getattr(before, name) != getattr(after, name):
            yield name
    if news.redated_from is not None:
        yield "reads"
    known, rows = rows_in(before.extra), rows_in(after.extra)
    if any(known[identity] != rows[identity] for identity in known):
        yield IMPORTED
