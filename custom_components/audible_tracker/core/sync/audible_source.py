"""What a sync asks of Audible; ``AudibleClient`` is it."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from ..audible.client import LibraryAnswer, LibraryDelta
from ..models import (
    Asin,
    AudibleTitle,
    ContentMetadata,
    ListeningInterval,
    Position,
    Release,
    Wish,
)


class AudibleSource(Protocol):
    """One account at Audible. Every method raises AudibleError."""

    async def fetch_library(self) -> LibraryAnswer:
        """Return the whole library."""
        ...

    async def fetch_library_delta(self, state_token: str) -> LibraryDelta:
        """Return what came and went since a state token."""
        ...

    async def fetch_title(self, asin: Asin) -> AudibleTitle | None:
        """Return one title of the library."""
        ...

    async def fetch_positions(self, asins: Sequence[Asin]) -> dict[Asin, Position]:
        """Return where listening stands."""
        ...

    async def fetch_metadata(self, asin: Asin) -> ContentMetadata:
        """Return chapters and facts of the recording."""
        ...

    async def write_position(self, asin: Asin, acr: str, position_ms: int) -> None:
        """Tell where listening stands."""
        ...

    async def fetch_listening_days(
        self, first: date, days: int
    ) -> tuple[ListeningInterval, ...]:
        """Return what was heard on each day of a window."""
        ...

    async def fetch_wishlist(self) -> tuple[Wish, ...]:
        """Return the whole wishlist."""
        ...

    async def search_catalog(self, words: str) -> tuple[Wish, ...]:
        """Return titles of the shop by words, likeliest first."""
        ...

    async def search_series(self, series: str) -> tuple[Release, ...]:
        """Return titles of a series with their days."""
        ...

    async def add_wish(self, asin: Asin) -> None:
        """Put a title on the wishlist."""
        ...

    async def remove_wish(self, asin: Asin) -> None:
        """Take a title off the wishlist."""
        ...
