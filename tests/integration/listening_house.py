"""A house with a book that sounds, and speakers that play it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import MockConfigEntry
from sqlalchemy import select

from custom_components.audible_tracker.core.models import Chapter
from custom_components.audible_tracker.core.playing.session import Session
from custom_components.audible_tracker.core.store.schema import LINKS
from custom_components.audible_tracker.core.store.titles import (
    load_recording,
    save_recording,
)
from custom_components.audible_tracker.core.wire import BookState, ServerBook
from custom_components.audible_tracker.playing.sessions import sessions_of
from tests.integration.fake_media_server import FakeMediaServer
from tests.integration.mpd import Mpd
from tests.integration.steps import Household
from tests.simulator.audio import synthesize_book
from tests.simulator.catalog import UNDER_WAY_ASIN

MINUTE_MS: Final = 60_000
RUNTIME_MS: Final = 10 * MINUTE_MS
START_MS: Final = 5 * MINUTE_MS + 30_000
CHAPTERS: Final = tuple(
    Chapter(f"Chapter {number + 1}", number * MINUTE_MS, MINUTE_MS)
    for number in range(10)
)
_PATIENCE_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class House:
    """What a listener does, and what the tracker knows of it."""

    household: Household
    entry: ConfigEntry
    server: FakeMediaServer

    @property
    def hass(self) -> HomeAssistant:
        """Return the Home Assistant."""
        return self.household.hass

    async def add_mpd(self, mpd: Mpd, name: str) -> str:
        """Add a player as its owner does; return its entity."""
        entry = MockConfigEntry(
            domain="mpd", title=name, data={"host": "127.0.0.1", "port": mpd.port}
        )
        entry.add_to_hass(self.hass)
        assert await self.hass.config_entries.async_setup(entry.entry_id)
        await self.hass.async_block_till_done()
        registry = er.async_get(self.hass)
        [found] = er.async_entries_for_config_entry(registry, entry.entry_id)
        return found.entity_id

    def session(self, player: str) -> Session:
        """Return what is heard on a speaker."""
        found = sessions_of(self.hass).on(player)
        assert found is not None, f"nothing is heard on {player}"
        return found

    def state(self, entity_id: str) -> State:
        """Return a state."""
        found = self.hass.states.get(entity_id)
        assert found is not None
        return found

    async def place(self, asin: str = UNDER_WAY_ASIN) -> tuple[int, Any]:
        """Return the place of a title in the tracker, and since when."""
        wanted = select(LINKS.c.last_position_ms, LINKS.c.last_position_at).where(
            LINKS.c.asin == asin
        )
        async with self.entry.runtime_data.store.reading() as connection:
            row = (await connection.execute(wanted)).one()
        return row[0], row[1]

    async def look(self, player: str) -> None:
        """Let Home Assistant ask a player, as it does every ten seconds."""
        await self.household.ask_now(player)

    async def until(self, player: str, is_so: Callable[[], bool]) -> None:
        """Look at a player until something is so."""
        async with asyncio.timeout(_PATIENCE_S):
            while not is_so():
                await self.look(player)
                await asyncio.sleep(0.1)


async def furnish(
    household: Household, entry: ConfigEntry, server: FakeMediaServer
) -> House:
    """Let the book under way be ten minutes of sound, and be in its sixth."""
    path = server.folder / f"{UNDER_WAY_ASIN}.m4b"
    await household.hass.async_add_executor_job(
        lambda: synthesize_book(
            path, runtime_ms=RUNTIME_MS, chapters=(), title="Pride", author="Austen"
        )
    )
    book = ServerBook(UNDER_WAY_ASIN, "Pride", (), BookState.DOWNLOADED)
    server.books[UNDER_WAY_ASIN] = replace(
        book, is_playable=True, has_cover=True, runtime_ms=RUNTIME_MS
    )
    house = House(household, entry, server)
    await house.household.act("set_position", asin=UNDER_WAY_ASIN, position="5:30")
    runtime = entry.runtime_data
    async with runtime.store.transaction() as connection:
        known = await load_recording(connection, runtime.account_id, UNDER_WAY_ASIN)
        assert known is not None
        await save_recording(
            connection, runtime.account_id, replace(known, chapters=CHAPTERS)
        )
    await runtime.coordinator.async_show()
    return house
