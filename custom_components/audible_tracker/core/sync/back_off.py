"""Pure: how long to leave Audible alone after it refused, by kind of refusal."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from ..errors import (
    AudibleAuthError,
    AudibleConnectionError,
    AudibleRateLimitError,
    LicenseThrottledError,
    TrackerError,
)


class RefusalKind(StrEnum):
    """What kind of no it was."""

    RATE_LIMIT = "rate_limit"
    THROTTLED = "throttled"
    AUTH = "auth"
    NETWORK = "network"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing is asked before ``until``; ``reason`` is the error's stable key."""

    reason: str
    until: datetime


@dataclass(frozen=True, slots=True)
class _Curve:
    first: timedelta
    most: timedelta


_CURVES: Final = {
    RefusalKind.RATE_LIMIT: _Curve(timedelta(minutes=1), timedelta(hours=1)),
    # Throttled registrations are free again after days (audible-api reference, 5.4).
    RefusalKind.THROTTLED: _Curve(timedelta(hours=6), timedelta(days=2)),
    # Only a new sign-in helps; asking again now and then shows an outage of theirs.
    RefusalKind.AUTH: _Curve(timedelta(minutes=15), timedelta(hours=6)),
    RefusalKind.NETWORK: _Curve(timedelta(seconds=30), timedelta(minutes=30)),
    RefusalKind.ANSWER: _Curve(timedelta(minutes=5), timedelta(hours=6)),
}
_JITTER_SHARE: Final = 0.25
_ASKED_JITTER: Final = timedelta(minutes=1)
"""So much later than asked for at most, so that homes do not come back all at once."""

_DOUBLINGS_MAX: Final = 20


def kind_of(error: TrackerError) -> RefusalKind:
    """Return what kind of refusal an error is."""
    match error:
        case AudibleRateLimitError():
            return RefusalKind.RATE_LIMIT
        case LicenseThrottledError():
            return RefusalKind.THROTTLED
        case AudibleAuthError():
            return RefusalKind.AUTH
        case AudibleConnectionError():
            return RefusalKind.NETWORK
        case _:
            return RefusalKind.ANSWER


def pause_after(
    error: TrackerError, *, failures: int, now: datetime, jitter: float
) -> Pause:
    """Return the pause after the ``failures``-th refusal in a row (from 1).

    It doubles up to a most; what Audible itself asks for (Retry-After) is never
    shortened. ``jitter`` is 0.0 to 1.0 and only ever lengthens.
    """
    curve = _CURVES[kind_of(error)]
    doublings = min(max(0, failures - 1), _DOUBLINGS_MAX)
    wait = min(curve.first * 2**doublings, curve.most)
    jitter = min(1.0, max(0.0, jitter))
    wait *= 1.0 + _JITTER_SHARE * jitter
    if isinstance(error, AudibleRateLimitError):
        asked = timedelta(seconds=error.retry_after_s)
        wait = max(wait, asked + _ASKED_JITTER * jitter)
    return Pause(error.key, now + wait)
