"""Processes that work on a database at once, or are killed in the middle of it."""

import asyncio
import os
import signal
from dataclasses import replace
from multiprocessing.synchronize import Barrier
from pathlib import Path
from zoneinfo import ZoneInfo

from audible_core.kinds import (
    ConflictType,
    ReadOutcome,
    Source,
    SyncStatus,
    SyncType,
)
from audible_core.models import Position
from audible_core.store import migrate as migrations
from audible_core.store.changes import (
    Changes,
    ConflictChange,
    EventChange,
    LedgerChange,
    LinkChange,
    NewBook,
    NotedSync,
    ReadChange,
    apply_changes,
)
from audible_core.store.database import MIGRATIONS, Store, open_store
from audible_core.store.engine import parse_address
from audible_core.store.records import (
    AccountId,
    ReaderId,
    ReadFields,
    SyncLogFields,
    TrackerEvent,
)
from audible_core.vault import Vault
from sqlalchemy import Connection, event

from tests.core.store.household import NOW, Household, asin, book, link, title

LOG = SyncLogFields(None, SyncType.LIBRARY, SyncStatus.SUCCESS, NOW, 1500)


def first_sync(household: Household) -> Changes:
    """Return what a first sync of two titles makes: one becomes a book, one waits."""
    reader_id, account_id = household.reader_id, household.account_id
    known, open_one = (reader_id, asin(1)), (reader_id, asin(2))
    started = ReadFields(reader_id, None, None, ReadOutcome.UNDER_WAY)
    told = TrackerEvent(
        "event-1", "book_started", account_id, reader_id, asin(1), None, NOW
    )
    return Changes(
        account_id=account_id,
        log=replace(LOG, account_id=account_id, titles_new=2),
        noted=NotedSync(NOW, NOW.date(), 1, "token"),
        titles=(title(1), title(2), title(3)),
        removed=(asin(3),),
        positions=(Position(asin(1), 5000, NOW),),
        new_books=(NewBook("new 1", book(reader_id, "The Lantern Keeper")),),
        links=(
            LinkChange(link(household, 1, match_confidence=1.0), new_book="new 1"),
            LinkChange(link(household, 2)),
        ),
        reads=(ReadChange(started, link=known, book="new 1"),),
        ledger=(
            LedgerChange(known, 5000, 0.1, False, Source.AUDIBLE, NOW),
            LedgerChange(open_one, 0, None, None, Source.AUDIBLE),
        ),
        conflicts=(ConflictChange(open_one, ConflictType.NO_MATCH),),
        events=(EventChange(told, new_book="new 1"),),
    )


def sync_and_die(
    target: str | Path, keys: Path, reader_id: int, account_id: int, statement: int
) -> None:
    """Apply a first sync in a process that is killed after some statement."""
    counted = 0

    def count(*_: object) -> None:
        nonlocal counted
        counted += 1
        if counted == statement:
            os.kill(os.getpid(), signal.SIGKILL)

    async def run() -> None:
        store = await open_again(target, keys)
        house = Household(store, ReaderId(reader_id), AccountId(account_id))
        event.listen(store._engine.sync_engine, "after_cursor_execute", count)
        async with store.transaction() as connection:
            await apply_changes(connection, first_sync(house), now=NOW)
        # The commit is the last thing that may be interrupted.
        os.kill(os.getpid(), signal.SIGKILL)

    asyncio.run(run())


async def open_again(target: str | Path, keys: Path) -> Store:
    """Open the store as after a restart."""
    return await open_store(
        target,
        vault=Vault.open(keys),
        owner="here",
        time_zone=ZoneInfo("Europe/Berlin"),
    )


def migrate_and_die(target: str | Path, version: str, statement: int) -> None:
    """Migrate in a process that is killed after some statement of a migration."""
    counted = 0

    def run_sql(connection: Connection, migration: Path) -> None:
        def count(*_: object) -> None:
            nonlocal counted
            counted += 1
            if counted == statement:
                os.kill(os.getpid(), signal.SIGKILL)

        event.listen(connection, "after_cursor_execute", count)
        original(connection, migration)

    original = migrations._run_sql
    migrations._run_sql = run_sql
    asyncio.run(migrations.migrate(parse_address(target), MIGRATIONS, target=version))


def migrate_together(target: str | Path, start: Barrier) -> None:
    """Migrate when all processes are ready; the exit code says whether it worked."""
    start.wait()
    asyncio.run(migrations.migrate(parse_address(target), MIGRATIONS))
