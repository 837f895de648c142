"""A downloaded book on a real player of the house, with all parts real but the shop."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_asyncio
from playwright.async_api import expect

from tests.integration.mpd import Mpd, running_mpd
from tests.simulator.catalog import OTHER_EMAIL, SHORT_ASIN

from .card_house import CardHouse
from .dialog_steps import submit
from .flows import change_account
from .processes import wait_until
from .walk import DOMAIN, demo_titles, our_states

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(240)]

START_MS: Final = 30_000
_NEAR_MS: Final = 2_500
_PAUSED_S: Final = 11
"""From ten seconds on it goes back when it goes on, by three."""


@dataclass(frozen=True, slots=True)
class Room:
    """A room with a player, and what is asked of it."""

    cards: CardHouse
    entry_id: str
    mpd: Mpd
    player: str

    async def act(self, action: str, **data: Any) -> dict[str, Any]:
        """Do something on the player; return what the action answers."""
        answer: dict[str, Any] = await self.cards.act(
            action, entity_id=self.player, **data
        )
        return answer

    async def place_ms(self) -> int:
        """Return where the player says that it is."""
        return round(float((await self.mpd.ask()).get("elapsed", 0)) * 1_000)

    async def until(
        self, what: str, is_so: Callable[[], Awaitable[bool]], timeout_s: float = 40
    ) -> None:
        """Wait for something; Home Assistant looks at a player every ten seconds."""

        async def so() -> bool | None:
            entity = {"entity_id": self.player}
            home = self.cards.home
            await home.call_action("homeassistant", "update_entity", entity)
            return True if await is_so() else None

        await wait_until(what, so, timeout_s=timeout_s, every_s=0.5)

    async def is_near(self, place_ms: int) -> bool:
        """Tell whether the player sounds at a place, or a moment later."""
        return 0 <= await self.place_ms() - place_ms < 2 * _NEAR_MS

    async def state(self) -> str:
        """Return what the player does."""
        return str((await self.mpd.ask())["state"])

    async def at_shop(self) -> int:
        """Return where Audible has the title, by now."""
        path = f"/positions?email={OTHER_EMAIL}"
        places = await self.cards.house.shop_control("GET", path)
        return int(places.get(SHORT_ASIN, -1))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def room(
    card_house: CardHouse, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Room]:
    """Put a player into the house; the account that has the title tells Audible."""
    home = card_house.home
    async with running_mpd(tmp_path_factory.mktemp("mpd")) as mpd:
        step = await home.start_flow("mpd")
        address = {"host": "127.0.0.1", "port": mpd.port}
        made = await home.continue_flow(step["flow_id"], address)
        assert made["type"] == "create_entry"
        entities = await home.websocket({"type": "config/entity_registry/list"})
        [player] = [one["entity_id"] for one in entities if one["platform"] == "mpd"]
        entry_id = await _holder(card_house)
        await change_account(home, entry_id, writes_back=True)
        await _until_loaded(card_house)
        yield Room(card_house, entry_id, mpd, player)
        path = f"/api/config/config_entries/entry/{made['result']['entry_id']}"
        await home.rest("DELETE", path)


async def _holder(card_house: CardHouse) -> str:
    command = {"type": "config_entries/get", "domain": DOMAIN}
    entries = await card_house.home.websocket(command)
    [entry_id] = [
        one["entry_id"] for one in entries if one["title"].startswith("Ben Sample")
    ]
    return str(entry_id)


async def _until_loaded(card_house: CardHouse) -> None:
    async def is_loaded() -> bool | None:
        states = await our_states(card_house.house)
        return None if not states or "unavailable" in states.values() else True

    await wait_until("the accounts", is_loaded, timeout_s=60)


async def test_the_options_test_a_speaker(room: Room) -> None:
    """Chosen in the dialog, it comes for the tone; no reader's own player is there."""
    async with room.cards.window(f"/config/integrations/integration/{DOMAIN}") as page:
        dialog = page.locator("dialog-data-entry-flow")
        await page.get_by_role("button", name="Configure").first.click()
        await dialog.get_by_text("Test a speaker", exact=True).click()
        await dialog.get_by_text("Select an entity").first.click()
        players = page.locator("ha-combo-box-item")
        await expect(players.get_by_text("Kitchen")).to_be_visible()
        await expect(players.get_by_text("Anna Example")).to_have_count(0)
        await players.get_by_text("Music Player Daemon").first.click()
        await submit(dialog)
        await expect(dialog).to_contain_text("The way is free", timeout=20_000)
        await expect(dialog).to_contain_text("plays it")
        await page.screenshot(path=room.cards.picture("options-speaker"))


async def test_a_downloaded_title_sounds_where_the_reader_is(room: Room) -> None:
    """The server decrypts what it has; the player gets it by Home Assistant."""
    house = room.cards.house
    wanted = {"config_entry_id": room.entry_id, "asin": SHORT_ASIN}
    await room.cards.home.call_action(DOMAIN, "download", wanted)

    async def is_here() -> bool | None:
        book = await house.server_api("GET", f"/api/books/{SHORT_ASIN}")
        return True if book["state"] in ("downloaded", "completed") else None

    await wait_until("the download", is_here, timeout_s=90)
    assert _file_of(house.server.library).suffix == ".aaxc"
    await room.cards.act("set_position", asin=SHORT_ASIN, position=START_MS // 1000)

    answer = await room.act("play", asin=SHORT_ASIN)

    assert (answer["state"], answer["format"]) == ("playing", "m4b")
    await room.until("the place", lambda: room.is_near(START_MS - 3_000))
    said = await room.mpd.ask()
    assert said["state"] == "play"
    assert said["audio"]
    before_ms = await room.place_ms()
    await asyncio.sleep(1)
    assert 500 < await room.place_ms() - before_ms < 2_000


def _file_of(library: Path) -> Path:
    [found] = [path for path in library.rglob(f"{SHORT_ASIN}.*") if path.is_file()]
    return found


async def test_a_pause_goes_back(room: Room) -> None:
    """Then it goes on three seconds before."""
    entity = {"entity_id": room.player}
    await room.cards.home.call_action("media_player", "media_pause", entity)
    rests_ms = await room.place_ms()
    assert await room.state() == "pause"
    await asyncio.sleep(_PAUSED_S)

    answer = await room.act("play", asin=SHORT_ASIN)

    assert abs(rests_ms - 3_000 - answer["position_ms"]) < 1_500
    await room.until("the place", lambda: room.is_near(rests_ms - 3_500))
    assert await room.state() == "play"


async def test_a_restart_of_home_assistant_follows_on(room: Room) -> None:
    """The player goes on meanwhile; afterwards its place is known again."""
    process = room.cards.house.home_process
    await process.stop()
    assert await room.state() == "play"
    # Asked before the player has been looked at, the timer finds nothing.
    room.cards.house.may_log(
        r"ERROR .* audible_tracker\.sleep_timer: No title is heard"
    )
    await process.start()
    await _until_loaded(room.cards)

    async def follows() -> bool:
        try:
            # Ends no timer, for there is none; it tells what is heard.
            heard = await room.act("sleep_timer", minutes=0)
        except RuntimeError:
            return False
        away_ms = abs(heard["position_ms"] - await room.place_ms())
        return heard["state"] == "playing" and away_ms < _NEAR_MS

    await room.until("the session", follows)


async def test_the_sleep_timer_ends_it_with_the_chapter(room: Room) -> None:
    """The player falls silent there; the ledger and Audible have the place."""
    chapter = demo_titles()[SHORT_ASIN].chapters[1]
    end_ms = chapter.start_ms + chapter.length_ms
    await room.act("jump", position=(end_ms - 8_000) // 1_000)
    await room.until("the jump", lambda: room.is_near(end_ms - 9_000))
    await room.act("stop_after_chapter", fade_seconds=3)

    async def is_silent() -> bool:
        return await room.state() == "pause"

    await room.until("silence", is_silent)
    assert abs(await room.place_ms() - end_ms) < _NEAR_MS

    async def is_told() -> bool:
        return abs(await room.at_shop() - end_ms) < _NEAR_MS

    # Audible is asked ten times a minute at most.
    await room.until("the place at Audible", is_told, timeout_s=90)
    told = await room.cards.act("get_history", asin=SHORT_ASIN)
    places = [one for one in told["history"] if one["source"] == "player"]
    assert abs(places[0]["data"]["position_ms"] - end_ms) < _NEAR_MS
