"""What goes into the store and comes out of it: frozen values, no dictionaries.

None means unknown, never zero. Percentages are 0.0 to 100.0, confidences 0.0 to 1.0.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NewType

from ..kinds import (
    BookStatus,
    BookType,
    ConflictType,
    DateSource,
    GoalKind,
    ReadOutcome,
    Resolution,
    Source,
    SyncStatus,
    SyncType,
)
from ..models import Asin, Chapter, SeriesPlace

AccountId = NewType("AccountId", int)
ReaderId = NewType("ReaderId", int)
BookId = NewType("BookId", int)
ReadId = NewType("ReadId", int)
LinkId = NewType("LinkId", int)
ConflictId = NewType("ConflictId", int)
SyncLogId = NewType("SyncLogId", int)
UpNextId = NewType("UpNextId", int)


@dataclass(frozen=True, slots=True)
class Reader:
    """A person. ``person`` is empty: Home Assistant's entry of the reader says who."""

    reader_id: ReaderId
    name: str
    person: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class TrackedAccount:
    """One account's row, without its credentials.

    ``sync_count_today`` counts on the day ``sync_count_on`` of Home Assistant's time
    zone and nothing on any other; ``wait_until`` is a pause that Audible asked for;
    ``days_asked_on`` is the last day on which listening days were asked for, and
    ``purchases_asked_at`` is when Audible was last asked what came and went;
    ``polled_at`` is when it was last asked for the positions of what is under way.
    """

    account_id: AccountId
    customer_id: str
    marketplace: str
    name: str
    email: str | None
    default_reader_id: ReaderId
    enabled: bool
    auto_sync_progress: bool
    sync_interval_minutes: int
    last_sync_at: datetime | None
    sync_count_today: int
    sync_count_on: date | None
    wait_until: datetime | None
    wait_reason: str | None
    state_token: str | None
    created_at: datetime
    days_asked_on: date | None = None
    purchases_asked_at: datetime | None = None
    polled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StoredTitle:
    """What a sync compares: a title's fingerprint and its last known position.

    ``asked_at`` is when Audible was last asked for the position, noted for titles with
    an interval of their own and for those that a person asked for.
    """

    asin: Asin
    fingerprint: int
    position_ms: int | None
    position_at: datetime | None
    removed_at: datetime | None
    asked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class BookFields:
    """All of a book but what the database adds."""

    reader_id: ReaderId
    title: str
    subtitle: str | None = None
    authors: tuple[str, ...] = ()
    narrators: tuple[str, ...] = ()
    series: tuple[SeriesPlace, ...] = ()
    book_type: BookType = BookType.UNKNOWN
    isbn13: str | None = None
    isbns: tuple[str, ...] = ()
    asin: Asin | None = None
    publisher: str | None = None
    year: int | None = None
    language: str | None = None
    page_count: int | None = None
    runtime_ms: int | None = None
    cover_url: str | None = None
    status: BookStatus = BookStatus.TO_READ
    current_position_ms: int | None = None
    percent_complete: float | None = None
    current_page: int | None = None
    started_on: date | None = None
    started_source: DateSource | None = None
    finished_on: date | None = None
    finished_source: DateSource | None = None
    added_on: date | None = None
    rating: float | None = None
    review: str | None = None
    private_notes: str | None = None
    tags: tuple[str, ...] = ()
    source: Source = Source.USER
    source_key: str | None = None
    sync_log_id: SyncLogId | None = None
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Book:
    """One entry of a reader's tracker."""

    book_id: BookId
    created_at: datetime
    updated_at: datetime
    fields: BookFields


@dataclass(frozen=True, slots=True)
class ReadFields:
    """One pass through a book or, before it is linked, through a title."""

    reader_id: ReaderId
    book_id: BookId | None
    link_id: LinkId | None
    outcome: ReadOutcome
    started_on: date | None = None
    started_source: DateSource | None = None
    finished_on: date | None = None
    finished_source: DateSource | None = None
    finished_at: datetime | None = None
    stopped_on: date | None = None
    source: Source = Source.USER
    sync_log_id: SyncLogId | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """One stored pass."""

    read_id: ReadId
    created_at: datetime
    updated_at: datetime
    fields: ReadFields


@dataclass(frozen=True, slots=True)
class Evidence:
    """One named piece of evidence, such as "author set"; ``score`` is -1.0 to 1.0."""

    name: str
    words: str
    score: float | None = None


@dataclass(frozen=True, slots=True)
class LinkFields:
    """How one reader's title stands: which book it is, and where listening stands.

    ``restarted_at`` is when a finished title had gone back so far that it may have been
    heard from its beginning and, while that re-read is under way, since when.
    ``listening_since`` is when the title was handed over to its reader; None where it
    was theirs all the time.
    """

    reader_id: ReaderId
    asin: Asin
    account_id: AccountId | None
    book_id: BookId | None
    audible_title: str
    is_finished: bool | None = None
    last_position_ms: int | None = None
    last_position_at: datetime | None = None
    last_percentage: float | None = None
    match_confidence: float | None = None
    match_method: str | None = None
    evidence: tuple[Evidence, ...] = ()
    manually_confirmed: bool = False
    is_ignored: bool = False
    sync_enabled: bool = True
    sync_interval_minutes: int | None = None
    removed_at: datetime | None = None
    restarted_at: datetime | None = None
    listening_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class SyncSetting:
    """What a user decided about asking for one title's position."""

    sync_enabled: bool = True
    sync_interval_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class BookFacts:
    """What matching looks at in a book."""

    book_id: BookId
    asin: Asin | None
    title: str
    subtitle: str | None
    authors: tuple[str, ...]
    narrators: tuple[str, ...]
    series: tuple[SeriesPlace, ...]
    book_type: BookType
    isbn13: str | None
    year: int | None
    language: str | None
    runtime_ms: int | None


@dataclass(frozen=True, slots=True)
class Link:
    """One stored link."""

    link_id: LinkId
    first_seen_at: datetime
    updated_at: datetime
    fields: LinkFields


@dataclass(frozen=True, slots=True)
class LinkState:
    """A link with what a sync has to know of its book and of its newest read."""

    link: Link
    book_status: BookStatus | None
    book_page_count: int | None
    read: Read | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A book that a title may be; the best come first."""

    book_id: BookId
    confidence: float
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Conflict:
    """A title that needs, or needed, a human."""

    conflict_id: ConflictId
    link_id: LinkId
    conflict_type: ConflictType
    candidates: tuple[Candidate, ...]
    resolved: bool
    resolver: str | None
    resolution: Resolution | None
    resolved_book_id: BookId | None
    created_at: datetime
    updated_at: datetime
    resolved_at: datetime | None


@dataclass(frozen=True, slots=True)
class SyncLogFields:
    """One sync or import: what it did, or why it failed (``error_key``)."""

    account_id: AccountId | None
    sync_type: SyncType
    status: SyncStatus
    started_at: datetime
    duration_ms: int
    error_key: str | None = None
    titles_seen: int = 0
    titles_new: int = 0
    titles_changed: int = 0
    titles_removed: int = 0
    positions_moved: int = 0
    links_made: int = 0
    conflicts_made: int = 0
    books_made: int = 0
    details: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class SyncLog:
    """One stored log row."""

    sync_log_id: SyncLogId
    fields: SyncLogFields


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One change of a position. ``heard_at`` is Audible's or the player's instant.

    ``actor`` is who did it where a person did.
    """

    link_id: LinkId
    position_ms: int | None
    percentage: float | None
    is_finished: bool | None
    source: Source
    sync_log_id: SyncLogId | None
    actor: str | None
    heard_at: datetime | None
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class ListeningDay:
    """What Audible says was heard on one day; ``identifier`` is its own name of it."""

    identifier: str
    day_on: date
    listened_ms: int


@dataclass(frozen=True, slots=True)
class TrackerEvent:
    """Something that happened and is told to automations, once.

    ``event_id`` is made by whoever makes the event. Where ``once_key`` is set, the
    store keeps only the first event with it: what was said stays said.
    """

    event_id: str
    event_type: str
    account_id: AccountId | None
    reader_id: ReaderId | None
    asin: Asin | None
    book_id: BookId | None
    created_at: datetime
    data: Mapping[str, Any] = field(default_factory=dict, hash=False)
    once_key: str | None = None
    sync_log_id: SyncLogId | None = None


@dataclass(frozen=True, slots=True)
class Recording:
    """Facts of a title's current recording, as content metadata gave them."""

    asin: Asin
    acr: str | None
    version: str | None
    chapters: tuple[Chapter, ...]


@dataclass(frozen=True, slots=True)
class Goal:
    """What a reader wants to reach from one day to another, both included."""

    reader_id: ReaderId
    kind: GoalKind
    starts_on: date
    ends_on: date
    target: int


@dataclass(frozen=True, slots=True)
class UpNext:
    """Something that a reader wants to hear next; they come in their order."""

    item_id: UpNextId
    title: str
    note: str
    is_done: bool


@dataclass(frozen=True, slots=True)
class Pass:
    """One pass through a book as days; ``ends_on`` is None while it is under way."""

    read_id: ReadId
    title: str
    authors: tuple[str, ...]
    starts_on: date
    ends_on: date | None
