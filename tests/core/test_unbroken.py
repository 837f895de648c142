"""Work that ends although who waits for it is cancelled."""

import asyncio

import pytest
from audible_core.unbroken import unbroken


@pytest.mark.parametrize("times", [1, 3])
async def test_work_ends_before_who_waits_for_it(times: int) -> None:
    """A cancellation comes through, but not before the work is over."""
    is_begun, may_end, has_ended = asyncio.Event(), asyncio.Event(), False

    async def work() -> None:
        nonlocal has_ended
        is_begun.set()
        await may_end.wait()
        has_ended = True

    waiting = asyncio.create_task(unbroken(work()))
    await is_begun.wait()
    for _ in range(times):
        waiting.cancel()
        await asyncio.sleep(0)
        assert not waiting.done()
    may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert has_ended


async def test_what_the_work_comes_to_is_told() -> None:
    """Its value, or its error."""

    async def halve(number: int) -> int:
        if number % 2:
            raise ValueError(number)
        return number // 2

    assert 4 == await unbroken(halve(8))
    with pytest.raises(ValueError, match="7"):
        await unbroken(halve(7))
