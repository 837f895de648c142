"""Everything that one sync or import changes, as a value, and its application.

New rows have no numbers yet, so they are referred to by what is known of them: a new
link by reader and ASIN, a new book by a key that means something in these changes only.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import batched

from sqlalchemy.ext.asyncio import AsyncConnection

from ..bookmark import Bookmark
from ..kinds import ConflictType, Source
from ..models import Asin, AudibleTitle, Position
from .accounts import note_sync
from .bookmarks import add_bookmarks
from .books import add_books, change_books
from .conflicts import FoundConflict, close_conflicts, save_conflicts
from .events import add_events
from .history import add_to_ledger
from .links import LinkKey, save_links
from .reads import add_reads, change_reads
from .records import (
    AccountId,
    BookFields,
    BookId,
    Candidate,
    LedgerEntry,
    LinkFields,
    LinkId,
    ReadFields,
    ReadId,
    SyncLogFields,
    SyncLogId,
    TrackerEvent,
)
from .statements import SLICE_ROWS
from .sync_logs import add_sync_log
from .titles import mark_removed, save_positions, save_titles

type LinkRef = LinkId | LinkKey
type BookRef = BookId | str


@dataclass(frozen=True, slots=True)
class NewBook:
    """A book to be made; ``key`` is what the other changes call it."""

    key: str
    fields: BookFields


@dataclass(frozen=True, slots=True)
class LinkChange:
    """A link to be made or replaced; ``new_book`` fills its ``book_id``."""

    fields: LinkFields
    new_book: str | None = None


@dataclass(frozen=True, slots=True)
class ReadChange:
    """A read to be made or replaced (``read_id``); the references fill its fields."""

    fields: ReadFields
    read_id: ReadId | None = None
    link: LinkRef | None = None
    book: BookRef | None = None


@dataclass(frozen=True, slots=True)
class BookmarkChange:
    """A bookmark of a title; one that is known stays as it is."""

    link: LinkRef
    bookmark: Bookmark


@dataclass(frozen=True, slots=True)
class LedgerChange:
    """A row for the ledger."""

    link: LinkRef
    position_ms: int | None
    percentage: float | None
    is_finished: bool | None
    source: Source
    heard_at: datetime | None = None
    actor: str | None = None


@dataclass(frozen=True, slots=True)
class ConflictChange:
    """A conflict to be opened or renewed."""

    link: LinkRef
    conflict_type: ConflictType
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class EventChange:
    """An event to be told; ``new_book`` fills its ``book_id``."""

    event: TrackerEvent
    new_book: str | None = None


@dataclass(frozen=True, slots=True)
class NotedSync:
    """What a library sync leaves at its account."""

    at: datetime
    today: date
    requests: int
    state_token: str | None


@dataclass(frozen=True, slots=True)
class Changes:
    """One transaction's work. ``noted`` is None for what is no library sync."""

    account_id: AccountId | None
    log: SyncLogFields
    noted: NotedSync | None = None
    titles: tuple[AudibleTitle, ...] = ()
    removed: tuple[Asin, ...] = ()
    positions: tuple[Position, ...] = ()
    new_books: tuple[NewBook, ...] = ()
    changed_books: tuple[tuple[BookId, BookFields], ...] = ()
    links: tuple[LinkChange, ...] = ()
    reads: tuple[ReadChange, ...] = ()
    bookmarks: tuple[BookmarkChange, ...] = ()
    ledger: tuple[LedgerChange, ...] = ()
    conflicts: tuple[ConflictChange, ...] = ()
    closed_conflicts: tuple[LinkRef, ...] = ()
    events: tuple[EventChange, ...] = ()


@dataclass(frozen=True, slots=True)
class Applied:
    """The numbers that the database gave, and the events that are new, as stored."""

    sync_log_id: SyncLogId
    books: Mapping[str, BookId]
    links: Mapping[LinkKey, LinkId]
    new_events: tuple[TrackerEvent, ...] = ()

    def link_id(self, link: LinkRef) -> LinkId:
        """Return a link's number."""
        return self.links[link] if isinstance(link, tuple) else link

    def book_id(self, book: BookRef) -> BookId:
        """Return a book's number."""
        return self.books[book] if isinstance(book, str) else book


async def apply_changes(
    connection: AsyncConnection, changes: Changes, *, now: datetime
) -> Applied:
    """Make all changes in the transaction of ``connection``.

    What changes nothing costs two statements. Events are published by the caller, after
    the transaction (events.py).
    """
    log_id = await add_sync_log(connection, changes.log)
    await _apply_library(connection, changes, now)
    books = await _apply_books(connection, changes, log_id, now)
    links = await save_links(
        connection,
        (
            change.fields
            if change.new_book is None
            else replace(change.fields, book_id=books[change.new_book])
            for change in changes.links
        ),
        now=now,
    )
    applied = Applied(log_id, books, links)
    await _apply_reads(connection, changes, applied, now)
    bookmarks = (
        (applied.link_id(change.link), change.bookmark) for change in changes.bookmarks
    )
    await add_bookmarks(connection, bookmarks, sync_log_id=log_id)
    await _apply_ledger(connection, changes, applied, now)
    await _apply_conflicts(connection, changes, applied, now)
    return replace(
        applied, new_events=await _apply_events(connection, changes, applied)
    )


async def _apply_library(
    connection: AsyncConnection, changes: Changes, now: datetime
) -> None:
    if changes.account_id is None:
        return
    account_id = changes.account_id
    await save_titles(connection, account_id, changes.titles, now=now)
    await mark_removed(connection, account_id, changes.removed, at=now)
    await save_positions(connection, account_id, changes.positions)
    if (noted := changes.noted) is not None:
        await note_sync(
            connection,
            account_id,
            at=noted.at,
            today=noted.today,
            number=noted.requests,
            state_token=noted.state_token,
        )


async def _apply_books(
    connection: AsyncConnection, changes: Changes, log_id: SyncLogId, now: datetime
) -> dict[str, BookId]:
    numbers: dict[str, BookId] = {}
    for piece in batched(changes.new_books, SLICE_ROWS, strict=False):
        fields = [replace(book.fields, sync_log_id=log_id) for book in piece]
        found = await add_books(connection, fields, now=now)
        keys = (book.key for book in piece)
        numbers.update(zip(keys, found, strict=True))
    await change_books(connection, changes.changed_books, now=now)
    return numbers


async def _apply_reads(
    connection: AsyncConnection, changes: Changes, applied: Applied, now: datetime
) -> None:
    new = (change for change in changes.reads if change.read_id is None)
    for piece in batched(new, SLICE_ROWS, strict=False):
        fields = [_read_fields(change, applied) for change in piece]
        await add_reads(connection, fields, now=now)
    changed = (
        (change.read_id, _read_fields(change, applied))
        for change in changes.reads
        if change.read_id is not None
    )
    await change_reads(connection, changed, now=now)


def _read_fields(change: ReadChange, applied: Applied) -> ReadFields:
    fields = change.fields
    return replace(
        fields,
        link_id=fields.link_id if change.link is None else applied.link_id(change.link),
        book_id=fields.book_id if change.book is None else applied.book_id(change.book),
        sync_log_id=fields.sync_log_id
        if change.read_id is not None
        else applied.sync_log_id,
    )


async def _apply_ledger(
    connection: AsyncConnection, changes: Changes, applied: Applied, now: datetime
) -> None:
    entries = (
        LedgerEntry(
            link_id=applied.link_id(change.link),
            position_ms=change.position_ms,
            percentage=change.percentage,
            is_finished=change.is_finished,
            source=change.source,
            sync_log_id=applied.sync_log_id,
            actor=change.actor,
            heard_at=change.heard_at,
            recorded_at=now,
        )
        for change in changes.ledger
    )
    await add_to_ledger(connection, entries)


async def _apply_conflicts(
    connection: AsyncConnection, changes: Changes, applied: Applied, now: datetime
) -> None:
    found = (
        FoundConflict(
            applied.link_id(change.link), change.conflict_type, change.candidates
        )
        for change in changes.conflicts
    )
    await save_conflicts(connection, found, now=now)
    closed = map(applied.link_id, changes.closed_conflicts)
    await close_conflicts(connection, closed, now=now)


async def _apply_events(
    connection: AsyncConnection, changes: Changes, applied: Applied
) -> tuple[TrackerEvent, ...]:
    events = [
        replace(
            change.event,
            sync_log_id=applied.sync_log_id,
            book_id=change.event.book_id
            if change.new_book is None
            else applied.book_id(change.new_book),
        )
        for change in changes.events
    ]
    new = await add_events(connection, events)
    return tuple(event for event in events if event.event_id in new)
