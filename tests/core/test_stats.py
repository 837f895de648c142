"""Listening days, streaks, totals, pace and goals."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from audible_core.kinds import GoalKind, ReadOutcome
from audible_core.models import ListeningInterval
from audible_core.stats import (
    MS_PER_HOUR,
    Streaks,
    Totals,
    days_left,
    days_moved_on,
    finishes_on,
    goal_progress,
    listened_by_day,
    needed_ms_per_day,
    pace_ms_per_day,
    streaks_of,
    totals_of,
)
from audible_core.store.records import BookId, Goal, ListeningDay, ReaderId, ReadFields
from audible_core.sync.listening import listening_days

RECORDED = (
    Path(__file__).parents[1]
    / "fixtures/imports/audible-account/listening-aggregates.json"
)
MINUTE_MS = 60_000
TODAY = date(2026, 11, 20)
DAY = timedelta(days=1)
ANNA = ReaderId(1)


@pytest.fixture(scope="module")
def recorded() -> dict[str, Any]:
    """Return a real account's aggregates: a year of days, two years of months."""
    loaded: dict[str, Any] = json.loads(RECORDED.read_text("utf-8"))
    return loaded


def _daily(recorded: dict[str, Any]) -> tuple[ListeningDay, ...]:
    told = (
        ListeningInterval(row["date"], row["min"] * MINUTE_MS)
        for row in recorded["daily"]
    )
    return listening_days(told, ())


def _heard(*days_ago: int, minutes: int = 30) -> dict[date, int]:
    return {TODAY - days * DAY: minutes * MINUTE_MS for days in days_ago}


# --- Audible's aggregates ------------------------------------------------------------


def test_repeated_edge_days_count_once(recorded: dict[str, Any]) -> None:
    """Eleven of 360 days came twice: 66,350 minutes, not 69,065."""
    days = _daily(recorded)
    assert 349 == len(days)
    doubled = 373 + 165 + 17 + 392 + 134 + 343 + 250 + 448 + 72 + 293 + 228
    assert (69_065 - doubled) * MINUTE_MS == sum(day.listened_ms for day in days)


def test_two_accounts_of_a_reader_add_up() -> None:
    """But each account's day counts once."""
    day = ListeningDay("2026-11-20", TODAY, 600)
    assert {TODAY: 1200} == listened_by_day([[day, day], [day]])


def test_a_day_on_which_a_place_moved_often_is_one_day() -> None:
    """In the reader's time zone; what has no time has no day."""
    evening = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    moments = [evening, evening + timedelta(minutes=20), None]
    assert {date(2026, 11, 21)} == days_moved_on(moments, ZoneInfo("Europe/Berlin"))


# --- streaks and totals --------------------------------------------------------------


def test_the_recorded_year_has_its_streaks(recorded: dict[str, Any]) -> None:
    """Counted a second way: runs of days without a gap."""
    listened = listened_by_day([_daily(recorded)])
    heard = {day for day, amount in listened.items() if amount}
    runs = []
    for day in heard:
        length = 0
        while day + length * DAY in heard:
            length += 1
        runs.append(length)
    streaks = streaks_of(listened, today=date(2026, 8, 22))
    assert max(runs) == streaks.longest_days


@pytest.mark.parametrize(
    ("days_ago", "current", "longest"),
    [
        ((0, 1, 2), 3, 3),
        ((1, 2), 2, 2),
        ((2, 3, 4), 0, 3),
        ((0, 2, 3, 4), 1, 3),
        ((), 0, 0),
    ],
    ids=["today", "today is not over", "broken", "a longer one before", "nothing"],
)
def test_streaks(days_ago: tuple[int, ...], current: int, longest: int) -> None:
    """Days in a row, up to today or yesterday."""
    streaks = streaks_of(_heard(*days_ago), today=TODAY)
    assert (current, longest) == (streaks.current_days, streaks.longest_days)


def test_a_few_seconds_make_no_listening_day() -> None:
    """A slip of the finger keeps no streak alive."""
    assert Streaks(0, 0, None) == streaks_of({TODAY: 59_000}, today=TODAY)


def test_totals_of_day_week_month_and_year() -> None:
    """20 November 2026 is a Friday."""
    listened = {
        TODAY: 1,
        TODAY - 4 * DAY: 10,
        TODAY - 5 * DAY: 100,
        date(2026, 10, 31): 1_000,
        date(2025, 12, 31): 10_000,
    }
    assert Totals(1, 11, 111, 1_111, 11_111) == totals_of(listened, today=TODAY)
    assert 111 == totals_of(listened, today=TODAY, first_weekday=6).week_ms


# --- pace ----------------------------------------------------------------------------


def test_pace_counts_silent_days() -> None:
    """Two hours a week are a seventh of that a day."""
    listened = _heard(*range(7, 29, 7), minutes=120)
    pace = pace_ms_per_day(listened, today=TODAY)
    assert 4 * 120 * MINUTE_MS / 28 == pace


def test_pace_of_a_new_listener_counts_from_the_first_day() -> None:
    """And today, which is not over, does not count."""
    assert 30 * MINUTE_MS == pace_ms_per_day(_heard(0, 1, 2), today=TODAY)
    assert None is pace_ms_per_day(_heard(0), today=TODAY)
    assert 0.0 == pace_ms_per_day(_heard(100), today=TODAY)


@pytest.mark.parametrize(
    ("rest_hours", "pace_hours", "left", "on"),
    [
        (10, 2.0, 5.0, date(2026, 11, 24)),
        (1, 2.0, 0.5, TODAY),
        (0, None, 0.0, TODAY),
        (10, 0.0, None, None),
        (10, None, None, None),
        (10, 0.00001, 1_000_000.0, date(4764, 10, 16)),
    ],
)
def test_time_left_at_pace(
    rest_hours: int, pace_hours: float | None, left: float | None, on: date | None
) -> None:
    """In days, and the day on which it is done; None if that is never."""
    pace = None if pace_hours is None else pace_hours * MS_PER_HOUR
    rest_ms = rest_hours * MS_PER_HOUR
    assert left == pytest.approx(days_left(rest_ms, pace))
    assert on == finishes_on(rest_ms, pace, today=TODAY)


def test_an_unknown_rest_has_no_end() -> None:
    """Null is not zero."""
    assert None is days_left(None, 1.0)
    assert None is finishes_on(None, 1.0, today=TODAY)


def test_what_has_to_be_heard_to_finish_by_a_day() -> None:
    """Today and that day included."""
    ends_on = TODAY + 4 * DAY
    assert 2.0 == needed_ms_per_day(10, today=TODAY, ends_on=ends_on)
    assert None is needed_ms_per_day(10, today=TODAY, ends_on=TODAY - DAY)


# --- goals ---------------------------------------------------------------------------


def _goal(kind: GoalKind, target: int) -> Goal:
    return Goal(ANNA, kind, date(2026, 1, 1), date(2026, 12, 31), target)


def _read(finished_on: date | None, **members: Any) -> ReadFields:
    values: dict[str, Any] = {
        "reader_id": ANNA,
        "book_id": BookId(1),
        "link_id": None,
        "outcome": ReadOutcome.FINISHED,
        "finished_on": finished_on,
    }
    return ReadFields(**values | members)


def test_a_goal_of_books_counts_finishes_and_rereads() -> None:
    """Not those of unknown day, of other years, of others, or given up."""
    reads = [
        _read(date(2026, 1, 1)),
        _read(date(2026, 12, 31)),
        _read(None),
        _read(date(2025, 12, 31)),
        _read(date(2026, 5, 1), reader_id=ReaderId(2)),
        _read(date(2026, 5, 1), outcome=ReadOutcome.STOPPED),
    ]
    progress = goal_progress(
        _goal(GoalKind.BOOKS, 4), today=date(2026, 7, 2), listened={}, reads=reads
    )
    assert (2, 0.5, False) == (progress.done, progress.share, progress.is_reached)
    assert 4 * 183 / 365 == progress.expected
    assert 2 / 183 == progress.needed_per_day


@pytest.mark.parametrize(
    ("kind", "done"), [(GoalKind.HOURS, 1.5), (GoalKind.DAYS, 3.0)]
)
def test_a_goal_of_listening(kind: GoalKind, done: float) -> None:
    """Three days of half an hour, and one of another year."""
    listened = _heard(0, 1, 2) | {date(2025, 12, 31): MS_PER_HOUR}
    progress = goal_progress(_goal(kind, 1), today=TODAY, listened=listened, reads=[])
    assert done == progress.done
    assert progress.is_reached
    assert 0.0 == progress.needed_per_day


@pytest.mark.parametrize(
    ("today", "expected", "needed"),
    [
        (date(2025, 12, 1), 0.0, 10 / 365),
        (date(2026, 12, 31), 10.0, 10.0),
        (date(2027, 1, 1), 10.0, None),
    ],
    ids=["before", "last day", "over"],
)
def test_a_goal_outside_its_time(
    today: date, expected: float, needed: float | None
) -> None:
    """Nothing is expected before it begins, and nothing can be done after it."""
    progress = goal_progress(
        _goal(GoalKind.BOOKS, 10), today=today, listened={}, reads=[]
    )
    assert (expected, needed) == (progress.expected, progress.needed_per_day)
    assert -expected == progress.ahead
