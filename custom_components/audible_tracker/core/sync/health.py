"""Pure: in one word, whether an account can be synced, and why not."""

from datetime import datetime, tzinfo
from enum import StrEnum
from typing import Final

from ..errors import (
    AudibleAuthError,
    AudiblePaceError,
    AudibleRateLimitError,
    LicenseThrottledError,
)
from ..store.limits import DAILY_MAX, synced_today
from ..store.records import TrackedAccount


class SyncHealth(StrEnum):
    """How it goes; all but OK and LIMITED is a problem."""

    OK = "ok"
    LIMITED = "limited"
    THROTTLED = "throttled"
    LICENSE_REFUSED = "license_refused"
    SIGN_IN_NEEDED = "sign_in_needed"
    OFFLINE = "offline"

    @property
    def is_problem(self) -> bool:
        """Tell whether it does not go as it should."""
        return self not in (SyncHealth.OK, SyncHealth.LIMITED)


_BY_REASON: Final = {
    AudibleAuthError.key: SyncHealth.SIGN_IN_NEEDED,
    AudiblePaceError.key: SyncHealth.THROTTLED,
    AudibleRateLimitError.key: SyncHealth.THROTTLED,
    LicenseThrottledError.key: SyncHealth.LICENSE_REFUSED,
}


def health_of(
    account: TrackedAccount, *, now: datetime, time_zone: tzinfo
) -> SyncHealth:
    """Return how an account's syncs go.

    What failed last counts until something succeeds. Whatever is no refusal is OFFLINE:
    no answer, or none that can be read.
    """
    if account.wait_reason is not None:
        return _BY_REASON.get(account.wait_reason, SyncHealth.OFFLINE)
    if synced_today(account, now=now, time_zone=time_zone) >= DAILY_MAX:
        return SyncHealth.LIMITED
    return SyncHealth.OK
