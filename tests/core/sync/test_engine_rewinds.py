"""A rewind in a finished book stays a rewind, however seldom anybody looks."""

import pytest
from audible_core.kinds import BookStatus, ReadOutcome

from tests.core.sync.hearing import assert_read_once, finished, look, outcomes
from tests.core.sync.home import Home
from tests.core.sync.paper import HOUR_MS, MINUTE_MS, asin

UNDER_WAY = [ReadOutcome.FINISHED, ReadOutcome.UNDER_WAY]


@pytest.mark.parametrize("is_finished", [True, False], ids=["flag stays", "flag falls"])
async def test_who_slept_and_hears_the_rest_again_has_read_it_once(
    home: Home, *, is_finished: bool
) -> None:
    """It ran to the end by itself; what was slept through is no second read."""
    end_ms = await finished(home, 4 * HOUR_MS, rests_hours=0)
    await look(home, 96 * MINUTE_MS, is_finished=is_finished)
    await look(home, 110 * MINUTE_MS, is_finished=is_finished, is_poll=True, minutes=14)
    for minutes in (160, 220):
        await look(home, minutes * MINUTE_MS, is_finished=is_finished)
    await look(home, end_ms, is_finished=True)
    await assert_read_once(home)


async def test_who_slept_hears_the_rest_on_the_next_evening(home: Home) -> None:
    """A day is no reason to take it for a new read."""
    end_ms = await finished(home, 4 * HOUR_MS, rests_hours=16)
    for minutes in (96, 150, 210):
        await look(home, minutes * MINUTE_MS, is_finished=True)
    await look(home, end_ms, is_finished=True)
    await assert_read_once(home)


@pytest.mark.parametrize("rests_hours", [20, 30 * 24], ids=["next day", "next month"])
async def test_chapter_that_is_heard_again_is_no_reread(
    home: Home, rests_hours: float
) -> None:
    """The one at 1:50, for five minutes, and back to the end."""
    end_ms = await finished(home, rests_hours=rests_hours)
    await look(home, 110 * MINUTE_MS, is_finished=True)
    await look(home, 115 * MINUTE_MS, is_finished=True, is_poll=True, minutes=5)
    await look(home, end_ms, is_finished=True)
    await assert_read_once(home)


async def test_rewind_between_two_looks_a_day_apart_is_no_reread(home: Home) -> None:
    """There was time to hear four hours and a half; that proves nothing."""
    await finished(home, rests_hours=23)
    await look(home, 270 * MINUTE_MS, is_finished=True, hours=24 * 5)
    await look(home, 290 * MINUTE_MS, is_finished=True, is_poll=True, minutes=20)
    await look(home, 350 * MINUTE_MS, is_finished=True)
    await assert_read_once(home)


async def test_place_that_was_left_for_months_is_no_restart(home: Home) -> None:
    """Whoever hears on from there after 200 days."""
    await finished(home)
    await look(home, 2 * HOUR_MS, is_finished=True)
    assert None is not (await home.link()).restarted_at
    await home.sync(days=200)
    for minutes in (10, 30, 90):
        await look(home, 2 * HOUR_MS + minutes * MINUTE_MS, is_finished=True)
    await assert_read_once(home)


async def test_moment_near_the_start_and_a_leap_back_finish_nothing(
    home: Home,
) -> None:
    """Ninety seconds are no read, though the flag falls and rises anew."""
    end_ms = await finished(home)
    await look(home, 0)
    await look(home, 90_000)
    await look(home, end_ms, is_finished=True)
    await assert_read_once(home)


async def test_moment_in_a_book_that_audible_put_back_is_no_reread(
    home: Home,
) -> None:
    """It is opened by accident, now and again."""
    await finished(home)
    await look(home, 0, is_finished=True)
    for seconds in (90, 180):
        await look(home, seconds * 1000, is_finished=True, hours=72)
    await assert_read_once(home)


@pytest.mark.parametrize("place", [5 * HOUR_MS, 10 * HOUR_MS - 30_000])
@pytest.mark.parametrize("is_finished", [True, False], ids=["flag stays", "flag falls"])
async def test_leap_from_a_start_where_it_stood_for_days_is_no_reread(
    home: Home, place: int, *, is_finished: bool
) -> None:
    """Who looks each hour has seen it there an hour before."""
    await finished(home)
    await look(home, 90_000, is_finished=is_finished)
    await home.sync(days=5)
    await look(home, place, is_finished=True)
    await assert_read_once(home)


@pytest.mark.parametrize("start", [0, 40, 110], ids=["zero", "first tenth", "beyond"])
async def test_leap_to_the_end_finishes_no_reread(home: Home, start: int) -> None:
    """It was really begun again, and is under way until it was really heard out."""
    end_ms = await finished(home)
    for minutes in (start, start + 20):
        await look(home, minutes * MINUTE_MS, is_finished=True)
    assert UNDER_WAY == await outcomes(home)
    await look(home, end_ms, is_finished=True)
    assert UNDER_WAY == await outcomes(home)
    assert 1 == home.told_types.count("book_finished")


async def test_flag_that_rises_anew_within_two_hours_of_ten_ends_no_reread(
    home: Home,
) -> None:
    """Audible calls it finished anew; nobody can have heard it by then."""
    end_ms = await finished(home)
    for minutes in (0, 20):
        await look(home, minutes * MINUTE_MS)
    await look(home, end_ms, is_finished=True)
    assert UNDER_WAY == await outcomes(home)


async def test_flag_of_the_finish_before_ends_no_reread(home: Home) -> None:
    """It falls and rises with the time that it had."""
    await finished(home)
    before = home.shop.titles[asin(1)].status_changed_at
    for minutes in (0, 60, 120):
        await look(home, minutes * MINUTE_MS)
    home.shop.change(1, is_finished=True, status_changed_at=before)
    await home.sync(hours=5)
    assert UNDER_WAY == await outcomes(home)
    assert BookStatus.READING == (await home.book()).status


async def test_reread_without_its_last_bit_is_finished(home: Home) -> None:
    """The credits are skipped in no time."""
    end_ms = await finished(home)
    for hours in (0, 3, 6, 9.6):
        await look(home, int(hours * HOUR_MS), is_finished=True, hours=4)
    await look(home, end_ms, is_finished=True, is_poll=True, minutes=5)
    assert [ReadOutcome.FINISHED] * 2 == await outcomes(home)
