"""A real Chromium, and what a person does with it."""

import json
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, Literal

from playwright.async_api import (
    Browser,
    BrowserContext,
    Page,
    ViewportSize,
    async_playwright,
)

from .home_assistant import HomeAssistant

type ColorScheme = Literal["light", "dark"]

_FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--autoplay-policy=no-user-gesture-required",
)
DESKTOP: Final[ViewportSize] = {"width": 1280, "height": 800}
PHONE: Final[ViewportSize] = {"width": 390, "height": 844}
LOOKS: Final[tuple[tuple[str, ColorScheme, ViewportSize], ...]] = (
    ("light", "light", DESKTOP),
    ("dark", "dark", DESKTOP),
    ("phone", "light", PHONE),
)
"""Name, color scheme and size of the looks that every screen is judged in."""

_SETTLED_MS: Final = 400

# Home Assistant plays in the browser with an Audio object that is in no document.
_REMEMBER_AUDIO: Final = """
window.rememberedAudio = [];
const OriginalAudio = window.Audio;
window.Audio = function (source) {
  const audio = new OriginalAudio(source);
  window.rememberedAudio.push(audio);
  return audio;
};
"""


def browser_path() -> str:
    """Return a browser that decodes AAC: Debian's Chromium, else Google Chrome."""
    for name in ("chromium", "google-chrome", "google-chrome-stable"):
        if path := shutil.which(name):
            return path
    message = "neither chromium nor google-chrome is installed"
    raise RuntimeError(message)


@asynccontextmanager
async def running_browser() -> AsyncIterator[Browser]:
    """Run a headless browser."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=browser_path(), headless=True, args=list(_FLAGS)
        )
        try:
            yield browser
        finally:
            await browser.close()


async def sign_in_at_shop(
    browser: Browser,
    link: str,
    *,
    proxy_url: str,
    email: str,
    password: str,
    picture: Path | None = None,
) -> str:
    """Open the link, fill in the form, return the address of the page that comes."""
    context = await browser.new_context(
        proxy={"server": proxy_url}, ignore_https_errors=True
    )
    try:
        page = await context.new_page()
        await page.goto(link)
        await page.fill('input[name="email"]', email)
        await page.fill('input[name="password"]', password)
        if picture is not None:
            await page.screenshot(path=picture)
        await page.click('[type="submit"]')
        await page.wait_for_url("**/ap/maplanding**")
        return page.url
    finally:
        await context.close()


async def home_context(
    browser: Browser, home: HomeAssistant, **options: Any
) -> BrowserContext:
    """Return a browser context that is logged in to Home Assistant."""
    context = await browser.new_context(**{"viewport": DESKTOP, **options})
    tokens = {
        "access_token": home.token,
        "token_type": "Bearer",
        "refresh_token": "",
        "expires_in": 315360000,
        "hassUrl": home.url,
        "clientId": f"{home.url}/",
        "expires": 4102444800000,
    }
    await context.add_init_script(
        f"localStorage.hassTokens = {json.dumps(json.dumps(tokens))};"
    )
    await context.add_init_script(_REMEMBER_AUDIO)
    return context


async def open_home(page: Page, home: HomeAssistant, path: str) -> None:
    """Open a page of Home Assistant and wait until it is connected."""
    await page.goto(f"{home.url}{path}")
    await page.wait_for_function(
        "document.querySelector('home-assistant')?.hass?.connected === true"
        " && !!document.querySelector('home-assistant')"
        ".shadowRoot.querySelector('home-assistant-main')"
    )


async def in_every_look(page: Page, picture: Callable[[str], Path], name: str) -> None:
    """Take what a page shows now: light, dark, and at phone width."""
    for look, color_scheme, size in LOOKS:
        await page.emulate_media(color_scheme=color_scheme)
        await page.set_viewport_size(size)
        # Colors and sizes change over some frames.
        await page.wait_for_timeout(_SETTLED_MS)
        await page.screenshot(path=picture(f"{name}-{look}"))
    await page.emulate_media(color_scheme="light")
    await page.set_viewport_size(DESKTOP)
