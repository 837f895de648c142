"""A place of a title that somebody has marked."""

from dataclasses import dataclass
from datetime import datetime

from .kinds import Source


@dataclass(frozen=True, slots=True)
class Bookmark:
    """A marked place with a note, which may be empty.

    ``key`` is what its source calls it: of a title, source and key together are one
    bookmark, wherever it is told of.
    """

    source: Source
    key: str
    position_ms: int
    note: str
    created_at: datetime
    updated_at: datetime
