"""A library that was fetched and is not yet synced, so that it is asked for once."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from ..audible.client import LibraryAnswer
from ..models import Asin
from ..store.limits import SYNC_FLOOR
from .audible_source import AudibleSource
from .fetching import NO_POSITIONS, FoundPositions, fetch_positions, with_names
from .gate import ONE_TITLE_FLOOR

SHORT_TIMES_BELIEVED: Final = 3
"""A library may be shorter than Audible says by fault, but not so often in a row."""


@dataclass(frozen=True, slots=True)
class _Kept:
    library: LibraryAnswer
    at: datetime
    places: FoundPositions = NO_POSITIONS
    asked: tuple[Asin, ...] = ()
    places_at: datetime | None = None


class KeptLibrary:
    """What a dry run has fetched, or a sync that failed later, and places for a minute.

    It has to be forgotten as soon as anything newer is written: what is older would
    take it back, and tell what never happened.
    """

    def __init__(self, source: AudibleSource, now: Callable[[], datetime]) -> None:
        """Begin with nothing."""
        self._source = source
        self._now = now
        self._kept: _Kept | None = None
        self._names_asked: Counter[Asin] = Counter()
        self._short_times = 0

    def forget(self) -> None:
        """Ask for all of it anew next time."""
        self._kept = None

    async def library(self, given: LibraryAnswer | None) -> LibraryAnswer:
        """Return the given library, or the kept one, or a new one if these are old.

        Raises AudibleError.
        """
        now = self._now()
        if given is not None and _is_fresh(given.fetched_at, now):
            return given
        kept = self._kept
        if kept is None or not _is_fresh(kept.at, now):
            kept = _Kept(self._believed(await self._source.fetch_library()), now)
        # It is kept before the names are asked for: these may fail.
        self._kept = kept
        named = await with_names(self._source, kept.library, self._names_asked)
        self._kept = replace(kept, library=named)
        return named

    def _believed(self, library: LibraryAnswer) -> LibraryAnswer:
        """Return a library that comes short again and again as what there is."""
        self._short_times = self._short_times + 1 if library.is_short else 0
        if self._short_times < SHORT_TIMES_BELIEVED:
            return library
        return replace(library, is_short=False)

    async def places(self, asins: tuple[Asin, ...]) -> FoundPositions:
        """Return where titles stand; of a library that is kept, once in a minute.

        Raises AudibleError.
        """
        now, kept = self._now(), self._kept
        at = kept.places_at if kept is not None else None
        is_fresh = at is not None and at <= now < at + ONE_TITLE_FLOOR
        if kept is not None and is_fresh and kept.asked == asins:
            return kept.places
        found = await fetch_positions(self._source, asins)
        if kept is not None:
            self._kept = replace(kept, places=found, asked=asins, places_at=now)
        return found


def _is_fresh(at: datetime | None, now: datetime) -> bool:
    """Tell whether a library may still be believed; one in the future may not."""
    return at is not None and at <= now < at + SYNC_FLOOR
