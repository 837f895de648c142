"""When the library and when the positions are asked for."""

from datetime import UTC, datetime, timedelta

from audible_core.sync.schedule import is_library_due, next_poll_in

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_library_is_due_when_the_interval_is_over() -> None:
    """One minute before the hour is over, the library is not due."""
    for minutes, due in ((59, False), (60, True)):
        library_at = NOW - timedelta(minutes=minutes)
        hour = timedelta(hours=1)
        assert due is is_library_due(now=NOW, library_at=library_at, interval=hour)


def test_the_floor_of_fifteen_minutes_holds_for_every_interval() -> None:
    """An interval below the floor is the floor."""
    for minutes, due in ((14, False), (15, True)):
        library_at = NOW - timedelta(minutes=minutes)
        minute = timedelta(minutes=1)
        assert due is is_library_due(now=NOW, library_at=library_at, interval=minute)


def test_a_library_fetched_in_the_future_is_not_due() -> None:
    """A clock that was set back does not cause a storm of requests."""
    library_at = NOW + timedelta(hours=1)
    hour = timedelta(hours=1)
    assert not is_library_due(now=NOW, library_at=library_at, interval=hour)


def test_polls_are_close_while_somebody_listens() -> None:
    """A minute while a position moved in the last ten, else five."""
    assert next_poll_in(now=NOW, moved_at=NOW - timedelta(minutes=9)) == timedelta(
        minutes=1
    )
    assert next_poll_in(now=NOW, moved_at=NOW - timedelta(minutes=11)) == timedelta(
        minutes=5
    )
    assert next_poll_in(now=NOW, moved_at=None) == timedelta(minutes=5)
