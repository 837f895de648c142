"""A shop that answers at once: what is measured is the tracker, not the network."""

from collections.abc import Sequence
from datetime import date

from audible_core.audible.client import LibraryAnswer, LibraryDelta
from audible_core.models import (
    Asin,
    AudibleTitle,
    ContentMetadata,
    ListeningInterval,
    Position,
)

PAGE = 1000


class InstantShop:
    """One account's library; ``titles`` may be replaced between syncs."""

    def __init__(self, titles: tuple[AudibleTitle, ...]) -> None:
        self.titles = titles

    async def fetch_library(self) -> LibraryAnswer:
        requests = max(1, -(-len(self.titles) // PAGE))
        return LibraryAnswer(self.titles, "token", requests)

    async def fetch_library_delta(self, state_token: str) -> LibraryDelta:
        return LibraryDelta((), frozenset(), state_token, 1)

    async def fetch_title(self, asin: Asin) -> AudibleTitle | None:
        return next((title for title in self.titles if title.asin == asin), None)

    async def fetch_positions(self, asins: Sequence[Asin]) -> dict[Asin, Position]:
        return {}

    async def fetch_metadata(self, asin: Asin) -> ContentMetadata:
        return ContentMetadata(asin, 0, (), is_accurate=True)

    async def write_position(self, asin: Asin, acr: str, position_ms: int) -> None:
        return None

    async def fetch_listening_days(
        self, first: date, days: int
    ) -> tuple[ListeningInterval, ...]:
        return ()
