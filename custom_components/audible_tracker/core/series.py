"""Pure: what comes next in a series, and which series is asked for when."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

from .models import AudibleTitle

ASKED_PER_DAY: Final = 3

_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?")


def next_in_series(
    title: AudibleTitle, library: Iterable[AudibleTitle]
) -> AudibleTitle | None:
    """Return the nearest later title of the first series that has one, if any is there.

    A place is the last number of what is printed: "1-3" is followed by 4. Titles
    without a number have no place.
    """
    others = [other for other in library if other.asin != title.asin]
    for series in title.series:
        place = _place(series.sequence)
        if place is None:
            continue
        later = [
            (number, other.asin, other)
            for other in others
            for number in _places_in(other, series.title)
            if number > place
        ]
        if later:
            return min(later, key=lambda found: found[:2])[2]
    return None


def series_of_day(heard: Sequence[str], today: date) -> tuple[str, ...]:
    """Return which of the series that are heard are asked for today.

    A few a day, in turn, so that each comes round whatever happens between.
    """
    if len(heard) <= ASKED_PER_DAY:
        return tuple(heard)
    start = today.toordinal() * ASKED_PER_DAY
    return tuple(heard[(start + at) % len(heard)] for at in range(ASKED_PER_DAY))


def _places_in(title: AudibleTitle, name: str) -> Iterable[float]:
    for series in title.series:
        first = _NUMBER.search(series.sequence or "")
        if series.title == name and first is not None:
            yield float(first[0])


def _place(sequence: str | None) -> float | None:
    numbers = _NUMBER.findall(sequence or "")
    return float(numbers[-1]) if numbers else None
