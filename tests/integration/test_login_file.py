"""Taking over the sign-in of another program, from an uploaded file."""

from dataclasses import dataclass
from io import BytesIO
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestClient
from audible.aescipher import AESCipher
from homeassistant.config_entries import SOURCE_USER, ConfigEntryState
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.audible_tracker.const import DOMAIN
from custom_components.audible_tracker.core.audible.auth import SignIn, complete_sign_in
from tests.integration.steps import LIBRARY, Household, Result
from tests.simulator.catalog import DEMO_EMAIL
from tests.simulator.faults import FaultKind
from tests.simulator.login_files import (
    audible_cli_file,
    libation_account,
    libation_file,
)


@dataclass(frozen=True, slots=True)
class OtherProgram:
    """Somebody who has signed in with another program, and uploads its file."""

    household: Household
    browser: TestClient[Any, Any]
    registration: str

    async def upload(self, data: bytes) -> str:
        """Upload a file; return what Home Assistant calls it."""
        form = aiohttp.FormData()
        form.add_field("file", BytesIO(data), filename="login.json")
        answer = await self.browser.post("/api/file_upload", data=form)
        file_id: str = (await answer.json())["file_id"]
        return file_id

    async def begin(self) -> Result:
        """Open the set-up."""
        flows = self.household.hass.config_entries.flow
        return await flows.async_init(DOMAIN, context={"source": SOURCE_USER})

    async def hand_in(self, data: bytes, **typed: str) -> Result:
        """Hand a file in at the set-up."""
        return await self.answer(
            await self.begin(), file=await self.upload(data), **typed
        )

    async def answer(self, form: Result, **login_file: str) -> Result:
        """Fill in the first form."""
        return await self.household.answer(
            form, country_code="us", login_file=login_file
        )


@pytest.fixture
async def other_program(
    household: Household, hass_client: ClientSessionGenerator
) -> OtherProgram:
    """Return somebody with an account of the German shop in another program."""
    # Its views have to be there before the first request.
    await async_setup_component(household.hass, DOMAIN, {})
    sign_in = SignIn.begin("de")
    landing = await household.simulator.sign_in(sign_in.url)
    _, credentials = await complete_sign_in(sign_in, landing)
    return OtherProgram(household, await hass_client(), credentials.text)


async def test_login_file_of_audible_cli_is_taken_over(
    other_program: OtherProgram,
) -> None:
    """The account is set up in the file's country, without another virtual device."""
    household = other_program.household
    [device] = household.registered()

    shown = await other_program.hand_in(audible_cli_file(other_program.registration))
    assert shown["step_id"] == "first_sync", shown
    done = await household.agree(shown)
    await household.settle()

    account = household.simulator.shop.accounts[DEMO_EMAIL]
    assert done["type"] is FlowResultType.CREATE_ENTRY
    entry = done["result"]
    assert entry.state is ConfigEntryState.LOADED
    assert entry.unique_id == f"{account.user_id}_de"
    assert household.registered() == [device]

    # The other program goes on with it: it is not signed out there.
    await household.restart(entry)
    await household.hass.config_entries.async_remove(entry.entry_id)
    await household.settle()
    assert household.registered() == [device]


async def test_signing_in_again_ends_the_sharing(other_program: OtherProgram) -> None:
    """A sign-in of our own leaves the other program its device, and is ended by us."""
    household = other_program.household
    [device] = household.registered()
    done = await household.agree(
        await other_program.hand_in(audible_cli_file(other_program.registration))
    )
    await household.settle()
    entry = done["result"]

    form = await household.hass.config_entries.flow.async_init(
        DOMAIN, context={"source": "reconfigure", "entry_id": entry.entry_id}
    )
    again = await household.finish(await household.answer(form, country_code="de"))
    await household.settle()

    assert again["reason"] == "reconfigure_successful"
    assert len(household.registered()) == 2
    await household.hass.config_entries.async_remove(entry.entry_id)
    await household.settle()
    assert household.registered() == [device]


async def test_one_of_several_accounts_is_chosen(other_program: OtherProgram) -> None:
    """Libation's file may hold more than one: it is asked which."""
    household = other_program.household
    german = libation_account(other_program.registration)
    british = libation_account(other_program.registration, LocaleName="uk")

    asked = await other_program.hand_in(libation_file(german, british))
    assert asked["step_id"] == "login"
    account = household.simulator.shop.accounts[DEMO_EMAIL]
    done = await household.agree(
        await household.answer(asked, login=f"{account.user_id}_de")
    )

    assert done["type"] is FlowResultType.CREATE_ENTRY
    assert done["result"].title == "anna (audible.de)"
    await household.settle()


async def test_password_can_be_typed_again(other_program: OtherProgram) -> None:
    """The file is uploaded once, however often the password is wrong."""
    household = other_program.household
    plain = audible_cli_file(other_program.registration).decode()
    file_id = await other_program.upload(AESCipher("right").to_bytes(plain))
    form = await other_program.begin()

    wrong = await other_program.answer(form, file=file_id, password="wrong")
    assert wrong["errors"] == {"base": "login_file_password"}
    shown = await other_program.answer(wrong, file=file_id, password="right")

    assert shown["step_id"] == "first_sync"
    household.hass.config_entries.flow.async_abort(shown["flow_id"])
    await household.settle()
    assert len(household.registered()) == 1


@pytest.mark.parametrize("data", [b"{}", b" " * 2_000_000], ids=["other", "too large"])
async def test_other_file_is_refused_and_the_usual_way_is_open(
    other_program: OtherProgram, data: bytes
) -> None:
    """Whoever chose a wrong file signs in at Amazon in the same dialog."""
    household = other_program.household

    wrong = await other_program.hand_in(data)
    assert wrong["errors"] == {"base": "login_file_unknown"}
    done = await household.finish(await household.answer(wrong, country_code="de"))

    assert done["type"] is FlowResultType.CREATE_ENTRY
    await household.settle()


async def test_file_that_is_gone_is_asked_for_again(
    other_program: OtherProgram,
) -> None:
    """Home Assistant keeps uploads for a while only."""
    gone = await other_program.answer(await other_program.begin(), file="0" * 32)

    assert gone["errors"] == {"base": "import_file_gone"}


async def test_ended_login_is_refused(other_program: OtherProgram) -> None:
    """What Amazon has ended is of no use here either."""
    other_program.household.simulator.shop.devices[0].is_revoked = True

    refused = await other_program.hand_in(audible_cli_file(other_program.registration))

    assert refused["errors"] == {"base": "login_file_refused"}


async def test_silent_audible_can_be_tried_again(other_program: OtherProgram) -> None:
    """While Audible does not answer nothing is lost, the file least of all."""
    household = other_program.household
    household.break_shop(FaultKind.SERVER_ERROR_HTML, LIBRARY)
    file_id = await other_program.upload(audible_cli_file(other_program.registration))
    form = await other_program.begin()

    failed = await other_program.answer(form, file=file_id)
    assert failed["errors"] == {"base": "audible_unreachable"}
    household.mend_shop()
    shown = await other_program.answer(failed, file=file_id)

    assert shown["step_id"] == "first_sync"


async def test_account_that_is_there_is_not_added_twice(
    other_program: OtherProgram,
) -> None:
    """The virtual device of the other program stays."""
    household = other_program.household
    await household.sign_up(country_code="de")

    again = await other_program.hand_in(audible_cli_file(other_program.registration))

    assert again["reason"] == "already_configured"
    assert len(household.registered()) == 2
