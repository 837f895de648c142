"""Pure: a token bucket, so that Audible is never asked too fast."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

REQUESTS_PER_MINUTE: Final = 10
"""For everything that goes to Audible, from both halves together."""

_NO_WAIT: Final = timedelta(0)


@dataclass(frozen=True, slots=True)
class Bucket:
    """Requests that may be sent; below zero they are promised to who waits.

    It fills at ``per_minute`` and never holds more than that.
    """

    tokens: float
    at: datetime
    per_minute: int = REQUESTS_PER_MINUTE


def full_bucket(now: datetime, per_minute: int = REQUESTS_PER_MINUTE) -> Bucket:
    """Return a bucket that nobody has taken from."""
    return Bucket(per_minute, now, per_minute)


def take(bucket: Bucket, now: datetime) -> tuple[Bucket, timedelta]:
    """Take one token; return the bucket, and how long to wait before the request.

    Who takes has the token, so that several who wait go one after another, in order.
    """
    filled = _filled(bucket, now)
    left = filled.tokens - 1.0
    wait = _NO_WAIT if left >= 0 else timedelta(minutes=-left / bucket.per_minute)
    return replace(filled, tokens=left), wait


def _filled(bucket: Bucket, now: datetime) -> Bucket:
    # A clock that was set back fills nothing and takes nothing away.
    elapsed = max(_NO_WAIT, now - bucket.at)
    tokens = bucket.tokens + elapsed / timedelta(minutes=1) * bucket.per_minute
    return Bucket(min(float(bucket.per_minute), tokens), now, bucket.per_minute)
