"""When the library and when the positions are asked for."""

from datetime import UTC, datetime, timedelta

from audible_core.sync.schedule import PollPlan, next_poll_in, plan_poll

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_first_poll_asks_for_the_library() -> None:
    """A library that was never fetched is due."""
    plan = plan_poll(now=NOW, library_at=None, interval=timedelta(hours=1))
    assert plan == PollPlan(library=True, positions=True)


def test_between_library_syncs_only_positions_are_asked_for() -> None:
    """One minute before the hour is over, the library is not due."""
    library_at = NOW - timedelta(minutes=59)
    plan = plan_poll(now=NOW, library_at=library_at, interval=timedelta(hours=1))
    assert plan == PollPlan(library=False, positions=True)


def test_the_floor_of_fifteen_minutes_holds_for_every_interval() -> None:
    """An interval below the floor is the floor."""
    for minutes, due in ((14, False), (15, True)):
        library_at = NOW - timedelta(minutes=minutes)
        plan = plan_poll(now=NOW, library_at=library_at, interval=timedelta(minutes=1))
        assert plan.library is due


def test_a_library_fetched_in_the_future_is_not_due() -> None:
    """A clock that was set back does not cause a storm of requests."""
    library_at = NOW + timedelta(hours=1)
    plan = plan_poll(now=NOW, library_at=library_at, interval=timedelta(hours=1))
    assert plan.library is False


def test_polls_are_close_while_somebody_listens() -> None:
    """A minute while a position moved in the last ten, else five."""
    assert next_poll_in(now=NOW, moved_at=NOW - timedelta(minutes=9)) == timedelta(
        minutes=1
    )
    assert next_poll_in(now=NOW, moved_at=NOW - timedelta(minutes=11)) == timedelta(
        minutes=5
    )
    assert next_poll_in(now=NOW, moved_at=None) == timedelta(minutes=5)
