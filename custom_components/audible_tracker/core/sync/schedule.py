"""Pure: when the library and when the positions are asked for (design, section 5)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

LIBRARY_FLOOR: Final = timedelta(minutes=15)
"""A library is never synced more often, whoever asks for it."""

POSITIONS_FLOOR: Final = timedelta(minutes=1)
POSITIONS_IDLE: Final = timedelta(minutes=5)
_LISTENING: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class PollPlan:
    """What one poll asks for."""

    library: bool
    positions: bool


def plan_poll(
    *,
    now: datetime,
    library_at: datetime | None,
    interval: timedelta,
) -> PollPlan:
    """Return what to ask for now; a library that was never fetched is always due.

    ``library_at`` is the last successful library sync. Between library syncs only the
    positions of titles under way are asked for.
    """
    due = library_at is None or now - library_at >= max(interval, LIBRARY_FLOOR)
    return PollPlan(library=due, positions=True)


def next_poll_in(*, now: datetime, moved_at: datetime | None) -> timedelta:
    """Return how long to wait: a minute while somebody listens, else five."""
    if moved_at is not None and now - moved_at <= _LISTENING:
        return POSITIONS_FLOOR
    return POSITIONS_IDLE
