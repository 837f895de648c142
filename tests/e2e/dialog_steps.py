"""Steps: signing in and setting up, in Home Assistant's own dialogs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Locator, Page

from .browser import home_context, in_every_look, open_home, sign_in_at_shop
from .walk import DOMAIN, Walk, expect

_ADD_PAGE = f"/config/integrations/dashboard/add?domain={DOMAIN}"
_ENTRY_PAGE = f"/config/integrations/integration/{DOMAIN}"
_OPTIONS = {
    "account": ("Account", "These settings belong to this account alone"),
    "server": ("App (server)", "It is found by itself"),
    "database": ("Database", "For all accounts. In use now"),
}
"""By name of the picture: the menu's item, and what stands in the form."""
_PATIENCE_MS = 15_000
_FIRST_SYNC_MS = 60_000
_WRONG_PAGE = "https://www.amazon.de/gp/help"


async def sign_in(walk: Walk) -> str:
    """Sign in in Home Assistant's own dialog: country, link, address, preview."""
    async with window(walk, _ADD_PAGE) as page:
        await page.locator("dialog-box").get_by_role("button", name="OK").click()
        flow = page.locator("dialog-data-entry-flow")
        await flow.get_by_text("Choose the country").wait_for()
        await submit(flow)
        link = flow.get_by_role("link", name="the sign-in page of")
        address = flow.locator("ha-selector-text input")
        await address.fill(_WRONG_PAGE)
        await submit(flow)
        await flow.get_by_text("That is the address of another page").wait_for()
        await address.fill(await _landing(walk, str(await link.get_attribute("href"))))
        await submit(flow)
        preview = flow.get_by_text("Nothing has been created yet")
        await preview.wait_for()
        await in_every_look(page, walk.picture, "first-sync")
        counts = await flow.locator("ha-markdown-element li").all_inner_texts()
        expect(await _entries(walk) == [], "the account was kept before it was shown")
        await submit(flow)
        # The first sync waits for its turn at Audible.
        finish = flow.get_by_role("button", name="finish")
        await finish.wait_for(timeout=_FIRST_SYNC_MS)
    entry = (await _entries(walk))[0]
    walk.entry_id = entry["entry_id"]
    return f"signed in as {entry['title']}; {', '.join(counts)}"


async def pictures_of_the_options(walk: Walk) -> str:
    """The options are a menu of three, and each of them opens."""
    async with window(walk, _ENTRY_PAGE) as page:
        flow = page.locator("dialog-data-entry-flow")
        for step, (item, sign) in _OPTIONS.items():
            await page.get_by_role("button", name="Configure").click()
            await flow.get_by_text("App (server)").first.wait_for()
            if step == "account":
                await in_every_look(page, walk.picture, "options-menu")
            await flow.get_by_text(item, exact=True).click()
            await flow.get_by_text(sign).first.wait_for()
            await in_every_look(page, walk.picture, f"options-{step}")
            await flow.get_by_role("button", name="Close").click()
            await flow.locator("ha-dialog").wait_for(state="detached")
    return f"menu, {', '.join(_OPTIONS)}"


async def submit(flow: Locator) -> None:
    """Send the form that a dialog shows."""
    await flow.get_by_role("button", name="Submit").click()


@asynccontextmanager
async def window(walk: Walk, path: str = "") -> AsyncIterator[Page]:
    """Open a window of the browser, logged in, perhaps at a page of Home Assistant."""
    context = await home_context(walk.browser, walk.house.home_assistant)
    try:
        page = await context.new_page()
        page.set_default_timeout(_PATIENCE_MS)
        if path:
            await open_home(page, walk.house.home_assistant, path)
        yield page
    finally:
        await context.close()


async def _landing(walk: Walk, link: str) -> str:
    shop = walk.house.shop
    return await sign_in_at_shop(
        walk.browser,
        link,
        proxy_url=shop.proxy_url,
        email=shop.email,
        password=shop.password,
        picture=walk.picture("shop-sign-in"),
    )


async def _entries(walk: Walk) -> list[dict[str, Any]]:
    command = {"type": "config_entries/get", "domain": DOMAIN}
    return list(await walk.house.home_assistant.websocket(command))
