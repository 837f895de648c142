"""No more requests a minute than agreed, in the order in which they were asked for."""

import asyncio
from time import monotonic

import pytest
from audible_core.audible.bucket import (
    INTEGRATION_REQUESTS_PER_MINUTE,
    SERVER_REQUESTS_PER_MINUTE,
    Bucket,
    full_bucket,
    take,
    wait_s,
)
from audible_core.audible.pace import Line, Pace
from hypothesis import given
from hypothesis import strategies as st

NOW_S = 1_000.0
TEN = 10


def emptied(per_minute: int = TEN, now_s: float = NOW_S) -> Bucket:
    """Return a bucket from which all was just taken."""
    bucket = full_bucket(per_minute)
    for _ in range(per_minute):
        assert wait_s(bucket, now_s) == 0.0
        bucket = take(bucket, now_s)
    return bucket


def test_both_halves_together_ask_ten_times_a_minute() -> None:
    """The integration and the server share what one household may ask."""
    assert INTEGRATION_REQUESTS_PER_MINUTE + SERVER_REQUESTS_PER_MINUTE == TEN


def test_ten_requests_go_at_once_and_the_eleventh_waits_six_seconds() -> None:
    """The bucket is full at first."""
    bucket = emptied()
    assert wait_s(bucket, NOW_S) == 6.0
    assert wait_s(bucket, NOW_S + 4.0) == pytest.approx(2.0)
    assert wait_s(bucket, NOW_S, ahead=1) == 12.0


def test_after_a_minute_it_is_full_again_and_never_fuller() -> None:
    """A quiet night saves up nothing."""
    bucket = emptied()
    for _ in range(TEN):
        assert wait_s(bucket, NOW_S + 8 * 3600) == 0.0
        bucket = take(bucket, NOW_S + 8 * 3600)
    assert wait_s(bucket, NOW_S + 8 * 3600) == 6.0


def test_a_smaller_bucket_fills_slower() -> None:
    """The server's part is four a minute."""
    assert wait_s(emptied(SERVER_REQUESTS_PER_MINUTE), NOW_S) == 15.0


@given(st.lists(st.integers(0, 90), max_size=60))
def test_no_minute_sees_more_than_a_full_bucket_and_its_refill(gaps: list[int]) -> None:
    """Whoever waits as told keeps the promise: at most 10 + 10 in any minute."""
    bucket, now_s = full_bucket(TEN), NOW_S
    sent = []
    for gap in gaps:
        now_s += gap
        # A little more than told, as a clock does.
        now_s += wait_s(bucket, now_s) + 1e-6
        bucket = take(bucket, now_s)
        sent.append(now_s)
    assert all(
        sum(first <= at < first + 60 for at in sent) <= 2 * TEN for first in sent
    )


async def test_a_full_pace_lets_its_size_through_at_once_then_waits() -> None:
    """The first 1,440 are free; then there is one every 42 ms."""
    pace = Pace(1_440)
    for _ in range(1_440):
        assert pace.wait_s == 0
        await pace.wait_turn()
    pace = await tired_pace()
    begun_s = monotonic()
    for _ in range(4):
        await pace.wait_turn()
    assert monotonic() - begun_s > 0.1


async def test_who_waits_goes_in_order_and_is_counted() -> None:
    """First come, first served; the wait told includes those ahead."""
    pace = await tired_pace()
    came: list[int] = []

    async def come(number: int) -> None:
        await pace.wait_turn()
        came.append(number)

    alone_s = pace.wait_s
    async with asyncio.TaskGroup() as tasks:
        for number in range(3):
            tasks.create_task(come(number))
        await asyncio.sleep(0)
        assert pace.wait_s > alone_s
    assert came == [0, 1, 2]


async def test_who_waits_to_hear_passes_all_but_the_next() -> None:
    """A license goes before questions that nobody waits for."""
    pace = await tired_pace()
    came: list[str] = []

    async def come(name: str, line: Line) -> None:
        await line.wait_turn()
        came.append(name)

    async with asyncio.TaskGroup() as tasks:
        for name in ("chapters", "description", "progress"):
            tasks.create_task(come(name, pace))
        await asyncio.sleep(0)
        assert await pace.first_wait_s() < pace.wait_s
        tasks.create_task(come("license", pace.first))
    assert ["chapters", "license", "description", "progress"] == came


async def test_what_is_spare_can_go_without_waiting() -> None:
    """Who may as well ask later can see whether somebody would wait for it."""
    pace = Pace(6)
    assert pace.spare == 6
    for left in (5, 4, 3):
        await pace.wait_turn()
        assert pace.spare == left
    tired = await tired_pace()
    assert tired.spare == 0


async def test_who_gives_up_has_taken_nothing() -> None:
    """A cancelled wait leaves the turn to the next one."""
    pace = await tired_pace()
    first = asyncio.create_task(pace.wait_turn())
    second = asyncio.create_task(pace.wait_turn())
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert pace.wait_s < 2.5 * 60 / 1_440
    async with asyncio.timeout(1):
        await second


async def tired_pace() -> Pace:
    """Return a pace whose burst is used up; a turn comes every 42 ms."""
    pace = Pace(1_440)
    while pace.wait_s == 0:
        await pace.wait_turn()
    return pace
