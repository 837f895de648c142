"""Options: the numbers, and the server."""

from typing import Any

import pytest
from homeassistant.config_entries import ConfigEntry
from homeassistant.data_entry_flow import FlowResultType

from tests.integration.fake_media_server import SECRET, FakeMediaServer
from tests.integration.steps import LIBRARY, Household, Result
from tests.simulator.catalog import OTHER_EMAIL


async def open_options(household: Household, entry: ConfigEntry, step: str) -> Result:
    """Choose a step of the options' menu."""
    flows = household.hass.config_entries.options
    menu = await flows.async_init(entry.entry_id)
    assert menu["type"] is FlowResultType.MENU
    assert menu["menu_options"] == ["settings", "media_server"]
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
    done = await answer(
        household, form, library_interval_minutes=240, under_way_days=30
    )

    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert entry.options == {"library_interval_minutes": 240, "under_way_days": 30}
    assert household.entity_id("B0ADVENSHE_progress") is None
    assert household.entity_id("B0PRIDEPRJ_progress")
    assert household.count(LIBRARY) == 1


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
    ],
)
async def test_number_out_of_range_is_named(
    household: Household, field: str, value: float, shown: str, allowed: str
) -> None:
    """The form says which number, what came and what is allowed; then it is right."""
    entry = await household.sign_up()
    good = {"library_interval_minutes": 15, "under_way_days": 3650}
    form = await open_options(household, entry, "settings")

    wrong = await answer(household, form, **{**good, field: value})

    assert wrong["errors"] == {field: "invalid_value"}
    assert wrong["description_placeholders"] == {
        "field": field,
        "value": shown,
        "allowed": allowed,
    }
    done = await answer(household, wrong, **good)
    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert entry.options == good


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
    link = {"url": media_server.url, "secret": SECRET}
    assert entry.data["media_server"] == other.data["media_server"] == link
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
    assert form["description_placeholders"]["expected"] == "1"

    media_server.api_version = 1
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
    assert entry.data["media_server"]["secret"] == SECRET


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

    assert "media_server" not in entry.data
    assert media_server.credentials == {}
