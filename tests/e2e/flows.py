"""Flows of Home Assistant by its API, for tests that are not about the dialogs."""

from typing import Any

from tests.simulator.browser import sign_in

from .home_assistant import HomeAssistant
from .household import Household
from .walk import DOMAIN, expect


async def sign_in_by_rest(
    house: Household,
    *,
    email: str | None = None,
    password: str | None = None,
    reader: str | None = None,
) -> str:
    """Set up an account, the demo customer's unless told; return its entry's id.

    Its titles are the named reader's, else the proposed one's.
    """
    home = house.home_assistant
    step = await home.start_flow(DOMAIN)
    step = await home.continue_flow(step["flow_id"], {"country_code": "de"})
    landing = await sign_in(
        step["description_placeholders"]["url"],
        proxy_url=house.shop.proxy_url,
        ca_path=house.shop.ca_path,
        email=email or house.shop.email,
        password=password or house.shop.password,
    )
    step = await home.continue_flow(step["flow_id"], {"landing_url": landing})
    expect(step["step_id"] == "first_sync", f"after the sign-in comes {step}")
    proposed = {field["name"]: field["default"] for field in step["data_schema"]}
    chosen = proposed if reader is None else proposed | {"reader": reader}
    done = await home.continue_flow(step["flow_id"], chosen)
    if done["type"] == "form":
        # What comes of other answers is shown before anything is created.
        done = await home.continue_flow(done["flow_id"], chosen)
    expect(done["type"] == "create_entry", f"the flow ends with {done}")
    return str(done["result"]["entry_id"])


async def use_database(home: HomeAssistant, entry_id: str, url: str) -> None:
    """Enter a database's URL in the options."""
    await change_option(home, entry_id, "database", {"database_url": url})


async def link_server(house: Household, entry_id: str) -> None:
    """Enter the server's address and secret in the options."""
    link = {"url": house.server.url, "secret": house.server.secret}
    await change_option(house.home_assistant, entry_id, "media_server", link)


async def change_account(home: HomeAssistant, entry_id: str, **changes: Any) -> None:
    """Change some of an account's options and leave the others as they are shown."""
    menu = await home.start_options(entry_id)
    form = await home.continue_options(menu["flow_id"], {"next_step_id": "settings"})
    shown = {
        field["name"]: field["description"]["suggested_value"]
        for field in form["data_schema"]
    }
    done = await home.continue_options(form["flow_id"], shown | changes)
    expect(done["type"] == "create_entry", f"the options end with {done}")


async def change_option(
    home: HomeAssistant, entry_id: str, item: str, values: dict[str, Any]
) -> None:
    """Fill in one form of the options."""
    menu = await home.start_options(entry_id)
    form = await home.continue_options(menu["flow_id"], {"next_step_id": item})
    done = await home.continue_options(form["flow_id"], values)
    expect(done["type"] == "create_entry", f"the options end with {done}")
