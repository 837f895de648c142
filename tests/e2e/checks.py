"""What the demo proves, step by step; each step returns what it measured in words."""

import asyncio
import hashlib
import random
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Browser, Locator, Page

from tests.simulator.catalog import (
    AAX_ASIN,
    DEMO_EMAIL,
    SHORT_ASIN,
    TEN_HOUR_ASIN,
    UNDER_WAY_ASIN,
    demo_shop,
)

from .browser import DESKTOP, PHONE, home_context, open_home, sign_in_at_shop
from .household import Household
from .processes import wait_until

DOMAIN: Final = "audible_tracker"
RANGE_COUNT: Final = 200
_PLAYS_WITHIN_S: Final = 1.0
_LOG_ENTRY: Final = re.compile(r"^\d{4}-\d\d-\d\d ", re.MULTILINE)
_OUR_FILES: Final = ("custom_components/audible_tracker/", "audible_server/")
_BLOCKING: Final = ("Detected blocking call", "Detected that custom integration")


@dataclass(slots=True)
class Walk:
    """The state that the steps share, in the order in which a person makes them."""

    house: Household
    browser: Browser
    pictures: Path
    country: str = "de"
    entry_id: str = ""
    notes: dict[str, Any] = field(default_factory=dict)

    def picture(self, name: str) -> Path:
        """Return where a screenshot is kept."""
        self.pictures.mkdir(parents=True, exist_ok=True)
        return self.pictures / f"{name}.png"


type Step = Callable[[Walk], Awaitable[str]]


class CheckError(AssertionError):
    """Something that the demo promises is not so; the message says what."""


def expect(condition: object, message: str) -> None:
    """Raise CheckError unless the condition holds."""
    if not condition:
        raise CheckError(message)


async def sign_in(walk: Walk) -> str:
    """Sign in through the real config flow, with a real browser at the shop."""
    home = walk.house.home_assistant
    step = await home.start_flow(DOMAIN)
    expect(step["step_id"] == "user", f"the flow begins with {step}")
    step = await home.continue_flow(step["flow_id"], {"country_code": walk.country})
    expect(step["step_id"] == "sign_in", f"after the country comes {step}")
    wrong = await home.continue_flow(
        step["flow_id"], {"landing_url": "https://www.amazon.de/gp/help"}
    )
    expect(
        wrong["errors"] == {"landing_url": "landing_wrong_page"},
        f"a wrong page is answered with {wrong.get('errors')}",
    )
    landing = await sign_in_at_shop(
        walk.browser,
        step["description_placeholders"]["url"],
        proxy_url=walk.house.shop.proxy_url,
        email=walk.house.shop.email,
        password=walk.house.shop.password,
        picture=walk.picture("shop-sign-in"),
    )
    done = await home.continue_flow(step["flow_id"], {"landing_url": landing})
    expect(done["type"] == "create_entry", f"the flow ends with {done}")
    walk.entry_id = done["result"]["entry_id"]
    return f"signed in as {done['title']}"


async def sensors_show_the_shop(walk: Walk) -> str:
    """The sensors carry the simulator's numbers."""
    titles = demo_titles()
    title = titles[UNDER_WAY_ASIN]

    async def progress() -> dict[str, Any] | None:
        return await progress_state(walk, UNDER_WAY_ASIN)

    state = await wait_until("the progress sensor", progress, timeout_s=30)
    owned = demo_shop_now().accounts[DEMO_EMAIL].library[UNDER_WAY_ASIN]
    expected = 100 * owned.positions[-1].position_ms / title.runtime_ms
    expect(
        abs(float(state["state"]) - expected) < 0.1,
        f"progress is {state['state']}, the simulator has {expected:.1f}",
    )
    states = await walk.house.home_assistant.states()
    reading = _of_translation_key(states, "currently_reading")
    expect(reading["state"] == title.title, f"currently reading is {reading['state']}")
    return f"{title.title}: {float(state['state']):.1f} %, as at the shop"


async def a_move_reaches_the_sensor(walk: Walk) -> str:
    """A position changed at the shop arrives when the entity is asked to update."""
    title = demo_titles()[UNDER_WAY_ASIN]
    before = await progress_state(walk, UNDER_WAY_ASIN)
    expect(before is not None, "there is no progress sensor")
    target_ms = int(title.runtime_ms * 0.64)
    await walk.house.shop_control(
        "POST", "/positions", {"asin": UNDER_WAY_ASIN, "position_ms": target_ms}
    )
    requests = len(await _library_requests(walk))
    started = time.monotonic()
    await walk.house.home_assistant.call_action(
        "homeassistant",
        "update_entity",
        {"entity_id": before["entity_id"]},  # type: ignore[index]
    )

    async def moved() -> bool | None:
        state = await progress_state(walk, UNDER_WAY_ASIN)
        return True if state and abs(float(state["state"]) - 64) < 0.1 else None

    await wait_until("the new position", moved, timeout_s=15)
    expect(
        len(await _library_requests(walk)) == requests,
        "the poll of a position also asked for the library",
    )
    return f"64 % after {time.monotonic() - started:.1f} s, no library request"


async def link_the_server(walk: Walk) -> str:
    """Link the server by address and secret, and see the account arrive there."""
    home, server = walk.house.home_assistant, walk.house.server
    step = await home.start_options(walk.entry_id)
    if step["type"] == "menu":
        step = await home.continue_options(
            step["flow_id"], {"next_step_id": "media_server"}
        )
    wrong = await home.continue_options(
        step["flow_id"], {"url": server.url, "secret": "not the right secret"}
    )
    expect(
        "media_server_secret" in wrong["errors"].values(),
        f"a wrong secret is answered with {wrong}",
    )
    done = await home.continue_options(
        step["flow_id"], {"url": server.url, "secret": server.secret}
    )
    expect(done["type"] == "create_entry", f"linking ends with {done}")

    async def library() -> int | None:
        books = (await walk.house.server_api("GET", "/api/books"))["books"]
        return len(books) or None

    count = await wait_until("the server's list of titles", library, timeout_s=30)
    return f"{count} titles on the server"


async def download(walk: Walk) -> str:
    """Download three titles: a short one, ten hours, and one that is AAX only."""
    started = time.monotonic()
    for asin in (SHORT_ASIN, TEN_HOUR_ASIN, AAX_ASIN):
        await walk.house.home_assistant.call_action(DOMAIN, "download", {"asin": asin})
    sizes = [
        await _downloaded(walk, asin) for asin in (SHORT_ASIN, TEN_HOUR_ASIN, AAX_ASIN)
    ]
    megabytes = sum(sizes) / 1e6
    return f"3 titles, {megabytes:.0f} MB, {time.monotonic() - started:.1f} s"


async def _downloaded(walk: Walk, asin: str) -> int:
    async def whole() -> int | None:
        book = await walk.house.server_api("GET", f"/api/books/{asin}")
        expect(book["state"] != "failed", f"{asin}: {book['error_text']}")
        is_whole = book["state"] in ("downloaded", "completed")
        return int(book["size_bytes"]) if is_whole else None

    return await wait_until(f"the download of {asin}", whole, timeout_s=180)


async def virtual_files_are_exact(walk: Walk) -> str:
    """Virtual M4B against ffmpeg: the sound of the whole, the bytes of 200 ranges."""
    findings = []
    for asin in (SHORT_ASIN, AAX_ASIN):
        whole = await _fetch(walk, asin)
        virtual = walk.house.folder / f"{asin}.virtual.m4b"
        virtual.write_bytes(whole)
        mine = await _pcm_digest(["-i", str(virtual)])
        reference = await _pcm_digest(_encrypted_input(walk, asin))
        expect(mine == reference, f"{asin}: the decoded sound differs from ffmpeg's")
        await _ranges_equal_whole(walk, asin, whole)
        findings.append(f"{asin} {len(whole)} bytes")
    return f"{', '.join(findings)}: same sound, {RANGE_COUNT} ranges each"


async def _ranges_equal_whole(walk: Walk, asin: str, whole: bytes) -> None:
    dice = random.Random(asin)
    for _ in range(RANGE_COUNT):
        first = dice.randrange(len(whole))
        last = min(len(whole) - 1, first + dice.choice((0, 15, 999, 65_536, 400_000)))
        part = await _fetch(walk, asin, f"bytes={first}-{last}")
        expect(part == whole[first : last + 1], f"{asin}: bytes {first}-{last} differ")


async def _fetch(walk: Walk, asin: str, byte_range: str | None = None) -> bytes:
    server = walk.house.server
    headers = {"X-API-Secret": server.secret}
    if byte_range:
        headers["Range"] = byte_range
    async with walk.house.session.get(
        f"{server.url}/stream/{asin}", headers=headers
    ) as answer:
        expected = 206 if byte_range else 200
        expect(answer.status == expected, f"{asin}: status {answer.status}")
        return await answer.read()


def _encrypted_input(walk: Walk, asin: str) -> list[str]:
    """Return ffmpeg's arguments to read the downloaded file with its key."""
    shop = demo_shop_now()
    library = walk.house.server.library
    if (aax := library / f"{asin}.aax").exists():
        activation_bytes = shop.accounts[DEMO_EMAIL].activation_bytes.hex()
        return ["-activation_bytes", activation_bytes, "-i", str(aax)]
    title = shop.titles[asin]
    return [
        *("-audible_key", title.content_key.hex()),
        *("-audible_iv", title.content_iv.hex()),
        *("-i", str(library / f"{asin}.aaxc")),
    ]


async def _pcm_digest(source: list[str]) -> str:
    process = await asyncio.create_subprocess_exec(
        *("ffmpeg", "-v", "error", *source, "-map", "0:a:0", "-f", "s16le", "-"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    sound, complaints = await process.communicate()
    expect(process.returncode == 0, f"ffmpeg: {complaints.decode()}")
    expect(len(sound) > 1_000_000, "there is hardly any sound")
    return hashlib.sha256(sound).hexdigest()


async def home_assistant_plays(walk: Walk) -> str:
    """Chromium in Home Assistant's media browser finds the book and plays it."""
    context = await home_context(walk.browser, walk.house.home_assistant)
    try:
        page = await context.new_page()
        await _open_media(page, walk)
        await page.screenshot(path=walk.picture("media-browser"))
        title = demo_titles()[SHORT_ASIN].title
        await _tile(page, title).click()
        seconds = await _heard_by_home(page)
        await page.screenshot(path=walk.picture("media-browser-playing"))
    finally:
        await context.close()
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
    middle, *others = (f"{wait:.2f} s" for wait in waits)
    return f"10 h; sound after seek to the middle: {middle}; then {', '.join(others)}"


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
    await page.get_by_label("Secret").fill(walk.house.server.secret)
    await page.get_by_role("button", name="Sign in").click()
    title = demo_titles()[TEN_HOUR_ASIN].title
    await page.get_by_role("button", name=f"Play: {title}").wait_for()
    await page.wait_for_load_state("networkidle")


async def pictures_of_every_screen(walk: Walk) -> str:
    """Take each screen light, dark and at phone width, for a person to judge."""
    home = walk.house.home_assistant
    device = await _account_device(walk)
    looks: tuple[tuple[str, dict[str, Any]], ...] = (
        ("light", {"color_scheme": "light"}),
        ("dark", {"color_scheme": "dark"}),
        ("phone", {"color_scheme": "light", "viewport": PHONE}),
    )
    for name, options in looks:
        context = await home_context(walk.browser, home, **options)
        page = await context.new_page()
        await open_home(page, home, f"/config/devices/device/{device}")
        await page.get_by_text("Currently reading").first.wait_for()
        await page.wait_for_load_state("networkidle")
        await page.screenshot(path=walk.picture(f"device-{name}"))
        await open_home(page, home, f"/config/integrations/integration/{DOMAIN}")
        await page.get_by_text("Anna Example").first.wait_for()
        await page.wait_for_load_state("networkidle")
        await page.screenshot(path=walk.picture(f"integration-{name}"))
        await _open_media(page, walk)
        await page.screenshot(path=walk.picture(f"media-browser-{name}"))
        await context.close()
        context = await walk.browser.new_context(**{"viewport": DESKTOP, **options})
        page = await context.new_page()
        await _enter_page(page, walk)
        await page.screenshot(path=walk.picture(f"server-page-{name}"))
        await context.close()
    return f"in {walk.pictures}"


async def a_restart_without_the_shop(walk: Walk) -> str:
    """Home Assistant starts while the shop is unreachable, and nothing is lost."""
    before = await _our_states(walk)
    await walk.house.shop_control("POST", "/faults", {"kind": "unreachable"})
    try:
        await walk.house.home_process.stop()
        await walk.house.home_process.start()

        async def restored() -> dict[str, str] | None:
            after = await _our_states(walk)
            return after if len(after) >= len(before) else None

        after = await wait_until("the entities", restored, timeout_s=30)
        lost = [name for name, state in before.items() if after.get(name) != state]
        expect(not lost, f"after the restart these differ: {lost}")
        part = await _fetch(walk, SHORT_ASIN, "bytes=0-999")
        expect(len(part) == 1000, "a downloaded title does not stream")
    finally:
        await walk.house.shop_control("DELETE", "/faults")
    return f"{len(after)} entities as before, downloaded titles still stream"


async def _our_states(walk: Walk) -> dict[str, str]:
    """Return the states of our entities, without those that tell the time of a poll."""
    home = walk.house.home_assistant
    entries = await home.websocket({"type": "config/entity_registry/list"})
    ours = {entry["entity_id"] for entry in entries if entry["platform"] == DOMAIN}
    states = await home.states()
    return {name: state["state"] for name, state in states.items() if name in ours}


async def removal_signs_out(walk: Walk) -> str:
    """Deleting the entry removes the virtual device from the account."""
    devices = await walk.house.shop_control("GET", "/devices")
    expect(not devices[-1]["is_revoked"], "the device was revoked too early")
    path = f"/api/config/config_entries/entry/{walk.entry_id}"
    await walk.house.home_assistant.rest("DELETE", path)

    async def revoked() -> bool | None:
        devices = await walk.house.shop_control("GET", "/devices")
        return True if all(device["is_revoked"] for device in devices) else None

    await wait_until("the deregistration", revoked, timeout_s=15)
    expect(await _our_states(walk) == {}, "entities are left")
    return f"{len(devices)} device(s) deregistered, no entity left"


async def logs_hold_no_secret(walk: Walk) -> str:
    """No log line of the house holds a secret, and none complains about our code."""
    shop = demo_shop_now()
    secrets = {
        walk.house.server.secret: "the server's secret",
        shop.titles[SHORT_ASIN].content_key.hex(): "a key",
        shop.accounts[DEMO_EMAIL].activation_bytes.hex(): "the activation bytes",
        "Atnr|": "a refresh token",
        "Atna|": "an access token",
        "PRIVATE KEY": "a private key",
    }
    lines = 0
    logs = walk.house.folder / "logs"
    for path in (*logs.glob("home-assistant*.log"), *logs.glob("server*.log")):
        name = path.stem
        log = path.read_text(errors="replace")
        lines += log.count("\n")
        for secret, what in secrets.items():
            expect(secret not in log, f"{what} stands in the log of {name}")
        for entry in _LOG_ENTRY.split(log):
            expect(not _is_our_fault(entry), f"the log of {name} complains: {entry}")
    return f"{lines} lines"


def _is_our_fault(entry: str) -> bool:
    """Tell whether a log entry is an error with our files in its traceback.

    At DEBUG, Home Assistant adds the traceback of any failed poll.
    """
    is_traceback = any(path in entry for path in _OUR_FILES) and " DEBUG " not in entry
    return is_traceback or any(sign in entry for sign in _BLOCKING)


STEPS: Final[tuple[tuple[str, Step], ...]] = (
    ("sign in through the config flow", sign_in),
    ("sensors show the shop's numbers", sensors_show_the_shop),
    ("a moved position reaches the sensor", a_move_reaches_the_sensor),
    ("link the server", link_the_server),
    ("download three titles", download),
    ("virtual files are exact", virtual_files_are_exact),
    ("Home Assistant's media browser plays", home_assistant_plays),
    ("the server's page plays and seeks", the_page_plays),
    ("pictures of every screen", pictures_of_every_screen),
    ("a restart without the shop keeps everything", a_restart_without_the_shop),
    ("deleting the entry signs out", removal_signs_out),
    ("logs hold no secret", logs_hold_no_secret),
)


def demo_shop_now() -> Any:
    """Return the demo's shop as it is at the start; keys and names do not change."""
    from datetime import UTC, datetime

    return demo_shop(datetime.now(UTC))


def demo_titles() -> dict[str, Any]:
    """Return the demo's titles by ASIN."""
    titles: dict[str, Any] = demo_shop_now().titles
    return titles


async def progress_state(walk: Walk, asin: str) -> dict[str, Any] | None:
    """Return the state of a title's progress sensor, None while there is none."""
    states = await walk.house.home_assistant.states()
    for state in states.values():
        if state["entity_id"].startswith("sensor.") and (
            state["attributes"].get("asin") == asin
            and state["attributes"].get("unit_of_measurement") == "%"
        ):
            return state if state["state"] not in ("unknown", "unavailable") else None
    return None


def _of_translation_key(states: dict[str, Any], key: str) -> dict[str, Any]:
    found = [state for name, state in states.items() if name.endswith(f"_{key}")]
    expect(len(found) == 1, f"there are {len(found)} entities for {key}")
    return dict(found[0])


async def _library_requests(walk: Walk) -> list[Any]:
    path = "/requests?path_prefix=/1.0/library"
    return list(await walk.house.shop_control("GET", path))


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
