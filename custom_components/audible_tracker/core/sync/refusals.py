"""Pure: a refused sync as the error that says why and until when."""

from ..errors import (
    SyncDailyLimitError,
    SyncDisabledError,
    SyncOffError,
    SyncRefusedError,
    SyncTooSoonError,
    SyncWaitingError,
)
from ..store.limits import Refusal, RefusalReason
from ..store.records import TrackedAccount


def error_of(refusal: Refusal, account: TrackedAccount) -> SyncRefusedError:
    """Return the error to raise."""
    match refusal.reason:
        case RefusalReason.DISABLED:
            return SyncDisabledError()
        case RefusalReason.AUTO_SYNC_OFF:
            return SyncOffError()
        case RefusalReason.WAITING:
            cause = account.wait_reason or "unknown"
            return SyncWaitingError(until=refusal.until, cause=cause)
        case RefusalReason.TOO_SOON:
            return SyncTooSoonError(until=refusal.until)
        case RefusalReason.DAILY_LIMIT:
            return SyncDailyLimitError(until=refusal.until)
