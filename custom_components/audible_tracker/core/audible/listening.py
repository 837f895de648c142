"""Pure: listening statistics of days, asked for by windows."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any, Final

from ..errors import AudibleResponseError
from ..models import ListeningInterval
from .parse import mapping_or_empty

LONGEST_WINDOW: Final = 30
"""So many days may be asked for at once (audible-api reference, section 6)."""

_MOST_MS: Final = 10**12
"""More than thirty years: no sum of listening is that large."""


def window_parameters(first: date, days: int) -> dict[str, str]:
    """Return the query for one window.

    Audible takes the count for an offset: the answer holds one day more, which is the
    first one of the next window.
    """
    return {
        "store": "Audible",
        "response_groups": "total_listening_stats",
        "daily_listening_interval_start_date": first.isoformat(),
        "daily_listening_interval_duration": str(days),
    }


def windows(first: date, days: int) -> tuple[tuple[date, int], ...]:
    """Return the windows, each its first day and how many, that hold so many days."""
    return tuple(
        (first + timedelta(days=done), min(LONGEST_WINDOW, days - done))
        for done in range(0, days, LONGEST_WINDOW)
    )


def parse_days(body: Any) -> tuple[ListeningInterval, ...]:
    """Return the sums of one window; those without an identifier are left out.

    Raises AudibleResponseError if the answer is malformed or counts in another unit.
    """
    if not isinstance(body, Mapping):
        raise AudibleResponseError(field="stats")
    entries = body.get("aggregated_daily_listening_stats")
    found = []
    for entry in entries if isinstance(entries, list) else ():
        identifier = mapping_or_empty(entry).get("interval_identifier")
        listened_ms = _milliseconds(mapping_or_empty(entry))
        if isinstance(identifier, str) and identifier and listened_ms is not None:
            found.append(ListeningInterval(identifier, listened_ms))
    return tuple(found)


def each_once(
    intervals: Iterable[ListeningInterval],
) -> tuple[ListeningInterval, ...]:
    """Return the days of several windows, each once, in order.

    Windows next to each other both tell the day at their border; of one that was not
    over at the first look the larger sum is the later.
    """
    days: dict[str, ListeningInterval] = {}
    for interval in intervals:
        known = days.get(interval.identifier)
        if known is None or interval.listened_ms > known.listened_ms:
            days[interval.identifier] = interval
    return tuple(days[identifier] for identifier in sorted(days))


def _milliseconds(entry: Mapping[str, Any]) -> int | None:
    """Return a sum: a number, or a text that holds one, of whole milliseconds."""
    if entry.get("unit", "Milliseconds") != "Milliseconds":
        raise AudibleResponseError(field="stats.unit")
    value = entry.get("aggregated_sum")
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except ValueError, OverflowError:
        return None
    return int(number) if 0 <= number <= _MOST_MS else None
