"""How often the positions are asked for."""

from datetime import UTC, datetime, timedelta

from audible_core.sync.schedule import next_poll_in

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_polls_are_close_while_somebody_listens() -> None:
    """A minute while a position moved in the last ten, else five."""
    assert next_poll_in(now=NOW, moved_at=NOW - timedelta(minutes=9)) == timedelta(
        minutes=1
    )
    assert next_poll_in(now=NOW, moved_at=NOW - timedelta(minutes=11)) == timedelta(
        minutes=5
    )
    assert next_poll_in(now=NOW, moved_at=None) == timedelta(minutes=5)
