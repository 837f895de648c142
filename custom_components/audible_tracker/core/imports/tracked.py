"""What only our own export says of a book: all that the tracker knows besides."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from ..bookmark import Bookmark
from ..kinds import DateSource, Source
from ..models import Asin


@dataclass(frozen=True, slots=True)
class TrackedLink:
    """A title of Audible that is the book, and where listening of it stands.

    ``evidence`` holds name, words and score of each piece.
    """

    asin: Asin
    audible_title: str
    is_finished: bool | None = None
    last_position_ms: int | None = None
    last_position_at: datetime | None = None
    last_percentage: float | None = None
    match_confidence: float | None = None
    match_method: str | None = None
    evidence: tuple[tuple[str, str, float | None], ...] = ()
    manually_confirmed: bool = False
    sync_enabled: bool = True
    sync_interval_minutes: int | None = None
    removed_at: datetime | None = None
    bookmarks: tuple[Bookmark, ...] = ()


@dataclass(frozen=True, slots=True)
class TrackedDetails:
    """A book of the tracker beyond what other programs know of books.

    ``isbn13`` is the one that stands for the book, ``source_key`` what its source
    calls it; ``extra`` holds, among others, what each imported row had of its own.
    """

    source: Source
    source_key: str | None = None
    isbn13: str | None = None
    cover_url: str | None = None
    current_position_ms: int | None = None
    current_page: int | None = None
    started_on: date | None = None
    started_source: DateSource | None = None
    finished_on: date | None = None
    finished_source: DateSource | None = None
    links: tuple[TrackedLink, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)
