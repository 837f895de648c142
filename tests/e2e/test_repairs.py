"""Repairs as a person meets them: Settings, Repairs, and the dialogs behind it."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import pytest
from playwright.async_api import Locator, Page, expect

from tests.simulator.browser import sign_in
from tests.simulator.catalog import DEMO_EMAIL

from .browser import in_every_look
from .card_house import CardHouse
from .dialog_steps import submit
from .logs import WAITS_FOR_ITS_TURN
from .processes import wait_until
from .tracker_database import let_a_day_pass, let_two_hours_pass
from .walk import DOMAIN, our_states

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(240)]

_REPAIRS: Final = "/config/repairs"
_ASKED_MS: Final = 70_000
"""Audible is asked ten times a minute at most, and others may have asked before."""
_WIDE: Final = "(images) => images.map(({ naturalWidth }) => naturalWidth)"


async def _open(page: Page, name: str) -> Locator:
    """Open the only repair of a name; return its dialog."""
    repair = page.locator("ha-config-repairs").get_by_text(name)
    await expect(repair).to_have_count(1)
    await repair.click()
    return page.locator("dialog-data-entry-flow")


async def _choose(dialog: Locator, words: str) -> None:
    await dialog.get_by_text(words, exact=True).last.click()
    await submit(dialog)


async def test_conflicts_are_paged_through_in_one_repair(card_house: CardHouse) -> None:
    """Covers, evidence, search, create, leave out, the rest, and all of it undone."""
    before = (await card_house.first_of("conflicts"))["total"]
    async with card_house.window(_REPAIRS) as page:
        dialog = await _open(page, "that need you")
        await _is_asked_about(dialog, "Dracula")
        await expect(dialog).to_contain_text("Author: Bram Stoker")
        await expect(dialog).to_contain_text("Length: 9:41 h")
        await expect(dialog).to_contain_text("the titles agree")
        await expect(dialog.locator("ha-markdown img").first).to_be_visible()
        await _have_come(dialog.locator("ha-markdown img"))
        # Two books fit equally.
        await expect(dialog.get_by_role("radio", checked=True)).to_have_count(1)
        await expect(dialog.get_by_role("radio", name="Decide later")).to_be_checked()
        await in_every_look(page, card_house.picture, "repair-conflict")

        await _choose(dialog, "Another book: search for it")
        await dialog.get_by_role("textbox").fill("words of no book")
        await submit(dialog)
        await expect(dialog).to_contain_text("No book holds these words")
        await expect(dialog.get_by_role("textbox")).to_have_value("words of no book")
        await dialog.get_by_role("textbox").fill("alice")
        await submit(dialog)
        await expect(dialog).to_contain_text("Alice in Wonderland · Lewis Carroll")
        await _choose(dialog, "None of these")

        await _is_asked_about(dialog, "Dracula")
        await _choose(dialog, "None of them: make a new book")
        await _is_asked_about(dialog, "Moby-Dick")
        await _choose(dialog, "Undo the last decision")
        await _is_asked_about(dialog, "Dracula")
        await _choose(dialog, "Leave this title out of the tracker")
        await _is_asked_about(dialog, "Moby-Dick")
        await _choose(dialog, "Do the rest for me")
        await expect(dialog).to_contain_text("75 % or more")
        await submit(dialog)

        await expect(dialog).to_contain_text(f"Decided now: {before}")
        await expect(dialog).to_contain_text("Titles left: 0")
        await page.screenshot(path=card_house.picture("repair-conflicts-done"))
        await _choose(dialog, "Undo the last decision")
        await _is_asked_about(dialog, "Moby-Dick")
        await _choose(dialog, "Undo the last decision")
        await _is_asked_about(dialog, "Dracula")
    assert (await card_house.first_of("conflicts"))["total"] == before


async def _have_come(images: Locator) -> None:
    """Wait until each of some images has been loaded."""

    async def are_wide() -> bool | None:
        widths = await images.evaluate_all(_WIDE)
        return True if widths and min(widths) > 0 else None

    await wait_until("all covers", are_wide)


async def _is_asked_about(dialog: Locator, title: str) -> None:
    await expect(dialog.locator("ha-markdown strong").first).to_have_text(title)


@asynccontextmanager
async def _fault(card_house: CardHouse, kind: str) -> AsyncIterator[None]:
    card_house.house.may_log(r"WARNING .* Account \d+: .*\(audible_unreachable\)")
    await card_house.house.shop_control("POST", "/faults", {"kind": kind})
    try:
        yield
    finally:
        await card_house.house.shop_control("DELETE", "/faults")


async def _poll(card_house: CardHouse) -> None:
    """Let the account be asked about now, as an automation may."""
    states = await our_states(card_house.house)
    [sensor] = [
        name
        for name in states
        if name.startswith("sensor.anna_") and name.endswith("_last_library_sync")
    ]
    entity = {"entity_id": sensor}
    card_house.house.may_log(WAITS_FOR_ITS_TURN)
    await card_house.home.call_action("homeassistant", "update_entity", entity)


async def _issue(card_house: CardHouse, key: str) -> dict[str, Any]:
    async def found() -> dict[str, Any] | None:
        listed = await card_house.home.websocket({"type": "repairs/list_issues"})
        issues = [one for one in listed["issues"] if one["translation_key"] == key]
        return issues[0] if issues else None

    return await wait_until(f"the repair {key}", found, timeout_s=70)


async def test_a_day_without_a_sync_is_tried_again(card_house: CardHouse) -> None:
    """The dialog names cause, tries and the next try; one button asks Audible."""
    folder = card_house.house.home_process.folder
    async with card_house.window(_REPAIRS) as page:
        async with _fault(card_house, "unreachable"):
            let_a_day_pass(folder)
            await _poll(card_house)
            await _issue(card_house, "sync_offline")
            dialog = await _open(page, "has not been synced since")
            await expect(dialog).to_contain_text("audible_unreachable")
            await expect(dialog).to_contain_text(re.compile("Tries since: [1-9]"))
            await expect(dialog).to_contain_text(re.compile(r"Next try: 20\d\d-"))
            await in_every_look(page, card_house.picture, "repair-offline")
            await submit(dialog)
            # It was asked a moment ago, and is left alone meanwhile.
            await expect(dialog).to_contain_text("Audible is left alone until")
            let_two_hours_pass(folder)
            await submit(dialog)
            await expect(dialog).to_contain_text("It still fails", timeout=_ASKED_MS)
        let_two_hours_pass(folder)
        await submit(dialog)
        button = dialog.get_by_role("button", name="Submit")
        await expect(button).to_be_hidden(timeout=_ASKED_MS)
        await expect(page.get_by_text("has not been synced since")).to_have_count(0)


async def test_refused_sign_ins_lead_to_the_sign_in(card_house: CardHouse) -> None:
    """Three in a row are a repair; its button opens the sign-in itself."""
    folder = card_house.house.home_process.folder
    devices = await card_house.house.shop_control("GET", "/devices")
    [device] = [one for one in devices if one["email"] == DEMO_EMAIL]
    serial = {"serial": device["serial"]}
    card_house.house.may_log(
        r"ERROR .* audible_tracker\.sync: Audible no longer accepts this sign-in",
        r"WARNING .*\baudible_auth\b",
    )
    await card_house.house.shop_control("POST", "/devices/revoke", serial)
    command = {"type": "config_entries/get", "domain": DOMAIN}
    entries = await card_house.home.websocket(command)
    [account] = [one for one in entries if one["title"].startswith("Anna Example")]
    wanted = {"config_entry_id": account["entry_id"]}
    for _ in range(2):
        let_two_hours_pass(folder)
        with pytest.raises(RuntimeError, match="audible_tracker/sync"):
            await card_house.act("sync", **wanted)
    let_two_hours_pass(folder)
    await _poll(card_house)
    await _issue(card_house, "sync_sign_in_needed")
    async with card_house.window(_REPAIRS) as page:
        dialog = await _open(page, "has to sign in again")
        await expect(dialog).to_contain_text("Amazon refuses the sign-in")
        await expect(dialog).to_contain_text(re.compile("Tries since: [3-9]"))
        await in_every_look(page, card_house.picture, "repair-sign-in")
        await submit(dialog)
        await expect(dialog).to_contain_text("no longer accepts the sign-in")
        await submit(dialog)
        link = dialog.get_by_role("link", name="the sign-in page of")
        landing = await sign_in(
            str(await link.get_attribute("href")),
            proxy_url=card_house.house.shop.proxy_url,
            ca_path=card_house.house.shop.ca_path,
            email=card_house.house.shop.email,
            password=card_house.house.shop.password,
        )
        await dialog.locator("ha-selector-text input").fill(landing)
        await submit(dialog)

        async def is_answered() -> bool | None:
            command = {"type": "config_entries/flow/progress"}
            flows = await card_house.home.websocket(command)
            return None if any(one["handler"] == DOMAIN for one in flows) else True

        await wait_until("the new sign-in", is_answered, timeout_s=70)
        await expect(page.get_by_text("has to sign in again")).to_have_count(0)
        await expect(page.get_by_text("that need you")).to_have_count(1)
