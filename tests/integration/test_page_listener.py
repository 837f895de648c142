"""What is heard on the server's page goes into the ledger, each place once."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from homeassistant.config_entries import ConfigEntry
from homeassistant.util import dt as dt_util

from custom_components.audible_tracker import page_listener
from tests.integration.databases import rows
from tests.integration.fake_media_server import FakeMediaServer
from tests.integration.steps import Household
from tests.simulator.catalog import UNDER_WAY_ASIN

LEDGER = (
    "SELECT position_ms FROM audible_progress_history WHERE source = 'player' "
    "ORDER BY id"
)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody wait for the next look."""
    for name in ("LOOK_EVERY_S", "_WAIT_MIN_S", "_WAIT_MAX_S"):
        monkeypatch.setattr(page_listener, name, 0.02)


async def until(condition: Callable[[], bool]) -> None:
    """Return once it is so."""
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)


def place(position_ms: int, asin: str = UNDER_WAY_ASIN, **after: int) -> dict[str, Any]:
    """Return the data of an event of the page."""
    heard_at = dt_util.utcnow() + timedelta(**after)
    return {
        "asin": asin,
        "position_ms": position_ms,
        "heard_at": heard_at.isoformat(),
    }


async def heard(
    household: Household, media_server: FakeMediaServer, *events: Any
) -> list[Any]:
    """Let the page tell something; return what the ledger has of players."""
    media_server.events += events
    asked = len(media_server.last_ids)
    # The third look begins after the second has been taken whole.
    await until(lambda: len(media_server.last_ids) >= asked + 3)
    await household.settle()
    return [row[0] for row in rows(household.hass, LEDGER)]


async def test_places_of_the_page_reach_the_ledger_once(
    household: Household, linked_entry: ConfigEntry, media_server: FakeMediaServer
) -> None:
    """The sensor follows; what comes twice, is older, or unknown changes nothing."""
    events = (
        (11, "position", place(3_723_000, seconds=1)),
        (12, "position", place(3_724_000, seconds=2)),
        (13, "position", place(1, seconds=-9999)),
        (14, "position", place(5, "B0UNKNOWN1", seconds=3)),
        (15, "bookmark", {"asin": UNDER_WAY_ASIN}),
        (16, "position", {"asin": UNDER_WAY_ASIN}),
        (None, "job", {}),
    )
    assert await heard(household, media_server, *events) == [3_723_000, 3_724_000]
    state = household.state(f"{UNDER_WAY_ASIN}_progress")
    assert state.attributes["position"] == "1:02:04"
    assert media_server.last_ids[0] == "0"
    assert media_server.last_ids[-1] == "16"

    again = (17, "position", events[1][2])
    assert await heard(household, media_server, again) == [3_723_000, 3_724_000]


async def test_where_it_went_on_is_remembered(
    household: Household, linked_entry: ConfigEntry, media_server: FakeMediaServer
) -> None:
    """A restart begins where the last event was taken; one account listens."""
    await heard(household, media_server, (7, "position", place(70_000, seconds=1)))
    await household.restart(linked_entry)
    media_server.last_ids.clear()
    await until(lambda: bool(media_server.last_ids))
    assert media_server.last_ids[0] == "7"
    assert await heard(household, media_server) == [70_000]


async def test_place_goes_on_to_audible_if_it_is_wanted(
    household: Household, linked_entry: ConfigEntry, media_server: FakeMediaServer
) -> None:
    """As a place that is set by hand does."""
    household.hass.config_entries.async_update_entry(
        linked_entry, options={"writes_back": True}
    )
    await household.restart(linked_entry)
    await heard(household, media_server, (7, "position", place(70_000, seconds=1)))
    sql = "SELECT asin, position_ms, source FROM audible_position_writes"
    assert rows(household.hass, sql) == [(UNDER_WAY_ASIN, 70_000, "player")]


async def test_old_server_is_left_alone(
    household: Household, linked_entry: ConfigEntry, media_server: FakeMediaServer
) -> None:
    """A server that does not answer, or has no events, costs a look now and then."""
    media_server.secret = "changed meanwhile"
    await until(lambda: media_server.calls[-1] == ("GET", "/api/events"))
    media_server.secret = "a secret of the server"
    events = ((3, "position", place(80_000, seconds=1)),)
    assert await heard(household, media_server, *events) == [80_000]
