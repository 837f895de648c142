"""Entries of the first version become today's, and nobody loses anything."""

from pathlib import Path
from typing import Any

import pytest
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.device_registry import DeviceEntryType
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.audible_tracker.const import DOMAIN
from custom_components.audible_tracker.core.audible.auth import (
    SignIn,
    complete_sign_in,
)
from tests.integration.databases import database_path, rows
from tests.integration.fake_media_server import SECRET, FakeMediaServer
from tests.integration.steps import Household
from tests.simulator.catalog import DEMO_EMAIL, UNDER_WAY_ASIN


@pytest.fixture
async def old_entry(
    household: Household,
    media_server: FakeMediaServer,
    hass_storage: dict[str, Any],
) -> MockConfigEntry:
    """Return an entry as version 1 stored it, with a device, an entity and a file."""
    sign_in = SignIn.begin("de")
    landing = await household.simulator.sign_in(sign_in.url)
    account, credentials = await complete_sign_in(sign_in, landing)
    entry = MockConfigEntry(
        domain=DOMAIN,
        version=1,
        minor_version=1,
        title="Anna Example (audible.de)",
        unique_id=account.account_id,
        data={
            "account_id": account.account_id,
            "name": account.name,
            "country_code": "de",
            "credentials": credentials.text,
            "media_server": {"url": media_server.url, "secret": SECRET},
        },
        options={"library_interval_minutes": 240, "under_way_days": 30},
    )
    entry.add_to_hass(household.hass)
    media_server.credentials[account.account_id] = credentials.text
    hass_storage[f"{DOMAIN}.{entry.entry_id}"] = {"version": 1, "data": {"titles": []}}
    _register(household.hass, entry, account.account_id)
    return entry


def _register(hass: HomeAssistant, entry: MockConfigEntry, key: str) -> None:
    devices, entities = dr.async_get(hass), er.async_get(hass)
    account = devices.async_get_or_create(
        config_entry_id=entry.entry_id,
        identifiers={(DOMAIN, key)},
        entry_type=DeviceEntryType.SERVICE,
        name="Anna Example",
    )
    entities.async_get_or_create(
        "sensor",
        DOMAIN,
        f"{key}_last_sync",
        config_entry=entry,
        device_id=account.id,
        suggested_object_id="a_name_of_the_users_own",
    )
    entities.async_get_or_create(
        "sensor",
        DOMAIN,
        f"{key}_currently_reading",
        config_entry=entry,
        device_id=account.id,
        suggested_object_id="what_the_user_hears",
    )
    entities.async_get_or_create(
        "sensor",
        DOMAIN,
        f"{key}_{UNDER_WAY_ASIN}_progress",
        config_entry=entry,
        suggested_object_id="pride_of_the_users_own",
    )


async def test_account_of_the_first_version_goes_on(
    household: Household,
    old_entry: MockConfigEntry,
    hass_storage: dict[str, Any],
) -> None:
    """Credentials, interval, link and file are where they belong now."""
    credentials = old_entry.data["credentials"]
    customer_id = old_entry.data["account_id"]

    await household.hass.config_entries.async_setup(old_entry.entry_id)
    await household.settle()

    assert old_entry.state is ConfigEntryState.LOADED
    assert old_entry.version == 2
    assert old_entry.unique_id == f"{customer_id}_de"
    assert dict(old_entry.data) == {
        "customer_id": customer_id,
        "account_id": 1,
        "name": "Anna Example",
        "country_code": "de",
    }
    assert dict(old_entry.options) == {"under_way_days": 30}
    assert await household.credentials(old_entry) == credentials
    assert (await household.account(old_entry)).sync_interval_minutes == 240
    assert household.link is not None
    assert household.link.secret == SECRET
    assert f"{DOMAIN}.{old_entry.entry_id}" not in hass_storage
    assert len(household.registered()) == 1


async def test_entities_and_devices_stay_the_same(
    household: Household, old_entry: MockConfigEntry
) -> None:
    """Names that the user gave, and what was recorded under them, are kept."""
    [before] = dr.async_entries_for_config_entry(
        dr.async_get(household.hass), old_entry.entry_id
    )

    await household.hass.config_entries.async_setup(old_entry.entry_id)
    await household.settle()

    [after] = dr.async_entries_for_config_entry(
        dr.async_get(household.hass), old_entry.entry_id
    )
    assert after.id == before.id
    assert after.identifiers == {(DOMAIN, old_entry.unique_id)}
    assert household.entity_id("_last_sync") == "sensor.a_name_of_the_users_own"
    now = household.state("_currently_reading")
    assert (now.entity_id, now.state) == (
        "sensor.what_the_user_hears",
        "Pride and Prejudice",
    )
    assert household.entity_id(f"{UNDER_WAY_ASIN}_progress") == (
        "sensor.pride_of_the_users_own"
    )


async def test_server_knows_the_account_by_its_new_id_alone(
    household: Household,
    old_entry: MockConfigEntry,
    media_server: FakeMediaServer,
) -> None:
    """It does not keep credentials under an id that nobody will remove."""
    await household.hass.config_entries.async_setup(old_entry.entry_id)
    await household.settle()

    assert set(media_server.credentials) == {old_entry.unique_id}


async def test_a_server_that_never_knew_the_account_is_no_trouble(
    household: Household,
    old_entry: MockConfigEntry,
    media_server: FakeMediaServer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It was set up anew: there is no older id to be forgotten, and nothing to say."""
    media_server.credentials.clear()

    await household.hass.config_entries.async_setup(old_entry.entry_id)
    await household.settle()

    assert set(media_server.credentials) == {old_entry.unique_id}
    assert "still knows" not in caplog.text


async def test_without_a_database_nothing_is_lost(
    household: Household, old_entry: MockConfigEntry
) -> None:
    """Credentials stay where they are until they are safe elsewhere."""
    credentials = old_entry.data["credentials"]
    path: Path = database_path(household.hass)
    path.mkdir()

    await household.hass.config_entries.async_setup(old_entry.entry_id)

    assert old_entry.state is ConfigEntryState.SETUP_RETRY
    assert old_entry.data["credentials"] == credentials
    path.rmdir()
    await household.hass.config_entries.async_reload(old_entry.entry_id)
    await household.settle()
    assert old_entry.state is ConfigEntryState.LOADED
    assert "credentials" not in old_entry.data
    assert await household.credentials(old_entry) == credentials


async def test_account_that_was_never_moved_is_signed_out_when_removed(
    household: Household, old_entry: MockConfigEntry
) -> None:
    """Whoever gives up instead leaves no virtual device at Amazon."""
    database_path(household.hass).mkdir()
    await household.hass.config_entries.async_setup(old_entry.entry_id)
    assert len(household.registered()) == 1

    await household.hass.config_entries.async_remove(old_entry.entry_id)
    await household.settle()

    assert household.registered() == []


async def test_move_that_was_killed_is_done_again(
    household: Household, old_entry: MockConfigEntry
) -> None:
    """Home Assistant writes an entry later than the database: both may differ."""
    as_it_was = dict(old_entry.data)
    await household.hass.config_entries.async_setup(old_entry.entry_id)
    await household.settle()
    await household.hass.config_entries.async_unload(old_entry.entry_id)
    household.hass.config_entries.async_update_entry(
        old_entry, data=as_it_was, unique_id=as_it_was["account_id"], version=1
    )

    await household.hass.config_entries.async_setup(old_entry.entry_id)
    await household.settle()

    assert old_entry.state is ConfigEntryState.LOADED
    assert rows(household.hass, "SELECT count(*) FROM audible_config") == [(1,)]
    assert household.simulator.shop.accounts[DEMO_EMAIL].user_id in (
        old_entry.unique_id or ""
    )
