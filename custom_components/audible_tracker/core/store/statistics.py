"""What the views say, as records."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import BigInteger, Boolean, Date, Double, Select, Text, select
from sqlalchemy import column as named_column
from sqlalchemy import table as named_table
from sqlalchemy.ext.asyncio import AsyncConnection

from ..kinds import ConflictType
from ..models import Asin
from .records import AccountId, BookId, ConflictId, LinkId, ReaderId
from .statements import names_of
from .types import Choice, Instant


@dataclass(frozen=True, slots=True)
class SyncStats:
    """How an account's syncs go. Shares are 0.0 to 1.0, None where nothing ended.

    Confidence is counted over links to books: ``certain`` from 0.995, ``high`` from
    0.85, ``low`` below; hand decisions count as certain and in ``links_confirmed``.
    """

    account_id: AccountId
    name: str
    marketplace: str
    enabled: bool
    last_sync_at: datetime | None
    succeeded_at: datetime | None
    failed_at: datetime | None
    success_share_24h: float | None
    mean_duration_ms_7d: float | None
    titles_active: int
    titles_removed: int
    readers: int
    links_made: int
    links_confirmed: int
    confidence_certain: int
    confidence_high: int
    confidence_low: int
    unlinked: int
    conflicts_open: int


@dataclass(frozen=True, slots=True)
class CurrentRead:
    """A title that a reader is in the middle of."""

    link_id: LinkId
    reader_id: ReaderId
    reader_name: str
    account_id: AccountId | None
    asin: Asin
    title: str
    book_id: BookId | None
    book_title: str | None
    page_count: int | None
    current_page: int | None
    runtime_ms: int | None
    position_ms: int | None
    percentage: float | None
    position_at: datetime | None
    started_on: date | None


@dataclass(frozen=True, slots=True)
class SyncActivity:
    """One account's syncs of one day (UTC) of the last 30."""

    account_id: AccountId | None
    day_on: date
    syncs: int
    succeeded: int
    failed: int
    refused: int
    mean_duration_ms: float
    titles_changed: int
    positions_moved: int


@dataclass(frozen=True, slots=True)
class UnmappedTitle:
    """A title that is no book yet, and the conflict that keeps it from being one."""

    link_id: LinkId
    reader_id: ReaderId
    account_id: AccountId | None
    asin: Asin
    title: str
    first_seen_at: datetime
    removed_at: datetime | None
    conflict_id: ConflictId | None
    conflict_type: ConflictType | None


_TYPES: Final[dict[str, Any]] = {
    "name": Text,
    "marketplace": Text,
    "enabled": Boolean,
    "success_share_24h": Double,
    "mean_duration_ms_7d": Double,
    "mean_duration_ms": Double,
    "percentage": Double,
    "reader_name": Text,
    "asin": Text,
    "title": Text,
    "book_title": Text,
    "conflict_type": Choice(ConflictType),
    "day_on": Date,
    "started_on": Date,
}


def _type_of(name: str) -> Any:
    return Instant if name.endswith("_at") else _TYPES.get(name, BigInteger)


def _view(name: str, record: type, *order: str) -> Select[Any]:
    columns = [named_column(part, _type_of(part)) for part in names_of(record)]
    return select(*named_table(name, *columns).c).order_by(*order)


_STATS: Final = _view("audible_sync_stats", SyncStats, "account_id")
_READING: Final = _view("audible_currently_reading", CurrentRead, "link_id")
_ACTIVITY: Final = _view("audible_sync_activity", SyncActivity, "day_on", "account_id")
_UNMAPPED: Final = _view("audible_unmapped_books", UnmappedTitle, "link_id")


async def load_sync_stats(connection: AsyncConnection) -> tuple[SyncStats, ...]:
    """Return each account's figures."""
    return tuple(SyncStats(*row) for row in await connection.execute(_STATS))


async def load_current_reads(connection: AsyncConnection) -> tuple[CurrentRead, ...]:
    """Return what all readers are in the middle of."""
    return tuple(CurrentRead(*row) for row in await connection.execute(_READING))


async def load_sync_activity(connection: AsyncConnection) -> tuple[SyncActivity, ...]:
    """Return the last 30 days, oldest first."""
    return tuple(SyncActivity(*row) for row in await connection.execute(_ACTIVITY))


async def load_unmapped_titles(
    connection: AsyncConnection,
) -> tuple[UnmappedTitle, ...]:
    """Return the titles that are no book, oldest first."""
    return tuple(UnmappedTitle(*row) for row in await connection.execute(_UNMAPPED))
