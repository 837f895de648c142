"""What nobody waits for: after each poll of an account, one after the other."""

from collections.abc import Awaitable, Callable, Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING, Protocol

from homeassistant.core import callback
from homeassistant.helpers.dispatcher import async_dispatcher_send
from homeassistant.util import dt as dt_util

from .account_entry import options_of
from .const import (
    CHAPTERS_PER_POLL,
    CONF_WRITES_BACK,
    DOMAIN,
    KEPT_FOR_PEOPLE,
    LOGGER,
    SIGNAL_CHANGED,
)
from .core.decisions.milestones import milestones_of
from .core.errors import TrackerError
from .core.series import ASKED_PER_DAY
from .core.store.database import Store
from .core.store.records import AccountId, TrackerEvent
from .core.sync.engine import AccountSync
from .core.sync.event_ids import EventIds
from .core.sync.leaving import find_leaving
from .core.sync.releases import ask_releases
from .core.sync.wishlist import ask_wishlist
from .household import Household

if TYPE_CHECKING:
    from .coordinator import AudibleCoordinator


class _Ask(Protocol):
    """Asks Audible for something of an account; returns how much has changed."""

    async def __call__(
        self, sync: AccountSync, store: Store, account_id: AccountId, *, now: datetime
    ) -> int:
        """Ask; raise AudibleError."""
        ...


class Errands:
    """Runs an account's errands; one that fails holds up no other."""

    def __init__(
        self,
        coordinator: AudibleCoordinator,
        store: Store,
        account_id: AccountId,
        household: Household,
    ) -> None:
        """Begin with nothing done."""
        self._coordinator = coordinator
        self._sync = coordinator.sync
        self._store = store
        self._account_id = account_id
        self._household = household
        self._is_running = False
        self._has_matched = False
        self._days_tried_on: date | None = None
        self._asked_on: dict[_Ask, date] = {}
        self._leaving_looked_on: date | None = None
        self._new_event_id = EventIds()
        self._found: set[str | None] = set()

    @callback
    def begin(self) -> None:
        """Run them in the background, unless they still run."""
        if not self._is_running:
            self._is_running = True
            self._coordinator.config_entry.async_create_background_task(
                self._coordinator.hass, self._async_run(), f"{DOMAIN} errands"
            )

    async def _async_run(self) -> None:
        try:
            for errand in (
                self._async_match_handed_over,
                self._async_ask_recordings,
                self._async_send_positions,
                self._async_ask_days,
                self._async_ask_wishlist,
                self._async_ask_releases,
                self._async_tell_leaving,
                self._async_tell_milestones,
            ):
                await self._async_try(errand)
        finally:
            self._is_running = False
            async_dispatcher_send(self._coordinator.hass, SIGNAL_CHANGED)

    async def _async_try(self, errand: Callable[[], Awaitable[None]]) -> None:
        try:
            await errand()
        except TrackerError as err:
            # It is in the log of syncs; the next poll tells if it lasts.
            LOGGER.debug("Account %s: an errand failed: %s", self._account_id, err.key)

    @property
    def _spare(self) -> int:
        """Return how many requests may be sent that no person will miss."""
        return max(0, self._household.pace.spare - KEPT_FOR_PEOPLE)

    @property
    def _today(self) -> date:
        return dt_util.utcnow().astimezone(self._store.time_zone).date()

    @property
    def _first_on(self) -> date:
        """Return the day of the first sync, which is a baseline: it tells nothing."""
        first_at = self._coordinator.data.account.created_at
        return first_at.astimezone(self._store.time_zone).date()

    # --- asking -----------------------------------------------------------------------

    async def _async_match_handed_over(self) -> None:
        """Match once what another reader may have got before this was loaded."""
        if self._has_matched:
            return
        self._has_matched = True
        if await self._sync.match_again(is_new=True) is not None:
            await self._coordinator.async_show()

    async def _async_ask_recordings(self) -> None:
        at_most = min(CHAPTERS_PER_POLL, self._spare)
        if await self._sync.ask_recordings(at_most=at_most):
            await self._coordinator.async_show()

    async def _async_send_positions(self) -> None:
        if options_of(self._coordinator.config_entry)[CONF_WRITES_BACK]:
            await self._sync.send_positions()

    async def _async_ask_days(self) -> None:
        today = self._today
        asked_on = self._coordinator.data.account.days_asked_on
        if today in (self._days_tried_on, asked_on) or not self._spare:
            return
        # What fails today is asked for tomorrow: nobody waits for it.
        self._days_tried_on = today
        await self._sync.ask_listening_days()
        await self._coordinator.async_show()

    async def _async_ask_wishlist(self) -> None:
        if self._household.pace.spare:
            await self._async_ask_daily(ask_wishlist)

    async def _async_ask_releases(self) -> None:
        if self._spare >= ASKED_PER_DAY:
            await self._async_ask_daily(ask_releases)

    async def _async_ask_daily(self, ask: _Ask) -> None:
        today = self._today
        if today == self._asked_on.get(ask):
            return
        # What fails today is asked for tomorrow: nobody waits for it.
        self._asked_on[ask] = today
        await ask(self._sync, self._store, self._account_id, now=dt_util.utcnow())
        await self._coordinator.async_show()

    # --- telling ----------------------------------------------------------------------

    async def _async_tell_leaving(self) -> None:
        """Look once a day which titles leave Plus."""
        today = self._today
        if today in (self._leaving_looked_on, self._first_on):
            return
        async with self._store.reading() as connection:
            found = await find_leaving(
                connection,
                self._coordinator.data.account,
                now=dt_util.utcnow(),
                time_zone=self._store.time_zone,
                new_event_id=self._new_event_id,
            )
        await self._async_tell(found)
        self._leaving_looked_on = today

    async def _async_tell_milestones(self) -> None:
        """Tell of streaks and goals what the tracker shows by now."""
        for reader in self._coordinator.data.readers:
            found = milestones_of(
                self._account_id,
                reader.reader.reader_id,
                reader.figures.streaks,
                reader.figures.goals,
                now=dt_util.utcnow(),
                time_zone=self._store.time_zone,
                new_event_id=self._new_event_id,
                first_on=self._first_on,
            )
            await self._async_tell(found)

    async def _async_tell(self, found: Iterable[TrackerEvent]) -> None:
        """Tell what is found; what was told before is left out."""
        new = [event for event in found if event.once_key not in self._found]
        if new:
            await self._sync.tell_found(new)
            self._found.update(event.once_key for event in new)
