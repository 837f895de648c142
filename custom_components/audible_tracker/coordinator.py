"""The only poller of one account: what Audible says goes into the database.

What is shown comes out of the database, so that it is there before Audible answers.
"""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, override

from homeassistant.config_entries import SOURCE_REAUTH, ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import ConfigEntryAuthFailed
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.helpers.update_coordinator import (
    DataUpdateCoordinator,
    UpdateFailed,
)
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from .account_entry import account_key, account_of, rules_of, under_way_days
from .const import (
    DOMAIN,
    LOGGER,
    SIGNAL_CHANGED,
)
from .core.audible.client import AudibleClient, LibraryAnswer
from .core.decisions.figures import KeptFigures
from .core.decisions.overview import AccountOverview, load_overview
from .core.errors import (
    AccountUnloadedError,
    AudibleAuthError,
    AudibleError,
    SyncRefusedError,
    SyncTooSoonError,
    SyncWaitingError,
    TrackerError,
)
from .core.store.accounts import load_account
from .core.store.database import Store
from .core.store.limits import pause_end
from .core.store.records import AccountId, TrackedAccount
from .core.sync.applying import SyncReport
from .core.sync.engine import AccountSync
from .core.sync.limits import next_sync
from .core.sync.schedule import POSITIONS_FLOOR, POSITIONS_IDLE, next_poll_in
from .errands import Errands
from .failures import poll_failure
from .household import Household

FIRST_LIBRARIES: HassKey[dict[str, LibraryAnswer]] = HassKey(
    f"{DOMAIN}.first_libraries"
)
"""Libraries fetched by a config flow, by account; the entry's first poll takes them."""


@dataclass(frozen=True, slots=True)
class AudibleRuntimeData:
    """What a loaded account holds."""

    coordinator: AudibleCoordinator
    account_device_id: str
    household: Household
    store: Store
    account_id: AccountId
    sync: AccountSync


type AudibleConfigEntry = ConfigEntry[AudibleRuntimeData]


class AudibleCoordinator(DataUpdateCoordinator[AccountOverview]):
    """Asks Audible as seldom as the rules allow, and shows what the database knows."""

    config_entry: AudibleConfigEntry

    def __init__(
        self,
        hass: HomeAssistant,
        entry: AudibleConfigEntry,
        *,
        store: Store,
        account_id: AccountId,
        client: AudibleClient,
        household: Household,
    ) -> None:
        """Use an open store and an open client."""
        super().__init__(
            hass,
            LOGGER,
            config_entry=entry,
            name=f"{DOMAIN} account {account_id}",
            update_interval=POSITIONS_IDLE,
            always_update=False,
        )
        self.sync = AccountSync(
            store,
            account_id,
            client,
            rules=rules_of(entry),
            tell=household.tell,
            under_way_days=under_way_days(entry),
            now=dt_util.utcnow,
        )
        self._store = store
        self._account_id = account_id
        self._household = household
        self._figures = KeptFigures()
        self._within = timedelta(days=under_way_days(entry))
        self._first = _first_library(hass, entry)
        self.jitter = random.random()  # noqa: S311 - spreads load, guards nothing
        self._failing: str | None = None
        self._errands = Errands(self, store, account_id, household)

    async def async_restore(self) -> bool:
        """Show what the database knows; return whether that is worth showing."""
        self.data = await self._async_overview()
        account = self.data.account
        return account.last_sync_at is not None or not account.auto_sync_progress

    async def async_show(self) -> None:
        """Show what the database knows by now; raise StoreError."""
        data = await self._async_overview()
        if data != self.data:
            self.data = data
            self.async_update_listeners()
        async_dispatcher_send(self.hass, SIGNAL_CHANGED)

    @callback
    def async_change_option(self, name: str, value: Any) -> None:
        """Keep an option as the dialog does; nothing has to be loaded anew for it."""
        entry = self.config_entry
        options = {**entry.options, name: value}
        self.hass.config_entries.async_update_entry(entry, options=options)
        self.sync.follow_rules(rules_of(entry))
        self.async_update_listeners()

    # --- polls ------------------------------------------------------------------------

    @override
    async def _async_refresh(
        self,
        log_failures: bool = True,
        raise_on_auth_failed: bool = False,
        scheduled: bool = False,
        raise_on_entry_error: bool = False,
    ) -> None:
        """Refresh; failures are told by `_failure`, once per change and with a key."""
        await super()._async_refresh(
            False, raise_on_auth_failed, scheduled, raise_on_entry_error
        )
        if isinstance(self.last_exception, ConfigEntryAuthFailed) and self._listeners:
            # It may be an outage of theirs, which asking again now and then shows.
            self._schedule_refresh()

    @override
    async def _async_update_data(self) -> AccountOverview:
        """Ask for what is due."""
        self.update_interval = POSITIONS_IDLE
        try:
            await self._household.async_tell_waiting(self._store)
            await self.sync.tell_waiting()
            await self._async_poll(dt_util.utcnow())
            data = await self._async_overview()
        except TrackerError as err:
            raise await self._async_failure(err) from err
        self._end_question()
        self._failing = None
        moved_at = data.under_way[0].moved_at if data.under_way else None
        self.update_interval = next_poll_in(now=dt_util.utcnow(), moved_at=moved_at)
        return data

    @callback
    def _end_question(self) -> None:
        """Close the sign-in that was asked for, where the old one works again."""
        if self._failing != AudibleAuthError.key:
            return
        entry, flows = self.config_entry, self.hass.config_entries.flow
        for flow in entry.async_get_active_flows(self.hass, {SOURCE_REAUTH}):
            flows.async_abort(flow["flow_id"])

    async def _async_poll(self, now: datetime) -> None:
        account = await self._async_account()
        paused_until = pause_end(account, now=now)
        if paused_until is not None:
            cause = account.wait_reason or "unknown"
            raise SyncWaitingError(until=paused_until, cause=cause)
        due = next_sync(
            account, now=now, time_zone=self._store.time_zone, jitter=self.jitter
        )
        if due.reason is None:
            # It serves once: a sync that fails may have applied it all the same.
            library, self._first = self._first, None
            try:
                report = await self.sync.sync_library(
                    is_automatic=True, library=library
                )
            except SyncTooSoonError:
                # Somebody has just synced by hand, while this one waited for its turn.
                return
            self.jitter = random.random()  # noqa: S311 - as above
            self.tell_sync(report)
        else:
            await self.sync.poll_positions()
            await self.sync.look_for_purchases()

    async def async_sync_library(self) -> SyncReport:
        """Sync because a person wants it; raise SyncRefusedError, AudibleError."""
        try:
            report = await self.sync.sync_library(is_automatic=False)
        except AudibleAuthError:
            self.config_entry.async_start_reauth(self.hass)
            raise
        self.tell_sync(report)
        return report

    @callback
    def tell_sync(self, report: SyncReport) -> None:
        """Tell of a library sync in one line; no title is in it."""
        log = report.log
        LOGGER.info(
            "Account %s synced in %s ms: %s titles, %s new, %s changed, %s removed, "
            "%s positions moved, %s links, %s conflicts, %s books",
            self._account_id,
            log.duration_ms,
            log.titles_seen,
            log.titles_new,
            log.titles_changed,
            log.titles_removed,
            log.positions_moved,
            log.links_made,
            log.conflicts_made,
            log.books_made,
        )

    async def _async_failure(
        self, err: TrackerError
    ) -> ConfigEntryAuthFailed | UpdateFailed:
        """Return what to raise, and try again when the pause ends."""
        key = err.cause if isinstance(err, SyncWaitingError) else err.key
        is_over = isinstance(err, AccountUnloadedError)
        if key != self._failing and not is_over:
            LOGGER.warning("Account %s: %s (%s)", self._account_id, err, key)
        self._failing = key
        await self._async_show_anyway()
        until = err.until if isinstance(err, SyncRefusedError) else None
        if isinstance(err, AudibleError):
            until = (await self._async_account()).wait_until
        if until is not None:
            left = until - dt_util.utcnow() + timedelta(seconds=1)
            self.update_interval = min(POSITIONS_IDLE, max(POSITIONS_FLOOR, left))
        return poll_failure(err)

    async def _async_show_anyway(self) -> None:
        """Show what a failed poll left: why, until when, and what day it is."""
        try:
            await self.async_show()
        except TrackerError as err:
            LOGGER.debug("The entities are not up to date yet: %s", err.key)

    # --- what is not urgent -----------------------------------------------------------

    @callback
    @override
    def _async_refresh_finished(self) -> None:
        """Go on with what nobody waits for."""
        if self.last_update_success:
            self._errands.begin()

    async def _async_account(self) -> TrackedAccount:
        async with self._store.reading() as connection:
            return await load_account(connection, self._account_id)

    async def _async_overview(self) -> AccountOverview:
        now = dt_util.utcnow()
        async with self._store.reading() as connection:
            return await load_overview(
                connection,
                self._account_id,
                since=now - self._within,
                now=now,
                time_zone=self._store.time_zone,
                figures=self._figures,
            )


def _first_library(
    hass: HomeAssistant, entry: ConfigEntry[Any]
) -> LibraryAnswer | None:
    libraries = hass.data.get(FIRST_LIBRARIES, {})
    return libraries.pop(account_key(account_of(entry.data)), None)
