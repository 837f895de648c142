"""How an account's syncs go, in one word, and from when on a person may sync."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from audible_core.sync.health import SyncHealth, health_of
from audible_core.sync.limits import allowed_from
from audible_core.sync.schedule import is_listening

from tests.core.sync.paper import HOUR, NOW, tracked_account

BERLIN = ZoneInfo("Europe/Berlin")
MINUTE = timedelta(minutes=1)
TODAY = NOW.astimezone(BERLIN).date()


@pytest.mark.parametrize(
    ("members", "health"),
    [
        ({}, SyncHealth.OK),
        ({"sync_count_today": 600, "sync_count_on": TODAY}, SyncHealth.LIMITED),
        (
            {"sync_count_today": 600, "sync_count_on": TODAY - timedelta(days=1)},
            SyncHealth.OK,
        ),
        ({"wait_reason": "audible_auth"}, SyncHealth.SIGN_IN_NEEDED),
        ({"wait_reason": "audible_rate_limit"}, SyncHealth.THROTTLED),
        ({"wait_reason": "audible_pace"}, SyncHealth.THROTTLED),
        ({"wait_reason": "license_throttled"}, SyncHealth.LICENSE_REFUSED),
        ({"wait_reason": "audible_unreachable"}, SyncHealth.OFFLINE),
        ({"wait_reason": "audible_response"}, SyncHealth.OFFLINE),
        # What failed last counts before how often it was.
        (
            {
                "wait_reason": "audible_auth",
                "sync_count_today": 600,
                "sync_count_on": TODAY,
            },
            SyncHealth.SIGN_IN_NEEDED,
        ),
    ],
)
def test_health_is_what_failed_last(
    members: dict[str, Any], health: SyncHealth
) -> None:
    """Until something succeeds."""
    account = tracked_account(**members)

    found = health_of(account, now=NOW, time_zone=BERLIN)

    assert health is found
    assert found.is_problem is (health not in (SyncHealth.OK, SyncHealth.LIMITED))


def test_next_sync_of_a_person_is_a_quarter_of_an_hour_after_the_last() -> None:
    """Also once that is over, so that it stays the same."""
    for minutes in (1, 14, 16, 500):
        last = NOW - minutes * MINUTE
        account = tracked_account(last_sync_at=last)
        found = allowed_from(account, now=NOW, time_zone=BERLIN)
        assert last + 15 * MINUTE == found


def test_pause_and_daily_limit_say_until_when() -> None:
    """Midnight is Home Assistant's; who is off or new has no time."""
    paused = tracked_account(
        last_sync_at=NOW - HOUR, wait_until=NOW + HOUR, wait_reason="audible_auth"
    )
    assert NOW + HOUR == allowed_from(paused, now=NOW, time_zone=BERLIN)
    limited = tracked_account(
        last_sync_at=NOW - HOUR, sync_count_today=600, sync_count_on=TODAY
    )
    until = allowed_from(limited, now=NOW, time_zone=BERLIN)
    assert until is not None
    assert (0, 0) == (until.astimezone(BERLIN).hour, until.astimezone(BERLIN).minute)
    assert until.astimezone(BERLIN).date() == TODAY + timedelta(days=1)
    off = tracked_account(enabled=False, last_sync_at=NOW - HOUR)
    assert None is allowed_from(off, now=NOW, time_zone=BERLIN)
    assert None is allowed_from(tracked_account(), now=NOW, time_zone=BERLIN)


def test_somebody_listens_for_ten_minutes_after_a_move() -> None:
    """And nobody where nothing ever moved."""
    now = datetime(2026, 1, 1, 12, tzinfo=UTC)
    assert is_listening(now=now, moved_at=now - 10 * MINUTE)
    assert not is_listening(now=now, moved_at=now - 11 * MINUTE)
    assert not is_listening(now=now, moved_at=None)
