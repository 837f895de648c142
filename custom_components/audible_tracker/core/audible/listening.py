"""Pure: listening statistics, asked for by windows of days, months or years."""

from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from typing import Any, Final

from ..errors import AudibleResponseError
from ..models import ListeningInterval
from .parse import mapping_or_empty


class IntervalKind(StrEnum):
    """What is summed up; also a part of the names at Audible."""

    DAY = "daily"
    MONTH = "monthly"
    YEAR = "yearly"


LONGEST_WINDOW: Final[Mapping[IntervalKind, int]] = {
    IntervalKind.DAY: 30,
    IntervalKind.MONTH: 12,
    IntervalKind.YEAR: 5,
}
"""So many intervals may be asked for at once (audible-api reference, section 6)."""

_MOST_MS: Final = 10**12
"""More than thirty years: no sum of listening is that large."""

_IDENTIFIERS: Final[Mapping[IntervalKind, str]] = {
    IntervalKind.DAY: "%Y-%m-%d",
    IntervalKind.MONTH: "%Y-%m",
    IntervalKind.YEAR: "%Y",
}


def window_parameters(kind: IntervalKind, first: date, count: int) -> dict[str, str]:
    """Return the query for one window.

    Audible takes the count for an offset: the answer holds one interval more, which is
    the first one of the next window.
    """
    name = f"{kind}_listening_interval"
    return total_parameters() | {
        f"{name}_start_date": first.strftime(_IDENTIFIERS[kind]),
        f"{name}_duration": str(count),
    }


def total_parameters() -> dict[str, str]:
    """Return the query for all that was ever heard."""
    return {"store": "Audible", "response_groups": "total_listening_stats"}


def windows(
    kind: IntervalKind, first: date, count: int
) -> tuple[tuple[date, int], ...]:
    """Return the windows, each its first interval and how many, that hold so many."""
    longest = LONGEST_WINDOW[kind]
    return tuple(
        (_later(kind, first, done), min(longest, count - done))
        for done in range(0, count, longest)
    )


def _later(kind: IntervalKind, first: date, count: int) -> date:
    match kind:
        case IntervalKind.DAY:
            return date.fromordinal(first.toordinal() + count)
        case IntervalKind.MONTH:
            months = first.year * 12 + first.month - 1 + count
            return date(months // 12, months % 12 + 1, 1)
        case IntervalKind.YEAR:
            return date(first.year + count, 1, 1)


def parse_intervals(body: Any, kind: IntervalKind) -> tuple[ListeningInterval, ...]:
    """Return the sums of one window; those without an identifier are left out.

    Raises AudibleResponseError if the answer is malformed or counts in another unit.
    """
    entries = _members(body).get(f"aggregated_{kind}_listening_stats")
    found = []
    for entry in entries if isinstance(entries, list) else ():
        identifier = mapping_or_empty(entry).get("interval_identifier")
        listened_ms = _milliseconds(mapping_or_empty(entry))
        if isinstance(identifier, str) and identifier and listened_ms is not None:
            found.append(ListeningInterval(identifier, listened_ms))
    return tuple(found)


def parse_total(body: Any) -> int:
    """Return all that was ever heard, in milliseconds; raise AudibleResponseError."""
    total = _members(body).get("aggregated_total_listening_stats")
    listened_ms = _milliseconds(mapping_or_empty(total))
    if listened_ms is None:
        raise AudibleResponseError(field="stats.total")
    return listened_ms


def each_once(
    intervals: Iterable[ListeningInterval],
) -> tuple[ListeningInterval, ...]:
    """Return intervals of several windows by identifier, in order.

    Windows next to each other both tell the interval at their border, in equal words.
    """
    by_identifier = {interval.identifier: interval for interval in intervals}
    return tuple(by_identifier[identifier] for identifier in sorted(by_identifier))


def _members(body: Any) -> Mapping[str, Any]:
    if not isinstance(body, Mapping):
        raise AudibleResponseError(field="stats")
    return body


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
