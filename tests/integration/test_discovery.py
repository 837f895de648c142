"""The app announces itself."""

from typing import Any

import pytest
from homeassistant.config_entries import SOURCE_HASSIO, SOURCE_IGNORE
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.service_info.hassio import HassioServiceInfo
from yarl import URL

from custom_components.audible_tracker.const import DOMAIN
from custom_components.audible_tracker.server_link import ServerLink, async_set_link
from tests.integration.fake_media_server import SECRET, FakeMediaServer
from tests.integration.steps import Household, Result
from tests.simulator.catalog import OTHER_EMAIL


async def announce(hass: HomeAssistant, url: str, **config: Any) -> Result:
    """Do what the Supervisor does when the app has started."""
    address = URL(url)
    payload = {"host": address.host, "port": address.port, "secret": SECRET, **config}
    return await hass.config_entries.flow.async_init(
        DOMAIN,
        context={"source": SOURCE_HASSIO},
        data=HassioServiceInfo(
            config={**payload, "addon": "Audible Tracker"},
            name="Audible Tracker",
            slug="local_audible_tracker",
            uuid="1234",
        ),
    )


async def test_app_without_account_begins_the_sign_in(
    household: Household, media_server: FakeMediaServer
) -> None:
    """The link waits in the flow and becomes part of the new account."""
    form = await announce(household.hass, media_server.url)
    assert form["step_id"] == "user"
    [flow] = household.hass.config_entries.flow.async_progress()
    assert flow["context"]["title_placeholders"] == {"name": "Audible Tracker"}

    form = await household.answer(form, country_code="us")
    done = await household.finish(form)
    await household.settle()

    entry = done["result"]
    assert household.link == ServerLink(media_server.url, SECRET)
    assert media_server.credentials == {
        entry.unique_id: await household.credentials(entry)
    }


async def test_account_that_is_signed_up_while_the_app_waits_is_linked(
    household: Household, media_server: FakeMediaServer
) -> None:
    """Whoever adds the integration by hand need not look for the app's card."""
    await announce(household.hass, media_server.url)

    entry = await household.sign_up()

    assert household.link == ServerLink(media_server.url, SECRET)
    assert media_server.credentials == {
        entry.unique_id: await household.credentials(entry)
    }


async def test_app_that_appears_during_the_sign_in_is_linked(
    household: Household, media_server: FakeMediaServer
) -> None:
    """What counts is what is there when the account is made."""
    form = await household.begin()
    await announce(household.hass, media_server.url)

    done = await household.finish(form)
    await household.settle()

    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert household.link == ServerLink(media_server.url, SECRET)


async def test_finished_card_links_accounts_that_exist(
    household: Household, media_server: FakeMediaServer
) -> None:
    """Signing in to the same account again makes none, but brings the link."""
    card = await announce(household.hass, media_server.url)
    entry = await household.sign_up()
    await async_set_link(household.hass, None)
    await household.settle()
    assert household.link is None

    form = await household.answer(card, country_code="us")
    done = await household.finish(form)
    await household.settle()

    assert done["reason"] == "already_configured"
    assert household.link == ServerLink(media_server.url, SECRET)
    assert media_server.credentials == {
        entry.unique_id: await household.credentials(entry)
    }


async def test_app_that_moves_while_its_card_waits_is_linked_where_it_is(
    household: Household, media_server: FakeMediaServer
) -> None:
    """The card is from before the app's restart; the link is from after it."""
    card = await announce(household.hass, "http://127.0.0.1:1", secret="old")
    again = await announce(household.hass, media_server.url)
    assert again["reason"] == "already_in_progress"

    done = await household.finish(await household.answer(card, country_code="us"))
    await household.settle()

    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert household.link == ServerLink(media_server.url, SECRET)


async def test_app_is_linked_with_all_accounts(
    household: Household, media_server: FakeMediaServer
) -> None:
    """Accounts that exist are linked and handed over at once."""
    entries = [await household.sign_up(), await household.sign_up(email=OTHER_EMAIL)]

    result = await announce(household.hass, media_server.url)
    await household.settle()

    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "server_linked")
    assert household.link == ServerLink(media_server.url, SECRET)
    assert media_server.credentials == {
        entry.unique_id: await household.credentials(entry) for entry in entries
    }


async def test_app_that_moved_is_linked_anew(
    household: Household, media_server: FakeMediaServer
) -> None:
    """A new secret and port replace the old ones, and the account is handed over."""
    entry = await household.sign_up()
    await announce(household.hass, "http://127.0.0.1:1", secret="old")
    await household.hass.async_block_till_done()
    assert household.link == ServerLink("http://127.0.0.1:1", "old")

    await announce(household.hass, media_server.url)
    await household.hass.async_block_till_done()
    async_wait = household.hass.config_entries.async_unload(entry.entry_id)

    assert household.link == ServerLink(media_server.url, SECRET)
    await async_wait


async def test_second_account_has_the_link_of_the_first(
    household: Household, media_server: FakeMediaServer
) -> None:
    """There is one server in a house."""
    await household.sign_up()
    await announce(household.hass, media_server.url)

    second = await household.sign_up(email=OTHER_EMAIL)

    assert second.unique_id in media_server.credentials


@pytest.mark.parametrize(
    ("payload", "field"),
    [
        ({"secret": ""}, "secret"),
        ({"secret": None}, "secret"),
        ({"port": "many"}, "url"),
        ({"host": "a b/c"}, "url"),
    ],
)
async def test_useless_announcement_is_refused(
    hass: HomeAssistant, payload: dict[str, Any], field: str
) -> None:
    """What cannot be an address or a secret is named."""
    result = await announce(hass, "http://127.0.0.1:8099", **payload)

    assert result["reason"] == "invalid_discovery"
    assert result["description_placeholders"]["field"] == field


async def test_ignored_app_stays_ignored(hass: HomeAssistant) -> None:
    """Who has ignored the app is not asked again."""
    form = await announce(hass, "http://127.0.0.1:8099")
    await hass.config_entries.flow.async_init(
        DOMAIN,
        context={"source": SOURCE_IGNORE},
        data={"unique_id": "1234", "title": "Audible Tracker"},
    )
    assert form["step_id"] == "user"

    again = await announce(hass, "http://127.0.0.1:8099")

    assert again["reason"] == "already_configured"


async def test_ignored_app_is_not_linked(household: Household) -> None:
    """Who does not want the app gets an account without it."""
    await announce(household.hass, "http://127.0.0.1:8099")
    await household.hass.config_entries.flow.async_init(
        DOMAIN,
        context={"source": SOURCE_IGNORE},
        data={"unique_id": "1234", "title": "Audible Tracker"},
    )

    await household.sign_up()

    assert household.link is None
