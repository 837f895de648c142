"""What is heard and marked on the server's page is kept here too, each once."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store
from homeassistant.util.hass_dict import HassKey

from .account_entry import options_of
from .at_home import async_tell, judge_of
from .const import CONF_WRITES_BACK, DOMAIN, LOGGER
from .coordinator import AudibleConfigEntry
from .core.bookmark import Bookmark
from .core.decisions.bookmarks import forget_bookmark, take_bookmark
from .core.decisions.hearing import awaits_position, hear_position
from .core.errors import InvalidValueError, TrackerError
from .core.kinds import Source
from .core.models import Asin, Position
from .core.sync.hearing import HeardHere
from .core.sync.look import Playing
from .core.wire import ServerEvent, bookmark_key_of, bookmark_of, position_of
from .household_settings import ServerLink
from .playing.audio import async_chapters
from .server_link import async_ask_for_sign_ins, client_of, link_of

LOOK_EVERY_S: Final = 30.0
"""So often it is asked whether there is a server by now."""

_WAIT_MIN_S: Final = 2.0
_WAIT_MAX_S: Final = 300.0
_SAVE_DELAY_S: Final = 10.0
type _Take = Callable[[AudibleConfigEntry], Awaitable[bool]]
"""Takes something in for an account; tells whether it is a title of that one."""

_LAST: HassKey[_LastEvent] = HassKey(f"{DOMAIN}.server_events")


class _LastEvent:
    """The number of the last event that was taken, per server; one listener at a time.

    What happens between the last event and a crash is told once more, and changes
    nothing.
    """

    def __init__(self, hass: HomeAssistant) -> None:
        self.turn = asyncio.Lock()
        self._file = last_event_file(hass)
        self._stored: dict[str, Any] | None = None

    async def async_load(self) -> None:
        if self._stored is None:
            self._stored = await self._file.async_load() or {}

    def of(self, link: ServerLink) -> int:
        """Return it; 0 for a server that was never listened to."""
        return int((self._stored or {}).get(link.url, 0))

    def note(self, link: ServerLink, event_id: int) -> None:
        """Keep it; the file is written some seconds later."""
        self._stored = {link.url: event_id}
        self._file.async_delay_save(lambda: self._stored or {}, _SAVE_DELAY_S)


def last_event_file(hass: HomeAssistant) -> Store[dict[str, Any]]:
    """Return where the last event's number is kept."""
    return Store(hass, 1, f"{DOMAIN}.server_events", private=True)


async def async_listen(hass: HomeAssistant) -> None:
    """Listen to the server as long as this runs; of several accounts, one listens."""
    if _LAST not in hass.data:
        hass.data[_LAST] = _LastEvent(hass)
    last = hass.data[_LAST]
    async with last.turn:
        await last.async_load()
        wait_s = _WAIT_MIN_S
        while True:
            link = link_of(hass)
            if link is None:
                await asyncio.sleep(LOOK_EVERY_S)
                continue
            try:
                await _async_follow(hass, link, last)
                wait_s = _WAIT_MIN_S
            except TrackerError as err:
                LOGGER.debug("The server's page is not heard: %s", err)
                wait_s = min(2 * wait_s, _WAIT_MAX_S)
            await asyncio.sleep(wait_s)


async def _async_follow(
    hass: HomeAssistant, link: ServerLink, last: _LastEvent
) -> None:
    is_new = True
    async for event in client_of(hass, link).listen(last.of(link)):
        if is_new or (event is not None and event.kind == "account"):
            # Of accounts, what happened before is not told again.
            await async_ask_for_sign_ins(hass, link)
            is_new = False
        if event is not None:
            await _async_take(hass, event)
            if event.event_id is not None:
                last.note(link, event.event_id)
        if link_of(hass) != link:
            return


async def _async_take(hass: HomeAssistant, event: ServerEvent) -> None:
    try:
        take = _taking(hass, event)
    except InvalidValueError as err:
        LOGGER.warning("The server told of a place that cannot be read: %s", err)
        return
    if take is None:
        return
    for entry in hass.config_entries.async_loaded_entries(DOMAIN):
        if await take(entry):
            return


def _taking(hass: HomeAssistant, event: ServerEvent) -> _Take | None:
    """Return what takes an event in for one account; None for what is not kept."""
    match event.kind:
        case "position":
            return partial(_async_hear, hass, position_of(event))
        case "bookmark":
            return partial(_async_mark, *bookmark_of(event))
        case "bookmark_deleted":
            return partial(_async_forget, *bookmark_key_of(event))
        case _:
            return None


async def _async_hear(
    hass: HomeAssistant, position: Position, entry: AudibleConfigEntry
) -> bool:
    """Write it down for one account; tell whether it is a title of that one."""
    runtime = entry.runtime_data
    async with runtime.store.reading() as connection:
        is_news = await awaits_position(connection, runtime.account_id, position)
    if not is_news:
        return is_news is not None
    # The server may have to be asked for them, and that takes its time.
    chapters = await async_chapters(hass, entry, position.asin)
    async with runtime.store.transaction() as connection:
        told = await hear_position(
            connection,
            runtime.account_id,
            HeardHere(position, Playing(), chapters),
            judge_of(entry),
            writes_back=bool(options_of(entry)[CONF_WRITES_BACK]),
        )
    if told is None:
        return False
    await async_tell(entry, told)
    return True


async def _async_mark(
    asin: Asin, bookmark: Bookmark, entry: AudibleConfigEntry
) -> bool:
    """Keep a bookmark for one account; tell whether it is a title of that one."""
    runtime = entry.runtime_data
    async with runtime.store.transaction() as connection:
        return await take_bookmark(connection, runtime.account_id, asin, bookmark)


async def _async_forget(asin: Asin, key: str, entry: AudibleConfigEntry) -> bool:
    """Forget a bookmark of one account; tell whether it was there."""
    runtime = entry.runtime_data
    async with runtime.store.transaction() as connection:
        return await forget_bookmark(
            connection, runtime.account_id, asin, Source.PLAYER, key
        )
