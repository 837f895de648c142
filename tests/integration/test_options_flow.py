"""Options: the numbers, and the server."""

from typing import Any

import pytest
from homeassistant.config_entries import ConfigEntry
from homeassistant.data_entry_flow import FlowResultType

from custom_components.audible_tracker.server_link import ServerLink, client_of
from tests.integration.fake_media_server import SECRET, FakeMediaServer
from tests.integration.steps import Household, Result
from tests.simulator.catalog import OTHER_EMAIL

GOOD = {
    "reader": "Anna Example",
    "auto_sync": True,
    "library_interval_minutes": 15,
    "finish_rest_minutes": 60,
    "creates_books": False,
    "writes_back": True,
    "under_way_days": 3650,
    "log_days": 30,
}
OF_ENTRY = (
    "finish_rest_minutes",
    "creates_books",
    "writes_back",
    "under_way_days",
    "log_days",
)


async def open_options(household: Household, entry: ConfigEntry, step: str) -> Result:
    """Choose a step of the options' menu."""
    flows = household.hass.config_entries.options
    menu = await flows.async_init(entry.entry_id)
    assert menu["type"] is FlowResultType.MENU
    assert menu["menu_options"] == [
        "health",
        "settings",
        "transfer",
        "media_server",
        "speaker",
        "database",
    ]
    return await flows.async_configure(menu["flow_id"], {"next_step_id": step})


async def answer(household: Household, form: Result, **user_input: Any) -> Result:
    """Fill in a form of the options."""
    flows = household.hass.config_entries.options
    result = await flows.async_configure(form["flow_id"], user_input)
    await household.settle()
    return result


async def test_interval_and_days_are_changed(household: Household) -> None:
    """New numbers take effect, without asking for the library again."""
    entry = await household.sign_up()
    assert household.entity_id("B0ADVENSHE_progress")

    form = await open_options(household, entry, "settings")
    changed = {**GOOD, "library_interval_minutes": 240, "under_way_days": 30}
    done = await answer(household, form, **changed)

    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert entry.options == {name: changed[name] for name in OF_ENTRY}
    assert (await household.account(entry)).sync_interval_minutes == 240
    assert household.entity_id("B0ADVENSHE_progress") is None
    assert household.entity_id("B0PRIDEPRJ_progress")
    assert household.count_libraries() == 1


@pytest.mark.parametrize(
    ("field", "value", "shown", "allowed"),
    [
        ("library_interval_minutes", 14, "14", "a whole number, 15 to 1440"),
        ("library_interval_minutes", 1441, "1441", "a whole number, 15 to 1440"),
        ("library_interval_minutes", 15.5, "15.5", "a whole number, 15 to 1440"),
        ("library_interval_minutes", float("inf"), "inf", "a whole number, 15 to 1440"),
        ("under_way_days", 0, "0", "a whole number, 1 to 3650"),
        ("under_way_days", 3651, "3651", "a whole number, 1 to 3650"),
        ("under_way_days", -1, "-1", "a whole number, 1 to 3650"),
        ("finish_rest_minutes", 61, "61", "a whole number, 0 to 60"),
        ("log_days", 0, "0", "a whole number, 1 to 3650"),
    ],
)
async def test_number_out_of_range_is_named(
    household: Household, field: str, value: float, shown: str, allowed: str
) -> None:
    """The form says which number, what came and what is allowed; then it is right."""
    entry = await household.sign_up()
    form = await open_options(household, entry, "settings")

    wrong = await answer(household, form, **{**GOOD, field: value})

    assert wrong["errors"] == {field: "invalid_value"}
    assert wrong["description_placeholders"] == {
        "field": field,
        "value": shown,
        "allowed": allowed,
    }
    done = await answer(household, wrong, **GOOD)
    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert entry.options == {name: GOOD[name] for name in OF_ENTRY}


async def test_server_is_linked_by_hand(
    household: Household, media_server: FakeMediaServer
) -> None:
    """Address and secret are tried, then all accounts are handed over."""
    entry = await household.sign_up()
    other = await household.sign_up(email=OTHER_EMAIL)

    form = await open_options(household, entry, "media_server")
    done = await answer(
        household, form, url=f" {media_server.url}/ ", secret=f" {SECRET} "
    )

    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert household.link == ServerLink(media_server.url, SECRET)
    assert set(media_server.credentials) == {entry.unique_id, other.unique_id}


async def test_wrong_server_is_named_and_can_be_made_good(
    household: Household, media_server: FakeMediaServer
) -> None:
    """Address, secret and version have their own messages."""
    entry = await household.sign_up()
    form = await open_options(household, entry, "media_server")
    url = media_server.url

    form = await answer(household, form, url="http://127.0.0.1:1", secret=SECRET)
    assert form["errors"] == {"url": "media_server_unreachable"}
    assert form["description_placeholders"]["url"] == "http://127.0.0.1:1"

    form = await answer(household, form, url=url, secret="another")
    assert form["errors"] == {"secret": "media_server_secret"}

    form = await answer(household, form, url=url)
    assert form["errors"] == {"secret": "invalid_value"}

    media_server.api_version = 99
    form = await answer(household, form, url=url, secret=SECRET)
    assert form["errors"] == {"base": "media_server_version"}
    assert form["description_placeholders"]["found"] == "99"
    assert form["description_placeholders"]["expected"] == "2"

    # A newer server that still serves this version will do, and so will the first one.
    media_server.api_version_min = 2
    client = client_of(household.hass, ServerLink(url, SECRET))
    assert (await client.check()).api_version == 99

    media_server.api_version, media_server.api_version_min = 1, None
    done = await answer(household, form, url=url, secret=SECRET)
    assert done["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize(
    "url",
    [
        "ftp://server:8099",
        "server:8099",
        "http://",
        "http://server:port",
        "http://server:8099/path",
        "http://server:8099?x=1",
        "http://user:word@server:8099",
    ],
)
async def test_address_that_is_none_is_named(household: Household, url: str) -> None:
    """The form says what an address looks like."""
    entry = await household.sign_up()
    form = await open_options(household, entry, "media_server")

    wrong = await answer(household, form, url=url, secret=SECRET)

    assert wrong["errors"] == {"url": "invalid_value"}
    assert wrong["description_placeholders"]["value"] == repr(url)
    assert "http://host:port" in wrong["description_placeholders"]["allowed"]


async def test_empty_secret_keeps_the_present_one(
    household: Household, media_server: FakeMediaServer
) -> None:
    """A secret has to be typed once."""
    entry = await household.sign_up()
    form = await open_options(household, entry, "media_server")
    await answer(household, form, url=media_server.url, secret=SECRET)

    form = await open_options(household, entry, "media_server")
    done = await answer(household, form, url=media_server.url)

    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert household.link == ServerLink(media_server.url, SECRET)


async def test_empty_address_ends_the_link(
    household: Household, media_server: FakeMediaServer
) -> None:
    """The server forgets the accounts, the accounts the server."""
    entry = await household.sign_up()
    form = await open_options(household, entry, "media_server")
    await answer(household, form, url=media_server.url, secret=SECRET)
    assert media_server.credentials

    form = await open_options(household, entry, "media_server")
    await answer(household, form, url="")

    assert household.link is None
    assert media_server.credentials == {}
