"""Pure: how often positions are asked for (design, section 5)."""

from datetime import datetime, timedelta
from typing import Final

POSITIONS_FLOOR: Final = timedelta(minutes=1)
POSITIONS_IDLE: Final = timedelta(minutes=5)
RESTART_FOLLOWED: Final = timedelta(hours=6)
"""So long a finished title is polled that seems to be heard from its start again."""

LISTENING: Final = timedelta(minutes=10)
"""So long after a place has moved somebody is taken to be listening."""


def is_listening(*, now: datetime, moved_at: datetime | None) -> bool:
    """Tell whether a place has moved just now."""
    return moved_at is not None and now - moved_at <= LISTENING


def next_poll_in(*, now: datetime, moved_at: datetime | None) -> timedelta:
    """Return how long to wait: a minute while somebody listens, else five."""
    if is_listening(now=now, moved_at=moved_at):
        return POSITIONS_FLOOR
    return POSITIONS_IDLE
