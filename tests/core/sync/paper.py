"""A tracker on paper: what plans say is done to plain values, as the store would."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from audible_core.kinds import BookType, Source, SyncType
from audible_core.models import Asin, AudibleTitle, Position
from audible_core.store.changes import BookRef, Changes, LinkRef, ReadChange
from audible_core.store.records import (
    AccountId,
    Book,
    BookFields,
    BookId,
    Link,
    LinkFields,
    LinkId,
    LinkState,
    Read,
    ReaderId,
    ReadFields,
    ReadId,
    StoredTitle,
    TrackedAccount,
    TrackerEvent,
)
from audible_core.store.titles import fingerprint_of
from audible_core.sync.library import compare_library, touched_titles
from audible_core.sync.plan import SyncPlan, plan_sync
from audible_core.sync.rules import Rules
from audible_core.sync.snapshot import MatchDecision, Remote, Stored
from audible_core.sync.tracker_events import EventType
from audible_core.sync.wanted_decisions import titles_to_match

ANNA = ReaderId(1)
BEN = ReaderId(2)
NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
END_MS = 10 * HOUR_MS - MINUTE_MS

type Matching = Callable[[AudibleTitle], MatchDecision]


def asin(number: int) -> Asin:
    """Return a made-up ASIN."""
    return Asin(f"B{number:09}")


def title(number: int = 1, **members: Any) -> AudibleTitle:
    """Return a made-up book of ten hours that nobody has begun."""
    values: dict[str, Any] = {
        "asin": asin(number),
        "title": f"Night {number}",
        "authors": ("Jane Roe",),
        "runtime_ms": 10 * HOUR_MS,
        "percent_complete": 0.0,
        "is_finished": False,
        "content_type": "Product",
        "content_delivery_type": "SinglePartBook",
    }
    return AudibleTitle(**values | members)


def position(position_ms: int, at: datetime, number: int = 1) -> Position:
    """Return where listening of a made-up book stands."""
    return Position(asin(number), position_ms, at)


def tracked_account(**members: Any) -> TrackedAccount:
    """Return Anna's account, which was never synced."""
    values: dict[str, Any] = {
        "account_id": AccountId(1),
        "customer_id": "amzn1.account.TEST",
        "marketplace": "de",
        "name": "Anna",
        "email": None,
        "default_reader_id": ANNA,
        "enabled": True,
        "auto_sync_progress": True,
        "sync_interval_minutes": 60,
        "last_sync_at": None,
        "sync_count_today": 0,
        "sync_count_on": None,
        "wait_until": None,
        "wait_reason": None,
        "state_token": None,
        "created_at": NOW,
    }
    return TrackedAccount(**values | members)


def _only[T](wanted: frozenset[Asin], found: Mapping[Asin, T]) -> dict[Asin, T]:
    return {asin: value for asin, value in found.items() if asin in wanted}


def no_such_book(_title: AudibleTitle) -> MatchDecision:
    """Match nothing: every title is a new book."""
    return MatchDecision()


class PaperTracker:
    """One account's tracker; everything in it may be looked at and set."""

    def __init__(self, time_zone: str = "Europe/Berlin") -> None:
        self.account = tracked_account()
        self.titles: dict[Asin, AudibleTitle] = {}
        self.positions: dict[Asin, Position] = {}
        self.removed: dict[Asin, datetime] = {}
        self.links: dict[LinkId, Link] = {}
        self.reads: dict[ReadId, Read] = {}
        self.books: dict[BookId, Book] = {}
        self.twins: dict[str, BookId] = {}
        self.ledger: list[tuple[LinkId, Any]] = []
        self.events: list[TrackerEvent] = []
        self.conflicts: dict[LinkId, Any] = {}
        self.matching: Matching = no_such_book
        self.rules = Rules()
        self.time_zone = ZoneInfo(time_zone)
        self._numbers = count(1)

    # --- looking --------------------------------------------------------------------

    @property
    def book(self) -> BookFields:
        """Return the only book."""
        (book,) = self.books.values()
        return book.fields

    @property
    def link(self) -> LinkFields:
        """Return the only link."""
        (link,) = self.links.values()
        return link.fields

    @property
    def finished(self) -> list[ReadFields]:
        """Return all finished passes."""
        fields = (read.fields for read in self.reads.values())
        return [read for read in fields if read.outcome == "finished"]

    @property
    def told(self) -> list[str]:
        """Return the kinds of all events but those of mere moves, in order."""
        kinds = (event.event_type for event in self.events)
        return [kind for kind in kinds if kind != EventType.PROGRESSED]

    @property
    def places(self) -> list[int | None]:
        """Return the positions in the ledger, in order."""
        return [entry.position_ms for _, entry in self.ledger]

    # --- syncing --------------------------------------------------------------------

    def sync(
        self,
        *titles: AudibleTitle,
        positions: Iterable[Position] = (),
        at: datetime = NOW,
        revoked: Iterable[Asin] = (),
        is_complete: bool = True,
        match_again: Iterable[Asin] = (),
    ) -> SyncPlan:
        """Sync a library and keep what the plan says."""
        remote = Remote(
            SyncType.LIBRARY,
            at,
            titles=titles,
            positions={entry.asin: entry for entry in positions},
            revoked=frozenset(revoked),
            is_complete=is_complete,
            match_again=frozenset(match_again),
        )
        return self._run(remote, at)

    def poll(self, *positions: Position, at: datetime = NOW) -> SyncPlan:
        """Poll positions and keep what the plan says."""
        found = {entry.asin: entry for entry in positions}
        return self._run(Remote(SyncType.POSITIONS, at, positions=found), at)

    def hear_to_the_end(self) -> None:
        """Hear the only book from its first hour to its last minute, in nine hours."""
        self.poll(position(HOUR_MS, NOW), at=NOW)
        self.poll(position(END_MS, NOW + 9 * HOUR), at=NOW + 9 * HOUR)

    def _run(self, remote: Remote, at: datetime) -> SyncPlan:
        plan = self.plan(remote, at)
        self.apply(plan.changes, at)
        return plan

    def plan(self, remote: Remote, at: datetime) -> SyncPlan:
        """Plan only."""
        stored = self.stored()
        difference = compare_library(stored.known, remote)
        wanted = titles_to_match(stored, remote, difference)
        # A plan sees only what it has asked for, as in the product.
        touched = touched_titles(stored.known, remote, difference)
        return plan_sync(
            replace(
                stored,
                previous=_only(touched, stored.previous),
                links=_only(touched, stored.links),
            ),
            remote,
            difference,
            decisions={entry.asin: self.matching(entry) for entry in wanted},
            now=at,
            time_zone=self.time_zone,
            new_event_id=lambda: f"event-{next(self._numbers):06}",
            rules=self.rules,
        )

    def stored(self) -> Stored:
        """Return everything as a plan gets it."""
        links: dict[Asin, tuple[LinkState, ...]] = {}
        for link in self.links.values():
            known = links.get(link.fields.asin, ())
            links[link.fields.asin] = (*known, self._state(link))
        return Stored(
            account=self.account,
            known={asin: self._known(asin) for asin in self.titles},
            previous=dict(self.titles),
            links=links,
            books=dict(self.books),
            book_reads={
                read.fields.book_id: read
                for read in self.reads.values()
                if read.fields.book_id is not None
            },
            twins=dict(self.twins),
        )

    def _known(self, asin: Asin) -> StoredTitle:
        place = self.positions.get(asin)
        return StoredTitle(
            asin,
            fingerprint_of(self.titles[asin]),
            place.position_ms if place else None,
            place.updated_at if place else None,
            self.removed.get(asin),
        )

    def _state(self, link: Link) -> LinkState:
        book_id = link.fields.book_id
        book = self.books[book_id].fields if book_id is not None else None
        reads = [
            read for read in self.reads.values() if read.fields.link_id == link.link_id
        ]
        return LinkState(
            link,
            book.status if book else None,
            book.page_count if book else None,
            reads[-1] if reads else None,
        )

    # --- keeping --------------------------------------------------------------------

    def add_book(self, **members: Any) -> BookId:
        """Add a book of Anna's that no title is linked to."""
        values: dict[str, Any] = {
            "reader_id": ANNA,
            "title": "Night 1",
            "book_type": BookType.PRINT,
            "source": Source.IMPORT,
        }
        book_id = BookId(next(self._numbers))
        self.books[book_id] = Book(book_id, NOW, NOW, BookFields(**values | members))
        return book_id

    def add_read(self, book_id: BookId, **members: Any) -> ReadId:
        """Add a pass that an import left at a book."""
        values: dict[str, Any] = {
            "reader_id": ANNA,
            "book_id": book_id,
            "link_id": None,
            "source": Source.IMPORT,
        }
        read_id = ReadId(next(self._numbers))
        fields = ReadFields(**values | members)
        self.reads[read_id] = Read(read_id, NOW, NOW, fields)
        return read_id

    def set_link(self, link_id: LinkId, **members: Any) -> None:
        """Change a link as a person would."""
        link = self.links[link_id]
        self.links[link_id] = replace(link, fields=replace(link.fields, **members))

    def set_book(self, book_id: BookId, **members: Any) -> None:
        """Change a book as a person would."""
        book = self.books[book_id]
        self.books[book_id] = replace(book, fields=replace(book.fields, **members))

    def take_title(self, asin: Asin, reader: ReaderId, **members: Any) -> LinkId:
        """Let another reader take a title."""
        values: dict[str, Any] = {
            "reader_id": reader,
            "asin": asin,
            "account_id": self.account.account_id,
            "book_id": None,
            "audible_title": "Night",
        }
        link_id = LinkId(next(self._numbers))
        self.links[link_id] = Link(link_id, NOW, NOW, LinkFields(**values | members))
        return link_id

    def apply(self, changes: Changes, at: datetime) -> None:
        """Do what a plan says, in the order in which the store does it."""
        for seen in changes.titles:
            self.titles[seen.asin] = seen
            self.removed.pop(seen.asin, None)
        for gone in changes.removed:
            self.removed.setdefault(gone, at)
        for place in changes.positions:
            self.positions[place.asin] = place
        made: dict[str, BookId] = {}
        for new in changes.new_books:
            made[new.key] = BookId(next(self._numbers))
            self.books[made[new.key]] = Book(made[new.key], at, at, new.fields)
        for book_id, fields in changes.changed_books:
            self.books[book_id] = replace(self.books[book_id], fields=fields)
        self._apply_links(changes, made, at)
        for read in changes.reads:
            self._apply_read(read, made, at)
        for entry in changes.ledger:
            self.ledger.append((self._link_id(entry.link), entry))
        for conflict in changes.conflicts:
            self.conflicts[self._link_id(conflict.link)] = conflict
        for closed in changes.closed_conflicts:
            self.conflicts.pop(self._link_id(closed), None)
        self.events.extend(change.event for change in changes.events)
        if changes.noted is not None:
            self.account = replace(self.account, last_sync_at=changes.noted.at)

    def _apply_links(
        self, changes: Changes, made: dict[str, BookId], at: datetime
    ) -> None:
        keys = {(link.fields.reader_id, link.fields.asin) for link in changes.links}
        assert len(keys) == len(changes.links)
        for change in changes.links:
            fields = change.fields
            if change.new_book is not None:
                fields = replace(fields, book_id=made[change.new_book])
            key = (fields.reader_id, fields.asin)
            link_id = self._find(key) or LinkId(next(self._numbers))
            first = self.links[link_id].first_seen_at if link_id in self.links else at
            self.links[link_id] = Link(link_id, first, at, fields)
            seen = self.titles.get(fields.asin)
            if seen is not None and seen.sku_lite and fields.book_id is not None:
                self.twins[seen.sku_lite] = fields.book_id
        # The store knows the number of a link only if the changes hold the link.
        refs: list[LinkRef | None] = [
            *(entry.link for entry in changes.ledger),
            *(read.link for read in changes.reads),
            *(conflict.link for conflict in changes.conflicts),
            *changes.closed_conflicts,
        ]
        assert all(ref in keys for ref in refs)

    def _apply_read(
        self, change: ReadChange, made: dict[str, BookId], at: datetime
    ) -> None:
        fields = change.fields
        if change.link is not None:
            fields = replace(fields, link_id=self._link_id(change.link))
        if change.book is not None:
            fields = replace(fields, book_id=self._book_id(change.book, made))
        read_id = change.read_id or ReadId(next(self._numbers))
        self.reads[read_id] = Read(read_id, at, at, fields)

    def _link_id(self, ref: LinkRef) -> LinkId:
        if not isinstance(ref, tuple):
            return ref
        found = self._find(ref)
        assert found is not None
        return found

    def _find(self, key: tuple[ReaderId, Asin]) -> LinkId | None:
        for link in self.links.values():
            if (link.fields.reader_id, link.fields.asin) == key:
                return link.link_id
        return None

    def _book_id(self, ref: BookRef, made: dict[str, BookId]) -> BookId:
        return made[ref] if isinstance(ref, str) else ref
