"""Ids of events are unlike, in order, and cost nobody else their turn."""

import asyncio
import time
import uuid

import pytest
from audible_core.sync import event_ids
from audible_core.sync.event_ids import EventIds

MANY = 60_000
PATIENCE_MS = 50.0


def test_ids_are_uuids_of_version_7_and_of_this_moment() -> None:
    """Whoever reads an id finds out when the event was made."""
    before_ms = time.time_ns() // 1_000_000

    found = uuid.UUID(EventIds()())

    assert 7 == found.version
    assert uuid.RFC_4122 == found.variant
    assert before_ms <= found.int >> 80 <= time.time_ns() // 1_000_000


def test_later_ids_sort_later_and_none_comes_twice() -> None:
    """Thousands are made within one millisecond, and by several accounts."""
    one, other = EventIds(), EventIds()

    ids = [one() for _ in range(10_000)]

    assert sorted(ids) == ids
    assert 20_000 == len({*ids, *(other() for _ in range(10_000))})


def test_a_clock_that_is_set_back_changes_no_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The order of events is the order in which they happened."""
    new_id = EventIds()
    first = new_id()

    monkeypatch.setattr(event_ids.time, "time_ns", lambda: 0)

    assert new_id() > first


async def test_a_thread_that_makes_many_ids_leaves_the_event_loop_its_turn() -> None:
    """Home Assistant goes on while a large sync is planned.

    What the machine did besides is not counted: no more than this process's own time.
    """
    longest_ms = 0.0

    def make_many() -> None:
        new_id = EventIds()
        for _ in range(MANY):
            new_id()

    work = asyncio.create_task(asyncio.to_thread(make_many))
    while not work.done():
        wall, own = time.perf_counter(), time.process_time()
        await asyncio.sleep(0.001)
        gap_s = min(time.perf_counter() - wall, time.process_time() - own)
        longest_ms = max(longest_ms, gap_s * 1000)

    assert longest_ms < PATIENCE_MS
