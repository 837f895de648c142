"""Pure: whether syncs fail for so long, or so, that a person has to look."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Final

from ..errors import AudibleAuthError
from ..kinds import SyncStatus
from ..store.records import SyncLogFields, TrackedAccount
from .health import SyncHealth, health_of

SILENT_FOR: Final = timedelta(hours=24)
"""So long nothing has to succeed before somebody is told."""

SIGN_INS: Final = 3
"""So many refused sign-ins in a row are no accident."""

_LATE_SHARE: Final = 1.2


class Cure(StrEnum):
    """The one thing that helps."""

    SIGN_IN = "sign_in"
    TRY_AGAIN = "try_again"


SIGN_IN_HELPS: Final = (
    SyncHealth.SIGN_IN_NEEDED,
    SyncHealth.LICENSE_REFUSED,
    SyncHealth.THROTTLED,
)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why syncs fail, since when, how often it was tried, and when it is tried next.

    ``cause`` is the key of the last error.
    """

    health: SyncHealth
    cause: str
    last_sync_at: datetime | None
    tries: int
    next_try_at: datetime | None

    @property
    def cure(self) -> Cure:
        """Return what helps."""
        return Cure.SIGN_IN if self.health in SIGN_IN_HELPS else Cure.TRY_AGAIN


def trouble_of(
    account: TrackedAccount,
    logs: Iterable[SyncLogFields],
    *,
    now: datetime,
    time_zone: tzinfo,
) -> Trouble | None:
    """Return what is wrong with an account; ``logs`` has the newest first.

    An account that is not to sync by itself has no trouble, nor has one that nobody has
    tried to sync since.
    """
    failed = _failures(logs)
    health = health_of(account, now=now, time_zone=time_zone)
    is_asked = account.enabled and account.auto_sync_progress
    if not failed or not is_asked or not health.is_problem:
        return None
    refused = [log for log in failed if log.error_key == AudibleAuthError.key]
    if not _is_silent(account, now) and len(refused) < SIGN_INS:
        return None
    return Trouble(
        health=health,
        cause=account.wait_reason or failed[0].error_key or "unknown",
        last_sync_at=account.last_sync_at,
        tries=len(failed),
        next_try_at=account.wait_until,
    )


def _failures(logs: Iterable[SyncLogFields]) -> list[SyncLogFields]:
    """Return what failed since anything succeeded."""
    failed = []
    for log in logs:
        if log.status is SyncStatus.SUCCESS:
            break
        if log.status is SyncStatus.FAILED:
            failed.append(log)
    return failed


def _is_silent(account: TrackedAccount, now: datetime) -> bool:
    if account.last_sync_at is None:
        return False
    interval = timedelta(minutes=account.sync_interval_minutes) * _LATE_SHARE
    return now - account.last_sync_at > max(SILENT_FOR, interval)
