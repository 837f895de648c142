"""A book that is heard again is read again, however seldom anybody looks."""

from datetime import timedelta

import pytest
from audible_core.kinds import ReadOutcome

from tests.core.sync.home import Home, novel
from tests.core.sync.paper import END_MS, HOUR_MS, MINUTE_MS, asin


async def _look(
    home: Home, position_ms: int, *, hours: float = 1.0, is_finished: bool = False
) -> None:
    """Hear up to a place until now, and look at the library."""
    home.clock.wait(hours=hours)
    runtime_ms = home.shop.titles[asin(1)].runtime_ms or 0
    home.shop.hear(position_ms)
    home.shop.change(
        1,
        percent_complete=100.0 * position_ms / runtime_ms,
        is_finished=is_finished,
        status_changed_at=home.clock(),
    )
    await home.engine.sync_library(is_automatic=True)


async def _finished(home: Home, runtime_ms: int = 10 * HOUR_MS) -> int:
    """Hear a book to its end, and let a month go by; return where the end is."""
    end_ms = runtime_ms - 30_000
    home.shop.add(novel(1, runtime_ms=runtime_ms))
    await home.sync()
    hours = runtime_ms / HOUR_MS
    await _look(home, runtime_ms // 2, hours=hours)
    await _look(home, end_ms, hours=hours, is_finished=True)
    assert 1 == await _passes(home)
    home.clock.wait(days=30)
    await home.sync()
    return end_ms


async def _passes(home: Home, outcome: ReadOutcome = ReadOutcome.FINISHED) -> int:
    return [read.fields.outcome for read in await home.reads()].count(outcome)


async def test_short_book_that_is_looked_at_each_hour_is_read_again(
    home: Home,
) -> None:
    """After an hour of three it is far beyond its first tenth."""
    end_ms = await _finished(home, 3 * HOUR_MS)
    for minutes in (59, 119):
        await _look(home, minutes * MINUTE_MS, is_finished=True)
    assert 1 == await _passes(home, ReadOutcome.UNDER_WAY)
    await _look(home, end_ms, is_finished=True)
    assert 2 == await _passes(home)
    assert ["book_started", "book_finished"] * 2 == home.told_types


async def test_long_book_that_is_looked_at_every_two_hours_is_read_again(
    home: Home,
) -> None:
    """The flag falls and rises again, at another time than before."""
    await _finished(home)
    for hours in (2, 4, 6, 8):
        await _look(home, hours * HOUR_MS, hours=2)
    await _look(home, END_MS, hours=2, is_finished=True)
    assert 2 == await _passes(home)


async def test_flag_that_rises_anew_ends_a_pass_that_nobody_saw_begin(
    home: Home,
) -> None:
    """Two looks in five hours: once in the middle, and once at the end."""
    await _finished(home)
    await _look(home, 4 * HOUR_MS, hours=4)
    await _look(home, 9 * HOUR_MS, hours=5, is_finished=True)
    assert 2 == await _passes(home)


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
    await _finished(home)
    for place, hours in places:
        await _look(home, place, hours=hours, is_finished=place == END_MS)
    assert [ReadOutcome.FINISHED] == [
        read.fields.outcome for read in await home.reads()
    ]


async def test_book_that_has_just_gone_back_is_polled(home: Home) -> None:
    """So that it is seen at once that it is heard again; but not for days."""
    await _finished(home)
    await _look(home, 2 * HOUR_MS, hours=2)
    home.shop.hear(2 * HOUR_MS + 4 * MINUTE_MS, at=home.clock() + timedelta(minutes=4))
    await home.poll()
    assert 1 == await _passes(home, ReadOutcome.UNDER_WAY)


async def test_book_that_went_back_and_rests_is_polled_no_more(home: Home) -> None:
    """It is looked at with the library, as any that is finished."""
    await _finished(home)
    await _look(home, 2 * HOUR_MS, hours=2)
    assert None is not (await home.link()).restarted_at
    await home.restart()
    asked = len(home.shop.asked_places)
    await home.poll()
    await home.poll(hours=6)
    assert 1 == len(home.shop.asked_places) - asked
