"""Sync logs: what each sync or import did, or why it failed; old rows are removed."""

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import batched
from typing import Any, Final

from sqlalchemy import (
    JSON,
    ColumnElement,
    Row,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    type_coerce,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from ..errors import NotInStoreError
from ..kinds import SyncStatus, SyncType
from ..models import Asin
from .records import (
    AccountId,
    BookId,
    LinkId,
    ReaderId,
    SyncLog,
    SyncLogFields,
    SyncLogId,
)
from .schema import SYNC_LOGS
from .statements import SLICE_ROWS, columns_of, names_of, values_of

KEEP_DAYS: Final = 90
"""Rows older than this are removed, unless the user decides otherwise."""

UNCHANGING: Final = "unchanging"
"""The member of the details of an import that changed nothing and left nothing."""

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
_DECISIONS: Final = (
    select(*_COLUMNS)
    # Decisions belong to no account; that they have none is what the index finds.
    .where(SYNC_LOGS.c.account_id.is_(None), SYNC_LOGS.c.sync_type == SyncType.USER)
    .order_by(SYNC_LOGS.c.started_at.desc(), SYNC_LOGS.c.id.desc())
)
_DETAILS: Final = type_coerce(SYNC_LOGS.c.details, JSON)
_ONE: Final = select(*_COLUMNS).where(SYNC_LOGS.c.id == bindparam("wanted"))
# What a large import leaves is kept in rows beside its own, which say so.
_IMPORTS: Final = (
    select(*_COLUMNS)
    .where(
        SYNC_LOGS.c.account_id.is_(None),
        SYNC_LOGS.c.sync_type == SyncType.IMPORT,
        type_coerce(SYNC_LOGS.c.details, JSON)["part"].as_integer().is_(None),
    )
    .order_by(SYNC_LOGS.c.started_at.desc(), SYNC_LOGS.c.id.desc())
    .limit(bindparam("at_most"))
)
_STANDING: Final = (
    SYNC_LOGS.c.status != SyncStatus.UNDONE,
    type_coerce(SYNC_LOGS.c.details, JSON)["continues"].as_integer().is_(None),
    type_coerce(SYNC_LOGS.c.details, JSON)[UNCHANGING].as_integer().is_(None),
)
_PARTS: Final = "_parts"
_WAITING: Final = f"waiting{_PARTS}"
_OLD: Final = select(SYNC_LOGS.c.id).where(SYNC_LOGS.c.started_at < bindparam("before"))
# PostgreSQL carries the same statement as cleanup_old_audible_sync_logs(), which knows
# nothing of imports whose rows wait.
_CLEAN_UP: Final = delete(SYNC_LOGS).where(SYNC_LOGS.c.started_at < bindparam("before"))


def timed(log: SyncLogFields, now: datetime) -> SyncLogFields:
    """Return a row with how long it took from its start; a clock may be set back."""
    elapsed_ms = round((now - log.started_at).total_seconds() * 1000)
    return replace(log, duration_ms=max(0, elapsed_ms))


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


async def set_log_status(
    connection: AsyncConnection, sync_log_id: SyncLogId, status: SyncStatus
) -> None:
    """Say how it ended after all: undone, say."""
    await connection.execute(_FINISH.values(status=status), {"wanted": sync_log_id})


async def load_sync_logs(
    connection: AsyncConnection, account_id: AccountId, *, limit: int = 20
) -> tuple[SyncLog, ...]:
    """Return an account's newest rows, newest first."""
    wanted = {"wanted_account": account_id, "at_most": limit}
    rows = await connection.execute(_NEWEST, wanted)
    return tuple(_log(row) for row in rows)


async def load_sync_log(connection: AsyncConnection, sync_log_id: SyncLogId) -> SyncLog:
    """Return one row; raise NotInStoreError if there is none (any more)."""
    row = (await connection.execute(_ONE, {"wanted": sync_log_id})).one_or_none()
    if row is None:
        raise NotInStoreError(what="sync log", number=sync_log_id)
    return _log(row)


async def stream_some_sync_logs(
    connection: AsyncConnection, sync_log_ids: Iterable[SyncLogId]
) -> AsyncIterator[SyncLog]:
    """Yield the rows of these numbers that there are, read one at a time."""
    for number in sync_log_ids:
        for row in await connection.execute(_ONE, {"wanted": number}):
            yield _log(row)


async def load_import_logs(
    connection: AsyncConnection, *, limit: int = 20
) -> tuple[SyncLog, ...]:
    """Return the newest imports, newest first."""
    rows = await connection.execute(_IMPORTS, {"at_most": limit})
    return tuple(_log(row) for row in rows)


async def load_standing_imports(
    connection: AsyncConnection, *, limit: int
) -> tuple[SyncLog, ...]:
    """Return the newest imports of files that can be undone, newest first.

    What was decided of their rows later, and what changed nothing, is not among them.
    """
    rows = await connection.execute(_IMPORTS.where(*_STANDING), {"at_most": limit})
    return tuple(_log(row) for row in rows)


async def count_standing_imports(connection: AsyncConnection) -> int:
    """Return how many there are of them."""
    found = _IMPORTS.where(*_STANDING).limit(None).order_by(None).subquery()
    count = await connection.execute(select(func.count()).select_from(found))
    return count.scalar_one()


async def delete_sync_logs(
    connection: AsyncConnection, sync_log_ids: Iterable[SyncLogId]
) -> None:
    """Remove rows that are of no use any more."""
    for piece in batched(sync_log_ids, SLICE_ROWS, strict=False):
        await connection.execute(delete(SYNC_LOGS).where(SYNC_LOGS.c.id.in_(piece)))


@dataclass(frozen=True, slots=True)
class DecisionsWanted:
    """Which decisions of people are wanted; all that is named has to be so.

    Only of ``link_ids`` and ``book_ids`` one is enough; ``leaving_too`` takes in what
    took a title from one of these books. ``dropped_book`` was merged into another one;
    ``after`` is the number of an older decision; ``is_standing`` leaves out what was
    undone.
    """

    reader_id: ReaderId | None = None
    asin: Asin | None = None
    link_ids: tuple[LinkId, ...] = ()
    book_ids: tuple[BookId, ...] = ()
    leaving_too: bool = False
    dropped_book: BookId | None = None
    actions: tuple[str, ...] = ()
    but_action: str | None = None
    after: SyncLogId | None = None
    is_standing: bool = False


async def load_decision_logs(
    connection: AsyncConnection, wanted: DecisionsWanted, *, limit: int
) -> tuple[SyncLog, ...]:
    """Return what people decided (USER), the newest first, as far as logs are kept."""
    statement = _DECISIONS.where(*_conditions(wanted)).limit(limit)
    return tuple(_log(row) for row in await connection.execute(statement))


def _conditions(wanted: DecisionsWanted) -> Iterator[ColumnElement[bool]]:
    action = _DETAILS["action"].as_string()
    if wanted.reader_id is not None:
        yield _DETAILS["about", "reader_id"].as_integer() == wanted.reader_id
    if wanted.asin is not None:
        yield _DETAILS["about", "asin"].as_string() == wanted.asin
    if wanted.link_ids or wanted.book_ids:
        yield or_(*_things(wanted))
    if wanted.dropped_book is not None:
        yield _DETAILS["data", "dropped"].as_integer() == wanted.dropped_book
    if wanted.actions:
        yield action.in_(wanted.actions)
    if wanted.but_action is not None:
        yield action != wanted.but_action
    if wanted.after is not None:
        yield SYNC_LOGS.c.id > wanted.after
    if wanted.is_standing:
        yield SYNC_LOGS.c.status != SyncStatus.UNDONE


def _things(wanted: DecisionsWanted) -> Iterator[ColumnElement[bool]]:
    yield _DETAILS["about", "link_id"].as_integer().in_(wanted.link_ids)
    yield _DETAILS["about", "book_id"].as_integer().in_(wanted.book_ids)
    if wanted.leaving_too:
        yield _DETAILS["data", "former"].as_integer().in_(wanted.book_ids)


async def clean_up_sync_logs(
    connection: AsyncConnection, *, now: datetime, keep_days: int = KEEP_DAYS
) -> int:
    """Remove old rows and return how many; the ledger is never touched.

    An import whose rows still wait for a person stays, with all that undoes it.
    """
    before = now - timedelta(days=keep_days)
    needed = await _needed_of_imports(connection, before)
    if not needed:
        return (await connection.execute(_CLEAN_UP, {"before": before})).rowcount
    old = await connection.execute(_OLD, {"before": before})
    gone = [number for (number,) in old if number not in needed]
    await delete_sync_logs(connection, gone)
    return len(gone)


async def _needed_of_imports(
    connection: AsyncConnection, before: datetime
) -> set[SyncLogId]:
    """Return the rows of imports that have rows waiting, or may get some back."""
    rows = await connection.execute(_IMPORTS.limit(None))
    logs = {log.sync_log_id: log.fields for log in map(_log, rows)}
    wanted = {number for number, log in logs.items() if log.details.get(_WAITING)}
    wanted.update(
        log.details["continues"]
        for log in logs.values()
        if log.started_at >= before and "continues" in log.details
    )
    needed: set[SyncLogId] = set()
    for number, log in logs.items():
        if number in wanted or log.details.get("continues") in wanted:
            needed.add(number)
            for name, parts in log.details.items():
                if name.endswith(_PARTS):
                    needed.update(parts)
    return needed


def _log(row: Row[Any] | Sequence[Any]) -> SyncLog:
    sync_log_id, *rest = row
    return SyncLog(sync_log_id, SyncLogFields(*rest))
