"""The time of day as it is stored."""

from datetime import UTC, datetime


def now_ms() -> int:
    """Return the time now in epoch milliseconds."""
    return int(datetime.now(UTC).timestamp() * 1000)
