"""Sync logs: what each sync or import did, or why it failed; old rows are removed."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ..kinds import SyncStatus
from .records import AccountId, SyncLog, SyncLogFields, SyncLogId
from .schema import SYNC_LOGS
from .statements import columns_of, names_of, values_of

KEEP_DAYS: Final = 90
"""Rows older than this are removed, unless the user decides otherwise."""

_FIELDS: Final = names_of(SyncLogFields)
_COLUMNS: Final = (SYNC_LOGS.c.id, *columns_of(SYNC_LOGS, SyncLogFields))
_ADD: Final = insert(SYNC_LOGS).returning(SYNC_LOGS.c.id)
_FINISH: Final = update(SYNC_LOGS).where(SYNC_LOGS.c.id == bindparam("wanted"))
_NEWEST: Final = (
    select(*_COLUMNS)
    .where(SYNC_LOGS.c.account_id == bindparam("wanted_account"))
    .order_by(SYNC_LOGS.c.started_at.desc(), SYNC_LOGS.c.id.desc())
    .limit(bindparam("at_most"))
)
_LAST_OF_STATUS: Final = (
    select(*_COLUMNS)
    .where(
        SYNC_LOGS.c.account_id == bindparam("wanted_account"),
        SYNC_LOGS.c.status == bindparam("wanted_status", type_=SYNC_LOGS.c.status.type),
    )
    .order_by(SYNC_LOGS.c.started_at.desc(), SYNC_LOGS.c.id.desc())
    .limit(1)
)
# PostgreSQL carries the same statement as cleanup_old_audible_sync_logs().
_CLEAN_UP: Final = delete(SYNC_LOGS).where(SYNC_LOGS.c.started_at < bindparam("before"))


async def add_sync_log(connection: AsyncConnection, log: SyncLogFields) -> SyncLogId:
    """Add a row and return its number."""
    result = await connection.execute(_ADD, values_of(log, _FIELDS))
    return SyncLogId(result.scalar_one())


async def change_sync_log(
    connection: AsyncConnection, sync_log_id: SyncLogId, log: SyncLogFields
) -> None:
    """Replace all fields of a row, such as when an import was taken back."""
    statement = _FINISH.values(**values_of(log, _FIELDS))
    await connection.execute(statement, {"wanted": sync_log_id})


async def load_sync_logs(
    connection: AsyncConnection, account_id: AccountId, *, limit: int = 20
) -> tuple[SyncLog, ...]:
    """Return an account's newest rows, newest first."""
    wanted = {"wanted_account": account_id, "at_most": limit}
    rows = await connection.execute(_NEWEST, wanted)
    return tuple(_log(row) for row in rows)


async def load_last_sync_log(
    connection: AsyncConnection, account_id: AccountId, status: SyncStatus
) -> SyncLog | None:
    """Return an account's newest row of one status."""
    wanted = {"wanted_account": account_id, "wanted_status": status}
    row = (await connection.execute(_LAST_OF_STATUS, wanted)).one_or_none()
    return _log(row) if row is not None else None


async def clean_up_sync_logs(
    connection: AsyncConnection, *, now: datetime, keep_days: int = KEEP_DAYS
) -> int:
    """Remove old rows and return how many; the ledger is never touched."""
    before = now - timedelta(days=keep_days)
    return (await connection.execute(_CLEAN_UP, {"before": before})).rowcount


def _log(row: Row[Any] | Sequence[Any]) -> SyncLog:
    sync_log_id, *rest = row
    return SyncLog(sync_log_id, SyncLogFields(*rest))
