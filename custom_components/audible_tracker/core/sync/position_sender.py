"""Tells Audible the places that were heard at home, each once, never older over newer.

Audible compares nothing and says yes to a stale ``acr`` too (audible-api reference,
5.1): the place is read before it is written and read back afterwards. What is in the
queue survives a restart; what was told already is the same place then, and is dropped.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ..errors import (
    AudibleConnectionError,
    AudibleError,
    AudibleNotFoundError,
    AudibleResponseError,
)
from ..kinds import SyncStatus, SyncType
from ..models import Asin, Position
from ..store.accounts import count_requests
from ..store.database import Store
from ..store.history import was_heard_at_home
from ..store.position_records import PositionQuestion, PositionWrite
from ..store.position_writes import (
    drop_position,
    drop_question,
    load_due_positions,
    postpone_position,
    save_question,
)
from ..store.records import AccountId, Recording, SyncLogFields
from ..store.sync_logs import add_sync_log, timed
from ..store.titles import load_recording, load_some_titles
from .audible_source import AudibleSource
from .recordings import fetch_recording, keep_recording
from .write_back import (
    WriteAction,
    WriteOutcome,
    WriteReason,
    decide_write,
    judge_write,
)

READ_BACK_EVERY: Final = timedelta(seconds=4)
NEXT_TRY: Final = timedelta(hours=6)
"""A title whose recording Audible does not name, or whose place it refuses."""

UNREACHABLE: Final = timedelta(minutes=15)
"""So long others go first, if it was this title that Audible stumbled over."""

TRIES_MAX: Final = 8
"""After two days a place is no news any more."""

WAITS_AT_MOST: Final = TRIES_MAX * NEXT_TRY
"""What is told now was heard since then."""

NOT_TAKEN: Final = "position_not_taken"

type Sleep = Callable[[float], Awaitable[None]]


@dataclass(slots=True)
class _Tally:
    """What became of the places of one run."""

    sent: int = 0
    dropped: int = 0
    asked: int = 0
    postponed: int = 0
    not_taken: int = 0
    requests: int = 0
    refusal: str | None = None


async def send_positions(
    store: Store,
    account_id: AccountId,
    source: AudibleSource,
    *,
    now: Callable[[], datetime],
    sleep: Sleep = asyncio.sleep,
) -> int:
    """Tell the places that are due; return how many Audible has taken.

    Raises AudibleError; what is not told by then stays in the queue.
    """
    async with store.reading() as connection:
        due = await load_due_positions(connection, account_id, now=now())
    if not due:
        return 0
    started_at = now()
    sender = _Sender(store, account_id, source, now, sleep)
    try:
        for write in due:
            await sender.try_to_settle(write)
    except AudibleError:
        # What was told before stays told; whoever called notes the refusal.
        await sender.keep_log(started_at)
        raise
    await sender.keep_log(started_at)
    return sender.tally.sent


class _Sender:
    """One run through the queue of one account."""

    def __init__(
        self,
        store: Store,
        account_id: AccountId,
        source: AudibleSource,
        now: Callable[[], datetime],
        sleep: Sleep,
    ) -> None:
        self._store = store
        self._account_id = account_id
        self._source = source
        self._now = now
        self._sleep = sleep
        self.tally = _Tally()

    async def try_to_settle(self, write: PositionWrite) -> None:
        """Settle one place; one that Audible refuses is in nobody else's way."""
        try:
            await self._settle(write)
        except (AudibleNotFoundError, AudibleResponseError) as err:
            self.tally.refusal = err.key
            self.tally.requests += 1
            await self._postpone(write)
        except AudibleConnectionError:
            async with self._store.transaction() as connection:
                until = self._now() + UNREACHABLE
                await postpone_position(connection, write, until=until, is_failed=False)
            raise

    async def _settle(self, write: PositionWrite) -> None:
        """Send one place, drop it, or make it a question."""
        theirs = await self._place(write.asin)
        decision = decide_write(
            write,
            theirs,
            known=write.known,
            is_ours=await self._is_ours(write, theirs),
            runtime_ms=await self._runtime_ms(write.asin),
            now=self._now(),
        )
        match decision.action:
            case WriteAction.SEND:
                await self._send(write, decision.position_ms, theirs)
            case WriteAction.DROP:
                self.tally.dropped += 1
                is_same = decision.reason is WriteReason.SAME_PLACE
                await self._drop(write, is_one_place=is_same)
            case WriteAction.ASK:
                self.tally.asked += 1
                await self._ask(write, theirs)

    async def _is_ours(self, write: PositionWrite, theirs: Position | None) -> bool:
        """Tell whether Audible has what was told from here before."""
        if theirs is None or write.reader_id is None:
            return False
        async with self._store.reading() as connection:
            return await was_heard_at_home(
                connection,
                write.reader_id,
                theirs,
                since=write.heard_at - WAITS_AT_MOST,
                until=write.heard_at,
            )

    async def _send(
        self, write: PositionWrite, position_ms: int, theirs: Position | None
    ) -> None:
        recording = await self._recording(write.asin, is_fresh=False)
        outcome = await self._write(write.asin, recording, position_ms, theirs)
        if outcome is WriteOutcome.WRONG_ACR:
            stale = recording
            recording = await self._recording(write.asin, is_fresh=True)
            if recording.acr != stale.acr:
                outcome = await self._write(
                    write.asin, recording, position_ms, theirs, has_fresh_acr=True
                )
        match outcome:
            case None:
                await self._postpone(write)
                return
            case WriteOutcome.WRITTEN:
                self.tally.sent += 1
            case WriteOutcome.OVERTAKEN:
                self.tally.dropped += 1
            case _:
                self.tally.not_taken += 1
        await self._drop(write, is_one_place=outcome is WriteOutcome.WRITTEN)

    async def _postpone(self, write: PositionWrite) -> None:
        """Try again later, a few times; then it is given up, and the log says so."""
        if write.attempts + 1 >= TRIES_MAX:
            self.tally.not_taken += 1
            await self._drop(write)
            return
        self.tally.postponed += 1
        async with self._store.transaction() as connection:
            until = self._now() + NEXT_TRY
            await postpone_position(connection, write, until=until)

    async def _write(
        self,
        asin: Asin,
        recording: Recording,
        position_ms: int,
        theirs: Position | None,
        *,
        has_fresh_acr: bool = False,
    ) -> WriteOutcome | None:
        """Write a place and read it back until it shows; None without an ``acr``."""
        if recording.acr is None:
            return None
        await self._source.write_position(asin, recording.acr, position_ms)
        self.tally.requests += 1
        outcome = WriteOutcome.NOT_YET
        # Counted and not read off a clock, which may stand still or be set back.
        since_write = timedelta(0)
        while outcome is WriteOutcome.NOT_YET:
            await self._sleep(READ_BACK_EVERY.total_seconds())
            since_write += READ_BACK_EVERY
            outcome = judge_write(
                position_ms,
                await self._place(asin),
                before=theirs,
                since_write=since_write,
                has_fresh_acr=has_fresh_acr,
            )
        return outcome

    async def _place(self, asin: Asin) -> Position | None:
        found = await self._source.fetch_positions((asin,))
        self.tally.requests += 1
        return found.get(asin)

    async def _recording(self, asin: Asin, *, is_fresh: bool) -> Recording:
        if not is_fresh:
            async with self._store.reading() as connection:
                known = await load_recording(connection, self._account_id, asin)
            if known is not None and known.acr is not None:
                return known
        recording = await fetch_recording(self._source, asin)
        await keep_recording(self._store, self._account_id, recording, now=self._now())
        return recording

    async def _runtime_ms(self, asin: Asin) -> int | None:
        async with self._store.reading() as connection:
            titles = await load_some_titles(connection, self._account_id, (asin,))
        return titles[0].runtime_ms if titles else None

    async def _drop(self, write: PositionWrite, *, is_one_place: bool = False) -> None:
        """Leave a place be; where both say the same, nothing is left to be asked."""
        async with self._store.transaction() as connection:
            await drop_position(connection, write)
            if is_one_place:
                await drop_question(connection, self._account_id, write.asin)

    async def _ask(self, write: PositionWrite, theirs: Position | None) -> None:
        if theirs is None:
            await self._drop(write)
            return
        question = PositionQuestion(
            account_id=self._account_id,
            asin=write.asin,
            reader_id=write.reader_id,
            ours_ms=write.position_ms,
            ours_at=write.heard_at,
            theirs_ms=theirs.position_ms,
            theirs_at=theirs.updated_at,
            created_at=self._now(),
        )
        async with self._store.transaction() as connection:
            await save_question(connection, question)
            await drop_position(connection, write)

    async def keep_log(self, started_at: datetime) -> None:
        """Keep what became of the places, in numbers, and count the requests."""
        tally, now = self.tally, self._now()
        error_key = NOT_TAKEN if tally.not_taken else tally.refusal
        log = SyncLogFields(
            account_id=self._account_id,
            sync_type=SyncType.WRITE_BACK,
            status=SyncStatus.FAILED if error_key else SyncStatus.SUCCESS,
            started_at=started_at,
            duration_ms=0,
            error_key=error_key,
            details={
                "sent": tally.sent,
                "dropped": tally.dropped,
                "asked": tally.asked,
                "postponed": tally.postponed,
                "not_taken": tally.not_taken,
            },
        )
        today = now.astimezone(self._store.time_zone).date()
        async with self._store.transaction() as connection:
            if any(log.details.values()):
                await add_sync_log(connection, timed(log, now))
            await count_requests(
                connection, self._account_id, tally.requests, today=today
            )
