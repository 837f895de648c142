"""How an account stands: last and next sync, figures, and what waits for a person."""

from dataclasses import dataclass
from datetime import datetime, tzinfo

from sqlalchemy.ext.asyncio import AsyncConnection

from ..store.accounts import load_account
from ..store.limits import synced_today
from ..store.position_records import PositionQuestion
from ..store.position_writes import count_waiting_positions, load_questions
from ..store.readers import load_readers
from ..store.records import AccountId, Reader, SyncLog, TrackedAccount
from ..store.statistics import (
    CurrentRead,
    SyncStats,
    load_current_reads,
    load_sync_stats,
)
from ..store.sync_logs import load_sync_logs
from ..sync.limits import NextSync, next_sync


@dataclass(frozen=True, slots=True)
class AccountStatus:
    """All that is to be said of an account.

    ``last_log`` is the last thing that was tried; ``stats`` has success share, mean
    duration, confidence distribution, titles and open conflicts; ``reading`` is what
    its readers are in the middle of. ``next_sync.reason`` is None when it is due.
    """

    account: TrackedAccount
    stats: SyncStats
    last_log: SyncLog | None
    next_sync: NextSync
    syncs_today: int
    readers: tuple[Reader, ...]
    reading: tuple[CurrentRead, ...]
    positions_waiting: int
    questions: tuple[PositionQuestion, ...]


async def get_status(
    connection: AsyncConnection,
    account_id: AccountId,
    *,
    now: datetime,
    time_zone: tzinfo,
    jitter: float = 0.0,
) -> AccountStatus:
    """Return how an account stands; raise NotInStoreError if there is none.

    ``time_zone`` is Home Assistant's, ``jitter`` that of the account's next sync.
    """
    account = await load_account(connection, account_id)
    all_stats = await load_sync_stats(connection)
    (stats,) = (entry for entry in all_stats if entry.account_id == account_id)
    logs = await load_sync_logs(connection, account_id, limit=1)
    current = await load_current_reads(connection)
    return AccountStatus(
        account=account,
        stats=stats,
        last_log=logs[0] if logs else None,
        next_sync=next_sync(account, now=now, time_zone=time_zone, jitter=jitter),
        syncs_today=synced_today(account, now=now, time_zone=time_zone),
        readers=await load_readers(connection, account_id=account_id),
        reading=tuple(read for read in current if read.account_id == account_id),
        positions_waiting=await count_waiting_positions(connection, account_id),
        questions=await load_questions(connection, account_id),
    )
