"""Slots for transcodes, and the queue in front of them."""

import asyncio
from collections.abc import Callable

import pytest
from audible_core.errors import TooManyStreamsError

from audible_server.media.limiter import StreamSlots
from tests.addon.patience import SOON_S


async def hold(slots: StreamSlots, client: str, served: list[str]) -> None:
    async with slots.slot(client):
        served.append(client)
        await asyncio.sleep(0.01)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(SOON_S):
        while not condition():
            await asyncio.sleep(0)


async def test_who_waited_in_vain_is_told_when_to_come_again() -> None:
    """A slot given back is free; none in time is an error with the wait."""
    slots = StreamSlots(2, patience_s=0.05, retry_after_s=7)
    async with slots.slot():
        async with slots.slot():
            assert 2 == slots.in_use
            with pytest.raises(TooManyStreamsError) as caught:
                await hold(slots, "", [])
        await hold(slots, "", [])

    assert 7 == caught.value.retry_after_s
    assert (0, 0, True) == (slots.in_use, slots.waiting, slots.is_free)


async def test_those_who_wait_are_served_in_the_order_they_came() -> None:
    """First in, first out, among different clients."""
    slots, served = StreamSlots(1), list[str]()
    async with slots.slot("first"):
        waiting = [asyncio.create_task(hold(slots, name, served)) for name in "abc"]
        await until(lambda: slots.waiting == 3)
    await asyncio.gather(*waiting)

    assert ["a", "b", "c"] == served
    assert 0 == slots.in_use


async def test_a_client_with_many_requests_delays_nobody_else() -> None:
    """Who holds nothing goes before who holds something, however late they came."""
    slots, served = StreamSlots(2), list[str]()
    async with slots.slot("greedy"):
        async with slots.slot("other"):
            tasks = [
                asyncio.create_task(hold(slots, name, served))
                for name in ("greedy", "greedy", "greedy", "modest")
            ]
            await until(lambda: slots.waiting == 4)
        await until(lambda: bool(served))
        assert ["modest"] == served
    await asyncio.gather(*tasks)

    assert ["modest", "greedy", "greedy", "greedy"] == served


async def test_a_client_may_not_fill_the_queue() -> None:
    """Beyond half of it one client is sent away at once; another still may wait."""
    slots, served = StreamSlots(1), list[str]()
    async with slots.slot("greedy"):
        tasks = [asyncio.create_task(hold(slots, "greedy", served)) for _ in range(32)]
        await asyncio.sleep(0)
        with pytest.raises(TooManyStreamsError):
            await hold(slots, "greedy", served)
        waiting = slots.waiting
        modest = asyncio.create_task(hold(slots, "modest", served))
        await until(lambda: slots.waiting > waiting)
        for task in tasks:
            task.cancel()
    await modest

    assert ["modest"] == served


async def test_who_leaves_the_queue_takes_no_slot_along() -> None:
    """Cancelled while waiting, and in the moment the slot was given."""
    slots, served = StreamSlots(1), list[str]()
    async with slots.slot():
        leaving = asyncio.create_task(hold(slots, "a", served))
        given = asyncio.create_task(hold(slots, "b", served))
        await until(lambda: slots.waiting == 2)
        leaving.cancel()
        await asyncio.wait([leaving])
    given.cancel()
    await asyncio.wait([given])

    assert ([], 0, 0) == (served, slots.in_use, slots.waiting)


async def test_a_failure_gives_its_slot_back() -> None:
    """An error inside the block leaves no slot taken."""
    slots = StreamSlots(1)
    with pytest.raises(ZeroDivisionError):
        async with slots.slot():
            _ = 1 // 0

    assert 0 == slots.in_use


async def test_no_slots_at_all_is_a_choice() -> None:
    """With 0 slots nothing is transcoded, and nobody waits for it."""
    with pytest.raises(TooManyStreamsError):
        async with asyncio.timeout(1):
            await hold(StreamSlots(0), "", [])
