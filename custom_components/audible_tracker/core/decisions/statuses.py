"""Pure: what a status that a person gives does to the passes through a book."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from ..kinds import BookStatus, ReadOutcome, Source
from ..store.records import (
    Book,
    BookFields,
    BookId,
    Link,
    LinkId,
    Read,
    ReaderId,
    ReadFields,
)
from .standing import newest_read, source_of, with_days

TAKEN_BACK_WITHIN: Final = timedelta(days=1)
"""What ended later than this ago has ended; before that, it was a slip."""

type Change = tuple[Read, ReadFields]


@dataclass(frozen=True, slots=True)
class StatusChange:
    """What becomes of a book's reads; ``added`` has no number yet."""

    changed: tuple[Change, ...] = ()
    added: tuple[ReadFields, ...] = ()


def plan_status(
    book: Book,
    reads: Sequence[Read],
    links: Sequence[Link],
    status: BookStatus,
    on: date | None,
    *,
    now: datetime,
) -> StatusChange:
    """Return what a status does to the passes; a pass on hold goes on later.

    New passes are tied to the title that is heard, where there is one, so that the next
    sync knows of them and counts nothing twice.
    """
    match status:
        case BookStatus.READING:
            return _read_on(book, reads, links, on, now=now)
        case BookStatus.FINISHED:
            return _finish(book, reads, links, on, now=now)
        case BookStatus.DID_NOT_FINISH:
            return _give_up(book, reads, links, on)
        case BookStatus.TO_READ:
            return StatusChange(_stopped(_open(reads), on))
        case BookStatus.PAUSED:
            return StatusChange()


def book_with_status(
    book: BookFields, status: BookStatus, reads: Sequence[Read]
) -> BookFields:
    """Return the book with a status and the days of its passes."""
    return with_days(replace(book, status=status), reads)


def _open(reads: Sequence[Read]) -> list[Read]:
    """Return the passes under way; those of titles last, where a sync finds them."""
    return sorted(
        (read for read in reads if read.fields.outcome is ReadOutcome.UNDER_WAY),
        key=lambda read: (read.fields.link_id is not None, read.read_id),
    )


def _read_on(
    book: Book,
    reads: Sequence[Read],
    links: Sequence[Link],
    on: date | None,
    *,
    now: datetime,
) -> StatusChange:
    if running := _open(reads):
        read = running[-1]
        if on is None or read.fields.started_on is not None:
            return StatusChange()
        return StatusChange(((read, _begun(read.fields, on)),))
    slip = _slip(reads, now)
    if slip is not None and _is_title_newest(slip, reads):
        return StatusChange(((slip, _reopened(slip.fields)),))
    return StatusChange(added=(_begun(_new(book, links), on),))


def _finish(
    book: Book,
    reads: Sequence[Read],
    links: Sequence[Link],
    on: date | None,
    *,
    now: datetime,
) -> StatusChange:
    if running := _open(reads):
        ended = (running[-1], _ended(running[-1].fields, on))
        return StatusChange((ended, *_stopped(running[:-1], on)))
    newest = newest_read(reads)
    is_over = newest is not None and newest.fields.outcome is ReadOutcome.FINISHED
    if newest is not None and is_over and book.fields.status is BookStatus.FINISHED:
        return _redated(newest, on)
    slip = _slip(reads, now)
    if slip is not None and slip.fields.outcome is ReadOutcome.STOPPED:
        return StatusChange(((slip, _ended(slip.fields, on)),))
    return StatusChange(added=(_ended(_new(book, links), on),))


def _redated(newest: Read, on: date | None) -> StatusChange:
    """Return a correction: the book was finished before it is called so again."""
    if on is None or newest.fields.finished_on == on:
        return StatusChange()
    return StatusChange(((newest, _ended(newest.fields, on)),))


def _give_up(
    book: Book, reads: Sequence[Read], links: Sequence[Link], on: date | None
) -> StatusChange:
    if running := _open(reads):
        return StatusChange(_stopped(running, on))
    if reads:
        return StatusChange()
    return StatusChange(added=(_stop(_new(book, links), on),))


def _slip(reads: Sequence[Read], now: datetime) -> Read | None:
    """Return the pass that ended so lately that saying otherwise takes it back."""
    ended = [
        read
        for read in reads
        if read.fields.outcome in (ReadOutcome.FINISHED, ReadOutcome.STOPPED)
    ]
    newest = max(ended, key=lambda read: read.read_id, default=None)
    if newest is None or now - newest.updated_at >= TAKEN_BACK_WITHIN:
        return None
    # What a file brought has not ended just now.
    return None if newest.fields.source is Source.IMPORT else newest


def _is_title_newest(read: Read, reads: Sequence[Read]) -> bool:
    """Tell whether a sync takes this pass for the newest of its title."""
    link_id = read.fields.link_id
    same = [other for other in reads if other.fields.link_id == link_id]
    return read.read_id == max(other.read_id for other in same)


def _new(book: Book, links: Sequence[Link]) -> ReadFields:
    return ReadFields(
        reader_id=ReaderId(book.fields.reader_id),
        book_id=BookId(book.book_id),
        link_id=heard_link(links),
        outcome=ReadOutcome.UNDER_WAY,
        started_source=source_of(None),
        source=Source.USER,
    )


def heard_link(links: Sequence[Link]) -> LinkId | None:
    """Return the title that a book is heard by: the one that was heard last."""
    newest = max(
        links,
        key=lambda link: (
            link.fields.last_position_at is not None,
            link.fields.last_position_at or link.first_seen_at,
            link.link_id,
        ),
        default=None,
    )
    return newest.link_id if newest is not None else None


def _begun(read: ReadFields, on: date | None) -> ReadFields:
    return replace(read, started_on=on, started_source=source_of(on))


def _ended(read: ReadFields, on: date | None) -> ReadFields:
    return replace(
        read,
        outcome=ReadOutcome.FINISHED,
        finished_on=on,
        finished_source=source_of(on),
        finished_at=None,
        stopped_on=None,
    )


def _reopened(read: ReadFields) -> ReadFields:
    return replace(
        read,
        outcome=ReadOutcome.UNDER_WAY,
        finished_on=None,
        finished_source=None,
        finished_at=None,
        stopped_on=None,
    )


def _stop(read: ReadFields, on: date | None) -> ReadFields:
    return replace(read, outcome=ReadOutcome.STOPPED, stopped_on=on)


def _stopped(reads: Sequence[Read], on: date | None) -> tuple[Change, ...]:
    return tuple((read, _stop(read.fields, on)) for read in reads)
