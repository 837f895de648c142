"""Books by hand: search, add, correct, rate, set a status, merge, delete."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, tzinfo
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from ..errors import InvalidValueError, MissingValueError, OtherReaderError
from ..kinds import BookStatus, Source
from ..store import books as stored_books
from ..store import moved_rows as stored_rows
from ..store.books import (
    load_book,
    search_books_and_persons,
)
from ..store.conflicts import FoundConflict, load_open_conflicts, save_conflicts
from ..store.links import LinkDecision, load_links_of_book, set_decision
from ..store.readers import load_reader
from ..store.reads import load_reads_of_book, move_reads
from ..store.records import Book, BookFields, BookId, Candidate, LinkId, ReaderId
from ..sync.tracked_book import with_page
from .checking import BookEdit, check_order, checked_book, checked_day, checked_rating
from .journal import About, Action, note
from .merging import merged_book, merged_reads
from .recorder import Recorder, packed_book
from .settling import METHOD_USER
from .standing import with_reads
from .statuses import book_with_status, plan_status
from .unmerging import MOVED, OFFERED, packed_offer

_SEARCH_MAX = 200
_QUERY_MAX = 200


# "To read" has a day only where it stops a pass.
_WITHOUT_DAY = (BookStatus.TO_READ, BookStatus.PAUSED)


@dataclass(frozen=True, slots=True)
class DeletedBook:
    """What was deleted, and the titles that were it."""

    book: Book
    link_ids: tuple[LinkId, ...]


async def search_books(
    connection: AsyncConnection, reader_id: ReaderId, text: str, *, limit: int = 20
) -> tuple[Book, ...]:
    """Return a reader's books by words of title or persons; hits in titles first."""
    await load_reader(connection, reader_id)
    if not 1 <= limit <= _SEARCH_MAX:
        allowed = f"1 to {_SEARCH_MAX}"
        raise InvalidValueError(field="limit", value=limit, allowed=allowed)
    if len(text) > _QUERY_MAX:
        allowed = f"at most {_QUERY_MAX} characters"
        raise InvalidValueError(field="query", value=text, allowed=allowed)
    found = await stored_books.search_books(connection, reader_id, text, limit=limit)
    if len(found) >= limit:
        return found
    more = await search_books_and_persons(connection, reader_id, text, limit=limit)
    known = {book.book_id for book in found}
    others = [book for book in more if book.book_id not in known]
    return (*found, *others)[:limit]


async def add_book(
    connection: AsyncConnection,
    reader_id: ReaderId,
    fields: BookEdit,
    *,
    status: BookStatus = BookStatus.TO_READ,
    on: date | None = None,
    rating: float | None = None,
    actor: str | None,
    now: datetime,
    time_zone: tzinfo = UTC,
) -> Book:
    """Add a book; it needs a title. ``on`` is the day that the status speaks of.

    It was added today, as the home's ``time_zone`` has it.
    """
    await load_reader(connection, reader_id)
    values = checked_book(fields)
    if "title" not in values:
        raise MissingValueError(field="title", allowed="what the book is called")
    if status is BookStatus.TO_READ and on is not None:
        raise _takes_no_day(status, on)
    recorder = Recorder(connection, now)
    today = now.astimezone(time_zone).date()
    values = {"added_on": today, "rating": checked_rating(rating)} | values
    made = BookFields(reader_id=reader_id, source=Source.USER, **values)
    book = await recorder.add_book(made)
    await note(
        connection,
        Action.ADD_BOOK,
        About(reader_id, book_id=book.book_id),
        actor=actor,
        now=now,
        before=recorder.before,
    )
    if status is BookStatus.TO_READ:
        return book
    return await set_book_status(
        connection, book.book_id, status, on, actor=actor, now=now
    )


async def set_book_status(
    connection: AsyncConnection,
    book_id: BookId,
    status: BookStatus,
    on: date | None = None,
    *,
    actor: str | None,
    now: datetime,
) -> Book:
    """Say where a reader stands with a book; its passes follow, and syncs respect it.

    "finished" and "did not finish" end the pass under way on a day, or on an unknown
    one; "reading" begins a pass or takes back what ended within a day; "to read" stops
    it; "paused" lets it rest. Who is done already and says so again corrects the day.
    """
    book = await load_book(connection, book_id)
    checked_day("on", on, now=now)
    reads = await load_reads_of_book(connection, book_id)
    links = await load_links_of_book(connection, book_id)
    change = plan_status(book, reads, links, status, on, now=now)
    stops = status is BookStatus.TO_READ and change.changed
    if on is not None and status in _WITHOUT_DAY and not stops:
        raise _takes_no_day(status, on)
    for fields in (*(fields for _, fields in change.changed), *change.added):
        ended_on = fields.finished_on or fields.stopped_on
        check_order(fields.started_on, ended_on, "on")
    recorder = Recorder(connection, now)
    await recorder.change_reads(change.changed)
    for fields in change.added:
        await recorder.add_read(fields)
    reads = await load_reads_of_book(connection, book_id)
    changed = book_with_status(book.fields, status, reads)
    book = await recorder.change_book(book, changed)
    data = {"status": status.value, "on": on.isoformat() if on else None}
    await _note_book(
        connection, Action.SET_BOOK_STATUS, book, recorder, data, actor=actor, now=now
    )
    return book


async def rate_book(
    connection: AsyncConnection,
    book_id: BookId,
    rating: float | None,
    *,
    actor: str | None,
    now: datetime,
) -> Book:
    """Rate a book, 0 to 5 in steps of a quarter; None takes the rating back."""
    checked = checked_rating(rating)
    book = await load_book(connection, book_id)
    recorder = Recorder(connection, now)
    book = await recorder.change_book(book, replace(book.fields, rating=checked))
    data = {"rating": checked}
    await _note_book(
        connection, Action.RATE_BOOK, book, recorder, data, actor=actor, now=now
    )
    return book


async def edit_book(
    connection: AsyncConnection,
    book_id: BookId,
    edit: BookEdit,
    *,
    actor: str | None,
    now: datetime,
) -> Book:
    """Correct what is said of a book; no sync changes it back."""
    values = checked_book(edit)
    book = await load_book(connection, book_id)
    recorder = Recorder(connection, now)
    changed = replace(book.fields, **values)
    if "page_count" in values:
        changed = with_page(replace(changed, current_page=None))
    book = await recorder.change_book(book, changed)
    data = {"fields": sorted(edit)}
    await _note_book(
        connection, Action.EDIT_BOOK, book, recorder, data, actor=actor, now=now
    )
    return book


async def merge_books(
    connection: AsyncConnection,
    kept_id: BookId,
    dropped_id: BookId,
    *,
    actor: str | None,
    now: datetime,
) -> Book:
    """Make one book of two that are the same: nothing that was known is lost.

    Titles, reads, events and decisions of the dropped one move; equal passes become
    one; what the kept one lacks is taken over.
    """
    kept, dropped = await _to_merge(connection, kept_id, dropped_id)
    recorder = Recorder(connection, now)
    reads = [
        *await load_reads_of_book(connection, kept_id),
        *await load_reads_of_book(connection, dropped_id),
    ]
    one = merged_reads(reads)
    await recorder.change_reads(one.changed)
    await recorder.drop_reads(one.dropped)
    moved = await stored_rows.merge_books(connection, kept=kept_id, dropped=dropped_id)
    offered = await _rename_candidates(
        connection, kept.fields.reader_id, dropped_id, kept_id, now=now
    )
    fields = merged_book(kept.fields, dropped.fields)
    left = await load_reads_of_book(connection, kept_id)
    fields = with_reads(fields, left) if left else fields
    book = await recorder.change_book(kept, fields)
    await note(
        connection,
        Action.MERGE_BOOKS,
        About(kept.fields.reader_id, book_id=kept_id),
        actor=actor,
        now=now,
        data={"dropped": dropped_id, "was": packed_book(dropped)},
        before={**recorder.before, MOVED: moved, OFFERED: offered},
    )
    return book


async def delete_book(
    connection: AsyncConnection,
    book_id: BookId,
    *,
    actor: str | None,
    now: datetime,
    ignore_titles: bool = True,
) -> DeletedBook:
    """Delete a book with the reads that are its own; no sync brings it back.

    Its titles are ignored from now on, with their reads and their whole ledger. Without
    ``ignore_titles`` they are nobody's book and wait to be linked.
    """
    book = await load_book(connection, book_id)
    links = await load_links_of_book(connection, book_id)
    decision = LinkDecision(
        match_method=METHOD_USER, manually_confirmed=True, is_ignored=ignore_titles
    )
    for link in links:
        await set_decision(connection, link.link_id, decision, now=now)
        await move_reads(connection, link.link_id, None)
    recorder = Recorder(connection, now)
    own = await load_reads_of_book(connection, book_id)
    await recorder.drop_reads(own)
    await recorder.delete_book(book)
    await _note_book(
        connection, Action.DELETE_BOOK, book, recorder, {}, actor=actor, now=now
    )
    return DeletedBook(book, tuple(link.link_id for link in links))


def _takes_no_day(status: BookStatus, on: date) -> InvalidValueError:
    allowed = f"no day, for {status} has none here"
    return InvalidValueError(field="on", value=str(on), allowed=allowed)


async def _to_merge(
    connection: AsyncConnection, kept_id: BookId, dropped_id: BookId
) -> tuple[Book, Book]:
    if kept_id == dropped_id:
        allowed = "another book than the kept one"
        raise InvalidValueError(field="dropped", value=dropped_id, allowed=allowed)
    kept = await load_book(connection, kept_id)
    dropped = await load_book(connection, dropped_id)
    if kept.fields.reader_id != dropped.fields.reader_id:
        raise OtherReaderError(what="book", number=dropped_id)
    return kept, dropped


async def _rename_candidates(
    connection: AsyncConnection,
    reader_id: ReaderId,
    dropped_id: BookId,
    kept_id: BookId,
    *,
    now: datetime,
) -> list[dict[str, Any]]:
    """Let open conflicts offer the book that the two have become.

    Returns what they offered before.
    """
    offered: list[dict[str, Any]] = []
    for conflict in await load_open_conflicts(connection, reader_id=reader_id):
        if all(entry.book_id != dropped_id for entry in conflict.candidates):
            continue
        offered.append(packed_offer(conflict))
        named: dict[BookId, Candidate] = {}
        for entry in conflict.candidates:
            book_id = kept_id if entry.book_id == dropped_id else entry.book_id
            # They are sorted: the first one is the likelier one.
            named.setdefault(book_id, replace(entry, book_id=book_id))
        found = FoundConflict(
            conflict.link_id, conflict.conflict_type, tuple(named.values())
        )
        await save_conflicts(connection, (found,), now=now)
    return offered


async def _note_book(
    connection: AsyncConnection,
    action: Action,
    book: Book,
    recorder: Recorder,
    data: dict[str, Any],
    *,
    actor: str | None,
    now: datetime,
) -> None:
    await note(
        connection,
        action,
        About(book.fields.reader_id, book_id=book.book_id),
        actor=actor,
        now=now,
        data=data,
        before=recorder.before,
    )
