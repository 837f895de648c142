"""Answers of Audible, asked for as seldom as can be."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from ..audible.client import LibraryAnswer
from ..audible.requests import POSITIONS_PER_CALL
from ..errors import (
    AudibleAuthError,
    AudibleConnectionError,
    AudibleNotFoundError,
    AudibleResponseError,
)
from ..models import Asin, Position
from .audible_source import AudibleSource
from .library import lacks_name

HOLLOW_ASKED_MAX: Final = 5
"""So many titles that came without a name are asked for again at once."""


@dataclass(frozen=True, slots=True)
class FoundPositions:
    """Positions, and how many requests they cost."""

    positions: Mapping[Asin, Position] = field(default_factory=dict)
    requests: int = 0


NO_POSITIONS: Final = FoundPositions()


async def fetch_positions(
    source: AudibleSource, asins: Sequence[Asin]
) -> FoundPositions:
    """Return where titles stand; nothing is asked for none. Raises AudibleError."""
    if not asins:
        return NO_POSITIONS
    positions = await source.fetch_positions(asins)
    return FoundPositions(positions, -(-len(asins) // POSITIONS_PER_CALL))


async def with_names(
    source: AudibleSource, library: LibraryAnswer, asked: Counter[Asin]
) -> LibraryAnswer:
    """Return the library with the names that lacked, as far as Audible has them now.

    After a long pause the first answer may lack them (audible-api reference, 4.1). The
    rest is asked for by the next sync, for those that were ``asked`` least come first.
    A title of which Audible tells nothing keeps no library back: it goes on without
    the name. Raises AudibleRateLimitError, since there all requests have to stop.
    """
    hollow = [title.asin for title in library.titles if lacks_name(title)]
    found = {}
    for asin in sorted(hollow, key=asked.__getitem__)[:HOLLOW_ASKED_MAX]:
        asked[asin] += 1
        try:
            title = await source.fetch_title(asin)
        except AudibleNotFoundError, AudibleResponseError:
            continue
        except AudibleConnectionError, AudibleAuthError:
            # Of one title alone, or of all: whatever is asked for next will show it.
            break
        if title is not None:
            found[asin] = title
    return replace(
        library,
        titles=tuple(found.get(title.asin, title) for title in library.titles),
    )
