"""Numbers, switches and choices: they change what the dialog changes, at once."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity_component import DATA_INSTANCES

from tests.integration.steps import POSITIONS, Household
from tests.simulator.catalog import UNDER_WAY_ASIN

TITLE_SYNC = f"{UNDER_WAY_ASIN}_title_sync"
INTERVAL = f"{UNDER_WAY_ASIN}_title_interval"


async def do(household: Household, action: str, key: str, **data: Any) -> None:
    """Call an action of an entity."""
    domain, name = action.split(".")
    data["entity_id"] = household.state(key).entity_id
    await household.hass.services.async_call(domain, name, data, blocking=True)
    await household.settle()


async def test_interval_is_the_dialogs(household: Household) -> None:
    """The number changes the account's row; the form shows it."""
    entry = await household.sign_up()
    assert household.state("_library_interval").state == "60"

    await do(household, "number.set_value", "_library_interval", value=120)

    assert household.state("_library_interval").state == "120"
    assert (await household.account(entry)).sync_interval_minutes == 120
    form = await household.hass.config_entries.options.async_init(entry.entry_id)
    form = await household.hass.config_entries.options.async_configure(
        form["flow_id"], {"next_step_id": "settings"}
    )
    shown = {str(key): key.description for key in form["data_schema"].schema}
    assert shown["library_interval_minutes"] == {"suggested_value": 120}


async def test_value_out_of_bounds_is_refused(household: Household) -> None:
    """The floor of a sync is nobody's to lower."""
    await household.sign_up()

    with pytest.raises(ServiceValidationError):
        await do(household, "number.set_value", "_library_interval", value=14)


async def test_other_finish_rule_holds_without_a_reload(
    household: Household, freezer: FrozenDateTimeFactory
) -> None:
    """The next poll goes by it; the account stays loaded."""
    entry = await household.sign_up()
    sync = entry.runtime_data.sync
    runtime_ms = household.owned(UNDER_WAY_ASIN).title.runtime_ms
    household.listen(UNDER_WAY_ASIN, runtime_ms - 60 * 60_000)
    await household.pass_time(freezer, timedelta(minutes=6))
    assert household.entity_id(f"{UNDER_WAY_ASIN}_progress")

    await do(household, "number.set_value", "_finish_rest", value=60)
    household.listen(UNDER_WAY_ASIN, runtime_ms - 30 * 60_000)
    await household.pass_time(freezer, timedelta(minutes=6))

    assert household.entity_id(f"{UNDER_WAY_ASIN}_progress") is None
    assert entry.options["finish_rest_minutes"] == 60
    assert entry.runtime_data.sync is sync


async def test_write_back_is_an_option(household: Household) -> None:
    """On and off again, without a reload."""
    entry = await household.sign_up()
    sync = entry.runtime_data.sync
    assert household.state("_write_back").state == "off"

    await do(household, "switch.turn_on", "_write_back")
    assert household.state("_write_back").state == "on"
    assert entry.options["writes_back"] is True
    await do(household, "switch.turn_off", "_write_back")

    assert entry.options["writes_back"] is False
    assert entry.runtime_data.sync is sync


async def test_who_does_not_sync_by_itself_is_not_polled(
    household: Household, freezer: FrozenDateTimeFactory
) -> None:
    """The switch is that of the dialog."""
    entry = await household.sign_up()
    before = household.count(POSITIONS)

    await do(household, "switch.turn_off", "_auto_sync")
    await household.pass_time(freezer, timedelta(minutes=6))

    assert household.count(POSITIONS) == before
    assert (await household.account(entry)).auto_sync_progress is False
    await do(household, "switch.turn_on", "_auto_sync")
    await household.pass_time(freezer, timedelta(minutes=6))
    assert household.count(POSITIONS) == before + 1


async def test_title_can_be_left_alone(
    household: Household, freezer: FrozenDateTimeFactory
) -> None:
    """Its position stays what it was until the switch is on again."""
    await household.sign_up()

    await do(household, "switch.turn_off", TITLE_SYNC)
    household.listen(UNDER_WAY_ASIN, 100_000)
    await household.pass_time(freezer, timedelta(minutes=6))

    assert household.state(TITLE_SYNC).state == "off"
    progress = household.state(f"{UNDER_WAY_ASIN}_progress")
    assert progress.attributes["position"] == "4:12:36"
    await do(household, "switch.turn_on", TITLE_SYNC)
    await household.pass_time(freezer, timedelta(minutes=6))
    progress = household.state(f"{UNDER_WAY_ASIN}_progress")
    assert progress.attributes["position"] == "0:01:40"


async def test_title_has_an_interval_of_its_own(household: Household) -> None:
    """What only the action can set is shown as unknown."""
    entry = await household.sign_up()
    entity_id = household.entity_id(INTERVAL)
    assert entity_id is not None
    er.async_get(household.hass).async_update_entity(entity_id, disabled_by=None)
    await household.restart(entry)
    assert household.state(INTERVAL).state == "as_account"

    await do(household, "select.select_option", INTERVAL, option="hours_3")
    assert household.state(INTERVAL).state == "hours_3"
    await household.act("set_sync_interval", asin=UNDER_WAY_ASIN, minutes=100)
    assert household.state(INTERVAL).state == "unknown"
    await do(household, "select.select_option", INTERVAL, option="as_account")

    assert household.state(INTERVAL).state == "as_account"


async def test_choice_of_a_title_that_has_just_ended_changes_nothing(
    household: Household,
) -> None:
    """Its entity is there for a moment longer than the title."""
    entry = await household.sign_up()
    entity_id = household.entity_id(INTERVAL)
    assert entity_id is not None
    er.async_get(household.hass).async_update_entity(entity_id, disabled_by=None)
    await household.restart(entry)
    choice: Any = household.hass.data[DATA_INSTANCES]["select"].get_entity(entity_id)
    coordinator = entry.runtime_data.coordinator
    coordinator.data = replace(coordinator.data, under_way=())

    await choice.async_select_option("hours_3")

    assert choice.current_option is None
    await coordinator.async_show()
    assert household.state(INTERVAL).state == "as_account"
