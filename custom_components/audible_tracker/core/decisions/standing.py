"""Pure: what a book's passes say of the book."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from ..kinds import BookStatus, DateSource, ReadOutcome
from ..store.records import BookFields, Read, ReadFields
from ..sync.tracked_book import with_page

# What a reader said of a book that no pass says.
_OWN_WORDS = (BookStatus.PAUSED, BookStatus.TO_READ, BookStatus.DID_NOT_FINISH)


def newest_read(reads: Iterable[Read]) -> Read | None:
    """Return the pass that a book follows: one under way, else the one of last day.

    Passes of unknown day come before those that have one; of equal ones the one that
    was stored last counts.
    """
    return max(reads, key=_order, default=None)


def _order(read: Read) -> tuple[bool, bool, date, int]:
    fields = read.fields
    day = fields.finished_on or fields.stopped_on or fields.started_on
    is_open = fields.outcome is ReadOutcome.UNDER_WAY
    return is_open, day is not None, day or date.min, read.read_id


def can_be_one(one: ReadFields, other: ReadFields) -> bool:
    """Tell whether a finish of unknown day can be the other one.

    Not where one of them began after the other had ended: that was read again.
    """
    begun = [read.started_on for read in (one, other) if read.started_on is not None]
    ended = [read.finished_on for read in (one, other) if read.finished_on is not None]
    return not begun or not ended or max(begun) <= min(ended)


def with_reads(book: BookFields, reads: Sequence[Read]) -> BookFields:
    """Return the book with the status and the days of its newest pass."""
    newest = newest_read(reads)
    if newest is None:
        return as_unread(book)
    status = _status(book.status, newest.fields.outcome)
    return with_days(replace(book, status=status), reads)


def _status(status: BookStatus, outcome: ReadOutcome) -> BookStatus:
    match outcome:
        case ReadOutcome.UNDER_WAY:
            is_paused = status is BookStatus.PAUSED
            return BookStatus.PAUSED if is_paused else BookStatus.READING
        case ReadOutcome.FINISHED:
            return BookStatus.FINISHED
        case ReadOutcome.STOPPED:
            return status if status in _OWN_WORDS else BookStatus.DID_NOT_FINISH
        case ReadOutcome.UNKNOWN:
            return status


def with_days(book: BookFields, reads: Sequence[Read]) -> BookFields:
    """Return the book with the days of its newest pass, and its page.

    A book that is to be read has none: they would be taken for those of the next pass.
    """
    newest = newest_read(reads)
    if newest is None or book.status is BookStatus.TO_READ:
        return with_page(_without_days(book))
    ended = newest_read(
        read for read in reads if read.fields.outcome is ReadOutcome.FINISHED
    )
    return with_page(
        replace(
            book,
            started_on=newest.fields.started_on,
            started_source=newest.fields.started_source,
            finished_on=ended.fields.finished_on if ended else None,
            finished_source=ended.fields.finished_source if ended else None,
        )
    )


def as_unread(book: BookFields) -> BookFields:
    """Return the book as one that nobody has begun, wherever its title stands."""
    unread = replace(book, status=BookStatus.TO_READ)
    return with_page(_without_days(unread))


def without_place(book: BookFields) -> BookFields:
    """Return the book with no place: it was the one of a title that left it."""
    gone = replace(book, current_position_ms=None, percent_complete=None)
    return with_page(replace(gone, current_page=None))


def _without_days(book: BookFields) -> BookFields:
    return replace(
        book,
        started_on=None,
        started_source=None,
        finished_on=None,
        finished_source=None,
    )


def source_of(day: date | None) -> DateSource:
    """Return what a day rests on that a person gave, or did not."""
    return DateSource.UNKNOWN if day is None else DateSource.USER
