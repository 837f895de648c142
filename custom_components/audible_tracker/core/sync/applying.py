"""One transaction for what Audible answered."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from ..kinds import SyncType
from ..models import Asin
from ..store.accounts import count_requests, note_state_token
from ..store.changes import Changes, apply_changes
from ..store.database import Store
from ..store.records import (
    StoredTitle,
    SyncLogFields,
    SyncLogId,
    TrackedAccount,
    TrackerEvent,
)
from ..store.sync_logs import timed
from ..store.titles import forget_recordings, note_asked
from .garbage import without_collections
from .library import NOTHING_DIFFERS, LibraryDifference
from .loading import load_ground
from .plan import SyncPlan, plan_sync
from .rules import Rules
from .snapshot import Remote
from .tracker_events import EventType, NewEventId


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What one sync did. Without a log row nothing had changed."""

    sync_log_id: SyncLogId | None
    log: SyncLogFields
    events: tuple[TrackerEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What Audible answered, compared with what was known of all its titles.

    ``asked`` are the titles whose own interval begins anew; of a poll, the account's
    minute does too.
    """

    account: TrackedAccount
    known: Mapping[Asin, StoredTitle]
    remote: Remote
    difference: LibraryDifference = NOTHING_DIFFERS
    asked: tuple[Asin, ...] = ()
    is_poll: bool = False


@dataclass(frozen=True, slots=True)
class Method:
    """By what answers are planned."""

    rules: Rules
    new_event_id: NewEventId
    now: Callable[[], datetime]


async def plan_answer(
    connection: AsyncConnection, store: Store, answer: Answer, method: Method
) -> SyncPlan:
    """Return what an answer changes; nothing is written."""
    ground = await load_ground(
        connection, answer.account, answer.known, answer.remote, answer.difference
    )
    return await asyncio.to_thread(
        plan_sync,
        ground.stored,
        answer.remote,
        answer.difference,
        decisions=ground.decisions,
        now=method.now(),
        time_zone=store.time_zone,
        new_event_id=method.new_event_id,
        rules=method.rules,
    )


async def apply_answer(store: Store, answer: Answer, method: Method) -> SyncReport:
    """Plan and write in one transaction, so that no decision of a person is lost.

    A poll that found nothing leaves no log row. Raises StoreError.
    """
    with without_collections():
        return await _apply(store, answer, method)


async def _apply(store: Store, answer: Answer, method: Method) -> SyncReport:
    async with store.transaction() as connection:
        plan = await plan_answer(connection, store, answer, method)
        now = method.now()
        changes = replace(plan.changes, log=timed(plan.changes.log, now))
        await _note_asked(connection, answer, now)
        if plan.is_empty and answer.remote.sync_type is not SyncType.LIBRARY:
            await _count(connection, store, answer, now)
            return SyncReport(None, changes.log)
        applied = await apply_changes(connection, changes, now=now)
        if answer.remote.sync_type is not SyncType.LIBRARY:
            await _count(connection, store, answer, now)
        await _forget_old_recordings(connection, changes)
    return SyncReport(applied.sync_log_id, changes.log, applied.new_events)


async def _note_asked(
    connection: AsyncConnection, answer: Answer, now: datetime
) -> None:
    if answer.asked:
        account_id = answer.account.account_id
        await note_asked(connection, account_id, answer.asked, at=now)


async def _count(
    connection: AsyncConnection, store: Store, answer: Answer, now: datetime
) -> None:
    account_id = answer.account.account_id
    await count_requests(
        connection,
        account_id,
        answer.remote.requests,
        today=now.astimezone(store.time_zone).date(),
        polled_at=now if answer.is_poll else None,
    )
    if answer.remote.state_token not in (None, answer.account.state_token):
        await note_state_token(connection, account_id, answer.remote.state_token)


async def _forget_old_recordings(connection: AsyncConnection, changes: Changes) -> None:
    asins = [
        change.event.asin
        for change in changes.events
        if change.event.event_type == EventType.TITLE_RERECORDED
        and change.event.asin is not None
    ]
    if asins and changes.account_id is not None:
        await forget_recordings(connection, changes.account_id, asins)
