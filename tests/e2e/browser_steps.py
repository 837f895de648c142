"""Steps: what a person sees and hears in a browser."""

import re
from typing import Final

from playwright.async_api import Locator, Page

from tests.simulator.catalog import SHORT_ASIN, TEN_HOUR_ASIN

from .browser import DESKTOP, in_every_look, open_home
from .dialog_steps import window
from .processes import wait_until
from .walk import (
    DOMAIN,
    CheckError,
    Walk,
    demo_titles,
    expect,
    progress_state,
)

_PLAYS_WITHIN_S: Final = 1.0


async def home_assistant_plays(walk: Walk) -> str:
    """Chromium in Home Assistant's media browser finds the book and plays it."""
    async with window(walk) as page:
        await _open_media(page, walk)
        await page.screenshot(path=walk.picture("media-browser"))
        title = demo_titles()[SHORT_ASIN].title
        await _tile(page, title).click()
        # It opens its chapters; each of them plays.
        await _tile(page, "Opening Credits").click()
        seconds = await _heard_by_home(page)
        await page.screenshot(path=walk.picture("media-browser-playing"))
    return f"{seconds:.1f} s heard in the media browser"


async def _open_media(page: Page, walk: Walk) -> None:
    home = walk.house.home_assistant
    await open_home(page, home, "/media-browser/browser")
    for name in ("Audible Tracker", "Library"):
        await _tile(page, name).click()
    await _tile(page, demo_titles()[SHORT_ASIN].title).wait_for()
    # Covers arrive a moment after their names.
    await page.wait_for_load_state("networkidle")


def _tile(page: Page, name: str) -> Locator:
    """Return the tile or row of the media browser with this name."""
    exact = re.compile(rf"^\s*{re.escape(name)}\s*$")
    return page.locator("ha-media-player-browse .title", has_text=exact).first


async def _heard_by_home(page: Page) -> float:
    await page.wait_for_function(
        "window.rememberedAudio.some((audio) => audio.currentTime > 1.5)",
        timeout=20_000,
    )
    return float(
        await page.evaluate(
            "Math.max(...window.rememberedAudio.map((audio) => audio.currentTime))"
        )
    )


async def the_page_plays(walk: Walk) -> str:
    """The server's own page plays ten hours and seeks to the middle within a second."""
    context = await walk.browser.new_context(viewport=DESKTOP)
    try:
        page = await context.new_page()
        await _enter_page(page, walk)
        await page.screenshot(path=walk.picture("server-page"))
        title = demo_titles()[TEN_HOUR_ASIN].title
        await page.get_by_role("button", name=f"Play: {title}").click()
        await wait_until("sound on the page", lambda: _heard_on_page(page))
        duration_s = float(
            await page.evaluate("document.querySelector('audio').duration")
        )
        expect(abs(duration_s - 36_000) < 60, f"the duration is {duration_s} s")
        waits = [await _seek(page, duration_s * share) for share in (0.5, 0.9, 0.25)]
        await page.screenshot(path=walk.picture("server-page-playing"))
    finally:
        await context.close()
    expect(waits[0] < _PLAYS_WITHIN_S, f"the seek took {waits[0]:.2f} s")

    async def place() -> str | None:
        state = await progress_state(walk.house, TEN_HOUR_ASIN)
        is_last = state is not None and abs(float(state["state"]) - 25) < 1
        return str(state["state"]) if state and is_last else None

    percentage = await wait_until("the last place in Home Assistant", place)
    middle, *others = (f"{wait:.2f} s" for wait in waits)
    return (
        f"10 h; sound after seek to the middle: {middle}; then {', '.join(others)}; "
        f"its place in Home Assistant: {percentage} %"
    )


async def _heard_on_page(page: Page) -> bool | None:
    # Asked from outside: the page's policy forbids a script that is given as text.
    heard_s = await page.evaluate("document.querySelector('audio').currentTime")
    return True if heard_s > 1 else None


async def _seek(page: Page, to_s: float) -> float:
    """Return the seconds from a seek until sound of the new place was played."""
    return float(
        await page.evaluate(
            """(to) => new Promise((resolve, reject) => {
              const audio = document.querySelector("audio");
              const started = performance.now();
              setTimeout(() => reject(new Error("no sound after 20 s")), 20000);
              audio.currentTime = to;
              const look = () => {
                if (!audio.seeking && audio.currentTime > to + 0.05) {
                  resolve((performance.now() - started) / 1000 - 0.05);
                } else {
                  requestAnimationFrame(look);
                }
              };
              look();
            })""",
            to_s,
        )
    )


async def _enter_page(page: Page, walk: Walk) -> None:
    await page.goto(f"{walk.house.server.url}/")
    await page.get_by_label("Secret", exact=True).fill(walk.house.server.secret)
    await page.get_by_role("button", name="Sign in").click()
    title = demo_titles()[TEN_HOUR_ASIN].title
    await page.get_by_role("button", name=f"Play: {title}").wait_for()
    await page.wait_for_load_state("networkidle")


async def pictures_of_every_screen(walk: Walk) -> str:
    """Take each screen light, dark and at phone width, for a person to judge."""
    home = walk.house.home_assistant
    device = await _account_device(walk)
    async with window(walk, f"/config/devices/device/{device}") as page:
        await page.get_by_text("Currently reading").first.wait_for()
        await page.wait_for_load_state("networkidle")
        await in_every_look(page, walk.picture, "device")
        await open_home(page, home, f"/config/integrations/integration/{DOMAIN}")
        await page.get_by_text("Anna Example").first.wait_for()
        await page.wait_for_load_state("networkidle")
        await in_every_look(page, walk.picture, "integration")
        await _open_media(page, walk)
        await in_every_look(page, walk.picture, "media-browser")
    context = await walk.browser.new_context(viewport=DESKTOP)
    try:
        page = await context.new_page()
        await _enter_page(page, walk)
        await in_every_look(page, walk.picture, "server-page")
    finally:
        await context.close()
    return f"in {walk.pictures}"


async def _account_device(walk: Walk) -> str:
    devices = await walk.house.home_assistant.websocket(
        {"type": "config/device_registry/list"}
    )
    for device in devices:
        is_ours = walk.entry_id in device["config_entries"]
        if is_ours and device["entry_type"] == "service":
            return str(device["id"])
    message = "there is no account device"
    raise CheckError(message)
