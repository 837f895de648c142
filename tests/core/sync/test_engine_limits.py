"""How often Audible is asked, who decides that, and what a refused person is told."""

import asyncio
from datetime import date, timedelta

import pytest
from audible_core.errors import (
    SyncDailyLimitError,
    SyncDisabledError,
    SyncOffError,
    SyncRefusedError,
    SyncTooSoonError,
)
from audible_core.kinds import SyncStatus

from tests.core.sync.home import Home, novel
from tests.core.sync.paper import HOUR_MS, asin

TODAY = date(2026, 11, 20)
QUARTER = timedelta(minutes=15)


async def _refused(home: Home, *, is_automatic: bool = False) -> SyncRefusedError:
    with pytest.raises(SyncRefusedError) as caught:
        await home.engine.sync_library(is_automatic=is_automatic)
    return caught.value


@pytest.mark.parametrize("is_automatic", [True, False])
async def test_library_is_not_synced_again_within_15_minutes(
    followed: Home, *, is_automatic: bool
) -> None:
    """Whoever asks for it, and whether Home Assistant was restarted or not."""
    until = followed.clock() + QUARTER
    followed.clock.wait(minutes=14, seconds=59)
    for _ in range(2):
        error = await _refused(followed, is_automatic=is_automatic)
        assert (SyncTooSoonError, until) == (type(error), error.until)
        await followed.restart()
    assert 1 == followed.shop.requests["library"]
    followed.clock.wait(seconds=1)
    await followed.engine.sync_library(is_automatic=is_automatic)


async def test_what_a_person_did_not_get_is_in_the_log(followed: Home) -> None:
    """With the reason and until when; what runs by itself leaves no such row."""
    until = followed.clock() + QUARTER
    followed.clock.wait(minutes=5)
    await _refused(followed, is_automatic=True)
    await _refused(followed)
    refused, _ = await followed.logs()
    assert (SyncStatus.REFUSED, "too_soon", {"until": until.isoformat()}) == (
        refused.status,
        refused.error_key,
        refused.details,
    )


async def test_two_people_who_ask_at_once_cause_one_sync(followed: Home) -> None:
    """Who comes second waits for the first, and is refused then."""
    followed.clock.wait(hours=1)

    async def second() -> None:
        await _refused(followed)

    waiting: list[asyncio.Task[None]] = []

    async def knock() -> None:
        waiting.append(asyncio.create_task(second()))

    followed.shop.meanwhile("library", knock)
    await followed.engine.sync_library(is_automatic=True)
    (task,) = waiting
    await task
    assert 2 == followed.shop.requests["library"]


async def test_clock_that_was_set_back_blocks_nothing(followed: Home) -> None:
    """A last sync in the future is none."""
    followed.clock.wait(days=-3)
    await followed.engine.sync_library(is_automatic=True)
    assert followed.clock() == (await followed.account()).last_sync_at
    followed.shop.add(novel(7))
    followed.clock.wait(days=-3)
    await followed.engine.look_for_purchases()
    assert asin(7) == (await followed.link(7)).asin


async def test_day_of_600_requests_ends_at_midnight_at_home(followed: Home) -> None:
    """By itself: nothing is written for that."""
    await followed.set_account(sync_count_today=600, sync_count_on=TODAY)
    # 23:59:59 in Berlin, where it is an hour later than in UTC.
    followed.clock.at = followed.clock().replace(hour=22, minute=59, second=59)
    error = await _refused(followed)
    midnight = followed.clock() + timedelta(seconds=1)
    assert (SyncDailyLimitError, midnight) == (type(error), error.until)
    before = (await followed.tables())["audible_config"]
    followed.clock.wait(seconds=1)
    assert before == (await followed.tables())["audible_config"]
    await followed.engine.sync_library(is_automatic=True)
    account = await followed.account()
    assert date(2026, 11, 21) == account.sync_count_on
    assert account.sync_count_today < 5


async def test_polls_leave_the_last_hundred_requests_to_syncs(followed: Home) -> None:
    """So that a person can still ask in the evening."""
    followed.shop.hear(HOUR_MS)
    await followed.sync()
    await followed.set_account(sync_count_today=499, sync_count_on=TODAY)
    await followed.poll()
    assert 500 == (await followed.account()).sync_count_today
    asked = followed.shop.requests.total()
    followed.shop.hear(2 * HOUR_MS)
    assert None is await followed.poll()
    followed.clock.wait(minutes=15)
    assert None is await followed.engine.look_for_purchases()
    assert 0 == await followed.engine.ask_listening_days()
    assert asked == followed.shop.requests.total()
    await followed.engine.sync_library(is_automatic=False)
    assert 2 * HOUR_MS == (await followed.link()).last_position_ms


async def test_account_that_is_off_asks_nothing(followed: Home) -> None:
    """Neither by itself nor by hand."""
    followed.shop.hear(HOUR_MS)
    await followed.sync()
    await followed.set_account(enabled=False)
    followed.clock.wait(hours=1)
    asked = followed.shop.requests.total()
    for is_automatic in (True, False):
        error = await _refused(followed, is_automatic=is_automatic)
        assert (SyncDisabledError, None) == (type(error), error.until)
    with pytest.raises(SyncDisabledError):
        await followed.engine.sync_title(asin(1))
    assert None is await followed.engine.poll_positions()
    assert None is await followed.engine.look_for_purchases()
    assert asked == followed.shop.requests.total()


async def test_account_that_is_synced_by_hand_only(followed: Home) -> None:
    """By itself nothing is asked, not even between syncs."""
    followed.shop.hear(HOUR_MS)
    await followed.sync()
    await followed.set_account(auto_sync_progress=False)
    followed.clock.wait(hours=1)
    asked = followed.shop.requests.total()
    error = await _refused(followed, is_automatic=True)
    assert (SyncOffError, None) == (type(error), error.until)
    assert None is await followed.engine.poll_positions()
    assert None is await followed.engine.look_for_purchases()
    assert 0 == await followed.engine.ask_recordings(at_most=5)
    assert asked == followed.shop.requests.total()
    await followed.engine.sync_library(is_automatic=False)
    followed.clock.wait(minutes=2)
    await followed.engine.sync_title(asin(1))
