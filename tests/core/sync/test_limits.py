"""When a library and a book are due by themselves, and what keeps them from it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from audible_core.store.records import SyncSetting
from audible_core.sync.limits import (
    NextSync,
    due_from,
    may_ask_position,
    may_sync_by_hand,
    next_sync,
)

from tests.core.sync.paper import HOUR, NOW, tracked_account

MINUTE = timedelta(minutes=1)
BERLIN = ZoneInfo("Europe/Berlin")


def _next(*, jitter: float = 0.0, now: datetime = NOW, **members: Any) -> NextSync:
    account = tracked_account(**members)
    return next_sync(account, now=now, time_zone=BERLIN, jitter=jitter)


def test_an_account_that_was_never_synced_is_due() -> None:
    """Nothing to wait for."""
    assert NextSync(NOW, None) == _next()


def test_the_interval_counts_from_the_last_sync() -> None:
    """So a restart neither syncs early nor forgets."""
    assert NextSync(NOW + 20 * MINUTE, "interval") == _next(
        last_sync_at=NOW - 40 * MINUTE
    )
    assert NextSync(NOW, None) == _next(last_sync_at=NOW - HOUR)


def test_a_clock_that_was_set_back_does_not_hold_an_account_up() -> None:
    """A last sync in the future is none."""
    future = NOW + 300 * HOUR
    assert NextSync(NOW, None) == _next(last_sync_at=future)
    account = tracked_account(last_sync_at=future)
    assert None is may_sync_by_hand(account, now=NOW, time_zone=BERLIN)


def test_jitter_only_ever_lengthens_the_interval() -> None:
    """By a tenth at most."""
    account = tracked_account(last_sync_at=NOW)
    assert NOW + HOUR == due_from(account, jitter=0.0)
    assert NOW + 66 * MINUTE == due_from(account, jitter=1.0)
    assert NOW + 66 * MINUTE == due_from(account, jitter=7.0)


def test_fifteen_minutes_are_the_floor() -> None:
    """Whatever interval is set, and whoever asks."""
    last_sync_at = NOW - 14 * MINUTE
    assert NextSync(NOW + MINUTE, "too_soon") == _next(
        last_sync_at=last_sync_at, sync_interval_minutes=1
    )
    account = tracked_account(last_sync_at=last_sync_at)
    refusal = may_sync_by_hand(account, now=NOW, time_zone=BERLIN)
    assert refusal is not None
    assert NOW + MINUTE == refusal.until
    assert None is may_sync_by_hand(account, now=NOW + MINUTE, time_zone=BERLIN)


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"enabled": False}, "disabled"),
        ({"auto_sync_progress": False}, "auto_sync_off"),
    ],
)
def test_what_is_switched_off_waits_for_a_person(
    members: dict[str, bool], reason: str
) -> None:
    """No instant can be given."""
    assert NextSync(None, reason) == _next(last_sync_at=NOW - HOUR, **members)


def test_without_automatic_sync_a_person_may_still_sync() -> None:
    """The switch is about syncing by itself."""
    account = tracked_account(auto_sync_progress=False)
    assert None is may_sync_by_hand(account, now=NOW, time_zone=BERLIN)


def test_a_pause_that_audible_asked_for_is_kept() -> None:
    """And the reason is visible with its end."""
    until = NOW + 2 * HOUR
    assert NextSync(until, "waiting") == _next(wait_until=until)
    soon = NOW + MINUTE
    paused = _next(wait_until=soon, last_sync_at=NOW - 20 * MINUTE)
    assert NextSync(NOW + 40 * MINUTE, "waiting") == paused


@pytest.mark.parametrize(
    ("zone", "now", "opens"),
    [
        # The night of 23 and the night of 25 hours.
        ("Europe/Berlin", (2026, 3, 29, 12), datetime(2026, 3, 29, 22, tzinfo=UTC)),
        ("Europe/Berlin", (2026, 10, 25, 12), datetime(2026, 10, 25, 23, tzinfo=UTC)),
        # A day that begins at one o'clock, because midnight is left out.
        ("Africa/Cairo", (2026, 4, 23, 12), datetime(2026, 4, 23, 22, tzinfo=UTC)),
        (
            "Pacific/Auckland",
            (2026, 11, 20, 18),
            datetime(2026, 11, 21, 11, tzinfo=UTC),
        ),
    ],
)
def test_a_blocked_day_ends_by_itself_at_midnight(
    zone: str, now: tuple[int, int, int, int], opens: datetime
) -> None:
    """Of Home Assistant's time zone, also when the clocks change."""
    time_zone = ZoneInfo(zone)
    at = datetime(*now, tzinfo=UTC)
    account = tracked_account(
        sync_count_today=600, sync_count_on=at.astimezone(time_zone).date()
    )
    blocked = next_sync(account, now=at, time_zone=time_zone, jitter=0.0)
    assert NextSync(opens, "daily_limit") == blocked
    before = opens - timedelta(seconds=1)
    still = next_sync(account, now=before, time_zone=time_zone, jitter=0.0)
    assert "daily_limit" == still.reason
    opened = next_sync(account, now=opens, time_zone=time_zone, jitter=0.0)
    assert NextSync(opens, None) == opened


def test_the_six_hundredth_sync_is_the_last_of_the_day() -> None:
    """599 is not too many."""
    today = date(2026, 11, 20)
    assert None is _next(sync_count_today=599, sync_count_on=today).reason
    assert "daily_limit" == _next(sync_count_today=600, sync_count_on=today).reason


def test_a_book_has_its_own_interval() -> None:
    """With the same floor."""
    hourly, hasty = (
        SyncSetting(sync_interval_minutes=60),
        SyncSetting(sync_interval_minutes=1),
    )
    for setting, minutes, may in (
        (hourly, 59, False),
        (hourly, 60, True),
        (hasty, 14, False),
        (hasty, 15, True),
        (SyncSetting(), 0, True),
    ):
        asked_at = NOW - minutes * MINUTE
        assert may == may_ask_position(setting, asked_at=asked_at, now=NOW)


def test_a_book_that_is_off_is_not_asked_about() -> None:
    """One that nobody has set anything for is."""
    assert not may_ask_position(SyncSetting(sync_enabled=False), asked_at=None, now=NOW)
    assert may_ask_position(None, asked_at=None, now=NOW)


def test_a_clock_that_was_set_back_silences_no_book() -> None:
    """Asked about in the future means asked about now."""
    setting = SyncSetting(sync_interval_minutes=60)
    assert may_ask_position(setting, asked_at=NOW + HOUR, now=NOW)
