"""Dialogs in a German profile: everything that we say in them is German."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any, Final

import pytest
from playwright.async_api import Locator, Page, expect

from .browser import open_home
from .card_house import CardHouse
from .home_assistant import REPOSITORY
from .walk import DOMAIN

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(240)]

_TRANSLATIONS: Final = REPOSITORY / "custom_components" / DOMAIN / "translations"
_PAGE: Final = f"/config/integrations/integration/{DOMAIN}"
_SHORTEST: Final = 12
_OPTIONS: Final = {
    "Zustand des Kontos": "Letzte erfolgreiche Synchronisierung",
    "Konto": "Automatisch synchronisieren",
    "Import und Export": "Datei importieren",
    "App (Server)": "Geheimnis",
    "Lautsprecher testen": "drei Sekunden eines leisen Tons",
    "Datenbank": "Adresse einer PostgreSQL-Datenbank",
}
"""The items of the menu, and what stands on the page of each."""

# All that is shown, through all shadow roots, as a reader sees it.
_SHOWN: Final = """
(root) => {
  const texts = [];
  const look = (node) => {
    if (node.nodeType === Node.TEXT_NODE) texts.push(node.data);
    if (node.shadowRoot) look(node.shadowRoot);
    for (const child of node.childNodes) {
      if (!["STYLE", "SCRIPT"].includes(child.nodeName)) look(child);
    }
  };
  look(root);
  return texts.join(" ");
}
"""


def _texts(language: str) -> set[str]:
    path = _TRANSLATIONS / f"{language}.json"
    return set(_leaves(json.loads(path.read_text(encoding="utf-8"))))


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    else:
        for member in value.values():
            yield from _leaves(member)


ENGLISH: Final = sorted(
    text
    for text in _texts("en") - _texts("de")
    if len(text) >= _SHORTEST and not set(text) & set("{\n*`")
)


async def _is_german(dialog: Locator) -> None:
    shown = await dialog.evaluate(_SHOWN)
    assert [text for text in ENGLISH if text in shown] == []


@asynccontextmanager
async def _german(card_house: CardHouse, path: str) -> AsyncIterator[Page]:
    """Yield a window of somebody who speaks German, in a house that does so, too."""
    command = {"type": "config/core/update", "language": "de"}
    await card_house.home.websocket(command)
    try:
        async with card_house.window("/history") as page:
            await page.evaluate("localStorage.setItem('selectedLanguage', '\"de\"')")
            await open_home(page, card_house.home, path)
            yield page
    finally:
        await card_house.home.websocket(command | {"language": "en"})


async def test_the_options_are_german(card_house: CardHouse) -> None:
    """The menu and each of its pages, and the dialog of one more reader."""
    async with _german(card_house, _PAGE) as page:
        dialog = page.locator("dialog-data-entry-flow")
        for number, (item, sign) in enumerate(_OPTIONS.items()):
            await page.get_by_role("button", name="Konfigurieren").first.click()
            await expect(dialog).to_contain_text("Zustand des Kontos")
            await _is_german(dialog)
            await dialog.get_by_text(item, exact=True).click()
            await expect(dialog).to_contain_text(sign)
            await _is_german(dialog)
            picture = card_house.picture(f"german-options-{number}")
            await page.screenshot(path=picture)
            await open_home(page, card_house.home, _PAGE)
        await page.get_by_role("button", name="Leser hinzufügen").click()
        accounts = page.locator("dialog-pick-config-entry")
        await accounts.get_by_text("Anna Example (audible.de)").click()
        await expect(dialog).to_contain_text("Wer hört noch mit diesem Konto?")
        await _is_german(dialog)


async def test_the_repair_of_conflicts_is_german(card_house: CardHouse) -> None:
    """With the evidence for each book."""
    async with _german(card_house, "/config/repairs") as page:
        repairs = page.locator("ha-config-repairs")
        await repairs.get_by_text("die dich brauchen").click()
        dialog = page.locator("dialog-data-entry-flow")
        await expect(dialog).to_contain_text("Welches Buch ist das?")
        await expect(dialog.get_by_role("radio").first).to_be_visible()
        await _is_german(dialog)
        await page.screenshot(path=card_house.picture("german-repair"))
