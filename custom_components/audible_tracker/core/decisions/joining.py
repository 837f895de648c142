"""Pure: what happens to reads and books when a title joins or leaves a book."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..kinds import BookStatus, DateSource, ReadOutcome, Source
from ..store.records import BookFields, BookId, Link, Read, ReadFields
from ..sync.look import heard_before
from ..sync.passes import UNKNOWN_DAY, Day, Turn, finished_read
from ..sync.rules import (
    NOTHING_KNOWN,
    Heard,
    Rules,
    has_reached_end,
    has_risen,
    is_started,
)
from ..sync.tracked_book import with_pass, with_progress, with_turn
from .standing import as_unread, can_be_one, newest_read, with_reads, without_place

# Passes that a person or a file put down belong to the book and not to the title.
_OF_BOOK = (Source.USER, Source.IMPORT)


@dataclass(frozen=True, slots=True)
class Leaving:
    """A title leaves a book: ``going`` are the reads that go along.

    ``staying`` were the book's own and belong to no title any more.
    """

    book: BookFields
    going: tuple[Read, ...]
    staying: tuple[tuple[Read, ReadFields], ...]


@dataclass(frozen=True, slots=True)
class Joining:
    """A title joins a book: what its reads and the book become.

    ``dropped`` are passes that are known twice, ``added`` is one that nobody kept.
    """

    book: BookFields
    changed: tuple[tuple[Read, ReadFields], ...]
    dropped: tuple[Read, ...]
    added: tuple[ReadFields, ...]


def split_reads(reads: Sequence[Read]) -> tuple[tuple[Read, ...], tuple[Read, ...]]:
    """Return which reads of a title go with it, and which stay at its book."""
    staying = tuple(read for read in reads if _belongs_to_book(read.fields))
    going = tuple(read for read in reads if not _belongs_to_book(read.fields))
    return going, staying


def _belongs_to_book(read: ReadFields) -> bool:
    return read.book_id is not None and read.source in _OF_BOOK


def leave(
    book: BookFields,
    link: Link,
    titles: Sequence[Read],
    others: Sequence[Read],
    *,
    is_shared: bool,
) -> Leaving:
    """Take a title from its book. ``titles`` are its reads, ``others`` all others.

    The book follows what is left; a book that only the title had brought under way or
    to its end is to be read again. ``is_shared`` says that other titles are it too.
    """
    going, staying = split_reads(titles)
    left = (*others, *staying)
    if going and left:
        book = with_reads(book, left)
    elif going and _was_all(book, going):
        book = as_unread(book)
    if not is_shared and _is_place_of(book, link):
        book = without_place(book)
    kept = tuple((read, replace(read.fields, link_id=None)) for read in staying)
    return Leaving(book, going, kept)


def _was_all(book: BookFields, going: Sequence[Read]) -> bool:
    newest = newest_read(going)
    if newest is None:
        return False
    if newest.fields.outcome is ReadOutcome.FINISHED:
        is_same_day = book.finished_on == newest.fields.finished_on
        return book.status is BookStatus.FINISHED and is_same_day
    return book.status is BookStatus.READING


def _is_place_of(book: BookFields, link: Link) -> bool:
    fields = link.fields
    if book.current_position_ms is not None:
        return book.current_position_ms == fields.last_position_ms
    return book.percent_complete == fields.last_percentage


def join(
    book_id: BookId,
    book: BookFields,
    link: Link,
    titles: Sequence[Read],
    others: Sequence[Read],
    *,
    runtime_ms: int | None = None,
) -> Joining:
    """Bring a title to a book. ``titles`` are its reads, ``others`` the book's.

    A pass that both know is one pass: a finish of the same day, or of an unknown day
    that can be it, and a book that was being read before its title came.
    ``runtime_ms`` is the title's own.
    """
    ended = dict(ended_unseen(link, titles, runtime_ms))
    passes_of_title = [(read, ended.get(read, read.fields)) for read in titles]
    dropped = [read for read, fields in passes_of_title if _is_known(fields, others)]
    changed = [
        (read, replace(fields, book_id=book_id))
        for read, fields in passes_of_title
        if read not in dropped
    ]
    own = _open_read(others)
    if own is not None and not titles:
        changed.append((own, replace(own.fields, link_id=link.link_id)))
    elif own is not None and changed and _goes_on(changed[-1][1], own.fields):
        read, fields = changed[-1]
        changed[-1] = (read, _begun_as(fields, own.fields))
        dropped.append(own)
    added = _missed(link, titles, others, runtime_ms)
    passes = [fields for read, fields in changed if read is not own]
    followed = _followed(book, link, (*passes, *added))
    if titles or added:
        followed = with_progress(followed, heard_before(link.fields))
    at_book = tuple(
        replace(fields, book_id=book_id, link_id=link.link_id) for fields in added
    )
    return Joining(followed, tuple(changed), tuple(dropped), at_book)


def ended_unseen(
    link: Link,
    reads: Sequence[Read],
    runtime_ms: int | None,
    before: Heard = NOTHING_KNOWN,
) -> tuple[tuple[Read, ReadFields], ...]:
    """Return the open passes of a title that came to its end while it was ignored.

    No sync ends a pass of an ignored title; nobody knows the day. ``before`` is where
    it stood when it began to be ignored, if that is known.
    """
    heard = heard_before(link.fields)
    if not link.fields.is_ignored or not _has_ended(before, heard, runtime_ms):
        return ()
    return tuple(
        (read, finished_read(read.fields, UNKNOWN_DAY))
        for read in reads
        if read.fields.outcome is ReadOutcome.UNDER_WAY
    )


def _has_ended(before: Heard, now: Heard, runtime_ms: int | None) -> bool:
    return has_risen(before, now) or has_reached_end(before, now, runtime_ms, Rules())


def _is_known(read: ReadFields, others: Sequence[Read]) -> bool:
    if read.outcome is not ReadOutcome.FINISHED:
        return False
    finishes = (
        other.fields for other in others if other.fields.outcome is ReadOutcome.FINISHED
    )
    if read.finished_on is None:
        return any(can_be_one(read, finish) for finish in finishes)
    return any(read.finished_on == finish.finished_on for finish in finishes)


def _open_read(others: Sequence[Read]) -> Read | None:
    own = (
        read
        for read in others
        if read.fields.outcome is ReadOutcome.UNDER_WAY and read.fields.link_id is None
    )
    return max(own, key=lambda read: read.read_id, default=None)


def _goes_on(title: ReadFields, own: ReadFields) -> bool:
    """Tell whether a title's newest pass is the one that a book had under way."""
    if title.outcome is ReadOutcome.UNDER_WAY:
        return True
    if title.outcome is not ReadOutcome.FINISHED:
        return False
    ended, begun = title.finished_on, own.started_on
    return ended is None or begun is None or begun <= ended


def _begun_as(title: ReadFields, own: ReadFields) -> ReadFields:
    if title.started_on is not None or own.started_on is None:
        return title
    return replace(title, started_on=own.started_on, started_source=own.started_source)


def _missed(
    link: Link,
    titles: Sequence[Read],
    others: Sequence[Read],
    runtime_ms: int | None,
) -> tuple[ReadFields, ...]:
    """Return the pass that nobody kept while the title was ignored."""
    heard = heard_before(link.fields)
    if titles or others or not link.fields.is_ignored:
        return ()
    is_over = _has_ended(NOTHING_KNOWN, heard, runtime_ms)
    if not is_over and not is_started(heard):
        return ()
    missed = ReadFields(
        reader_id=link.fields.reader_id,
        book_id=None,
        link_id=None,
        outcome=ReadOutcome.FINISHED if is_over else ReadOutcome.UNDER_WAY,
        started_source=DateSource.UNKNOWN,
        finished_source=DateSource.UNKNOWN if is_over else None,
        source=Source.AUDIBLE,
    )
    return (missed,)


def _followed(book: BookFields, link: Link, passes: Sequence[ReadFields]) -> BookFields:
    if not passes:
        return book
    newest = passes[-1]
    if _is_again(book, link, newest):
        start = Day(newest.started_on, newest.started_source or DateSource.UNKNOWN)
        return with_turn(book, Turn.BEGIN, start, UNKNOWN_DAY, is_watched=True)
    return with_pass(book, newest)


def _is_again(book: BookFields, link: Link, newest: ReadFields) -> bool:
    """Tell whether a book that was finished before is heard again since then."""
    at, ended = link.fields.last_position_at, book.finished_on
    if newest.outcome is not ReadOutcome.UNDER_WAY or at is None or ended is None:
        return False
    is_over = book.status is BookStatus.FINISHED
    return is_over and (at.date() - ended).days > 1
