"""Actions: that all are whole, and the one that downloads."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from homeassistant.config_entries import ConfigEntry
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.selector import validate_selector

from custom_components.audible_tracker import services
from custom_components.audible_tracker.const import DOMAIN
from custom_components.audible_tracker.server_link import async_set_link
from custom_components.audible_tracker.services import ACTIONS, AudibleAction
from tests.integration.fake_media_server import FakeMediaServer
from tests.integration.steps import Household
from tests.simulator.catalog import TEN_HOUR_ASIN

FOLDER = Path(services.__file__).parent
FORMS: dict[str, Any] = yaml.safe_load((FOLDER / "services.yaml").read_text())
TEXTS: dict[str, Any] = json.loads((FOLDER / "translations" / "en.json").read_text())
ICONS: dict[str, Any] = json.loads((FOLDER / "icons.json").read_text())


async def test_every_action_is_registered_and_described(household: Household) -> None:
    """What can be called has a form, texts, an icon and a page, nothing else has."""
    await household.sign_up()
    names = set(household.hass.services.async_services_for_domain(DOMAIN))
    page = (FOLDER.parents[1] / "docs" / "actions.md").read_text(encoding="utf-8")

    assert names == set(AudibleAction) == set(ACTIONS)
    assert names == set(FORMS) == set(TEXTS["services"]) == set(ICONS["services"])
    assert sorted(names) == [
        name for name in sorted(names) if f"`{DOMAIN}.{name}`" in page
    ]


@pytest.mark.parametrize("name", AudibleAction)
def test_form_of_an_action_is_what_it_takes(name: AudibleAction) -> None:
    """The fields of the form are those that a call may hold, the same ones needed."""
    taken = {str(key): type(key).__name__ == "Required" for key in ACTIONS[name].fields}
    if "target" in FORMS[name]:
        # The editor has one field for all of these.
        assert all(taken.pop(str(key)) is False for key in cv.ENTITY_SERVICE_FIELDS)
    shown = {
        field: form.get("required", False)
        for field, form in FORMS[name]["fields"].items()
    }

    assert taken == shown


@pytest.mark.parametrize("name", AudibleAction)
def test_form_of_an_action_can_be_shown(name: AudibleAction) -> None:
    """Home Assistant knows each selector, with its options."""
    for form in FORMS[name]["fields"].values():
        [(kind, options)] = form["selector"].items()
        assert validate_selector({kind: options or {}}) is not None


def test_choices_of_a_form_have_texts() -> None:
    """Each choice of each form is named."""
    found: dict[str, set[str]] = {}
    for form in FORMS.values():
        for field in form["fields"].values():
            if select := (field["selector"].get("select") or {}):
                found[select["translation_key"]] = set(select["options"])
    for key, options in found.items():
        # A dialog may offer more of the same kind, under the same names.
        assert options <= set(TEXTS["selector"][key]["options"]), key


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
    await async_set_link(household.hass, None)
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
