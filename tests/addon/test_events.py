"""The hub of what happens: order, listeners, and those who are too slow."""

import asyncio

from audible_server.library.events import Event, Events


async def test_each_listener_hears_everything_in_order() -> None:
    """What was published before or after is not heard."""
    events = Events()
    events.publish("job", {"number": 0})
    with events.subscribe() as first, events.subscribe() as second:
        events.publish("job", {"number": 1})
        events.publish("position", {"number": 2}, event_id=7)
        for subscription in (first, second):
            assert Event("job", {"number": 1}) == await subscription.take()
            assert Event("position", {"number": 2}, 7) == await subscription.take()
    events.publish("job", {"number": 3})


async def test_who_waits_is_woken() -> None:
    """A listener may wait before anything happens."""
    events = Events()
    with events.subscribe() as subscription:
        waiting = asyncio.create_task(subscription.take())
        await asyncio.sleep(0)
        events.publish("job", {})
        assert Event("job", {}) == await waiting


async def test_who_is_too_slow_is_told_so() -> None:
    """Memory is bounded, and nobody takes a part for the whole."""
    events = Events()
    with events.subscribe() as slow, events.subscribe() as quick:
        for number in range(1000):
            events.publish("job", {"number": number})
            event = await quick.take()
            assert event is not None
            assert {"number": number} == event.data
        assert await slow.take() is None
