"""The account's health in the options: what it says, and what helps."""

from datetime import timedelta
from typing import Any

import pytest
from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.util import dt as dt_util
from sqlalchemy import update

from custom_components.audible_tracker.account_entry import account_key, account_of
from custom_components.audible_tracker.core.store.schema import ACCOUNTS
from custom_components.audible_tracker.household import household_of
from tests.integration.databases import change, rows
from tests.integration.fake_media_server import FakeMediaServer
from tests.integration.steps import Household, Result
from tests.simulator.faults import FaultKind


async def health_of(hass: HomeAssistant, entry: ConfigEntry) -> Result:
    """Open the page in the options."""
    flows = hass.config_entries.options
    menu = await flows.async_init(entry.entry_id)
    assert "health" in menu["menu_options"]
    return await flows.async_configure(menu["flow_id"], {"next_step_id": "health"})


async def choose(hass: HomeAssistant, form: Result, cure: str) -> Result:
    """Choose what to do."""
    flows = hass.config_entries.options
    return await flows.async_configure(form["flow_id"], {"cure": cure})


def proposed(form: Result) -> str:
    """Return what is chosen already."""
    cure: str = form["data_schema"]({})["cure"]
    return cure


def words(form: Result) -> dict[str, Any]:
    """Return what the page says."""
    return dict(form["description_placeholders"])


async def refuse(household: Household, entry: ConfigEntry, reason: str) -> None:
    """Let the account have been refused for a reason."""
    until = dt_util.utcnow() + timedelta(days=2)
    async with (
        household_of(household.hass).async_opened() as store,
        store.transaction() as connection,
    ):
        await connection.execute(
            update(ACCOUNTS).values(wait_reason=reason, wait_until=until)
        )
    await household.restart(entry)


async def test_all_is_well(household: Household) -> None:
    """Nothing has to be done, and the other options stay."""
    entry = await household.sign_up()
    options = dict(entry.options)

    form = await health_of(household.hass, entry)

    said = words(form)
    assert said["health"] == "all is well"
    assert said["shared"] == "its own"
    assert said["licenses"] == "no app is linked"
    assert said["cause"] == "-"
    assert int(said["requests"]) > 0
    assert proposed(form) == "nothing"
    done = await choose(household.hass, form, "nothing")
    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert dict(entry.options) == options


async def test_audible_is_asked_at_once(household: Household) -> None:
    """The page is drawn anew with what came of it."""
    entry = await household.sign_up()
    household.break_shop(FaultKind.UNREACHABLE)
    await household.restart(entry)
    form = await health_of(household.hass, entry)
    assert words(form)["health"] == "Audible does not answer"
    assert words(form)["cause"].startswith("Audible does not answer ([`audible_unr")
    assert proposed(form) == "sync"

    again = await choose(household.hass, form, "sync")
    assert words(again)["health"] == "Audible does not answer"


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("license_throttled", "Audible refuses this registration"),
        ("audible_rate_limit", "Audible asks to wait"),
    ],
)
async def test_throttled_registration_is_made_anew_in_place(
    household: Household, reason: str, said: str
) -> None:
    """Another virtual device takes the place of the old one; the history stays."""
    entry = await household.sign_up()
    hass = household.hass
    [old] = household.registered()
    before = rows(hass, "SELECT id, started_on FROM reads")
    await refuse(household, entry, reason)

    form = await health_of(hass, entry)
    assert words(form)["health"] == said
    assert f"([`{reason}`](https://" in words(form)["cause"]
    assert proposed(form) == "sign_in"
    done = await choose(hass, form, "sign_in")
    await household.settle()
    assert (done["type"], done["reason"]) == (FlowResultType.ABORT, "signing_in")

    [flow] = hass.config_entries.flow.async_progress()
    assert flow["step_id"] == "reauth_anew"
    again = await household.finish(await household.answer(flow))
    await household.settle()

    assert again["reason"] == "reauth_successful"
    [new] = household.registered()
    assert new.serial != old.serial
    account = await household.account(entry)
    assert (account.wait_reason, account.wait_until) == (None, None)
    assert rows(hass, "SELECT id, started_on FROM reads") == before
    assert words(await health_of(hass, entry))["health"] == "all is well"


async def test_who_is_well_may_register_anew_too(household: Household) -> None:
    """It is nobody's business why."""
    entry = await household.sign_up()

    form = await health_of(household.hass, entry)
    await choose(household.hass, form, "sign_in")
    await household.settle()

    [flow] = household.hass.config_entries.flow.async_progress()
    assert flow["step_id"] == "reauth_anew"


async def test_licenses_are_those_that_the_server_gets(
    household: Household, linked_entry: ConfigEntry, media_server: FakeMediaServer
) -> None:
    """What it was refused is said; and when it does not answer."""
    await household.settle()
    hass = household.hass

    assert (
        words(await health_of(hass, linked_entry))["licenses"] == "nothing was refused"
    )
    media_server.refusals[account_key(account_of(linked_entry.data))] = "license_denied"
    assert (
        words(await health_of(hass, linked_entry))["licenses"] == "refused by Audible"
    )


async def test_server_that_says_nothing_is_named(
    household: Household, linked_entry: ConfigEntry, media_server: FakeMediaServer
) -> None:
    """Without its account, or without an answer, nothing is known of licenses."""
    await household.settle()
    hass = household.hass

    media_server.credentials.clear()
    shown = words(await health_of(hass, linked_entry))["licenses"]
    assert shown == "the app does not know this account yet"
    media_server.secret = "another"
    shown = words(await health_of(hass, linked_entry))["licenses"]
    assert shown == "the app does not answer"


async def test_database_that_is_broken_is_named(household: Household) -> None:
    """The page cannot be shown then, and says why."""
    entry = await household.sign_up()
    change(household.hass, "DROP TABLE audible_sync_logs")

    shown = await health_of(household.hass, entry)

    assert (shown["type"], shown["reason"]) == (
        FlowResultType.ABORT,
        "store_unavailable",
    )


async def test_account_that_is_not_loaded_says_so(household: Household) -> None:
    """There is nothing to show of it."""
    entry = await household.sign_up()
    assert await household.hass.config_entries.async_unload(entry.entry_id)
    assert entry.state is ConfigEntryState.NOT_LOADED

    shown = await health_of(household.hass, entry)

    assert (shown["type"], shown["reason"]) == (FlowResultType.ABORT, "not_loaded")
