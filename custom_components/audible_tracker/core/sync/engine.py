"""Syncs one account: fetch → plan → one transaction → events.

What goes wrong leaves the database as it was, but for a log row that says why and the
pause that follows from it (gate.py).
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ..audible.client import LibraryAnswer, LibraryDelta
from ..errors import (
    AccountUnloadedError,
    AudibleError,
    AudibleResponseError,
    TitleNotFollowedError,
)
from ..kinds import SyncType
from ..models import Asin
from ..store.accounts import note_state_token
from ..store.database import Store
from ..store.events import add_events
from ..store.links import load_sync_settings, load_unlinked
from ..store.overview import UnderWay, load_polled
from ..store.records import (
    AccountId,
    StoredTitle,
    SyncSetting,
    TrackedAccount,
    TrackerEvent,
)
from ..store.titles import load_fingerprints, load_some_fingerprints
from .applying import (
    Answer,
    Method,
    SyncReport,
    apply_answer,
    plan_answer,
)
from .asking import asked_at_poll, compare_and_ask, with_own_interval
from .audible_source import AudibleSource
from .event_ids import EventIds
from .event_teller import EventTeller, Tell
from .fetching import fetch_positions
from .garbage import without_collections
from .gate import Gate
from .kept_library import KeptLibrary
from .library import compare_library, what_came
from .listening import ask_listening_days
from .plan import SyncPlan
from .position_sender import send_positions
from .recordings import ask_recordings
from .rules import Rules
from .schedule import RESTART_FOLLOWED
from .snapshot import Remote
from .watched_source import WatchedSource


def _utc_now() -> datetime:
    return datetime.now(UTC)


class AccountSync:
    """One account and its place in the store; its calls take turns.

    Nothing here runs by itself: whoever owns it decides when. Every method raises
    AudibleError, which is in the log by then, StoreError, and AccountUnloadedError once
    it is closed.
    """

    def __init__(
        self,
        store: Store,
        account_id: AccountId,
        source: AudibleSource,
        *,
        rules: Rules,
        tell: Tell,
        under_way_days: int = 90,
        now: Callable[[], datetime] = _utc_now,
    ) -> None:
        """Use an open store and an open client."""
        self._store = store
        self._account_id = account_id
        self._source = WatchedSource(source, now)
        self._teller = EventTeller(store, account_id, tell, now)
        self._now = now
        self._under_way_days = timedelta(days=under_way_days)
        self._method = Method(rules, EventIds(), now)
        self._gate = Gate(store, account_id, now, self._source.take_requests)
        self._turn = asyncio.Lock()
        self._is_closed = False
        self._kept = KeptLibrary(self._source, now)

    def follow_rules(self, rules: Rules) -> None:
        """Go by other rules from the next answer on."""
        self._method = replace(self._method, rules=rules)

    async def close(self) -> None:
        """Let nobody begin any more, and wait for whoever has begun.

        Close the source first, so that nobody waits for Audible meanwhile.
        """
        self._is_closed = True
        async with self._turn:
            self._kept.forget()

    @asynccontextmanager
    async def _in_turn(self) -> AsyncIterator[None]:
        async with self._turn:
            if self._is_closed:
                raise AccountUnloadedError
            yield

    async def sync_library(
        self, *, is_automatic: bool, library: LibraryAnswer | None = None
    ) -> SyncReport:
        """Sync the library and the positions that can have moved.

        ``library`` is one that a config flow has just fetched; an old one is not
        believed. Raises SyncRefusedError where it is not allowed now.
        """
        async with self._in_turn():
            account = await self._gate.allowed(is_automatic=is_automatic)
            async with self._gate.noting(SyncType.LIBRARY, account) as started_at:
                answer, failure = await self._library_answer(
                    account, library, started_at
                )
                report = await self._apply(answer)
                self._kept.forget()
                # The library is kept: whatever else failed does not ask for it again.
                if failure is not None:
                    raise failure
            return report

    async def dry_run(self) -> SyncPlan:
        """Return what a sync would change now; nothing is written.

        Its requests count. What was fetched serves a sync soon after, too. Raises
        SyncRefusedError.
        """
        async with self._in_turn():
            account = await self._gate.allowed(is_automatic=False)
            async with self._gate.noting(SyncType.LIBRARY, account) as started_at:
                answer, failure = await self._library_answer(account, None, started_at)
                await self._gate.count(answer.remote.requests)
                if failure is not None:
                    raise failure
            async with self._store.reading() as connection:
                return await plan_answer(connection, self._store, answer, self._method)

    async def poll_positions(self) -> SyncReport | None:
        """Ask where the titles under way stand; None if nothing was to be asked."""
        async with self._in_turn():
            account = await self._gate.account()
            if not self._gate.may_poll(account):
                return None
            asked = asked_at_poll(
                await self._under_way(), polled_at=account.polled_at, now=self._now()
            )
            if not asked:
                return None
            asins = tuple(entry.title.asin for entry in asked)
            async with self._gate.noting(SyncType.POSITIONS, account) as started_at:
                found = await fetch_positions(self._source, asins)
                remote = Remote(
                    SyncType.POSITIONS,
                    started_at,
                    positions=found.positions,
                    requests=found.requests,
                )
                known = await self._some_known(asins)
                own = with_own_interval(asked)
                answer = Answer(account, known, remote, asked=own, is_poll=True)
                return await self._apply(answer)

    async def look_for_purchases(self) -> SyncReport | None:
        """Ask what came and went since the last look; None where it is not time yet.

        Only that: whether such an answer also shows progress is unknown, so that it is
        not believed about it (audible-api reference, 4.1).
        """
        async with self._in_turn():
            account = await self._gate.account()
            token = account.state_token
            if token is None or not self._gate.may_ask_delta(account):
                return None
            async with self._gate.noting(SyncType.DELTA, account) as started_at:
                await self._gate.note_delta()
                delta = await self._delta(token)
                named = {title.asin for title in delta.titles} | delta.revoked
                known = await self._some_known(tuple(sorted(named)))
                remote = Remote(
                    SyncType.DELTA,
                    started_at,
                    titles=what_came(delta.titles, known),
                    revoked=delta.revoked,
                    requests=delta.requests,
                    state_token=delta.state_token,
                )
                difference = compare_library(known, remote)
                return await self._apply(Answer(account, known, remote, difference))

    async def sync_title(self, asin: Asin) -> SyncReport:
        """Ask about one title that a person wants to know of.

        Raises SyncRefusedError where that is not allowed now.
        """
        async with self._in_turn():
            account = await self._gate.account()
            settings = await self._settings()
            self._gate.check_title(account, asin, settings.get(asin))
            async with self._gate.noting(SyncType.POSITIONS, account) as started_at:
                title = await self._source.fetch_title(asin)
                if title is None:
                    raise TitleNotFollowedError(asin=asin)
                found = await fetch_positions(self._source, (asin,))
                remote = Remote(
                    SyncType.POSITIONS,
                    started_at,
                    titles=(title,),
                    positions=found.positions,
                    requests=found.requests + 1,
                )
                known = await self._some_known((asin,))
                difference = compare_library(known, remote)
                answer = Answer(account, known, remote, difference, (asin,))
                return await self._apply(answer)

    async def match_again(self, *, is_new: bool = False) -> SyncReport | None:
        """Look anew which books the unlinked titles are, such as after an import.

        With ``is_new`` only those that another reader has got. Audible is not asked.
        None if there is nothing to look at.
        """
        async with self._in_turn():
            account = await self._gate.account()
            async with self._store.reading() as connection:
                asins = await load_unlinked(connection, self._account_id, is_new=is_new)
                known = await load_some_fingerprints(
                    connection, self._account_id, asins
                )
            if not asins:
                return None
            remote = Remote(
                SyncType.IMPORT,
                self._now(),
                match_again=frozenset(asins),
                requests=0,
            )
            return await self._apply(Answer(account, known, remote))

    async def ask_recordings(self, *, at_most: int) -> int:
        """Ask for chapters of titles under way that lack them; return how many."""
        since = self._now() - self._under_way_days
        return await self.errand(
            SyncType.POSITIONS,
            lambda source: ask_recordings(
                self._store,
                self._account_id,
                source,
                since=since,
                at_most=at_most,
                now=self._now,
            ),
        )

    async def ask_listening_days(self) -> int:
        """Ask what was heard on each day; return how many days were told."""
        return await self.errand(
            SyncType.STATISTICS,
            lambda source: ask_listening_days(
                self._store, self._account_id, source, now=self._now()
            ),
        )

    async def send_positions(self) -> int:
        """Tell Audible the places that wait to be told; return how many were told."""
        return await self.errand(
            SyncType.WRITE_BACK,
            lambda source: send_positions(
                self._store, self._account_id, source, now=self._now
            ),
        )

    async def errand(
        self,
        sync_type: SyncType,
        work: Callable[[AudibleSource], Awaitable[int]],
        *,
        is_asked: bool = False,
    ) -> int:
        """Do something beside the syncs, where Audible may be asked (Gate.admits)."""
        async with self._in_turn():
            account = await self._gate.account()
            if not self._gate.admits(account, sync_type, is_asked=is_asked):
                return 0
            async with self._gate.noting(sync_type, account, is_errand=True):
                return await work(self._source)

    async def tell_waiting(self) -> int:
        """Tell events that are stored and were not told; return how many."""
        async with self._in_turn():
            return await self._teller.tell_waiting()

    async def tell_found(self, events: Iterable[TrackerEvent]) -> int:
        """Keep and tell what was found in the tracker; return how much is new."""
        found = tuple(events)
        if not found:
            return 0
        async with self._in_turn():
            async with self._store.transaction() as connection:
                kept = await add_events(connection, found)
            new = [event for event in found if event.event_id in kept]
            await self._teller.tell(new)
        return len(new)

    async def _delta(self, token: str) -> LibraryDelta:
        try:
            return await self._source.fetch_library_delta(token)
        except AudibleResponseError:
            # It may be the token that Audible refuses: the next library has another.
            async with self._store.transaction() as connection:
                await note_state_token(connection, self._account_id, None)
            raise

    # --- steps ----------------------------------------------------------------------

    async def _library_answer(
        self,
        account: TrackedAccount,
        given: LibraryAnswer | None,
        started_at: datetime,
    ) -> tuple[Answer, AudibleError | None]:
        """Return the library with positions, and what kept these from coming."""
        library = await self._kept.library(given)
        known_cost = 0 if given is None else given.requests
        remote = Remote(
            SyncType.LIBRARY,
            started_at,
            titles=self._source.as_of_now(library.titles),
            is_complete=not library.is_short,
            is_short=library.is_short,
            requests=known_cost + self._source.take_requests(),
            state_token=library.state_token,
        )
        with without_collections():
            async with self._store.reading() as connection:
                known = await load_fingerprints(connection, self._account_id)
                settings = await load_sync_settings(connection, self._account_id)
            difference, asins = await asyncio.to_thread(
                compare_and_ask, known, remote, settings, started_at
            )
        asked = tuple(asin for asin in asins if asin in settings)
        try:
            found = await self._kept.places(asins)
        except AudibleError as err:
            return Answer(account, known, remote, difference), err
        requests = remote.requests + self._source.take_requests()
        remote = replace(remote, positions=found.positions, requests=requests)
        return Answer(account, known, remote, difference, asked), None

    async def _apply(self, answer: Answer) -> SyncReport:
        remote = answer.remote
        is_newer = bool(remote.titles or remote.revoked)
        if is_newer and remote.sync_type is not SyncType.LIBRARY:
            # A library from before would take back what is written now; and also where
            # the writing fails, nobody knows whether it did.
            self._kept.forget()
        report = await apply_answer(self._store, answer, self._method)
        await self._teller.tell(report.events)
        return report

    async def _under_way(self) -> tuple[UnderWay, ...]:
        now = self._now()
        async with self._store.reading() as connection:
            return await load_polled(
                connection,
                self._account_id,
                since=now - self._under_way_days,
                restarted_since=now - RESTART_FOLLOWED,
            )

    async def _settings(self) -> dict[Asin, SyncSetting]:
        async with self._store.reading() as connection:
            return await load_sync_settings(connection, self._account_id)

    async def _some_known(self, asins: tuple[Asin, ...]) -> dict[Asin, StoredTitle]:
        async with self._store.reading() as connection:
            return await load_some_fingerprints(connection, self._account_id, asins)
