"""Audible holds a sign-in for old: Home Assistant asks for a new one, all goes on."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.simulator.browser import sign_in
from tests.simulator.catalog import SHORT_ASIN, UNDER_WAY_ASIN

from .conftest import FOLDER
from .flows import link_server, sign_in_by_rest
from .household import Household, running_household
from .processes import wait_until
from .walk import DOMAIN

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(180)]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def house() -> AsyncIterator[Household]:
    """Set up an account that is linked to the server."""
    async with running_household(FOLDER / "refused") as house:
        await link_server(house, await sign_in_by_rest(house))
        yield house


async def _until_state(house: Household, asin: str, state: str) -> dict[str, Any]:
    async def reached() -> dict[str, Any] | None:
        book = await house.server_api("GET", f"/api/books/{asin}")
        return book if book["state"] == state else None

    return await wait_until(f"{asin} {state}", reached, timeout_s=40)


async def _question(house: Household) -> dict[str, Any] | None:
    command = {"type": "config_entries/flow/progress"}
    flows = await house.home_assistant.websocket(command)
    return next((flow for flow in flows if flow["handler"] == DOMAIN), None)


async def test_new_sign_in_lets_the_downloads_go_on(house: Household) -> None:
    """What came before stays; what was refused comes, and nothing is asked twice."""

    async def known() -> bool | None:
        return True if (await house.server_api("GET", "/api/books"))["books"] else None

    await wait_until("the hand-over", known, timeout_s=40)
    await house.server_api("POST", f"/api/books/{SHORT_ASIN}/download")
    await _until_state(house, SHORT_ASIN, "downloaded")
    house.may_log(
        r"WARNING .*\.shop: Audible refuses a sign-in: license_registration_old",
        r"WARNING .*\.worker: The job .* failed: license_registration_old",
    )
    await house.shop_control("POST", "/devices/throttle", {})
    await house.server_api("POST", f"/api/books/{UNDER_WAY_ASIN}/download")
    refused = await _until_state(house, UNDER_WAY_ASIN, "failed")
    assert refused["error"] == "license_registration_old"

    home = house.home_assistant
    # A server that was linked a moment ago is listened to within half a minute.
    flow = await wait_until("the question", lambda: _question(house), timeout_s=45)
    assert flow["step_id"] == "reauth_registration_old"
    step = await home.continue_flow(flow["flow_id"], {})
    landing = await sign_in(
        step["description_placeholders"]["url"],
        proxy_url=house.shop.proxy_url,
        ca_path=house.shop.ca_path,
        email=house.shop.email,
        password=house.shop.password,
    )
    done = await home.continue_flow(flow["flow_id"], {"landing_url": landing})
    assert done["reason"] == "reauth_successful"

    await _until_state(house, UNDER_WAY_ASIN, "downloaded")
    [account] = (await house.server_api("GET", "/api/accounts"))["accounts"]
    assert not account["needs_sign_in"]
    assert await _question(house) is None
