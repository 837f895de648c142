"""Audible as an account's sync sees it: requests are counted, and no time is to come.

A clock may be wrong, there or here. What is stamped later than now happened now: else
it would silence its title until then, and write days that have not been.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime

from ..audible.client import LibraryAnswer, LibraryDelta
from ..audible.requests import POSITIONS_PER_CALL, wishlist_requests
from ..models import (
    Asin,
    AudibleTitle,
    ContentMetadata,
    ListeningInterval,
    Position,
    Release,
    Wish,
)
from .audible_source import AudibleSource


class WatchedSource:
    """A source whose answers are at most of now. Raises what the source raises."""

    def __init__(self, source: AudibleSource, now: Callable[[], datetime]) -> None:
        """Begin with no request."""
        self._source = source
        self._now = now
        self._requests = 0

    def take_requests(self) -> int:
        """Return how many requests were made since this was asked last.

        Of an answer that failed half-way only one is known.
        """
        taken, self._requests = self._requests, 0
        return taken

    def as_of_now(self, titles: Sequence[AudibleTitle]) -> tuple[AudibleTitle, ...]:
        """Return titles of which nothing is said to happen later than now."""
        now = self._now()
        return tuple(_not_after(title, now) for title in titles)

    async def fetch_library(self) -> LibraryAnswer:
        """Return the whole library."""
        self._requests += 1
        answer = await self._source.fetch_library()
        self._requests += answer.requests - 1
        return replace(answer, titles=self.as_of_now(answer.titles))

    async def fetch_library_delta(self, state_token: str) -> LibraryDelta:
        """Return what came and went since a state token."""
        self._requests += 1
        answer = await self._source.fetch_library_delta(state_token)
        self._requests += answer.requests - 1
        return replace(answer, titles=self.as_of_now(answer.titles))

    async def fetch_title(self, asin: Asin) -> AudibleTitle | None:
        """Return one title of the library."""
        self._requests += 1
        title = await self._source.fetch_title(asin)
        return None if title is None else _not_after(title, self._now())

    async def fetch_positions(self, asins: Sequence[Asin]) -> dict[Asin, Position]:
        """Return where listening stands."""
        self._requests += -(-len(asins) // POSITIONS_PER_CALL)
        positions = await self._source.fetch_positions(asins)
        now = self._now()
        return {
            asin: position
            if position.updated_at <= now
            else replace(position, updated_at=now)
            for asin, position in positions.items()
        }

    async def fetch_metadata(self, asin: Asin) -> ContentMetadata:
        """Return chapters and facts of the recording."""
        self._requests += 1
        return await self._source.fetch_metadata(asin)

    async def write_position(self, asin: Asin, acr: str, position_ms: int) -> None:
        """Tell where listening stands."""
        self._requests += 1
        await self._source.write_position(asin, acr, position_ms)

    async def fetch_listening_days(
        self, first: date, days: int
    ) -> tuple[ListeningInterval, ...]:
        """Return what was heard on each day of a window."""
        self._requests += 1
        return await self._source.fetch_listening_days(first, days)

    async def fetch_wishlist(self) -> tuple[Wish, ...]:
        """Return the whole wishlist."""
        self._requests += 1
        wishes = await self._source.fetch_wishlist()
        self._requests += wishlist_requests(len(wishes)) - 1
        return wishes

    async def search_catalog(self, words: str) -> tuple[Wish, ...]:
        """Return titles of the shop by words."""
        self._requests += 1
        return await self._source.search_catalog(words)

    async def search_series(self, series: str) -> tuple[Release, ...]:
        """Return titles of a series with their days."""
        self._requests += 1
        return await self._source.search_series(series)

    async def add_wish(self, asin: Asin) -> None:
        """Put a title on the wishlist."""
        self._requests += 1
        await self._source.add_wish(asin)

    async def remove_wish(self, asin: Asin) -> None:
        """Take a title off the wishlist."""
        self._requests += 1
        await self._source.remove_wish(asin)


def _not_after(title: AudibleTitle, now: datetime) -> AudibleTitle:
    at = title.status_changed_at
    return title if at is None or at <= now else replace(title, status_changed_at=now)
