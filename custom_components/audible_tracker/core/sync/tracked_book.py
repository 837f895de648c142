"""Pure: how a tracked book follows its reader's listening."""

from dataclasses import replace

from ..kinds import BookStatus, DateSource, ReadOutcome
from ..store.records import BookFields, ReadFields
from .passes import Day, Turn
from .rules import Heard, is_started, page_of


def with_progress(book: BookFields, heard: Heard) -> BookFields:
    """Return the book with its place; where nothing was heard, its own place stays.

    So it does where only a percentage came, for the two would disagree. The page goes
    beside the minutes, and only where the book has pages.
    """
    is_beside = heard.position_ms is None and book.current_position_ms is not None
    if not is_started(heard) or is_beside:
        return book
    moved = replace(
        book,
        current_position_ms=heard.position_ms,
        percent_complete=(
            book.percent_complete if heard.percentage is None else heard.percentage
        ),
    )
    return with_page(moved)


def with_page(book: BookFields) -> BookFields:
    """Return the book with the page that its progress comes to, where it has pages."""
    page = page_of(
        book.percent_complete,
        book.page_count,
        is_finished=book.status is BookStatus.FINISHED,
    )
    return book if page is None else replace(book, current_page=page)


def with_turn(
    book: BookFields, turn: Turn, start: Day, finish: Day, *, is_watched: bool
) -> BookFields:
    """Return the book with what a beginning or a finish makes of it.

    Listening that was seen decides the status. Of the past that was not seen, a
    reader's own "paused" and "did not finish" know more than Audible does.
    """
    if turn in (Turn.BEGIN, Turn.WHOLE):
        book = _begun(book, start, is_watched=is_watched)
    if turn in (Turn.FINISH, Turn.WHOLE):
        book = _finished(book, finish, is_watched=is_watched)
    return with_page(book)


def _begun(book: BookFields, start: Day, *, is_watched: bool) -> BookFields:
    if not is_watched and book.status is not BookStatus.TO_READ:
        return book
    is_first = book.status not in (BookStatus.FINISHED, BookStatus.DID_NOT_FINISH)
    if is_first and book.started_on is not None:
        return replace(book, status=BookStatus.READING)
    return replace(
        book,
        status=BookStatus.READING,
        started_on=start.on,
        started_source=start.source,
    )


def _finished(book: BookFields, finish: Day, *, is_watched: bool) -> BookFields:
    if not is_watched and book.status is BookStatus.DID_NOT_FINISH:
        return book
    is_dated = book.finished_on is not None
    if is_dated and (book.status is BookStatus.FINISHED or finish.on is None):
        return replace(book, status=BookStatus.FINISHED)
    return replace(
        book,
        status=BookStatus.FINISHED,
        finished_on=finish.on,
        finished_source=finish.source,
    )


def with_pass(book: BookFields, read: ReadFields) -> BookFields:
    """Return the book with what a pass says that was stored before the two met.

    This is also what has to be done when a person says which book a title is.
    """
    start = Day(read.started_on, read.started_source or DateSource.UNKNOWN)
    finish = Day(read.finished_on, read.finished_source or DateSource.UNKNOWN)
    match read.outcome:
        case ReadOutcome.UNDER_WAY:
            turn = Turn.BEGIN
        case ReadOutcome.FINISHED:
            turn = Turn.WHOLE
        case ReadOutcome.STOPPED | ReadOutcome.UNKNOWN:
            turn = Turn.NONE
    return with_turn(book, turn, start, finish, is_watched=False)


def resumed(book: BookFields) -> BookFields:
    """Return a book that was put aside, or not begun, or ended, and is heard now.

    Only of a pass under way: who calls a book finished also ends its pass.
    """
    if book.status is BookStatus.DID_NOT_FINISH:
        return book
    return replace(book, status=BookStatus.READING)
