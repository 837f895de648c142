"""A book on a real player, by Home Assistant's own integration of it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from homeassistant.config_entries import ConfigEntry
from homeassistant.core_config import async_process_ha_core_config
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.audible_tracker.core.playing.session import Phase
from tests.integration.fake_media_server import FakeMediaServer
from tests.integration.listening_house import (
    MINUTE_MS,
    START_MS,
    House,
    furnish,
)
from tests.integration.mpd import Mpd, running_mpd
from tests.integration.steps import Household
from tests.simulator.catalog import UNDER_WAY_ASIN

NEAR_MS = 5_000


@pytest.fixture
async def mpd(socket_enabled: None, tmp_path: Path) -> AsyncIterator[Mpd]:
    """Run the player in the kitchen."""
    async with running_mpd(tmp_path / "kitchen") as mpd:
        yield mpd


@pytest.fixture
async def house(
    household: Household,
    linked_entry: ConfigEntry,
    media_server: FakeMediaServer,
    hass_client_no_auth: ClientSessionGenerator,
) -> House:
    """Return a house whose speakers reach it."""
    # Its view has to be there before the first request.
    assert await async_setup_component(household.hass, "media_player", {})
    client = await hass_client_no_auth()
    await async_process_ha_core_config(
        household.hass, {"internal_url": str(client.make_url("")).rstrip("/")}
    )
    return await furnish(household, linked_entry, media_server)


@pytest.fixture
async def kitchen(house: House, mpd: Mpd) -> str:
    """Return the player's entity."""
    return await house.add_mpd(mpd, "Kitchen")


async def play(house: House, player: str, **data: Any) -> dict[str, Any]:
    """Let a player play what is being read."""
    answer: dict[str, Any] = await house.household.act("play", entity_id=player, **data)
    return answer


async def elapsed_ms(mpd: Mpd) -> int:
    """Return where the player says that it is."""
    return round(float((await mpd.ask())["elapsed"]) * 1_000)


async def test_book_goes_on_where_the_reader_is_and_is_followed(
    house: House, kitchen: str, mpd: Mpd
) -> None:
    """Once it is heard the player is at the place; what it plays goes to the ledger."""
    answer = await play(house, kitchen)

    assert (UNDER_WAY_ASIN, "playing", "m4b") == (
        answer["asin"],
        answer["state"],
        answer["format"],
    )
    await house.until(kitchen, lambda: house.session(kitchen).seek_ms is None)
    assert abs(await elapsed_ms(mpd) - START_MS) < NEAR_MS

    await mpd.command("seekcur", 420)
    await mpd.command("pause", 1)
    await house.until(kitchen, lambda: house.session(kitchen).phase is Phase.PAUSED)
    await house.household.settle()
    place_ms, _ = await house.place()
    assert abs(place_ms - 7 * MINUTE_MS) < NEAR_MS
