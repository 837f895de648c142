"""What a plan starts from: stored values, Audible's answer, matching's decisions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ..kinds import ConflictType, SyncType
from ..models import Asin, AudibleTitle, Chapter, Position
from ..store.records import (
    Book,
    BookId,
    Candidate,
    Evidence,
    LinkId,
    LinkState,
    Read,
    StoredTitle,
    TrackedAccount,
)


@dataclass(frozen=True, slots=True)
class Stored:
    """What is known of an account before a sync.

    ``known`` holds every title ever seen. All others need only hold what the sync
    touches (``touched_titles``): the titles as last seen, their links, the books that
    they are or will be, and the newest read of each such book. ``twins`` says for an
    ``sku_lite`` which book of the default reader it is. ``chapters`` and ``furthest``
    (milliseconds, in the newest pass) are of titles whose position is news.
    """

    account: TrackedAccount
    known: Mapping[Asin, StoredTitle] = field(default_factory=dict)
    previous: Mapping[Asin, AudibleTitle] = field(default_factory=dict)
    links: Mapping[Asin, tuple[LinkState, ...]] = field(default_factory=dict)
    books: Mapping[BookId, Book] = field(default_factory=dict)
    book_reads: Mapping[BookId, Read] = field(default_factory=dict)
    twins: Mapping[str, BookId] = field(default_factory=dict)
    chapters: Mapping[Asin, tuple[Chapter, ...]] = field(default_factory=dict)
    furthest: Mapping[LinkId, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Remote:
    """What Audible answered in one sync or in one poll of positions.

    ``is_complete`` says that ``titles`` are the whole library, so that what lacks is
    gone, and ``is_short`` that they should have been; ``revoked`` are the titles that
    Audible itself calls so. ``match_again`` are unlinked titles that matching is to be
    asked about though nothing of them changed:
    after an import, say.
    """

    sync_type: SyncType
    started_at: datetime
    titles: tuple[AudibleTitle, ...] = ()
    positions: Mapping[Asin, Position] = field(default_factory=dict)
    revoked: frozenset[Asin] = frozenset()
    is_complete: bool = False
    is_short: bool = False
    match_again: frozenset[Asin] = frozenset()
    requests: int = 1
    state_token: str | None = None


@dataclass(frozen=True, slots=True)
class MatchDecision:
    """What matching says of one title: this book, or why a human has to look.

    With neither a book nor a conflict there is no such book yet. Two books of one ISBN
    are DUPLICATE_ISBN, never a link.
    """

    book_id: BookId | None = None
    confidence: float | None = None
    method: str | None = None
    evidence: tuple[Evidence, ...] = ()
    conflict_type: ConflictType | None = None
    candidates: tuple[Candidate, ...] = ()
