"""Conditions of automations, asked in a real Home Assistant."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import probatio
import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import condition
from homeassistant.setup import async_setup_component
from homeassistant.util.yaml import load_yaml_dict

from custom_components.audible_tracker.condition import CONDITIONS
from custom_components.audible_tracker.const import DOMAIN
from tests.integration.steps import Household
from tests.simulator.catalog import FINISHED_AT_43_ASIN, UNDER_WAY_ASIN

FIVE_MINUTES = timedelta(minutes=5, seconds=2)


@pytest.fixture
async def entry(household: Household) -> ConfigEntry:
    """Return an account that is set up."""
    return await household.sign_up()


async def holds(hass: HomeAssistant, key: str, **options: Any) -> bool | None:
    """Ask as an automation does."""
    assert await async_setup_component(hass, "homeassistant", {})
    config: Mapping[str, Any] = {
        "condition": f"{DOMAIN}.{key}",
        "options": options,
    }
    valid = await condition.async_validate_condition_config(hass, dict(config))
    check = await condition.async_from_config(hass, valid)
    try:
        return check.async_check()
    finally:
        check.async_unload()


async def test_listening_is_over_ten_minutes_after_the_last_move(
    hass: HomeAssistant,
    household: Household,
    entry: ConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Nobody says that it has ended."""
    assert not await holds(hass, "is_listening")
    household.listen(UNDER_WAY_ASIN, 7_000_000)
    await household.pass_time(freezer, FIVE_MINUTES)
    [reader] = entry.runtime_data.coordinator.data.readers

    assert await holds(hass, "is_listening")
    assert await holds(hass, "is_listening", reader=reader.reader.name)
    assert not await holds(hass, "is_listening", reader="nobody")
    assert not await holds(hass, "is_listening", config_entry_id="another")

    await household.pass_time(freezer, timedelta(minutes=11))
    assert not await holds(hass, "is_listening")


async def test_title_is_finished_when_it_was_heard_to_its_end(
    hass: HomeAssistant,
    household: Household,
    entry: ConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Now or long ago; what is under way is not."""
    assert await holds(hass, "is_finished", asin=FINISHED_AT_43_ASIN)
    assert not await holds(hass, "is_finished", asin=UNDER_WAY_ASIN)
    end_ms = household.owned(UNDER_WAY_ASIN).title.runtime_ms - 30_000
    household.listen(UNDER_WAY_ASIN, end_ms)
    await household.pass_time(freezer, FIVE_MINUTES)

    assert await holds(hass, "is_finished", asin=UNDER_WAY_ASIN.lower())


async def test_conflicts_of_an_account(
    hass: HomeAssistant, household: Household, entry: ConfigEntry
) -> None:
    """One that waits is enough."""
    assert not await holds(hass, "has_conflicts")
    await household.act("add_book", title="The Time Machine", authors=["H. G. Wells"])
    await household.act("add_book", title="The Time Machine", authors=["H. G. Wells"])
    await household.act("unlink_book", asin="B0TIMEMACH")
    await household.settle()
    count = entry.runtime_data.coordinator.data.conflicts_open

    assert bool(count) is await holds(hass, "has_conflicts")


async def test_unloaded_account_says_no(
    hass: HomeAssistant, household: Household, entry: ConfigEntry
) -> None:
    """What is not known is not so, and no automation fails by it."""
    assert await hass.config_entries.async_unload(entry.entry_id)

    assert not await holds(hass, "is_finished", asin=FINISHED_AT_43_ASIN)


@pytest.mark.parametrize("options", [{}, {"asin": "short"}])
async def test_title_has_to_be_named(
    hass: HomeAssistant, entry: ConfigEntry, options: dict[str, str]
) -> None:
    """An automation that asks about nothing is refused when it is written."""
    with pytest.raises(probatio.Invalid):
        await holds(hass, "is_finished", **options)


def test_described_fields_are_those_that_are_validated() -> None:
    """Neither a field that does nothing nor one that nobody is shown."""
    described = load_yaml_dict("custom_components/audible_tracker/conditions.yaml")
    assert {
        key: {str(option) for option in kind.options}
        for key, kind in CONDITIONS.items()
    } == {key: set(described[key]["fields"]) for key in described}
