"""Actions."""

import pytest
from homeassistant.config_entries import ConfigEntry
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from custom_components.audible_tracker.const import DOMAIN
from custom_components.audible_tracker.server_link import async_set_link
from tests.integration.fake_media_server import FakeMediaServer
from tests.integration.steps import Household
from tests.simulator.catalog import TEN_HOUR_ASIN


async def test_download_is_started_and_answered(
    household: Household, linked_entry: ConfigEntry, media_server: FakeMediaServer
) -> None:
    """The answer says what the server holds of the title."""
    answer = await household.hass.services.async_call(
        DOMAIN,
        "download",
        {"asin": TEN_HOUR_ASIN.lower(), "config_entry_id": linked_entry.entry_id},
        blocking=True,
        return_response=True,
    )

    assert answer is not None
    assert answer["state"] == "queued"
    assert answer["asin"] == TEN_HOUR_ASIN


async def test_one_account_need_not_be_named(
    household: Household, linked_entry: ConfigEntry, media_server: FakeMediaServer
) -> None:
    """With one account there is no choice to make."""
    await household.hass.services.async_call(
        DOMAIN, "download", {"asin": TEN_HOUR_ASIN}, blocking=True
    )

    assert media_server.books[TEN_HOUR_ASIN].state == "queued"


async def test_wrong_asin_is_named(
    household: Household, linked_entry: ConfigEntry
) -> None:
    """A mistake says which field, what came and what is allowed."""
    with pytest.raises(ServiceValidationError) as told:
        await household.hass.services.async_call(
            DOMAIN, "download", {"asin": "Pride"}, blocking=True
        )

    assert told.value.translation_key == "invalid_value"
    assert told.value.translation_placeholders == {
        "field": "asin",
        "value": "'Pride'",
        "allowed": "ten letters and digits",
    }


async def test_servers_refusal_is_told(
    household: Household, linked_entry: ConfigEntry
) -> None:
    """A title that the server does not know fails in the server's words."""
    with pytest.raises(HomeAssistantError) as told:
        await household.hass.services.async_call(
            DOMAIN, "download", {"asin": "B0NOTTHERE"}, blocking=True
        )

    assert told.value.translation_key == "media_server_refused"
    assert str(told.value) == "The server says: There is no title B0NOTTHERE here."


async def test_without_a_server_the_action_fails(
    household: Household, linked_entry: ConfigEntry
) -> None:
    """The message says what is missing."""
    async_set_link(household.hass, None)
    await household.settle()

    with pytest.raises(HomeAssistantError) as told:
        await household.hass.services.async_call(
            DOMAIN, "download", {"asin": TEN_HOUR_ASIN}, blocking=True
        )

    assert told.value.translation_key == "media_server_missing"


async def test_account_that_is_not_loaded_is_refused(
    household: Household, linked_entry: ConfigEntry
) -> None:
    """An action needs an account that is set up."""
    await household.hass.config_entries.async_unload(linked_entry.entry_id)

    with pytest.raises(ServiceValidationError):
        await household.hass.services.async_call(
            DOMAIN,
            "download",
            {"asin": TEN_HOUR_ASIN, "config_entry_id": linked_entry.entry_id},
            blocking=True,
        )
