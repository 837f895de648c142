"""The only poller: one account's library, positions and chapters."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.storage import Store
from homeassistant.helpers.update_coordinator import DataUpdateCoordinator
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from .account_entry import account_of, library_interval_minutes, under_way_days
from .account_state import (
    AccountState,
    chapters_wanted,
    refreshed,
    with_chapters,
    with_library,
    with_positions,
)
from .const import CHAPTERS_PER_POLL, DOMAIN, LOGGER, POSITIONS_AT_LIBRARY_SYNC
from .core.audible.client import AudibleClient
from .core.errors import (
    AudibleConnectionError,
    AudibleError,
    AudibleNotFoundError,
    AudibleRateLimitError,
)
from .core.models import Asin, AudibleTitle, Chapter
from .core.progress import titles_to_ask
from .core.sync.schedule import POSITIONS_IDLE, is_library_due, next_poll_in
from .failures import poll_failure
from .stored_state import DAMAGED, VERSION, from_stored, to_stored

FIRST_LIBRARIES: HassKey[dict[str, AccountState]] = HassKey(f"{DOMAIN}.first_libraries")
"""Libraries fetched by a config flow, by account; the entry's first poll takes them."""

# Positions move every minute and are asked for again anyway: their writes may wait.
_SAVE_POSITIONS_S: Final = 300.0


@dataclass(frozen=True, slots=True)
class AudibleRuntimeData:
    """What a loaded account holds."""

    coordinator: AudibleCoordinator
    account_device_id: str


type AudibleConfigEntry = ConfigEntry[AudibleRuntimeData]


def account_store(hass: HomeAssistant, entry_id: str) -> Store[dict[str, Any]]:
    """Return the file in which an account's state survives a restart."""
    return Store(
        hass,
        VERSION,
        f"{DOMAIN}.{entry_id}",
        private=True,
        atomic_writes=True,
        serialize_in_event_loop=False,
    )


class AudibleCoordinator(DataUpdateCoordinator[AccountState]):
    """Asks Audible as seldom as the schedule allows and remembers the answers."""

    config_entry: AudibleConfigEntry

    def __init__(
        self, hass: HomeAssistant, entry: AudibleConfigEntry, client: AudibleClient
    ) -> None:
        """Use an open client."""
        super().__init__(
            hass,
            LOGGER,
            config_entry=entry,
            name=DOMAIN,
            update_interval=POSITIONS_IDLE,
            always_update=False,
        )
        self._client = client
        self._store = account_store(hass, entry.entry_id)
        self._within_days = under_way_days(entry)
        self._interval = timedelta(minutes=library_interval_minutes(entry))
        # May be newer than `data`: a poll that fails halfway keeps what it got.
        self._newest: AccountState | None = None
        self._wait_until: datetime | None = None
        self._chapters_refused: set[Asin] = set()
        self._is_closed = False

    async def async_restore(self) -> bool:
        """Take what a flow has just fetched, else what was stored.

        Return whether it came from the store, that is, needs no network to be shown.
        """
        account_id = account_of(self.config_entry.data).account_id
        first = self.hass.data.get(FIRST_LIBRARIES, {}).pop(account_id, None)
        if first is not None:
            await self._async_keep_library(first)
        elif (stored := await self._async_load()) is not None:
            self._newest = self.data = refreshed(
                stored, now=dt_util.utcnow(), within_days=self._within_days
            )
        return first is None and self._newest is not None

    async def async_close(self) -> None:
        """Write what is waiting to be written, and nothing afterwards.

        A poll that is still running must not bring the file of a removed account back.
        """
        self._is_closed = True
        if self._newest is not None:
            await self._store.async_save(to_stored(self._newest))

    @override
    async def _async_update_data(self) -> AccountState:
        """Ask for what is due."""
        self.update_interval = POSITIONS_IDLE
        now = dt_util.utcnow()
        try:
            self._check_wait(now)
            state = await self._async_poll(now)
        except AudibleRateLimitError as err:
            self._wait_until = now + timedelta(seconds=err.retry_after_s)
            raise poll_failure(err) from err
        except AudibleError as err:
            raise poll_failure(err) from err
        moved_at = state.under_way[0].moved_at if state.under_way else None
        self.update_interval = next_poll_in(now=now, moved_at=moved_at)
        return state

    def _check_wait(self, now: datetime) -> None:
        # Anybody may ask for a poll at any time, also while Audible asked us to wait.
        if self._wait_until is not None and now < self._wait_until:
            left = self._wait_until - now
            raise AudibleRateLimitError(
                retry_after_s=max(1, round(left.total_seconds()))
            )
        self._wait_until = None

    async def _async_poll(self, now: datetime) -> AccountState:
        state = self._newest
        if state is None or is_library_due(
            now=now, library_at=state.library_synced_at, interval=self._interval
        ):
            titles = await self._client.fetch_library()
            state = with_library(state, titles, synced_at=now)
            await self._async_keep_library(state)
        state = await self._async_ask_positions(state, now)
        state = await self._async_ask_chapters(state)
        if state != self._newest:
            self._newest = state
            if not self._is_closed:
                self._store.async_delay_save(
                    lambda: to_stored(state), _SAVE_POSITIONS_S
                )
        return state

    async def _async_ask_positions(
        self, state: AccountState, now: datetime
    ) -> AccountState:
        if state.has_asked_positions:
            asins = tuple(progress.title.asin for progress in state.under_way)
        else:
            asins = titles_to_ask(
                state.titles, state.positions, limit=POSITIONS_AT_LIBRARY_SYNC
            )
        positions = await self._client.fetch_positions(asins) if asins else {}
        return with_positions(state, positions, now=now, within_days=self._within_days)

    async def _async_ask_chapters(self, state: AccountState) -> AccountState:
        wanted = [
            title
            for title in chapters_wanted(state)
            if title.asin not in self._chapters_refused
        ]
        for title in wanted[:CHAPTERS_PER_POLL]:
            try:
                state = with_chapters(state, title, await self._chapters_of(title))
            except (AudibleConnectionError, AudibleRateLimitError) as err:
                # Only the chapter's name is missing; the next poll tries again.
                LOGGER.debug("Chapters are not available now: %s", err.key)
                break
            except AudibleError as err:
                # Refused for this title alone: positions have just been answered.
                LOGGER.debug("Chapters of a title are refused: %s", err.key)
                self._chapters_refused.add(title.asin)
        return state

    async def _chapters_of(self, title: AudibleTitle) -> tuple[Chapter, ...]:
        try:
            metadata = await self._client.fetch_metadata(title.asin)
        except AudibleNotFoundError:
            return ()
        return metadata.chapters

    async def _async_keep_library(self, state: AccountState) -> None:
        """Write at once: neither a failed poll nor a restart repeats a library sync."""
        self._newest = state
        if not self._is_closed:
            await self._store.async_save(to_stored(state))

    async def _async_load(self) -> AccountState | None:
        try:
            stored = await self._store.async_load()
            return from_stored(stored) if stored is not None else None
        except (HomeAssistantError, *DAMAGED) as err:
            LOGGER.warning(
                "The stored state cannot be read and is fetched anew: %r", err
            )
            return None
