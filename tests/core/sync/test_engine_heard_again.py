"""A book that is heard again is read again, however seldom anybody looks."""

from datetime import UTC, date, datetime

import pytest
from audible_core.kinds import DateSource, ReadOutcome

from tests.core.sync.hearing import assert_read_once, finished, look, passes
from tests.core.sync.home import Home, novel
from tests.core.sync.paper import END_MS, HOUR_MS, MINUTE_MS


async def test_short_book_that_is_looked_at_each_hour_is_read_again(
    home: Home,
) -> None:
    """After an hour of three it is far beyond its first tenth."""
    end_ms = await finished(home, 3 * HOUR_MS, rests_hours=7 * 24)
    for minutes in (59, 119):
        await look(home, minutes * MINUTE_MS, is_finished=True)
    assert 1 == await passes(home, ReadOutcome.UNDER_WAY)
    await look(home, end_ms, is_finished=True)
    assert 2 == await passes(home)
    assert ["book_started", "book_finished"] * 2 == home.told_types


async def test_long_book_that_is_looked_at_every_two_hours_is_read_again(
    home: Home,
) -> None:
    """The flag falls and rises again, at another time than before."""
    await finished(home)
    for hours in (2, 4, 6, 8):
        await look(home, hours * HOUR_MS, hours=2)
    await look(home, END_MS, hours=2, is_finished=True)
    assert 2 == await passes(home)


async def test_flag_that_rises_anew_ends_a_pass_that_nobody_saw_begin(
    home: Home,
) -> None:
    """Two looks in five hours: once in the middle, and once at the end."""
    await finished(home)
    await look(home, 4 * HOUR_MS, hours=4)
    await look(home, 9 * HOUR_MS, hours=5, is_finished=True)
    assert 2 == await passes(home)


@pytest.mark.parametrize(
    "places",
    [
        ((9 * HOUR_MS, 12), (END_MS, 1)),
        ((8 * HOUR_MS, 1), (9 * HOUR_MS, 1), (END_MS, 1)),
        ((4 * HOUR_MS, 1), (4 * HOUR_MS + 40 * MINUTE_MS, 1), (END_MS, 1)),
        ((2 * HOUR_MS, 1), (END_MS, 1), (2 * HOUR_MS, 1), (END_MS, 1)),
        ((2 * HOUR_MS, 1), (7 * HOUR_MS, 1), (8 * HOUR_MS, 1)),
        ((0, 1), (END_MS, 2)),
    ],
    ids=[
        "the last chapter again after a long time without a look",
        "the last chapters again",
        "a leap into the middle, and on from there",
        "an old place of another device that comes and goes",
        "a leap from place to place",
        "put back to zero and to the end",
    ],
)
async def test_moving_about_in_a_finished_book_is_no_reread(
    home: Home, places: tuple[tuple[int, float], ...]
) -> None:
    """Whatever the flag does meanwhile."""
    await finished(home)
    for place, hours in places:
        await look(home, place, hours=hours, is_finished=place == END_MS)
    await assert_read_once(home)


async def test_book_that_has_just_gone_back_is_polled(home: Home) -> None:
    """So that it is seen at once that it is heard again; but not for days."""
    await finished(home)
    await look(home, 2 * HOUR_MS, hours=2)
    for minutes in (124, 128, 132, 136):
        await look(home, minutes * MINUTE_MS, is_poll=True, minutes=4)
    assert 1 == await passes(home, ReadOutcome.UNDER_WAY)


async def test_book_that_went_back_and_rests_is_polled_no_more(home: Home) -> None:
    """It is looked at with the library, as any that is finished."""
    await finished(home)
    await look(home, 2 * HOUR_MS, hours=2)
    assert None is not (await home.link()).restarted_at
    await home.restart()
    asked = len(home.shop.asked_places)
    await home.poll()
    await home.poll(hours=6)
    assert 1 == len(home.shop.asked_places) - asked


async def test_book_that_is_begun_again_near_its_start_is_read_again(
    home: Home,
) -> None:
    """It was seen within its first tenth, and is heard on for real."""
    end_ms = await finished(home)
    await look(home, 40 * MINUTE_MS, is_finished=True)
    for hours in (1.6, 4, 7):
        await look(home, int(hours * HOUR_MS), is_finished=True, hours=3)
    await look(home, end_ms, is_finished=True, hours=3)
    assert 2 == await passes(home)
    assert 2 == home.told_types.count("book_finished")


async def test_reread_began_on_the_day_on_which_the_book_had_gone_back(
    home: Home,
) -> None:
    """Though only the next day shows that it is heard on."""
    await finished(home)
    home.clock.at = datetime(2027, 1, 4, 20, tzinfo=UTC)
    await home.sync()
    await look(home, 100 * MINUTE_MS, minutes=100)
    await home.sync(hours=20)
    await look(home, 160 * MINUTE_MS, hours=1)
    read = (await home.reads())[-1].fields
    assert (ReadOutcome.UNDER_WAY, date(2027, 1, 4), DateSource.HEARD) == (
        read.outcome,
        read.started_on,
        read.started_source,
    )
    assert date(2027, 1, 4) == (await home.book()).started_on


async def test_reread_from_a_start_that_was_left_for_months_began_when_it_was_heard(
    home: Home,
) -> None:
    """Audible had put it back to zero long before."""
    await finished(home)
    await look(home, 0, is_finished=True)
    home.clock.at = datetime(2027, 6, 1, 12, tzinfo=UTC)
    await look(home, 30 * MINUTE_MS, is_finished=True)
    assert date(2027, 6, 1) == (await home.reads())[-1].fields.started_on


@pytest.mark.parametrize(
    ("hours", "started_on"),
    [(3, date(2027, 1, 4)), (20, None)],
    ids=["on one day", "since the day before"],
)
async def test_book_that_nobody_saw_begin_has_a_start_only_if_one_day_is_left(
    home: Home, hours: float, started_on: date | None
) -> None:
    """It was begun and finished between two looks."""
    runtime_ms = 2 * HOUR_MS
    home.shop.add(novel(1, runtime_ms=runtime_ms))
    home.clock.at = datetime(2027, 1, 4, 10, tzinfo=UTC)
    await home.sync()
    await look(home, runtime_ms, is_finished=True, hours=hours)
    (read,) = await home.reads()
    assert (ReadOutcome.FINISHED, started_on) == (
        read.fields.outcome,
        read.fields.started_on,
    )
