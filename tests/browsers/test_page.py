"""The server's page in Firefox and in WebKit, with a hand's clicks and real sound."""

import json
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.page_house import PageHouse
from tests.e2e.processes import wait_until
from tests.e2e.walk import demo_titles
from tests.simulator.catalog import SHORT_ASIN

from .drivers import OtherBrowser, click, running_firefox, running_webkit

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(180)]
TITLE = demo_titles()[SHORT_ASIN].title


def _opened(
    name: str, folder: Path, house: PageHouse
) -> AbstractAsyncContextManager[OtherBrowser]:
    start = {"firefox": running_firefox, "webkit": running_webkit}[name]
    return start(folder, house.session)


async def _sound(browser: OtherBrowser, member: str) -> Any:
    return await browser.run(f"return document.querySelector('audio').{member};")


async def _type(browser: OtherBrowser, selector: str, text: str) -> None:
    await browser.run(
        f"const field = document.querySelector({json.dumps(selector)});"
        f"field.value = {json.dumps(text)};"
        'field.dispatchEvent(new Event("input", {bubbles: true}));'
    )


@pytest.mark.parametrize("name", ["firefox", "webkit"])
async def test_a_listener_needs_no_chromium(
    page_house: PageHouse, tmp_path: Path, name: str
) -> None:
    """Sign in, search, play, seek, speed, bookmark, sleep: all of it works there."""
    await page_house.download(SHORT_ASIN)
    async with _opened(name, tmp_path / name, page_house) as browser:
        await browser.open(page_house.server.url)
        await click(browser, "#secret")
        await _type(browser, "#secret", page_house.server.secret)
        await click(browser, "#sign-in button")
        await click(browser, "#search input")
        await _type(browser, "#search input", str(TITLE))

        async def is_found() -> bool | None:
            shown = "return document.querySelectorAll('#books > li').length;"
            return True if await browser.run(shown) == 1 else None

        await wait_until("the one title that was searched for", is_found)
        await click(browser, f'[aria-label="Play: {TITLE}"]')

        async def is_heard() -> bool | None:
            return True if await _sound(browser, "currentTime") > 0.3 else None

        await wait_until("sound", is_heard, timeout_s=30)
        await browser.run("document.querySelector('audio').currentTime = 60;")

        async def is_there() -> bool | None:
            return True if await _sound(browser, "currentTime") > 60.2 else None

        await wait_until("sound after a seek", is_there, timeout_s=20)
        await click(browser, '[aria-label^="Speed"]')
        await click(browser, "dialog[open] .choices button:last-child")
        assert await _sound(browser, "playbackRate") == 2.5
        await click(browser, 'dialog[open] [aria-label="Close"]')
        await click(browser, '[aria-label^="Bookmarks"]')
        await _type(browser, "#note", name)
        await click(browser, "dialog[open] .note button")

        async def is_kept() -> bool | None:
            path = f"/api/books/{SHORT_ASIN}/bookmarks"
            notes = [
                b["note"] for b in (await page_house.api("GET", path))["bookmarks"]
            ]
            return True if name in notes else None

        await wait_until("the bookmark", is_kept)
        await click(browser, "dialog[open] .bookmark .round")
        await click(browser, 'dialog[open] [aria-label="Close"]')
        await click(browser, '[aria-label^="Sleep timer"]')
        await click(browser, "dialog[open] .choices button")
        assert await browser.run(
            "return document.querySelector('[aria-label^=\"Sleep timer,\"]') !== null;"
        )
        await click(browser, '.controls [aria-label="Pause"]')
        assert await _sound(browser, "paused")
