"""A small house for the cards: an account with a server, a tracker, and a browser."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Browser, Page

from tests.simulator.catalog import OTHER_EMAIL, OTHER_PASSWORD

from .browser import home_context, open_home, running_browser
from .dashboard import DASHBOARD, create_dashboard
from .flows import link_server, sign_in_by_rest
from .home_assistant import HomeAssistant
from .household import Household, MediaServer, Shop, running_household
from .tracker_database import let_a_year_be_known
from .walk import DOMAIN, expect

READER: Final = "Anna"

_BOOKS_BEFORE: Final = (
    {"title": "Dracula", "authors": ["Bram Stoker"], "isbn": "9780141439846"},
    {"title": "Dracula", "authors": ["Bram Stoker"], "isbn": "9780141439846"},
    {"title": "Frankenstein", "authors": ["M. Shelley"], "page_count": 280},
    {"title": "Moby Dick or The Whale", "authors": ["H. Melville"]},
    {"title": "Alice in Wonderland", "authors": ["Lewis Carroll"]},
)
_KITCHEN: Final = """
input_boolean:
  kitchen_plays:
media_player:
  - platform: universal
    name: Kitchen
    state_template: >
      {{ "playing" if is_state("input_boolean.kitchen_plays", "on") else "paused" }}
    commands:
      play_media:
        action: input_boolean.turn_on
        target:
          entity_id: input_boolean.kitchen_plays
      media_play:
        action: input_boolean.turn_on
        target:
          entity_id: input_boolean.kitchen_plays
      media_pause:
        action: input_boolean.turn_off
        target:
          entity_id: input_boolean.kitchen_plays
"""
_FINISHED: Final = (
    ("A Christmas Carol", 4.5),
    ("Dorian Gray", 4),
    ("Sign of the Four", 4.75),
    ("Call of the Wild", 3.5),
    ("Siddhartha", 5),
)


@dataclass(slots=True)
class CardHouse:
    """What the tests of the cards share."""

    house: Household
    browser: Browser
    pictures: Path

    @property
    def home(self) -> HomeAssistant:
        """Return Home Assistant's client."""
        return self.house.home_assistant

    def picture(self, name: str) -> Path:
        """Return where a screenshot is kept."""
        self.pictures.mkdir(parents=True, exist_ok=True)
        return self.pictures / f"{name}.png"

    async def act(self, action: str, **data: Any) -> Any:
        """Call one of the tracker's actions; return what it answers."""
        answer = await self.home.call_action(DOMAIN, action, data, response=True)
        return answer["service_response"]

    async def first_of(self, feed: str, **wanted: Any) -> Any:
        """Return what a feed says first."""
        command = {"type": f"{DOMAIN}/{feed}/subscribe", **wanted}
        async with self.home.messages(command) as messages:
            return json.loads(await anext(messages))["event"]["data"]

    @asynccontextmanager
    async def window(
        self, path: str = f"/{DASHBOARD}/listening", **options: Any
    ) -> AsyncIterator[Page]:
        """Yield a window of its own, logged in; what its console says is judged."""
        context = await home_context(self.browser, self.home, **options)
        page = await context.new_page()
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        await open_home(page, self.home, path)
        try:
            yield page
        finally:
            await context.close()
        ours = [problem for problem in problems if "audible" in problem]
        expect(not ours, f"the page failed: {ours}")


@asynccontextmanager
async def running_card_house(folder: Path, pictures: Path) -> AsyncIterator[CardHouse]:
    """Start everything, with a tracker that has a past and open questions."""
    async with (
        running_household(folder, lay_out=_furnish) as house,
        running_browser() as browser,
    ):
        cards = CardHouse(house, browser, pictures)
        await _set_up(cards)
        yield cards


async def _furnish(home_folder: Path, _shop: Shop, _server: MediaServer) -> None:
    """Put a speaker into the kitchen that says what it was asked to play."""
    with (home_folder / "configuration.yaml").open("a") as configuration:
        configuration.write(_KITCHEN)


async def _set_up(cards: CardHouse) -> None:
    """Give Anna's tracker some books before her library comes, so that it asks."""
    house = cards.house
    await sign_in_by_rest(
        house, email=OTHER_EMAIL, password=OTHER_PASSWORD, reader=READER
    )
    for book in _BOOKS_BEFORE:
        await cards.act("add_book", reader=READER, **book)
    entry_id = await sign_in_by_rest(house, reader=READER)
    await link_server(house, entry_id)
    await _give_a_past(cards)
    await create_dashboard(cards.home)


async def _give_a_past(cards: CardHouse) -> None:
    """Let books be finished on days of this year, with ratings, and set a goal."""
    today = datetime.now(UTC).date()
    for number, (title, rating) in enumerate(_FINISHED):
        found = await cards.act("search_books", reader=READER, query=title)
        book_id = found["books"][0]["book_id"]
        day = today - timedelta(days=12 + 23 * number)
        await cards.act(
            "set_book_status", book_id=book_id, status="finished", date=str(day)
        )
        await cards.act("rate_book", book_id=book_id, rating=rating)
    let_a_year_be_known(cards.house.home_process.folder)
    await cards.act("set_goal", reader=READER, kind="books", target=12)
    await cards.act("set_goal", reader=READER, kind="days", target=200)
