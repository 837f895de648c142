"""Titles of Plus that leave: which, and that each is told once."""

from dataclasses import replace

import pytest
from audible_core.models import AudibleTitle
from audible_core.sync.event_ids import EventIds
from audible_core.sync.leaving import find_leaving, leaving_soon

from tests.core.sync.home import Home, novel
from tests.core.sync.paper import DAY, NOW, title


def _plus(number: int, days: float) -> AudibleTitle:
    return title(number, is_plus=True, consumable_until=NOW + days * DAY)


@pytest.mark.parametrize(
    ("days", "leaves"), [(0.5, True), (30, True), (31, False), (-1, False)]
)
def test_title_leaves_soon(days: float, leaves: bool) -> None:
    """Within thirty days, and not when it has gone."""
    assert leaves == bool(leaving_soon([_plus(1, days)], now=NOW))


def test_title_that_cannot_be_heard_any_more_does_not_leave() -> None:
    """It is gone."""
    gone = replace(_plus(1, 3), is_consumable=False)
    assert () == leaving_soon([gone], now=NOW)


def test_end_of_the_membership_is_no_leaving() -> None:
    """A day that most of many titles share is renewed."""
    shared = [_plus(number, 12) for number in range(1, 6)]
    leaving = _plus(6, 20)
    assert (leaving,) == leaving_soon([*shared, leaving], now=NOW)
    few = shared[:3]
    assert tuple(few) == leaving_soon(few, now=NOW)


async def test_leaving_is_told_once_for_each_day(home: Home) -> None:
    """However often one looks; another day is another event."""
    home.shop.add(novel(1, is_plus=True, consumable_until=home.clock() + 10 * DAY))
    await home.sync()

    async def look() -> int:
        async with home.store.reading() as connection:
            found = await find_leaving(
                connection,
                await home.account(),
                now=home.clock(),
                time_zone=home.store.time_zone,
                new_event_id=EventIds(),
            )
        return await home.engine.tell_found(found)

    assert (1, 0) == (await look(), await look())
    (event,) = home.told
    assert "title_leaving" == event.event_type
    assert home.reader_id == event.reader_id
    assert (await home.link()).book_id == event.book_id
    assert (home.clock() + 10 * DAY).date().isoformat() == event.data["leaves_on"]

    home.shop.change(1, consumable_until=home.clock() + 20 * DAY)
    await home.sync()
    assert 1 == await look()
