"""An account that is unloaded, reloaded or removed while it is being asked about."""

import asyncio
from collections.abc import Callable

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryState
from homeassistant.exceptions import HomeAssistantError

from tests.integration.databases import rows
from tests.integration.steps import LIBRARY, POSITIONS, Household
from tests.integration.test_actions_sync import LATER
from tests.simulator.catalog import UNDER_WAY_ASIN
from tests.simulator.faults import FaultKind

_LOGS = "SELECT status, error_key FROM audible_sync_logs WHERE status = 'failed'"


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0)


@pytest.mark.parametrize("path", [LIBRARY, POSITIONS])
async def test_reload_ends_a_sync_that_waits_for_audible(
    household: Household, freezer: FrozenDateTimeFactory, path: str
) -> None:
    """Whoever asked is told so; nothing is written, and the account goes on."""
    entry = await household.sign_up()
    freezer.tick(LATER)
    household.break_shop(FaultKind.STALL, path, count=1)
    [fault] = household.simulator.shop.faults
    sync = asyncio.create_task(household.act("sync"))
    await _until(lambda: fault.count == 0)

    await household.hass.config_entries.async_reload(entry.entry_id)

    with pytest.raises(HomeAssistantError) as told:
        await sync
    household.mend_shop()
    assert told.value.translation_key == "account_unloaded"
    await household.settle()
    assert entry.state is ConfigEntryState.LOADED
    assert rows(household.hass, _LOGS) == []
    assert entry.runtime_data.coordinator.last_update_success


async def test_reload_waits_for_what_is_being_written(
    household: Household, freezer: FrozenDateTimeFactory
) -> None:
    """The library has come: it is kept before the database is closed."""
    entry = await household.sign_up()
    freezer.tick(LATER)
    store, asked = entry.runtime_data.store, household.count(POSITIONS)
    async with store.transaction():
        sync = asyncio.create_task(household.act("sync"))
        await _until(lambda: household.count(POSITIONS) > asked)
        await _until(lambda: bool(store._turn._waiters))
        reload = asyncio.create_task(
            household.hass.config_entries.async_reload(entry.entry_id)
        )
        await _until(lambda: entry.state is ConfigEntryState.UNLOAD_IN_PROGRESS)
        assert not sync.done()

    [account] = (await sync)["accounts"]
    await reload
    await household.settle()

    assert account["status"] == "success"
    assert entry.state is ConfigEntryState.LOADED
    assert rows(household.hass, _LOGS) == []


async def test_one_title_is_let_go_too(household: Household) -> None:
    """The account is gone for good while Audible is asked about a title."""
    entry = await household.sign_up()
    path = f"{LIBRARY}/{UNDER_WAY_ASIN}"
    household.break_shop(FaultKind.STALL, path, count=1)
    [fault] = household.simulator.shop.faults
    sync = asyncio.create_task(household.act("sync_book", asin=UNDER_WAY_ASIN))
    await _until(lambda: fault.count == 0)

    await household.hass.config_entries.async_unload(entry.entry_id)

    with pytest.raises(HomeAssistantError) as told:
        await sync
    household.mend_shop()
    assert told.value.translation_key == "account_unloaded"
    assert entry.state is ConfigEntryState.NOT_LOADED
