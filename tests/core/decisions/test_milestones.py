"""A streak at risk and a goal reached: when they are told, and under which key."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from audible_core.decisions.goals import GoalState
from audible_core.decisions.milestones import milestones_of
from audible_core.kinds import GoalKind
from audible_core.stats import GoalProgress, Streaks
from audible_core.store.records import AccountId, Goal, ReaderId, TrackerEvent
from audible_core.sync.event_ids import EventIds

BERLIN = ZoneInfo("Europe/Berlin")
TODAY = date(2026, 11, 20)
EVENING = datetime(2026, 11, 20, 19, 30, tzinfo=UTC)
YESTERDAY = TODAY - timedelta(days=1)


def _told(
    streaks: Streaks,
    *goals: GoalState,
    now: datetime = EVENING,
    first_on: date = YESTERDAY,
) -> tuple[TrackerEvent, ...]:
    return milestones_of(
        AccountId(1),
        ReaderId(2),
        streaks,
        goals,
        now=now,
        time_zone=BERLIN,
        new_event_id=EventIds(),
        first_on=first_on,
    )


def _goal(done: float, *, ends_on: date = date(2026, 12, 31)) -> GoalState:
    goal = Goal(ReaderId(2), GoalKind.BOOKS, date(2026, 1, 1), ends_on, 12)
    return GoalState(goal, GoalProgress(done, 12, 10.6, None))


NO_STREAK = Streaks(0, 0, None, None)


def test_streak_without_listening_today_is_at_risk_in_the_evening() -> None:
    """It is told with how long it is, under one key a day."""
    (event,) = _told(Streaks(5, 9, YESTERDAY, YESTERDAY))
    assert "streak_at_risk" == event.event_type
    assert {"streak_days": 5, "longest_days": 9} == event.data
    assert "streak_at_risk:2:2026-11-20" == event.once_key


@pytest.mark.parametrize(
    ("streaks", "now"),
    [
        (Streaks(5, 9, TODAY, TODAY), EVENING),
        (Streaks(1, 9, YESTERDAY, YESTERDAY), EVENING),
        (NO_STREAK, EVENING),
        (Streaks(5, 9, YESTERDAY, YESTERDAY), EVENING - timedelta(hours=1)),
    ],
    ids=["heard today", "one day is no streak", "none", "not yet evening at home"],
)
def test_streak_is_not_at_risk(streaks: Streaks, now: datetime) -> None:
    """There is time left, or nothing to lose."""
    assert () == _told(streaks, now=now)


def test_first_sync_is_a_baseline() -> None:
    """The streak that it brought along is not at risk on that day; goals are news."""
    streaks = Streaks(5, 9, YESTERDAY, YESTERDAY)
    (event,) = _told(streaks, _goal(12), first_on=TODAY)
    assert "goal_reached" == event.event_type


def test_reached_goal_is_told_with_what_it_was() -> None:
    """Its key holds the target: a higher one can be reached anew."""
    (event,) = _told(NO_STREAK, _goal(12))
    assert "goal_reached" == event.event_type
    assert "goal_reached:2:books:12:2026-01-01:2026-12-31" == event.once_key
    assert (12, 12, "books") == tuple(
        event.data[name] for name in ("done", "target", "kind")
    )


def test_goal_that_is_not_reached_or_over_is_not_told() -> None:
    """Nobody waits for what has ended."""
    assert () == _told(NO_STREAK, _goal(11), _goal(12, ends_on=date(2026, 6, 30)))
