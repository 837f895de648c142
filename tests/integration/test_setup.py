"""An account from start to removal, in fair weather and foul."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp.test_utils import unused_port
from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.audible_tracker import server_link
from custom_components.audible_tracker.const import DOMAIN
from tests.integration.databases import change, rows
from tests.integration.fake_media_server import (
    SECRET,
    FakeMediaServer,
    running_media_server,
)
from tests.integration.steps import POSITIONS, Household
from tests.integration.test_discovery import announce
from tests.simulator.catalog import UNDER_WAY_ASIN
from tests.simulator.faults import FaultKind

PROGRESS = f"{UNDER_WAY_ASIN}_progress"


async def test_account_is_unloaded_and_set_up_again(household: Household) -> None:
    """Unloading leaves nothing running, and what was known is there at once."""
    entry = await household.sign_up()
    before = household.state(PROGRESS)

    assert await household.hass.config_entries.async_unload(entry.entry_id)
    assert entry.state is ConfigEntryState.NOT_LOADED
    assert household.state(PROGRESS).state == "unavailable"
    await household.hass.config_entries.async_setup(entry.entry_id)
    await household.settle()

    assert household.state(PROGRESS).state == before.state
    assert household.count_libraries() == 1


async def test_restart_without_the_shop_keeps_everything(household: Household) -> None:
    """All titles are there with their last values while Audible is out of reach."""
    entry = await household.sign_up()
    before = {
        state.entity_id: (state.state, dict(state.attributes))
        for state in household.hass.states.async_all("sensor")
    }
    household.break_shop(FaultKind.UNREACHABLE)

    await household.restart(entry)

    after = {
        state.entity_id: (state.state, dict(state.attributes))
        for state in household.hass.states.async_all("sensor")
    }
    assert entry.state is ConfigEntryState.LOADED
    assert entry.runtime_data.coordinator.last_update_success is False
    # All but what is said of Audible itself.
    about = ("_sync_health", "_next_sync_allowed_from")
    assert {
        name: shown for name, shown in after.items() if not name.endswith(about)
    } == {name: shown for name, shown in before.items() if not name.endswith(about)}


async def test_shop_that_comes_back_is_noticed(
    household: Household, freezer: FrozenDateTimeFactory
) -> None:
    """After an outage the next poll brings what happened meanwhile."""
    entry = await household.sign_up()
    household.break_shop(FaultKind.UNREACHABLE)
    await household.restart(entry)
    household.mend_shop()
    household.listen(UNDER_WAY_ASIN, 60_000)

    await household.pass_time(freezer, timedelta(minutes=6))

    assert household.state(PROGRESS).attributes["position"] == "0:01:00"
    assert entry.runtime_data.coordinator.last_update_success is True


async def test_first_set_up_without_the_shop_is_tried_again(
    household: Household, freezer: FrozenDateTimeFactory
) -> None:
    """With nothing stored and nobody answering there is nothing to show."""
    entry = await household.sign_up()
    await household.unload_and_forget(entry)
    household.break_shop(FaultKind.UNREACHABLE)

    await household.hass.config_entries.async_setup(entry.entry_id)

    assert entry.state is ConfigEntryState.SETUP_RETRY
    assert entry.error_reason_translation_key == "audible_unreachable"
    household.mend_shop()
    freezer.tick(timedelta(minutes=1))
    await household.hass.config_entries.async_reload(entry.entry_id)
    assert entry.state is ConfigEntryState.LOADED


async def test_lost_sign_in_asks_the_user(household: Household) -> None:
    """A registration that Amazon ended starts the reauthentication."""
    entry = await household.sign_up()
    household.simulator.shop.devices[0].is_revoked = True

    await household.ask_now(household.state(PROGRESS).entity_id)

    [flow] = household.hass.config_entries.flow.async_progress()
    assert flow["context"]["source"] == SOURCE_REAUTH
    assert household.state(PROGRESS).state != "unavailable"
    assert entry.state is ConfigEntryState.LOADED


async def test_lost_sign_in_at_first_set_up_asks_the_user(
    household: Household,
) -> None:
    """The same before anything was stored."""
    entry = await household.sign_up()
    await household.unload_and_forget(entry)
    household.simulator.shop.devices[0].is_revoked = True

    await household.hass.config_entries.async_setup(entry.entry_id)

    assert entry.state is ConfigEntryState.SETUP_ERROR
    assert entry.error_reason_translation_key == "audible_auth"
    await household.settle()
    [flow] = household.hass.config_entries.flow.async_progress()
    assert flow["context"]["source"] == SOURCE_REAUTH


async def test_damaged_credentials_ask_the_user(
    hass: HomeAssistant, socket_enabled: None
) -> None:
    """What cannot be read any more needs a new sign-in, not a traceback."""
    entry = MockConfigEntry(
        domain=DOMAIN,
        version=1,
        data={
            "account_id": "a",
            "name": "Anna",
            "country_code": "us",
            "credentials": "{}",
        },
    )
    entry.add_to_hass(hass)

    await hass.config_entries.async_setup(entry.entry_id)

    assert entry.state is ConfigEntryState.SETUP_ERROR
    assert entry.error_reason_translation_key == "audible_auth"


async def test_audibles_wait_is_kept(
    household: Household, freezer: FrozenDateTimeFactory
) -> None:
    """While told to wait nothing is asked, whoever wants to know."""
    await household.sign_up()
    entity_id = household.state(PROGRESS).entity_id
    household.break_shop(FaultKind.RATE_LIMIT_RETRY_AFTER, retry_after_s=600)
    await household.ask_now(entity_id)
    household.mend_shop()
    asked = household.count("/")

    await household.pass_time(freezer, timedelta(minutes=6))
    await household.ask_now(entity_id)
    assert household.count("/") == asked

    await household.pass_time(freezer, timedelta(minutes=5))
    assert household.count("/") > asked


async def test_positions_that_fail_do_not_lose_the_library(
    household: Household, hass_storage: dict[str, dict[str, object]]
) -> None:
    """A set-up that stops halfway goes on from there."""
    household.break_shop(FaultKind.UNAVAILABLE, POSITIONS)
    result = await household.finish(await household.begin())
    await household.settle()
    entry = result["result"]
    assert entry.state is ConfigEntryState.SETUP_RETRY
    household.mend_shop()

    await household.hass.config_entries.async_reload(entry.entry_id)
    await household.settle()

    assert entry.state is ConfigEntryState.LOADED
    assert household.state(PROGRESS)
    assert household.count_libraries() == 1


async def test_removed_account_leaves_nothing(
    household: Household,
    media_server: FakeMediaServer,
    hass_storage: dict[str, dict[str, object]],
) -> None:
    """Neither at Amazon, nor on the server, nor on disk, nor in the registries."""
    entry = await household.sign_up()
    await announce(household.hass, media_server.url)
    await household.settle()
    assert media_server.credentials
    assert household.registered()

    await household.hass.config_entries.async_remove(entry.entry_id)
    await household.settle()

    assert household.registered() == []
    assert media_server.credentials == {}
    assert f"{DOMAIN}.{entry.entry_id}" not in hass_storage
    registry = dr.async_get(household.hass)
    assert dr.async_entries_for_config_entry(registry, entry.entry_id) == []


async def test_removal_without_network_says_what_to_do(
    household: Household,
    media_server: FakeMediaServer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The account is removed anyway, and the user told where the device is listed."""
    entry = await household.sign_up(country_code="de")
    await announce(household.hass, media_server.url)
    await household.settle()
    household.break_shop(FaultKind.UNREACHABLE)
    media_server.secret = "another"

    await household.hass.config_entries.async_remove(entry.entry_id)

    assert household.hass.config_entries.async_entries(DOMAIN) == []
    assert "https://www.amazon.de/hz/mycd/" in caplog.text
    assert "The server still knows the account" in caplog.text
    page = Path(__file__).parents[2] / "docs" / "removal.md"
    for text in (caplog.text, page.read_text(encoding="utf-8")):
        assert "DELETE /api/accounts/{account_id}" in text


async def test_removal_without_the_database_says_what_stays(
    household: Household, caplog: pytest.LogCaptureFixture
) -> None:
    """The sign-in stays in it, and the page says how to remove it."""
    entry = await household.sign_up()
    await household.hass.config_entries.async_unload(entry.entry_id)
    change(household.hass, "UPDATE database_owner SET owner = 'another house'")

    await household.hass.config_entries.async_remove(entry.entry_id)

    assert household.hass.config_entries.async_entries(DOMAIN) == []
    assert "The sign-in of account 1 stays in the database" in caplog.text
    assert "The virtual device could not be removed" in caplog.text
    page = Path(__file__).parents[2] / "docs" / "removal.md"
    [statement] = [
        line
        for line in page.read_text(encoding="utf-8").splitlines()
        if line.startswith("UPDATE audible_config")
    ]
    change(household.hass, statement.replace("NUMBER", "1"))
    assert rows(
        household.hass, "SELECT encrypted_credentials, email FROM audible_config"
    ) == [(None, None)]


async def test_server_that_is_away_gets_the_account_later(
    household: Household,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The account is handed over as soon as the server answers, and told once."""
    monkeypatch.setattr(server_link, "HAND_OVER_RETRY", timedelta(milliseconds=20))
    entry = await household.sign_up()
    port = unused_port()
    told = "The account waits to be handed over"

    await announce(household.hass, f"http://127.0.0.1:{port}")
    async with asyncio.timeout(5):
        while told not in caplog.text:
            await asyncio.sleep(0)
    async with running_media_server(tmp_path, port=port) as media_server:
        await household.settle()

    assert media_server.credentials == {
        entry.unique_id: await household.credentials(entry)
    }
    assert caplog.text.count(told) == 1


async def test_server_with_another_secret_is_told_in_the_log(
    household: Household,
    media_server: FakeMediaServer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What will not change by itself is not tried again."""
    await household.sign_up()
    media_server.secret = "another"

    await announce(household.hass, media_server.url, secret=SECRET)
    await household.settle()

    assert "does not accept the secret" in caplog.text
    assert SECRET not in caplog.text
