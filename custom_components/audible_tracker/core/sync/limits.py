"""Pure: when an account's library and a book's position are due by themselves.

Whether a sync is allowed at all is the store's rule (store/limits.py), which PostgreSQL
carries too; here it meets the interval that the user set.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from typing import Final

from ..store.limits import (
    DAILY_MAX,
    SYNC_FLOOR,
    Refusal,
    RefusalReason,
    last_sync_before,
    pause_end,
    sync_refusal,
    synced_today,
)
from ..store.records import SyncSetting, TrackedAccount

JITTER_SHARE: Final = 0.1
"""An interval is longer by up to this share, so that homes do not ask all at once."""

POLLS_DAILY_MAX: Final = DAILY_MAX - 100
"""So many requests of a day may go to polls of positions."""


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
    if last_sync_before(account, now=now) is None:
        due_at = None
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


def allowed_from(
    account: TrackedAccount, *, now: datetime, time_zone: tzinfo
) -> datetime | None:
    """Return from when on a person may sync; None for never yet, and for who may not.

    It stays what it is once that instant is over.
    """
    refusal = may_sync_by_hand(account, now=now, time_zone=time_zone)
    if refusal is not None:
        return refusal.until
    synced_at = last_sync_before(account, now=now)
    return synced_at + SYNC_FLOOR if synced_at else None


def ask_refusal(
    account: TrackedAccount, *, now: datetime, time_zone: tzinfo
) -> Refusal | None:
    """Return why Audible is not asked about single titles for a person now.

    When the library was synced last makes no difference.
    """
    unsynced = replace(account, last_sync_at=None)
    return may_sync_by_hand(unsynced, now=now, time_zone=time_zone)


def may_ask_position(
    setting: SyncSetting | None, *, asked_at: datetime | None, now: datetime
) -> bool:
    """Tell whether a title's position may be asked for: its sync, its own interval."""
    if setting is None:
        return True
    if not setting.sync_enabled:
        return False
    if setting.sync_interval_minutes is None or asked_at is None:
        return True
    interval = max(timedelta(minutes=setting.sync_interval_minutes), SYNC_FLOOR)
    # A clock that was set back must not silence a book.
    return now < asked_at or now - asked_at >= interval


def poll_refusal(
    account: TrackedAccount, *, now: datetime, time_zone: tzinfo
) -> RefusalReason | None:
    """Return why positions are not asked for now.

    Polls leave the last requests of a day to library syncs and to people.
    """
    if not account.enabled:
        return RefusalReason.DISABLED
    if not account.auto_sync_progress:
        return RefusalReason.AUTO_SYNC_OFF
    if pause_end(account, now=now) is not None:
        return RefusalReason.WAITING
    if synced_today(account, now=now, time_zone=time_zone) >= POLLS_DAILY_MAX:
        return RefusalReason.DAILY_LIMIT
    return None


def _share(jitter: float) -> float:
    return min(1.0, max(0.0, jitter))
