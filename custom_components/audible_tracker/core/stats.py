"""Pure: listening days, streaks, totals, pace and goals. Days are the reader's days."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Final

from .kinds import GoalKind, ReadOutcome
from .store.records import Goal, ListeningDay, ReadFields

MS_PER_HOUR: Final = 3_600_000
DAY_COUNTS_FROM_MS: Final = 60_000
"""Less than a minute makes no listening day."""

_DAY: Final = timedelta(days=1)


def listened_by_day(accounts: Iterable[Iterable[ListeningDay]]) -> dict[date, int]:
    """Return a reader's milliseconds per day, over all accounts that feed the reader.

    One account's day counts once, whatever its names; those of two accounts add up.
    """
    total: dict[date, int] = {}
    for days in accounts:
        of_account: dict[date, int] = {}
        for day in days:
            most = max(day.listened_ms, of_account.get(day.day_on, 0))
            of_account[day.day_on] = most
        for day_on, listened_ms in of_account.items():
            total[day_on] = total.get(day_on, 0) + listened_ms
    return total


def days_moved_on(
    moments: Iterable[datetime | None], time_zone: tzinfo
) -> frozenset[date]:
    """Return the days on which a place moved, each once, however often it did."""
    return frozenset(at.astimezone(time_zone).date() for at in moments if at)


@dataclass(frozen=True, slots=True)
class Streaks:
    """Days in a row with listening; a day that is not over breaks nothing.

    ``last_on`` is the last day with any.
    """

    current_days: int
    longest_days: int
    longest_ends_on: date | None
    last_on: date | None = None


def streaks_of(listened: Mapping[date, int], *, today: date) -> Streaks:
    """Return the streak that runs now, and the longest; of equal ones the latest."""
    heard = sorted(
        day for day, amount in listened.items() if amount >= DAY_COUNTS_FROM_MS
    )
    longest, ends_on, running = 0, None, 0
    previous: date | None = None
    for day in heard:
        running = running + 1 if previous == day - _DAY else 1
        previous = day
        if running >= longest:
            longest, ends_on = running, day
    is_alive = previous is not None and previous >= today - _DAY
    return Streaks(running if is_alive else 0, longest, ends_on, previous)


@dataclass(frozen=True, slots=True)
class Totals:
    """Milliseconds heard in the day, week, month and year that a day is in."""

    day_ms: int
    week_ms: int
    month_ms: int
    year_ms: int
    all_ms: int


def totals_of(
    listened: Mapping[date, int], *, today: date, first_weekday: int = 0
) -> Totals:
    """Return the totals up to and with ``today``; ``first_weekday`` 0 is Monday."""
    week_starts = today - _DAY * ((today.weekday() - first_weekday) % 7)

    def since(first: date) -> int:
        return sum(ms for day, ms in listened.items() if first <= day <= today)

    return Totals(
        day_ms=listened.get(today, 0),
        week_ms=since(week_starts),
        month_ms=since(today.replace(day=1)),
        year_ms=since(today.replace(month=1, day=1)),
        all_ms=sum(listened.values()),
    )


def pace_ms_per_day(
    listened: Mapping[date, int], *, today: date, over_days: int = 28
) -> float | None:
    """Return what is heard on an average day of the last weeks, silent days included.

    Today is not over and does not count. None before the first day of listening; a
    listener who began lately is measured from that day on.
    """
    past = [day for day, amount in listened.items() if amount > 0 and day < today]
    if not past:
        return None
    first = max(min(past), today - _DAY * over_days)
    heard = sum(amount for day, amount in listened.items() if first <= day < today)
    return heard / (today - first).days if first < today else None


def days_left(rest_ms: int | None, pace: float | None) -> float | None:
    """Return in how many days a rest is heard at a pace; None if that is never."""
    if rest_ms is None:
        return None
    if rest_ms <= 0:
        return 0.0
    return rest_ms / pace if pace else None


def finishes_on(rest_ms: int | None, pace: float | None, *, today: date) -> date | None:
    """Return the day on which a rest will be heard at a pace, today being the first."""
    left = days_left(rest_ms, pace)
    if left is None or left > (date.max - today).days:
        return None
    return today + _DAY * max(0, math.ceil(left) - 1)


def needed_ms_per_day(rest_ms: int, *, today: date, ends_on: date) -> float | None:
    """Return what has to be heard a day to be done by a day; None if that is over."""
    days = (ends_on - today).days + 1
    return max(0, rest_ms) / days if days > 0 else None


@dataclass(frozen=True, slots=True)
class GoalProgress:
    """Where a reader stands with a goal, in the goal's unit: books, hours or days.

    ``expected`` is what an even pace would have reached by the end of the day,
    ``ahead`` how far the reader is beyond it (below zero: behind).
    """

    done: float
    target: int
    expected: float
    needed_per_day: float | None

    @property
    def share(self) -> float:
        """Return how much is done, 0.0 to 1.0 and beyond."""
        return self.done / self.target if self.target else 1.0

    @property
    def ahead(self) -> float:
        """Return how far ahead of an even pace the reader is."""
        return self.done - self.expected

    @property
    def is_reached(self) -> bool:
        """Tell whether the goal is reached."""
        return self.done >= self.target


def goal_progress(
    goal: Goal,
    *,
    today: date,
    listened: Mapping[date, int],
    reads: Iterable[ReadFields],
) -> GoalProgress:
    """Return where a reader stands; re-reads count, finishes of unknown day do not."""
    done = _done(goal, listened, reads)
    length = (goal.ends_on - goal.starts_on).days + 1
    gone = min(max((today - goal.starts_on).days + 1, 0), length)
    first_left = max(today, goal.starts_on)
    left = (goal.ends_on - first_left).days + 1
    rest = max(0.0, goal.target - done)
    return GoalProgress(
        done=done,
        target=goal.target,
        expected=goal.target * gone / length,
        needed_per_day=rest / left if left > 0 else None,
    )


def _done(
    goal: Goal, listened: Mapping[date, int], reads: Iterable[ReadFields]
) -> float:
    amounts = [
        amount
        for day, amount in listened.items()
        if goal.starts_on <= day <= goal.ends_on
    ]
    match goal.kind:
        case GoalKind.HOURS:
            return sum(amounts) / MS_PER_HOUR
        case GoalKind.DAYS:
            return sum(amount >= DAY_COUNTS_FROM_MS for amount in amounts)
        case GoalKind.BOOKS:
            return sum(_counts(goal, read) for read in reads)


def _counts(goal: Goal, read: ReadFields) -> bool:
    return (
        read.outcome is ReadOutcome.FINISHED
        and read.reader_id == goal.reader_id
        and read.finished_on is not None
        and goal.starts_on <= read.finished_on <= goal.ends_on
    )
