"""Pure: may an account sync now, and if not, why and until when.

PostgreSQL carries the same rules as ``audible_sync_refusal`` (objects.py).
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Final

from .records import TrackedAccount

SYNC_FLOOR: Final = timedelta(minutes=15)
"""A library is never synced more often, whoever asks for it."""

PAUSE_MAX: Final = timedelta(days=3)
"""No pause is longer (sync/back_off.py); such a one a clock far ahead has noted."""

DAILY_MAX: Final = 600
"""Syncs of one account on one day of Home Assistant's time zone."""


class RefusalReason(StrEnum):
    """Why an account may not sync now; the first that holds is given."""

    DISABLED = "disabled"
    AUTO_SYNC_OFF = "auto_sync_off"
    WAITING = "waiting"
    TOO_SOON = "too_soon"
    DAILY_LIMIT = "daily_limit"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not now, and until when; None is until somebody changes a setting."""

    reason: RefusalReason
    until: datetime | None = None


def sync_refusal(
    account: TrackedAccount, *, now: datetime, time_zone: tzinfo, is_automatic: bool
) -> Refusal | None:
    """Return why the account may not sync, or None if it may.

    Only the date decides about the daily limit, so that a blocked day ends at midnight
    even if nothing is written.
    """
    if not account.enabled:
        return Refusal(RefusalReason.DISABLED)
    if is_automatic and not account.auto_sync_progress:
        return Refusal(RefusalReason.AUTO_SYNC_OFF)
    paused_until = pause_end(account, now=now)
    if paused_until is not None:
        return Refusal(RefusalReason.WAITING, paused_until)
    synced_at = last_sync_before(account, now=now)
    if synced_at is not None and synced_at > now - SYNC_FLOOR:
        return Refusal(RefusalReason.TOO_SOON, synced_at + SYNC_FLOOR)
    if synced_today(account, now=now, time_zone=time_zone) >= DAILY_MAX:
        return Refusal(RefusalReason.DAILY_LIMIT, _next_midnight(now, time_zone))
    return None


def pause_end(account: TrackedAccount, *, now: datetime) -> datetime | None:
    """Return until when Audible is left alone; None where it may be asked."""
    until = account.wait_until
    if until is None or not now < until <= now + PAUSE_MAX:
        return None
    return until


def last_sync_before(account: TrackedAccount, *, now: datetime) -> datetime | None:
    """Return the last sync; one in the future is none, for a clock was set back."""
    at = account.last_sync_at
    return at if at is None or at <= now else None


def synced_today(account: TrackedAccount, *, now: datetime, time_zone: tzinfo) -> int:
    """Return how often the account has synced on this day."""
    today = now.astimezone(time_zone).date()
    return account.sync_count_today if account.sync_count_on == today else 0


def _next_midnight(now: datetime, time_zone: tzinfo) -> datetime:
    tomorrow = now.astimezone(time_zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), time_zone).astimezone(now.tzinfo)
