"""Titles on speakers, each followed by the state of its speaker."""

import asyncio
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import (
    CALLBACK_TYPE,
    Event,
    EventStateChangedData,
    HomeAssistant,
    callback,
)
from homeassistant.helpers.event import (
    async_track_state_change_event,
    async_track_time_interval,
)
from homeassistant.util import dt as dt_util

from ..const import DOMAIN, LOGGER
from ..coordinator import AudibleConfigEntry
from ..core.playing.following import Step, observe, unwritten, wrote
from ..core.playing.session import Phase, Session
from .kept import KeptSessions
from .ledger import async_write
from .sleeping import async_sleep
from .speaker import Speaker

_LOOKED_EVERY: Final = timedelta(seconds=20)


class FollowedSessions(ABC):
    """What is heard on speakers: one session per speaker, and one per reader."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Follow nothing yet."""
        self._hass = hass
        self._kept = KeptSessions(hass)
        self._entries: dict[str, AudibleConfigEntry] = {}
        self._live: dict[str, Session] = {}
        self._asked: set[str] = set()
        """Speakers that are being given a title: what they say is of the one before."""
        self._renewed: set[str] = set()
        """Speakers whose address still holds: made since Home Assistant started."""
        self._on_the_way: Counter[tuple[int, int]] = Counter()
        """Readers, with the account, who take what they hear to another speaker."""
        self._listeners: set[CALLBACK_TYPE] = set()
        self._unfollow: list[CALLBACK_TYPE] = []
        self._sleepers: dict[str, asyncio.Task[None]] = {}
        self._silent: dict[int, datetime] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_stopping = False
        self._heard = asyncio.Event()
        hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STOP, self._async_stop)

    # --- what is heard ----------------------------------------------------------------

    @property
    def all(self) -> tuple[Session, ...]:
        """Return what is heard or rests, the newest first."""
        return tuple(sorted(self._live.values(), key=lambda one: one.since)[::-1])

    def on(self, player: str) -> Session | None:
        """Return what is heard on a speaker."""
        return self._live.get(player)

    def of_reader(self, reader_id: int) -> Session | None:
        """Return what a reader hears."""
        return next((one for one in self.all if one.reader_id == reader_id), None)

    def is_heard(self, reader_id: int, account_id: int) -> bool:
        """Tell whether a reader hears a title of an account, or takes it elsewhere."""
        if self._on_the_way[reader_id, account_id]:
            return True
        found = self.of_reader(reader_id)
        return found is not None and found.account_id == account_id and found.is_heard

    def last_player(self, reader_id: int) -> str | None:
        """Return the speaker on which a reader heard something last."""
        return self._kept.last_players.get(reader_id)

    @callback
    def silent_since(self, reader_id: int) -> datetime | None:
        """Return until when a reader's place is one that a speaker has told."""
        session = self.of_reader(reader_id)
        told = [self._silent.get(reader_id)]
        if session is not None and session.phase is not Phase.STARTING:
            told.append(session.written_at)
        return max((one for one in told if one is not None), default=None)

    @callback
    def listen(self, listener: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Call whenever something changes; return what ends that."""
        self._listeners.add(listener)
        return lambda: self._listeners.discard(listener)

    # --- accounts come and go ---------------------------------------------------------

    async def async_attach(self, entry: AudibleConfigEntry) -> None:
        """Go on with what an account's readers heard before a restart."""
        self._entries[entry.entry_id] = entry
        for session in await self._kept.async_take(entry.entry_id):
            # Where it was since then only the speaker knows.
            rests = replace(session, phase=Phase.AWAY, since=dt_util.utcnow())
            is_heard = session.phase in (Phase.PLAYING, Phase.PAUSED, Phase.AWAY)
            if is_heard and session.player not in self._live:
                self._set(rests)
                self._look(session.player)

    async def async_detach(self, entry: AudibleConfigEntry) -> None:
        """Keep an account's places, and follow its readers no longer."""
        mine = [one for one in self.all if one.entry_id == entry.entry_id]
        for session in mine:
            await self._async_keep_place(session)
        await self._kept.async_put(entry.entry_id, self._of_entry(entry.entry_id))
        for session in mine:
            self._drop(session, is_over=False)
        self._entries.pop(entry.entry_id, None)

    async def _async_stop(self, _event: Event) -> None:
        # What players do while Home Assistant stops says nothing of who listens.
        self._is_stopping = True
        self._follow()
        for task in tuple(self._tasks):
            task.cancel()
        for session in self.all:
            await self._async_keep_place(session)
            self._end_sleeper(session.player)
        for entry_id in {session.entry_id for session in self.all}:
            await self._kept.async_put(entry_id, self._of_entry(entry_id))

    async def _async_keep_place(self, session: Session) -> None:
        """Write down where a session is, as far as that is not known yet."""
        now = dt_util.utcnow()
        here = unwritten(session, now)
        if here is None:
            return
        here = wrote(here, here.place_ms, now)
        await self._async_write(here, is_rest=True)
        if self._live.get(session.player) is session:
            self._live[session.player] = here

    def _of_entry(self, entry_id: str) -> list[Session]:
        return [one for one in self._live.values() if one.entry_id == entry_id]

    async def async_forget(self, entry_id: str) -> None:
        """Forget what was heard of an account that is removed."""
        await self._kept.async_forget(entry_id)

    # --- what a timer, and whoever begins elsewhere, needs ------------------------

    @abstractmethod
    async def async_reach(self, player: str) -> None:
        """Bring a speaker that is heard to the place of its session."""

    @abstractmethod
    async def async_resume(self, session: Session, back_ms: int) -> Session:
        """Let a speaker go on, so far back."""

    async def async_pause(self, session: Session) -> Session:
        """Let a speaker pause; return the session at its place."""
        speaker = Speaker(self._hass, session.player)
        await speaker.async_refresh()
        self._look(session.player)
        await speaker.async_pause()
        return await self._async_settled(session.player) or session

    async def async_end(self, session: Session) -> None:
        """Let a speaker fall silent, and follow it no longer.

        One that was asked is to stay silent: it would begin, and nobody would follow.
        """
        if session.is_live or session.phase is Phase.STARTING:
            await self.async_pause(session)
        if (found := self._live.get(session.player)) is not None:
            await self._async_keep_place(found)
            self._drop(found)

    @callback
    def change(self, session: Session, **values: Any) -> Session | None:
        """Change what is kept of a session, such as its sleep timer.

        Returns None for one that has ended by now, or has given way to another.
        """
        now = self._live.get(session.player)
        if now is None or now.is_other_than(session):
            return None
        changed = replace(now, **values)
        self._set(changed)
        return changed

    async def _async_settled(self, player: str) -> Session | None:
        """Look at a speaker once it has done what it was asked."""
        await Speaker(self._hass, player).async_refresh()
        self._look(player)
        return self._live.get(player)

    @contextmanager
    def _moving(self, session: Session) -> Iterator[None]:
        """Let what is heard count so while no speaker has it for a moment."""
        whose = session.reader_id, session.account_id
        heard = int(self.is_heard(*whose))
        self._on_the_way[whose] += heard
        try:
            yield
        finally:
            self._on_the_way[whose] -= heard
            self._tell()

    # --- following --------------------------------------------------------------------

    @callback
    def _look(self, player: str) -> None:
        session = self._live.get(player)
        if session is None or player in self._asked:
            return
        now = dt_util.utcnow()
        seen = observe(session, Speaker(self._hass, player).look, now)
        after = seen.session
        if Step.WRITE in seen.steps:
            after = wrote(after, after.place_ms, now)
        self._set(after)
        if after.phase is Phase.PLAYING and session.phase is not Phase.PLAYING:
            self._kept.last_players[after.reader_id] = player
            self._background(self._async_silence_others(after))
        steps = set(seen.steps)
        if Step.FINISH in steps:
            # It writes the place as well.
            steps.discard(Step.WRITE)
        for step in Step:
            if step in steps:
                self._do(step, after)

    @callback
    def _do(self, step: Step, session: Session) -> None:
        match step:
            case Step.SEEK:
                self._background(self.async_reach(session.player))
            case Step.RESUME:
                self._background(self.async_resume(session, 0))
            case Step.FINISH:
                self._note(session, is_finished=True)
            case Step.WRITE:
                self._note(session, is_rest=session.phase is not Phase.PLAYING)
            case Step.END:
                self._drop(session)

    @callback
    def _note(self, session: Session, **how: bool) -> None:
        """Write a place down soon; Home Assistant waits for that when it stops."""
        work = _told(self._async_write(session, **how))
        self._hass.async_create_task(work, f"{DOMAIN} place")

    async def _async_write(
        self, session: Session, *, is_rest: bool = True, is_finished: bool = False
    ) -> None:
        if (entry := self._entries.get(session.entry_id)) is not None:
            await async_write(
                self._hass, entry, session, is_rest=is_rest, is_finished=is_finished
            )

    async def _async_silence_others(self, session: Session) -> None:
        """A reader hears one title: who begins elsewhere has ended here."""
        for other in self.all:
            is_same = other.reader_id == session.reader_id
            if is_same and other.player != session.player:
                await self.async_end(other)

    @callback
    def _set(self, session: Session) -> None:
        old = self._live.get(session.player)
        self._live[session.player] = session
        if old == session:
            return
        if old is None:
            self._follow()
        elif not session.is_heard or session.reader_id != old.reader_id:
            self._note_silence(old)
        if _is_worth_keeping(old, session):
            self._kept.save_soon(session.entry_id, self._of_entry(session.entry_id))
        if session.sleep != (old.sleep if old is not None else None):
            self._begin_sleeper(session)
        self._heard.set()
        self._tell()

    @callback
    def _drop(self, session: Session, *, is_over: bool = True) -> None:
        if (old := self._live.pop(session.player, None)) is None:
            return
        self._note_silence(old)
        self._end_sleeper(session.player)
        self._renewed.discard(session.player)
        if is_over:
            self._kept.save_soon(session.entry_id, self._of_entry(session.entry_id))
        self._follow()
        self._heard.set()
        self._tell()

    @callback
    def _note_silence(self, session: Session) -> None:
        """Note that what a reader's place tells up to now is of a speaker."""
        until = dt_util.utcnow() if session.is_heard else session.written_at
        is_begun = session.is_heard or session.phase is not Phase.STARTING
        known = self._silent.get(session.reader_id)
        if until is not None and is_begun and (known is None or until > known):
            self._silent[session.reader_id] = until

    @callback
    def _tell(self) -> None:
        for listener in tuple(self._listeners):
            listener()

    @callback
    def _follow(self) -> None:
        for end in self._unfollow:
            end()
        self._unfollow = []
        if self._live and not self._is_stopping:
            self._unfollow = [
                async_track_state_change_event(
                    self._hass, list(self._live), self._on_state
                ),
                async_track_time_interval(
                    self._hass, self._on_time, _LOOKED_EVERY, cancel_on_shutdown=True
                ),
            ]

    @callback
    def _on_state(self, event: Event[EventStateChangedData]) -> None:
        self._look(event.data["entity_id"])

    @callback
    def _on_time(self, _now: datetime) -> None:
        for player in tuple(self._live):
            self._look(player)

    # --- sleep timers -----------------------------------------------------------------

    @callback
    def _begin_sleeper(self, session: Session) -> None:
        self._end_sleeper(session.player)
        if session.sleep is not None:
            self._sleepers[session.player] = self._hass.async_create_background_task(
                async_sleep(self._hass, self, session.player), f"{DOMAIN} sleep timer"
            )

    @callback
    def _end_sleeper(self, player: str) -> None:
        task = self._sleepers.pop(player, None)
        if task is not None and task is not asyncio.current_task():
            task.cancel()

    @callback
    def _background(self, work: Coroutine[Any, Any, Any]) -> None:
        task = self._hass.async_create_task(_told(work), f"{DOMAIN} playing")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _told(work: Coroutine[Any, Any, Any]) -> None:
    """Do what nobody waits for; a media player that refuses is named in the log."""
    try:
        await work
    except Exception as err:
        LOGGER.warning("A media player did not do what it was asked: %r", err)


def _is_worth_keeping(old: Session | None, new: Session) -> bool:
    """Tell whether a change has to outlive a crash: every few seconds is too often."""
    if old is None:
        return True
    return (old.phase, old.written_ms, old.sleep, old.form, old.asin) != (
        new.phase,
        new.written_ms,
        new.sleep,
        new.form,
        new.asin,
    )
