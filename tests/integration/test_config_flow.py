"""Signing in: the first time, again, and with every mistake one can make."""

import pytest
from homeassistant.config_entries import SOURCE_USER, ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType

from custom_components.audible_tracker.const import DOMAIN
from tests.integration.steps import LIBRARY, Household, Result
from tests.simulator.catalog import DEMO_EMAIL, OTHER_EMAIL
from tests.simulator.faults import FaultKind

CODE = "openid.oa2.authorization_code"


async def test_user_signs_in_and_gets_an_account(household: Household) -> None:
    """An account is set up with the address that Amazon's sign-in ends on."""
    entry = await household.sign_up(country_code="de")

    account = household.simulator.shop.accounts[DEMO_EMAIL]
    assert entry.state is ConfigEntryState.LOADED
    assert entry.title == f"{account.name} (audible.de)"
    assert entry.unique_id == f"{account.user_id}_de"
    assert dict(entry.data) == {
        "customer_id": account.user_id,
        "account_id": 1,
        "name": account.name,
        "country_code": "de",
    }
    assert entry.data["country_code"] == "de"
    assert [device.country_code for device in household.registered()] == ["de"]


async def test_set_up_fetches_the_library_once(household: Household) -> None:
    """What the flow has fetched to test the account is not fetched again."""
    await household.sign_up()

    assert household.count_libraries() == 1


@pytest.mark.parametrize(
    ("territory", "language", "expected"),
    [("AT", "en", "de"), (None, "ja", "jp"), ("GB", "de", "uk"), (None, "eo", "us")],
)
async def test_country_is_guessed(
    hass: HomeAssistant, territory: str | None, language: str, expected: str
) -> None:
    """The country of the house comes first, then the language."""
    hass.config.country = territory
    hass.config.language = language

    form = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )

    assert form["data_schema"] is not None
    assert form["data_schema"]({})["country_code"] == expected


@pytest.mark.parametrize(
    ("pasted", "error", "placeholders"),
    [
        ("  \n ", "landing_empty", {}),
        ("page not found", "landing_not_an_address", {}),
        ("https://www.amazon\n.com/gp https://x", "landing_line_breaks", {}),
        ("https://www.amazon.com/ap/signin?x=1", "landing_sign_in_page", {}),
        (
            "https://www.amazon.com/gp/help",
            "landing_wrong_page",
            {"page": "www.amazon.com/gp/help"},
        ),
        (
            f"https://www.amazon.de/ap/maplanding?{CODE}=AN1",
            "landing_other_country",
            {"found": "amazon.de", "expected": "amazon.com"},
        ),
        ("https://www.amazon.com/ap/maplanding?x=1", "landing_without_code", {}),
        (f"https://www.amazon.com/ap/maplanding?{CODE}=ANold", "code_rejected", {}),
    ],
)
async def test_mistake_has_its_own_message_and_can_be_made_good(
    household: Household, pasted: str, error: str, placeholders: dict[str, str]
) -> None:
    """Each wrong address is named, and the same link still works afterwards."""
    form = await household.begin()

    wrong = await household.answer(form, landing_url=pasted)

    assert wrong["type"] is FlowResultType.FORM
    assert wrong["errors"] == {"landing_url": error}
    shown = wrong["description_placeholders"]
    assert placeholders.items() <= shown.items()
    assert shown["url"] == form["description_placeholders"]["url"]
    done = await household.finish(wrong)
    assert done["type"] is FlowResultType.CREATE_ENTRY
    await household.settle()


async def test_line_breaks_inside_the_address_do_not_matter(
    household: Household,
) -> None:
    """A mail program's or a terminal's line breaks are taken out."""
    form = await household.begin()
    landing = await household.land(form)

    shown = await household.answer(
        form, landing_url=f" {landing[:40]}\r\n{landing[40:70]}\n {landing[70:]} "
    )
    done = await household.agree(shown)

    assert done["type"] is FlowResultType.CREATE_ENTRY
    await household.settle()


async def test_silent_amazon_can_be_tried_again(household: Household) -> None:
    """While Amazon does not answer nothing is lost."""
    form = await household.begin()
    landing = await household.land(form)
    household.break_shop(FaultKind.UNREACHABLE)

    failed = await household.answer(form, landing_url=landing)

    assert failed["errors"] == {"base": "audible_unreachable"}
    assert failed["description_placeholders"]["reason"]
    household.mend_shop()
    done = await household.agree(await household.answer(failed, landing_url=landing))
    assert done["type"] is FlowResultType.CREATE_ENTRY
    await household.settle()


@pytest.mark.parametrize(
    ("kind", "error", "placeholders"),
    [
        (
            FaultKind.RATE_LIMIT_RETRY_AFTER,
            "audible_rate_limit",
            {"retry_after_s": "30"},
        ),
        (FaultKind.SERVER_ERROR_HTML, "audible_unreachable", {"reason": "500"}),
        (FaultKind.HTML, "audible_response", {"field": "library"}),
    ],
)
async def test_library_that_does_not_come_can_be_tried_again(
    household: Household, kind: FaultKind, error: str, placeholders: dict[str, str]
) -> None:
    """The account is tested before it is set up; the registration serves both tries."""
    form = await household.begin()
    landing = await household.land(form)
    household.break_shop(kind, LIBRARY)

    failed = await household.answer(form, landing_url=landing)

    assert failed["errors"] == {"base": error}
    for name, words in placeholders.items():
        assert words in failed["description_placeholders"][name]
    household.mend_shop()
    done = await household.agree(await household.answer(failed, landing_url=landing))
    assert done["type"] is FlowResultType.CREATE_ENTRY
    await household.settle()
    assert len(household.simulator.shop.devices) == 1


async def test_registration_refused_at_once_is_made_anew(household: Household) -> None:
    """A registration that Audible does not accept is not tried a second time."""
    form = await household.begin()
    landing = await household.land(form)
    household.break_shop(FaultKind.SERVER_ERROR_HTML, LIBRARY, count=1)
    failed = await household.answer(form, landing_url=landing)
    household.simulator.shop.devices[0].is_revoked = True

    refused = await household.answer(failed, landing_url=landing)

    assert refused["errors"] == {"base": "audible_auth"}
    done = await household.finish(refused)
    assert done["type"] is FlowResultType.CREATE_ENTRY
    await household.settle()
    assert len(household.registered()) == 1


async def test_abandoned_flow_leaves_no_device(household: Household) -> None:
    """Whoever gives up between registration and account leaves nothing at Amazon."""
    form = await household.begin()
    household.break_shop(FaultKind.SERVER_ERROR_HTML, LIBRARY)
    await household.finish(form)
    assert len(household.registered()) == 1
    household.mend_shop()

    household.hass.config_entries.flow.async_abort(form["flow_id"])
    await household.settle()

    assert household.registered() == []


async def test_same_account_again_is_refused_without_a_trace(
    household: Household,
) -> None:
    """A second set-up is aborted, and its virtual device removed from the account."""
    await household.sign_up()
    [first] = household.registered()

    again = await household.finish(await household.begin())
    await household.settle()

    assert again["type"] is FlowResultType.ABORT
    assert again["reason"] == "already_configured"
    assert household.registered() == [first]
    assert len(household.hass.config_entries.async_entries(DOMAIN)) == 1


async def test_two_people_have_two_accounts(household: Household) -> None:
    """Another customer's account stands beside the first."""
    first = await household.sign_up()
    second = await household.sign_up(email=OTHER_EMAIL)

    assert first.unique_id != second.unique_id
    assert second.state is ConfigEntryState.LOADED


async def test_reauth_takes_the_same_account(household: Household) -> None:
    """Signing in again replaces the registration, and only the new one stays."""
    entry = await household.sign_up()
    before = await household.credentials(entry)
    libraries = household.count_libraries()
    entry.async_start_reauth(household.hass)
    await household.settle()
    [flow] = household.hass.config_entries.flow.async_progress()
    assert flow["step_id"] == "reauth_confirm"

    form = await household.answer(flow)
    done = await household.finish(form)
    await household.settle()

    assert (done["type"], done["reason"]) == (
        FlowResultType.ABORT,
        "reauth_successful",
    )
    assert await household.credentials(entry) != before
    assert entry.state is ConfigEntryState.LOADED
    assert len(household.registered()) == 1
    assert household.count_libraries() == libraries


async def test_reauth_refuses_another_account(household: Household) -> None:
    """Somebody else's sign-in changes nothing and leaves no device."""
    entry = await household.sign_up()
    before = dict(entry.data)
    [device] = household.registered()
    entry.async_start_reauth(household.hass)
    await household.settle()
    [flow] = household.hass.config_entries.flow.async_progress()

    form = await household.answer(flow)
    done = await household.finish(form, email=OTHER_EMAIL)
    await household.settle()

    assert (done["type"], done["reason"]) == (FlowResultType.ABORT, "wrong_account")
    assert done["description_placeholders"]["expected"] == entry.title
    assert dict(entry.data) == before
    assert household.registered() == [device]


async def test_reconfigure_changes_the_country(household: Household) -> None:
    """The same account in another country has another library, fetched once."""
    entry = await household.sign_up(country_code="us")
    libraries = household.count_libraries()

    form = await _reconfigure(household, entry)
    assert form["data_schema"]({})["country_code"] == "us"
    form = await household.answer(form, country_code="de")
    landing = await household.land(form)
    shown = await household.answer(form, landing_url=landing)
    assert shown["step_id"] == "first_sync"
    assert "Books: " in shown["description_placeholders"]["library"]
    assert shown["data_schema"]({})["reader"] == entry.title.partition(" (")[0]
    assert entry.data["country_code"] == "us"
    done = await household.answer(
        shown, reader=shown["data_schema"]({})["reader"], creates_books=False
    )
    done = await household.agree(done)
    await household.settle()

    assert done["reason"] == "reconfigure_successful"
    assert entry.data["country_code"] == "de"
    assert entry.options["creates_books"] is False
    assert entry.title.endswith("(audible.de)")
    assert [device.country_code for device in household.registered()] == ["de"]
    assert household.count_libraries() == libraries + 1


async def test_reconfigure_in_the_same_country_keeps_the_library(
    household: Household,
) -> None:
    """Signing in again is no reason to ask for the library."""
    entry = await household.sign_up()
    libraries = household.count_libraries()

    form = await _reconfigure(household, entry)
    await household.finish(await household.answer(form, country_code="us"))
    await household.settle()

    assert household.count_libraries() == libraries
    assert len(household.registered()) == 1


async def test_reconfigure_refuses_another_account(household: Household) -> None:
    """An entry belongs to one account for ever."""
    entry = await household.sign_up()

    form = await _reconfigure(household, entry)
    form = await household.answer(form, country_code="us")
    done = await household.finish(form, email=OTHER_EMAIL)
    await household.settle()

    assert done["reason"] == "wrong_account"
    assert len(household.registered()) == 1


async def _reconfigure(household: Household, entry: ConfigEntry) -> Result:
    return await household.hass.config_entries.flow.async_init(
        DOMAIN, context={"source": "reconfigure", "entry_id": entry.entry_id}
    )
