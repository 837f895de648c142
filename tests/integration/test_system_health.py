"""What Home Assistant's page of its own health says of the integration."""

import asyncio
from typing import Any

import pytest
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import get_system_health_info

from custom_components.audible_tracker.const import DOMAIN
from tests.integration.fake_media_server import FakeMediaServer
from tests.integration.steps import Household


@pytest.fixture(autouse=True)
def _no_internet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Audible be reached without asking."""

    async def reach(hass: HomeAssistant, url: str) -> str:
        return "ok"

    monkeypatch.setattr(
        "homeassistant.components.system_health.async_check_can_reach_url", reach
    )


async def info(hass: HomeAssistant) -> dict[str, Any]:
    """Return what is shown, with what takes a moment."""
    assert await async_setup_component(hass, "system_health", {})
    await hass.async_block_till_done()
    found = await get_system_health_info(hass, DOMAIN)
    return {
        name: await value if asyncio.iscoroutine(value) else value
        for name, value in found.items()
    }


async def test_page_shows_how_it_stands(
    hass: HomeAssistant, household: Household, linked_entry: ConfigEntry
) -> None:
    """Accounts, problems, database, server, and whether the shop is reached."""
    found = await info(hass)
    assert found["requests_today"] > 0
    assert {name: found[name] for name in found if name != "requests_today"} == {
        "accounts": 1,
        "accounts_loaded": 1,
        "problems": 0,
        "conflicts_open": 0,
        "database": "SQLite",
        "media_server": "0.1.0",
        "audible.com": "ok",
    }


async def test_page_shows_what_fails(
    hass: HomeAssistant,
    household: Household,
    linked_entry: ConfigEntry,
    media_server: FakeMediaServer,
) -> None:
    """An account that is not loaded, and a server that refuses."""
    media_server.secret = "another"
    assert await hass.config_entries.async_unload(linked_entry.entry_id)

    found = await info(hass)

    assert (found["accounts"], found["accounts_loaded"]) == (1, 0)
    assert found["database"] == "closed"
    assert found["media_server"] == {"type": "failed", "error": "media_server_secret"}


async def test_house_without_a_server(
    hass: HomeAssistant, household: Household
) -> None:
    """There is none, which is no fault."""
    await household.sign_up()
    assert (await info(hass))["media_server"] == "none"
