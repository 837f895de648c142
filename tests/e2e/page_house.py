"""A house without Home Assistant: the shop, the server with an account, the page."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import aiohttp
from playwright.async_api import Browser, BrowserContext, Page

from custom_components.audible_tracker.core.audible.auth import (
    SignIn,
    complete_sign_in,
)
from custom_components.audible_tracker.core.media_server import MediaServerClient

from .browser import DESKTOP, running_browser, sign_in_at_shop
from .household import MediaServer, Shop, running_shop_and_server
from .processes import wait_until

# Headphones and lock screens call what the page registered; so can a test.
_REMEMBER_MEDIA_KEYS = """
window.mediaKeys = {};
navigator.mediaSession.setActionHandler = (action, handler) => {
  window.mediaKeys[action] = handler;
};
"""


@dataclass(slots=True)
class PageHouse:
    """What the tests of the page share."""

    folder: Path
    session: aiohttp.ClientSession
    shop: Shop
    server: MediaServer
    browser: Browser
    context: BrowserContext
    expected_in_logs: list[str]

    async def api(self, method: str, path: str, body: Any = None) -> Any:
        """Call the server with its secret; return the data that came."""
        return await self.server.call(self.session, method, path, body)

    async def set_line(self, kbit_per_s: int | None) -> None:
        """Let the shop's files come so fast; None is as fast as they can."""
        async with self.session.post(
            f"{self.shop.control_url}/settings", json={"content_kbit_per_s": kbit_per_s}
        ) as answer:
            answer.raise_for_status()

    async def download(self, asin: str) -> None:
        """Bring a title onto the server's disk."""
        await self.api("POST", f"/api/books/{asin}/download")

        async def is_whole() -> bool | None:
            state = (await self.api("GET", f"/api/books/{asin}"))["state"]
            return True if state in ("downloaded", "completed") else None

        await wait_until(f"the download of {asin}", is_whole, timeout_s=120)

    async def open(self, view: str = "library") -> Page:
        """Open the page on this device, signed in."""
        page = await self.context.new_page()
        await page.goto(f"{self.server.url}/#{view}")
        secret = page.get_by_label("Secret", exact=True)
        await secret.or_(page.get_by_role("navigation")).first.wait_for()
        if await secret.is_visible():
            await secret.fill(self.server.secret)
            await page.get_by_role("button", name="Sign in").click()
        await page.get_by_role("navigation").wait_for()
        return page


@asynccontextmanager
async def running_page_house(folder: Path) -> AsyncIterator[PageHouse]:
    """Start the shop, the server and a browser; hand the demo account over."""
    async with (
        running_shop_and_server(folder) as (session, shop, server, expected_in_logs),
        running_browser() as browser,
    ):
        with patch.dict(os.environ, shop.environment):
            sign_in = await asyncio.to_thread(SignIn.begin, "us")
            landing = await sign_in_at_shop(
                browser,
                sign_in.url,
                proxy_url=shop.proxy_url,
                email=shop.email,
                password=shop.password,
            )
            account, credentials = await complete_sign_in(sign_in, landing)
        client = MediaServerClient(session, url=server.url, secret=server.secret)
        await client.hand_over(account, credentials)
        context = await browser.new_context(viewport=DESKTOP)
        await context.add_init_script(_REMEMBER_MEDIA_KEYS)
        house = PageHouse(
            *(folder, session, shop, server, browser, context, expected_in_logs)
        )

        async def has_titles() -> bool | None:
            return True if (await house.api("GET", "/api/books"))["books"] else None

        await wait_until("the list of titles", has_titles, timeout_s=30)
        yield house
        await context.close()
