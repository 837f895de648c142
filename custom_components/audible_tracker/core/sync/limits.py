"""Pure: when an account's library and a book's position are due by themselves.

Whether a sync is allowed at all is the store's rule (store/limits.py), which PostgreSQL
carries too; here it meets the interval that the user set.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Final

from ..store.limits import SYNC_FLOOR, Refusal, RefusalReason, sync_refusal
from ..store.records import LinkFields, TrackedAccount

JITTER_SHARE: Final = 0.1
"""An interval is longer by up to this share, so that homes do not ask all at once."""


@dataclass(frozen=True, slots=True)
class NextSync:
    """When an account syncs by itself next; ``reason`` is why not now.

    ``at`` is None until somebody changes a setting; ``reason`` is None when it is due.
    """

    at: datetime | None
    reason: str | None


def next_sync(
    account: TrackedAccount, *, now: datetime, time_zone: tzinfo, jitter: float
) -> NextSync:
    """Return when an account is to be synced by itself.

    ``jitter`` is 0.0 to 1.0 and is kept by the caller until the sync, so that asking
    again gives the same answer. A restart changes nothing: all else is stored.
    """
    refusal = sync_refusal(account, now=now, time_zone=time_zone, is_automatic=True)
    due_at = due_from(account, jitter=jitter)
    if refusal is None:
        if due_at is None or due_at <= now:
            return NextSync(now, None)
        return NextSync(due_at, "interval")
    if refusal.until is None or refusal.reason is RefusalReason.TOO_SOON:
        return NextSync(due_at if refusal.until else None, refusal.reason)
    return NextSync(max(refusal.until, due_at or refusal.until), refusal.reason)


def due_from(account: TrackedAccount, *, jitter: float) -> datetime | None:
    """Return from when on the interval is over; None if there never was a sync."""
    if account.last_sync_at is None:
        return None
    interval = max(timedelta(minutes=account.sync_interval_minutes), SYNC_FLOOR)
    return account.last_sync_at + interval * (1.0 + JITTER_SHARE * _share(jitter))


def may_sync_by_hand(
    account: TrackedAccount, *, now: datetime, time_zone: tzinfo
) -> Refusal | None:
    """Return why a sync that a person asks for is refused, and until when."""
    return sync_refusal(account, now=now, time_zone=time_zone, is_automatic=False)


def may_ask_position(
    link: LinkFields | None, *, asked_at: datetime | None, now: datetime
) -> bool:
    """Tell whether a title's position may be asked for: its sync, its own interval."""
    if link is None:
        return True
    if not link.sync_enabled or link.removed_at is not None:
        return False
    if link.sync_interval_minutes is None or asked_at is None:
        return True
    interval = max(timedelta(minutes=link.sync_interval_minutes), SYNC_FLOOR)
    # A clock that was set back must not silence a book.
    return now < asked_at or now - asked_at >= interval


def _share(jitter: float) -> float:
    return min(1.0, max(0.0, jitter))
