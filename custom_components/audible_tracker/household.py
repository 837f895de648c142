"""One per Home Assistant: the open database, the keys, and what all accounts share."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, nullcontext, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4
from weakref import WeakSet
from zoneinfo import ZoneInfo

from homeassistant.const import EVENT_HOMEASSISTANT_FINAL_WRITE
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.helpers import instance_id
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from .account_entry import options_of
from .accounts import async_leave, async_take_along
from .const import (
    CLEAN_UP_EVERY,
    CONF_ACCOUNT_ID,
    CONF_LOG_DAYS,
    DEFAULT_LOG_DAYS,
    DOMAIN,
    EVENT_PROGRESS,
    EVENT_TRACKER,
    LOGGER,
)
from .core.audible.bucket import INTEGRATION_REQUESTS_PER_MINUTE
from .core.audible.pace import Pace
from .core.errors import (
    KeyFileUnusableError,
    KeyLostError,
    StoreUnavailableError,
    TrackerError,
)
from .core.store.accounts import Resealed
from .core.store.database import Store, open_store
from .core.store.events import forget_events
from .core.store.records import AccountId, TrackerEvent
from .core.store.sync_logs import clean_up_sync_logs
from .core.sync.event_teller import EventTeller
from .core.sync.tracker_events import EventType
from .core.unbroken import unbroken
from .core.vault import Vault
from .household_settings import (
    DATABASE_FILE,
    HouseholdSettings,
    ServerLink,
    check_key_path,
    from_stored,
    key_path_of,
    settings_file,
    shown_key_path,
    to_stored,
)

_HOUSEHOLD: HassKey[Household] = HassKey(f"{DOMAIN}.household")


@callback
def household_of(hass: HomeAssistant) -> Household:
    """Return the household of this Home Assistant; nothing is opened yet."""
    if _HOUSEHOLD not in hass.data:
        hass.data[_HOUSEHOLD] = Household(hass)
    return hass.data[_HOUSEHOLD]


async def _async_leave(old: Store, moved: Mapping[AccountId, str]) -> None:
    """Leave no credentials behind, if the former database still answers."""
    try:
        await async_leave(old, moved)
    except TrackerError as err:
        LOGGER.warning("The former database still holds sealed credentials: %s", err)


def _nothing() -> None:
    """Do nothing."""


class Household:
    """Opens the database for the first who needs it, and closes it after the last.

    Every method that opens something raises TrackerError: of the database, or of the
    key file.
    """

    def __init__(self, hass: HomeAssistant) -> None:
        """Use `household_of` instead."""
        self._hass = hass
        self._file = settings_file(hass)
        self._lock = asyncio.Lock()
        self._vault: Vault | None = None
        self._stored: dict[str, Any] | None = None
        self._settings: HouseholdSettings | None = None
        self._is_loaded = False
        self._has_ended = False
        self._store: Store | None = None
        self._held: dict[str, Store] = {}
        self._told: WeakSet[Store] = WeakSet()
        self._telling = asyncio.Lock()
        self._end_daily: CALLBACK_TYPE = _nothing
        self.pace = Pace(INTEGRATION_REQUESTS_PER_MINUTE)
        hass.bus.async_listen_once(EVENT_HOMEASSISTANT_FINAL_WRITE, self._async_stop)

    @property
    def settings(self) -> HouseholdSettings:
        """Return what is set, as far as it was read and its keys open it."""
        return self._settings or HouseholdSettings()

    @property
    def link(self) -> ServerLink | None:
        """Return the link to the server; None also before an account was set up."""
        return self.settings.link

    # --- the database -----------------------------------------------------------------

    async def async_open(self, holder: str) -> Store:
        """Return the open store; it stays open until the holder releases it."""
        async with self._lock:
            if self._has_ended:
                raise StoreUnavailableError(reason="Home Assistant stops")
            if self._store is None:
                await self._async_load()
                self._store = await self._async_open_at(self.settings.database_url)
                self._begin_daily()
            self._held[holder] = self._store
            return self._store

    async def async_release(self, holder: str) -> None:
        """Close the store if nobody else holds it."""
        # A holder who is cancelled meanwhile holds nothing all the same.
        await unbroken(self._async_release(holder))

    async def _async_release(self, holder: str) -> None:
        async with self._lock:
            store = self._held.pop(holder, None)
            if store is None or store in self._held.values():
                return
            if store is self._store:
                self._store = None
                self._end_daily()
            if not self._held:
                # The key file may be put back before the next opening.
                self._vault, self._is_loaded = None, False
            await store.close()

    @asynccontextmanager
    async def async_opened(self) -> AsyncIterator[Store]:
        """Yield the open store for a short while."""
        holder = uuid4().hex
        store = await self.async_open(holder)
        try:
            yield store
        finally:
            await self.async_release(holder)

    async def async_use_database(
        self, url: str | None, *, take_over: bool = False
    ) -> None:
        """Use another database from now on, once it has proved itself.

        The accounts are taken along; what was collected stays where it is. Entries
        that are loaded have to be reloaded.
        """
        async with self._lock:
            await self._async_look()
            new = await self._async_open_at(url, take_over=take_over)
            is_move = self.settings.is_locked or url != self.settings.database_url
            async with self._async_old() if is_move else nullcontext() as old:
                try:
                    moved = await async_take_along(old, new) if old else {}
                finally:
                    await new.close()
                await self._async_save(
                    replace(self.settings, database_url=url, sealed_url=None)
                )
                if old is not None:
                    await _async_leave(old, moved)
            await self._async_retire()

    async def async_tell_waiting(self, store: Store) -> None:
        """Tell what a crash left untold, once and before anything new is told."""
        async with self._telling:
            if store not in self._told:
                await EventTeller(store, None, self.tell, dt_util.utcnow).tell_waiting()
                self._told.add(store)
                await self._async_clean_up(dt_util.utcnow())

    @callback
    def tell(self, event: TrackerEvent) -> None:
        """Tell an event of the tracker to automations."""
        entry = next(
            (
                entry
                for entry in self._hass.config_entries.async_entries(DOMAIN)
                if entry.data.get(CONF_ACCOUNT_ID) == event.account_id
            ),
            None,
        )
        self._hass.bus.async_fire(
            EVENT_PROGRESS
            if event.event_type == EventType.PROGRESSED
            else EVENT_TRACKER,
            {
                **event.data,
                "id": event.event_id,
                "type": event.event_type,
                "asin": event.asin,
                "book_id": event.book_id,
                "reader_id": event.reader_id,
                "account_id": event.account_id,
                "config_entry_id": entry.entry_id if entry else None,
                "created_at": event.created_at.isoformat(),
            },
        )

    @callback
    def _begin_daily(self) -> None:
        self._end_daily()
        self._end_daily = async_track_time_interval(
            self._hass, self._async_clean_up, CLEAN_UP_EVERY, cancel_on_shutdown=True
        )

    async def _async_clean_up(self, now: datetime) -> None:
        """Remove old logs and moves; the account that keeps them longest decides."""
        entries = self._hass.config_entries.async_entries(DOMAIN)
        keep_days = max(
            (int(options_of(entry)[CONF_LOG_DAYS]) for entry in entries),
            default=DEFAULT_LOG_DAYS,
        )
        try:
            async with self.async_opened() as store, store.transaction() as connection:
                await clean_up_sync_logs(connection, now=now, keep_days=keep_days)
                await forget_events(
                    connection,
                    EventType.PROGRESSED,
                    before=now - timedelta(days=keep_days),
                )
        except TrackerError as err:
            LOGGER.debug("Old sync logs are still there: %s", err.key)

    async def async_renew(self) -> None:
        """Open the database anew for whoever needs it next."""
        async with self._lock:
            await self._async_retire()

    async def async_take_over(self) -> None:
        """Make the present database this installation's."""
        async with self._lock:
            await self._async_load()
            url = self.settings.database_url
            await (await self._async_open_at(url, take_over=True)).close()

    @asynccontextmanager
    async def _async_old(self) -> AsyncIterator[Store | None]:
        """Yield the present database; None where it does not open."""
        try:
            await self._async_load()
            url = self.settings.database_url
            old = self._store or await self._async_open_at(url)
        except TrackerError as err:
            LOGGER.warning("The accounts have to sign in again: %s", err)
            yield None
            return
        try:
            yield old
        finally:
            if old is not self._store:
                await old.close()

    async def _async_retire(self) -> None:
        """Let whoever holds the present store keep it, and give it to nobody else."""
        store, self._store = self._store, None
        if store is not None and store not in self._held.values():
            await store.close()

    async def _async_open_at(
        self, url: str | None, *, take_over: bool = False
    ) -> Store:
        hass = self._hass
        time_zone = await dt_util.async_get_time_zone(hass.config.time_zone)
        return await open_store(
            url or Path(hass.config.path(DATABASE_FILE)),
            vault=await self._async_keys(),
            owner=await instance_id.async_get(hass),
            time_zone=time_zone or ZoneInfo("UTC"),
            take_over=take_over,
        )

    async def _async_stop(self, _event: Event) -> None:
        async with self._lock:
            self._has_ended = True
            stores = {*self._held.values(), *([self._store] if self._store else [])}
            self._held.clear()
            self._store = None
            self._end_daily()
        await unbroken(asyncio.gather(*(store.close() for store in stores)))

    # --- keys and settings ------------------------------------------------------------

    async def async_use_keys(self, path: str | None) -> None:
        """Keep the keys elsewhere from now on; keys that are there are used first.

        Raises InvalidValueError for a place that everybody can read.
        """
        run = self._hass.async_add_executor_job
        await run(check_key_path, self._hass, path)
        async with self._lock:
            await self._async_look()
            target = key_path_of(self._hass, path)
            old = key_path_of(self._hass, self.settings.key_path)
            if target == old:
                return
            is_whole = not self.settings.is_locked
            try:
                vault = await run((await self._async_keys()).moved_to, target)
            except KeyFileUnusableError:
                # It may be a damaged one that somebody can mend: it stays.
                vault, is_whole = await run(Vault.open, target), False
            self._vault = vault
            for store in {*self._held.values()}:
                store.vault = vault
            self._settings = from_stored(self._stored or {}, vault)
            await self._async_save(replace(self._settings, key_path=path))
            if is_whole:
                await run(lambda: old.unlink(missing_ok=True))

    async def async_use_server(self, link: ServerLink | None) -> None:
        """Keep the link to the server, or forget it."""
        async with self._lock:
            await self._async_load()
            if link != self.link or self.settings.sealed_link is not None:
                settings = replace(self.settings, link=link, sealed_link=None)
                await self._async_save(settings)

    async def async_rotate_keys(self) -> Resealed:
        """Seal everything under a new key; return how many accounts there were."""
        async with self.async_opened() as store, self._lock:
            return await store.rotate_keys(lambda: self._async_save(self.settings))

    async def async_load(self) -> None:
        """Read keys and settings, once."""
        async with self._lock:
            await self._async_load()

    async def async_look(self) -> None:
        """Read the settings as far as the keys open them."""
        async with self._lock:
            await self._async_look()

    def key_lost(self) -> KeyLostError:
        """Return the error of something that the key file does not open."""
        return KeyLostError(path=self.key_name)

    @property
    def key_name(self) -> str:
        """Return how the key file is named to people."""
        return shown_key_path(self._hass, self.settings.key_path)

    async def _async_look(self) -> None:
        with suppress(KeyFileUnusableError, KeyLostError):
            await self._async_load()

    async def _async_load(self) -> None:
        if self._is_loaded:
            return
        if self._stored is None:
            self._stored = await self._file.async_load() or {}
        if self._settings is None:
            self._settings = from_stored(self._stored, None)
        self._settings = from_stored(self._stored, await self._async_keys())
        if self._settings.is_locked:
            # Another key file may be put there before the next try.
            self._vault = None
            raise self.key_lost()
        self._is_loaded = True

    async def _async_keys(self) -> Vault:
        if self._vault is None:
            path = key_path_of(self._hass, self.settings.key_path)
            try:
                self._vault = await self._hass.async_add_executor_job(Vault.open, path)
            except KeyFileUnusableError as err:
                raise KeyFileUnusableError(path=self.key_name) from err
        return self._vault

    async def _async_save(self, settings: HouseholdSettings) -> None:
        self._stored = to_stored(settings, await self._async_keys())
        await self._file.async_save(self._stored)
        self._settings = settings
        self._is_loaded = not settings.is_locked
