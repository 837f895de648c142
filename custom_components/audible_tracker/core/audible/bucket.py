"""Pure: a token bucket, so that Audible is never asked too fast."""

from dataclasses import dataclass, replace
from typing import Final

INTEGRATION_REQUESTS_PER_MINUTE: Final = 6
SERVER_REQUESTS_PER_MINUTE: Final = 4
"""Ten together: the two halves meet only over HTTP and share no bucket."""

_MINUTE_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Bucket:
    """Requests that may be sent at once; ``at_s`` is when they were counted.

    It fills at ``per_minute`` and never holds more than that. Seconds are of any clock
    that is never set back.
    """

    per_minute: int
    tokens: float
    at_s: float


def full_bucket(per_minute: int) -> Bucket:
    """Return a bucket that nobody has taken from; it is as full at any time."""
    return Bucket(per_minute, per_minute, 0.0)


def wait_s(bucket: Bucket, now_s: float, *, ahead: int = 0) -> float:
    """Return how long to wait for a token, with so many others ahead."""
    missing = 1 + ahead - _filled(bucket, now_s).tokens
    return max(0.0, missing) * _MINUTE_S / bucket.per_minute


def spare(bucket: Bucket, now_s: float) -> int:
    """Return how many requests may be sent at once now."""
    return max(0, int(_filled(bucket, now_s).tokens))


def take(bucket: Bucket, now_s: float) -> Bucket:
    """Return the bucket without one token, for which somebody has waited."""
    filled = _filled(bucket, now_s)
    return replace(filled, tokens=filled.tokens - 1)


def _filled(bucket: Bucket, now_s: float) -> Bucket:
    elapsed_s = max(0.0, now_s - bucket.at_s)
    tokens = bucket.tokens + elapsed_s * bucket.per_minute / _MINUTE_S
    return Bucket(bucket.per_minute, min(float(bucket.per_minute), tokens), now_s)
