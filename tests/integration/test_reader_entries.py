"""Readers as entries of an account: added, and tied to persons of the house."""

from typing import Any

import pytest
from homeassistant.auth.models import User
from homeassistant.config_entries import SOURCE_USER, ConfigEntry
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import selector
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockUser

from tests.integration.databases import rows
from tests.integration.steps import Household, Result


@pytest.fixture
async def ben(household: Household) -> User:
    """Return a user of the house who is a person, too."""
    hass = household.hass
    user = MockUser(name="Ben").add_to_hass(hass)
    person = {"id": "ben", "name": "Ben", "user_id": user.id}
    assert await async_setup_component(hass, "person", {"person": [person]})
    assert hass.states.get("person.ben") is not None
    return user


async def begin(household: Household, entry: ConfigEntry) -> Result:
    """Open the dialog that adds a reader."""
    flows = household.hass.config_entries.subentries
    return await flows.async_init(
        (entry.entry_id, "reader"), context={"source": SOURCE_USER}
    )


async def answer(household: Household, form: Result, **user_input: Any) -> Result:
    """Fill in the dialog."""
    flows = household.hass.config_entries.subentries
    result = await flows.async_configure(form["flow_id"], user_input)
    await household.settle()
    return result


async def test_reader_is_added_and_gets_entities(household: Household) -> None:
    """Somebody new listens, too: a device of their own appears at once."""
    entry = await household.sign_up()

    form = await begin(household, entry)
    assert (form["type"], form["step_id"]) == (FlowResultType.FORM, "user")
    done = await answer(household, form, reader="  Ben ")

    assert done["type"] is FlowResultType.CREATE_ENTRY
    [subentry] = entry.subentries.values()
    assert subentry.title == "Ben"
    assert rows(household.hass, "SELECT name FROM readers ORDER BY id")[-1] == ("Ben",)
    assert "Ben" in household.title_devices()


async def test_reader_who_is_there_is_proposed_and_kept(household: Household) -> None:
    """The account's own reader may have an entry as well, once."""
    entry = await household.sign_up()
    own = entry.title.partition(" (")[0]

    form = await begin(household, entry)
    field = form["data_schema"].schema["reader"]
    assert isinstance(field, selector.SelectSelector)
    assert field.config["options"] == [own]
    await answer(household, form, reader=own)

    assert len(rows(household.hass, "SELECT id FROM readers")) == 1
    again = await begin(household, entry)
    assert again["data_schema"].schema["reader"].config["options"] == []
    refused = await answer(household, again, reader=own.upper())
    assert (refused["type"], refused["reason"]) == (
        FlowResultType.ABORT,
        "already_configured",
    )


async def test_name_is_needed(household: Household) -> None:
    """Blanks are no name; what was typed can be made good."""
    entry = await household.sign_up()

    wrong = await answer(household, await begin(household, entry), reader="  ")

    assert wrong["errors"] == {"reader": "invalid_value"}
    done = await answer(household, wrong, reader="Ben")
    assert done["type"] is FlowResultType.CREATE_ENTRY


async def test_what_a_user_asks_for_is_their_readers(
    household: Household, ben: User
) -> None:
    """Without a name the caller is meant, as soon as their person is tied."""
    entry = await household.sign_up()
    own = entry.title.partition(" (")[0]
    await answer(
        household, await begin(household, entry), reader="Ben", person="person.ben"
    )

    asked = await household.act("get_statistics", user_id=ben.id)
    assert asked["reader"] == "Ben"
    assert (await household.act("get_statistics"))["reader"] == own
    named = await household.act("get_statistics", user_id=ben.id, reader=own)
    assert named["reader"] == own


async def test_tie_can_be_changed(household: Household, ben: User) -> None:
    """Another person, or none: the next question goes by it."""
    entry = await household.sign_up()
    own = entry.title.partition(" (")[0]
    await answer(household, await begin(household, entry), reader="Ben")
    [subentry] = entry.subentries.values()
    assert (await household.act("get_statistics", user_id=ben.id))["reader"] == own

    form = await household.hass.config_entries.subentries.async_init(
        (entry.entry_id, "reader"),
        context={"source": "reconfigure", "subentry_id": subentry.subentry_id},
    )
    assert form["description_placeholders"] == {"name": "Ben"}
    done = await answer(household, form, person="person.ben")

    assert done["reason"] == "reconfigure_successful"
    assert (await household.act("get_statistics", user_id=ben.id))["reader"] == "Ben"
    household.hass.config_entries.async_remove_subentry(entry, subentry.subentry_id)
    assert (await household.act("get_statistics", user_id=ben.id))["reader"] == own


async def test_account_that_is_not_loaded_says_so(household: Household) -> None:
    """Readers are in the database, which is not open then."""
    entry = await household.sign_up()
    assert await household.hass.config_entries.async_unload(entry.entry_id)

    shown = await begin(household, entry)

    assert (shown["type"], shown["reason"]) == (FlowResultType.ABORT, "not_loaded")
