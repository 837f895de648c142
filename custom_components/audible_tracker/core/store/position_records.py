"""Places that wait to be told, and questions about two places."""

from dataclasses import dataclass
from datetime import datetime

from ..kinds import Source
from ..models import Asin, Position
from .records import AccountId, ReaderId


@dataclass(frozen=True, slots=True)
class PositionWrite:
    """A position that waits to be told to Audible; one per account and title."""

    account_id: AccountId
    asin: Asin
    position_ms: int
    heard_at: datetime
    reader_id: ReaderId | None
    source: Source
    attempts: int = 0
    try_after: datetime | None = None
    known_ms: int | None = None
    known_at: datetime | None = None

    @property
    def known(self) -> Position | None:
        """Return Audible's place when playing here began, where that is known."""
        if self.known_ms is None or self.known_at is None:
            return None
        return Position(self.asin, self.known_ms, self.known_at)


@dataclass(frozen=True, slots=True)
class PositionQuestion:
    """Two places of one title, and only a person knows which one counts."""

    account_id: AccountId
    asin: Asin
    reader_id: ReaderId | None
    ours_ms: int
    ours_at: datetime
    theirs_ms: int
    theirs_at: datetime
    created_at: datetime
