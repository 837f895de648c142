"""Our triggers and conditions in Home Assistant's automation editor."""

import asyncio
from typing import Any, Final

import pytest
from playwright.async_api import Locator, Page, expect

from tests.simulator.catalog import TEN_HOUR_ASIN

from .browser import in_every_look, open_home
from .card_house import CardHouse
from .logs import WAITS_FOR_ITS_TURN
from .processes import wait_until
from .tracker_database import let_two_minutes_pass
from .walk import demo_titles, progress_state

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(240)]

AUTOMATION: Final = "almost_through"
_ACCOUNT: Final = "Account"
_READER: Final = "Reader"
_ASIN: Final = "ASIN"
TRIGGERS: Final = {
    "Book started": (_ACCOUNT, _READER, _ASIN),
    "Book finished": (_ACCOUNT, _READER, _ASIN),
    "Chapter reached": (_ACCOUNT, _READER, _ASIN),
    "Time left fell below": ("Minutes left", _ACCOUNT, _READER, _ASIN),
    "Title added": (_ACCOUNT, _READER),
    "Title leaving Plus": (_ACCOUNT, _READER, _ASIN),
    "Conflict opened": (_ACCOUNT, _READER),
    "Streak at risk": (_ACCOUNT, _READER),
    "Goal reached": (_ACCOUNT, _READER),
}
CONDITIONS: Final = {
    "Is listening": (_ACCOUNT, _READER),
    "Is finished": (_ASIN, _ACCOUNT, _READER),
    "Has conflicts": (_ACCOUNT,),
}


async def _choices(page: Page, kind: str) -> Locator:
    """Open the dialog that adds a trigger or a condition; return ours."""
    await page.get_by_role("button", name=f"Add {kind}").first.click()
    dialog = page.locator("add-automation-element-dialog")
    await dialog.get_by_text("By type").click()
    groups = dialog.locator("ha-automation-add-groups")
    await groups.get_by_text("Audible Tracker", exact=True).last.click()
    choices = dialog.locator("ha-automation-add-items ha-list-item-button")
    await expect(choices.first).to_be_visible()
    return choices


async def _add(page: Page, kind: str, name: str) -> Locator:
    """Add one; return what the editor shows of it at the side."""
    choices = await _choices(page, kind)
    await choices.get_by_text(name, exact=True).click()
    sidebar = page.locator("ha-automation-sidebar")
    await expect(sidebar.get_by_text(name, exact=True).first).to_be_visible()
    return sidebar


@pytest.mark.parametrize(
    ("kind", "known"), [("trigger", TRIGGERS), ("condition", CONDITIONS)]
)
async def test_the_editor_offers_what_there_is(
    card_house: CardHouse, kind: str, known: dict[str, tuple[str, ...]]
) -> None:
    """Each with name, description and an icon of its own, and with its fields."""
    async with card_house.window("/config/automation/edit/new") as page:
        choices = await _choices(page, kind)
        texts = [text.split("\n") for text in await choices.all_inner_texts()]
        assert sorted(name for name, _ in texts) == sorted(known)
        assert all(words.endswith(".") for _, words in texts)
        icons = choices.locator(f"ha-{kind}-icon ha-icon")
        await expect(icons).to_have_count(len(known))
        await in_every_look(page, card_house.picture, f"editor-{kind}s")
        await page.keyboard.press("Escape")
        for name, fields in known.items():
            sidebar = await _add(page, kind, name)
            for field in fields:
                shown = sidebar.get_by_text(field, exact=True).first
                await expect(shown).to_be_visible()
            if name in ("Time left fell below", "Is finished"):
                await in_every_look(page, card_house.picture, f"editor-{kind}")


async def test_what_the_editor_saves_runs(card_house: CardHouse) -> None:
    """Less than two hours are left, and titles wait for somebody: it runs, once."""
    home = card_house.home
    automation = {
        "alias": "Almost through",
        "triggers": [],
        "actions": [{"event": "almost_through"}],
    }
    path = f"/api/config/automation/config/{AUTOMATION}"
    await home.rest("POST", path, automation)
    async with card_house.window(f"/config/automation/edit/{AUTOMATION}") as page:
        sidebar = await _add(page, "trigger", "Time left fell below")
        minutes = sidebar.get_by_role("spinbutton").first
        await _fill_in(minutes, "120")
        await _add(page, "condition", "Has conflicts")
        await page.get_by_role("button", name="Save").click()

        async def is_saved() -> dict[str, Any] | None:
            found: dict[str, Any] = await home.rest("GET", path)
            return found if found["triggers"] else None

        saved = await wait_until("the automation to be saved", is_saved, timeout_s=10)
        [trigger], [condition] = saved["triggers"], saved["conditions"]
        assert trigger["trigger"] == "audible_tracker.time_left_below"
        assert trigger["options"] == {"minutes": 120}
        assert condition["condition"] == "audible_tracker.has_conflicts"
        await open_home(page, home, f"/config/automation/edit/{AUTOMATION}")
        row = page.locator("ha-automation-trigger-row")
        await expect(row).to_contain_text("Time left fell below")
    async with home.listening("almost_through") as told:
        await _hear_almost_all(card_house)

        async def has_run() -> bool | None:
            return True if told else None

        await wait_until("the automation", has_run, timeout_s=20)
        assert len(told) == 1


async def _fill_in(field: Locator, value: str) -> None:
    """Write into a field until it stays: what is proposed may come a moment later."""

    async def stays() -> bool | None:
        await field.fill(value)
        await field.press("Tab")
        await asyncio.sleep(0.5)
        return True if await field.input_value() == value else None

    await wait_until("the field to keep its value", stays, timeout_s=30)


async def _hear_almost_all(card_house: CardHouse) -> None:
    """Let the phone be an hour before the end, as the next question sees it."""
    house = card_house.house
    place_ms = demo_titles()[TEN_HOUR_ASIN].runtime_ms - 3_600_000
    body = {"asin": TEN_HOUR_ASIN, "position_ms": place_ms}
    await house.shop_control("POST", "/positions", body)
    let_two_minutes_pass(house.home_process.folder)
    state = await progress_state(house, TEN_HOUR_ASIN)
    assert state is not None
    entity = {"entity_id": state["entity_id"]}
    house.may_log(WAITS_FOR_ITS_TURN)
    await house.home_assistant.call_action("homeassistant", "update_entity", entity)
