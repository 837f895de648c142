"""What a user sends when asking for help."""

import json
import logging

import pytest
from homeassistant.config_entries import ConfigEntry, ConfigEntryState

from custom_components.audible_tracker.diagnostics import (
    async_get_config_entry_diagnostics,
)
from tests.integration.fake_media_server import SECRET, FakeMediaServer
from tests.integration.steps import Household
from tests.simulator.catalog import DEMO_EMAIL
from tests.simulator.faults import FaultKind


async def test_diagnostics_say_how_it_stands(
    household: Household, linked_entry: ConfigEntry
) -> None:
    """Counts, settings and the server's health."""
    found = await async_get_config_entry_diagnostics(household.hass, linked_entry)

    assert found["entry"]["country_code"] == "us"
    assert found["account"]["under_way"] == 10
    assert found["account"]["with_chapters"] == 3
    assert found["account"]["last_update_success"] is True
    assert found["account"]["last_error"] is None
    assert found["account"]["health"] == "ok"
    assert found["account"]["readers"] == 1
    assert found["repairs"] == []
    assert found["media_server"]["version"] == "0.1.0"


async def test_diagnostics_name_the_faults(
    household: Household, linked_entry: ConfigEntry, media_server: FakeMediaServer
) -> None:
    """What is wrong is there by its key."""
    household.break_shop(FaultKind.UNREACHABLE)
    await household.ask_now(household.state("_currently_reading").entity_id)
    media_server.secret = "another"

    found = await async_get_config_entry_diagnostics(household.hass, linked_entry)

    assert found["account"]["last_error"] == "audible_unreachable"
    assert found["account"]["health"] == "offline"
    assert found["media_server"]["error"] == "media_server_secret"


async def test_diagnostics_hold_nothing_personal(
    household: Household, linked_entry: ConfigEntry
) -> None:
    """No key, no name, no title: neither whole nor in parts."""
    found = await async_get_config_entry_diagnostics(household.hass, linked_entry)

    text = json.dumps(found)
    account = household.simulator.shop.accounts[DEMO_EMAIL]
    credentials = json.loads(await household.credentials(linked_entry))
    planted = {
        SECRET,
        account.name,
        account.given_name,
        account.user_id,
        linked_entry.title,
        "127.0.0.1",
        *_texts(credentials),
        *account.library,
        *(owned.title.title for owned in account.library.values()),
    }
    assert [word for word in planted if word and len(word) > 3 and word in text] == []


def _texts(value: object) -> list[str]:
    """Return all texts in a JSON value but the short words of everyday."""
    if isinstance(value, str):
        return [value] if len(value) > 8 else []
    if isinstance(value, dict):
        return [text for member in value.values() for text in _texts(member)]
    if isinstance(value, list):
        return [text for member in value for text in _texts(member)]
    return []


async def test_without_a_server_there_is_none(household: Household) -> None:
    """A missing server is no fault."""
    entry = await household.sign_up()

    found = await async_get_config_entry_diagnostics(household.hass, entry)

    assert found["media_server"] is None


async def test_account_that_is_not_set_up_says_why(
    household: Household, linked_entry: ConfigEntry
) -> None:
    """Diagnostics are wanted most where nothing works."""
    await household.unload_and_forget(linked_entry)
    household.break_shop(FaultKind.UNREACHABLE)
    await household.hass.config_entries.async_setup(linked_entry.entry_id)
    assert linked_entry.state is ConfigEntryState.SETUP_RETRY

    found = await async_get_config_entry_diagnostics(household.hass, linked_entry)

    assert found["state"] == "setup_retry"
    assert "Audible does not answer" in found["reason"]
    assert found["account"] is None
    assert found["media_server"]["version"] == "0.1.0"


async def test_debug_log_holds_nothing_that_is_listened_to(
    household: Household, caplog: pytest.LogCaptureFixture
) -> None:
    """The library for Audible would log whole answers, whoever asks it to."""
    for name in ("audible", "audible.client", "audible.auth"):
        caplog.set_level(logging.DEBUG, logger=name)

    await household.sign_up()

    account = household.simulator.shop.accounts[DEMO_EMAIL]
    titles = [owned.title.title for owned in account.library.values()]
    logged = [
        record.getMessage()
        for record in caplog.records
        if record.name.startswith("audible")
    ]
    assert [title for title in titles if title and title in "\n".join(logged)] == []
