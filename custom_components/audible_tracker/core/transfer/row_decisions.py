"""The rows that an import left to a person: listed, and imported when decided."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from ..errors import ImportTakenBackError, InvalidValueError, NoImportError
from ..store.books import load_some_books
from ..store.database import Store
from ..store.records import BookId, SyncLogId
from ..store.sync_logs import delete_sync_logs
from .import_log import (
    ImportLog,
    LogParts,
    add_changes,
    add_waiting_rows,
    change_details,
    details_of,
    load_import_log,
    load_open_log,
    stream_decided_rows,
    stream_rejected_rows,
    stream_waiting_rows,
)
from .import_plan import plan_import
from .importer import result_of, write_plan
from .records import (
    ImportPlan,
    ImportResult,
    RowCandidate,
    RowChoice,
    RowOutcome,
    RowPlan,
    StoredBooks,
)
from .stored_books import load_stored_books
from .waiting_rows import WaitingRow, read_waiting_row


async def load_waiting_rows(
    store: Store, sync_log_id: SyncLogId
) -> tuple[RowPlan, ...]:
    """Return the rows of an import that wait for a person, with their candidates.

    Books that are gone since are no candidates any more. Raises NoImportError.
    """
    async with store.reading() as connection:
        log = await load_import_log(connection, sync_log_id)
        kept = await _kept_rows(connection, log)
        waiting = [read_waiting_row(row) for row in kept.values()]
        wanted = {one.book_id for row in waiting for one in row.candidates}
        books = await load_some_books(connection, wanted)
    titles = {
        number: (book.fields.title, book.fields.authors)
        for number, book in books.items()
    }
    return tuple(_plan_of(row, titles) for row in waiting)


@dataclass(frozen=True, slots=True)
class RejectedEntry:
    """A row that an import could not take; ``reasons`` are sentences."""

    number: int
    title: str
    reasons: tuple[str, ...]


async def load_rejected_rows(
    store: Store, sync_log_id: SyncLogId
) -> tuple[RejectedEntry, ...]:
    """Return the rows that an import could not take. Raises NoImportError."""
    async with store.reading() as connection:
        log = await load_import_log(connection, sync_log_id)
        return tuple(
            [
                RejectedEntry(number, title, tuple(reasons))
                async for rows in stream_rejected_rows(connection, log.parts)
                for number, title, reasons in rows
            ]
        )


async def _kept_rows(
    connection: AsyncConnection, log: ImportLog
) -> dict[int, Mapping[str, Any]]:
    kept: dict[int, Mapping[str, Any]] = {}
    async for rows in stream_waiting_rows(connection, log.parts):
        kept.update((int(row["number"]), row) for row in rows)
    return kept


def _plan_of(
    row: WaitingRow, titles: Mapping[BookId, tuple[str, tuple[str, ...]]]
) -> RowPlan:
    return RowPlan(
        number=row.number,
        title=row.row.title,
        authors=row.row.authors,
        outcome=RowOutcome.UNSURE,
        reason=row.reason,
        candidates=tuple(
            RowCandidate(
                one.book_id, *titles[one.book_id], one.confidence, one.evidence
            )
            for one in row.candidates
            if one.book_id in titles
        ),
        notes=row.row.notes,
    )


async def preview_decision(
    store: Store, sync_log_id: SyncLogId, choices: Mapping[int, RowChoice]
) -> tuple[RowPlan, ...]:
    """Say what would become of the rows that are chosen for; nothing is written.

    Raises what `decide_waiting_rows` does.
    """
    async with store.reading() as connection:
        log = await load_open_log(connection, sync_log_id)
        kept = await _kept_rows(connection, log)
        stored = await load_stored_books(connection, log.reader_id)
    _check(choices, kept, stored)
    plan = await _plan(choices, kept, stored)
    return tuple(
        replace(row, number=number)
        for number, row in zip(sorted(choices), plan.rows, strict=True)
    )


async def decide_waiting_rows(
    store: Store,
    sync_log_id: SyncLogId,
    choices: Mapping[int, RowChoice],
    *,
    actor: str | None = None,
    now: datetime,
) -> ImportResult:
    """Import rows that waited as a person has decided: this book, NEW or SKIP.

    It is an import of its own, which can be undone by itself or with the import that it
    continues. Raises NoImportError,
    ImportTakenBackError, InvalidValueError for a row that does not wait or an unknown
    book.
    """
    began = time.monotonic()
    async with store.transaction() as connection:
        log = await load_open_log(connection, sync_log_id)
        kept = await _kept_rows(connection, log)
        stored = await load_stored_books(connection, log.reader_id)
        _check(choices, kept, stored)
        plan = await _plan(choices, kept, stored)
        details = details_of(
            reader_id=log.reader_id,
            at=now,
            parts=LogParts(
                changes=await add_changes(connection, plan, at=now),
                decided=await add_waiting_rows(
                    connection, [kept[n] for n in sorted(choices)], at=now
                ),
            ),
            told=_told(log, actor, plan.counts),
        )
        log_id = await write_plan(
            connection, plan, details=details, now=now, began=began
        )
        await _keep_waiting(
            connection,
            log,
            [kept[n] for n in kept if n not in choices],
            decisions=(*log.decisions, log_id),
            now=now,
        )
    return result_of(log_id, plan)


async def give_rows_back(
    connection: AsyncConnection, decision: ImportLog, *, now: datetime
) -> None:
    """Let the rows of a decision that was undone wait again in their import."""
    if decision.continues is None:
        return
    try:
        log = await load_open_log(connection, decision.continues)
    except NoImportError, ImportTakenBackError:
        return
    rows = await _kept_rows(connection, log)
    async for decided in stream_decided_rows(connection, decision.parts):
        rows.update((int(row["number"]), row) for row in decided)
    number = decision.log.sync_log_id
    await _keep_waiting(
        connection,
        log,
        [rows[place] for place in sorted(rows)],
        decisions=tuple(one for one in log.decisions if one != number),
        now=now,
    )


async def _plan(
    choices: Mapping[int, RowChoice],
    kept: Mapping[int, Mapping[str, Any]],
    stored: StoredBooks,
) -> ImportPlan:
    numbers = sorted(choices)
    return await asyncio.to_thread(
        plan_import,
        [read_waiting_row(kept[number]).row for number in numbers],
        stored,
        choices={
            place: choices[number] for place, number in enumerate(numbers, start=1)
        },
    )


def _check(
    choices: Mapping[int, RowChoice],
    kept: Mapping[int, Mapping[str, Any]],
    stored: StoredBooks,
) -> None:
    for number, choice in choices.items():
        if number not in kept:
            allowed = ", ".join(map(str, sorted(kept)[:20])) or "no row waits"
            raise InvalidValueError(field="row", value=number, allowed=allowed)
        if isinstance(choice, int) and choice not in stored.books:
            allowed = "new, skip, or the number of a book of this reader"
            raise InvalidValueError(
                field=f"row {number}", value=choice, allowed=allowed
            )


def _told(
    log: ImportLog, actor: str | None, counts: Mapping[RowOutcome, int]
) -> dict[str, Any]:
    details = log.log.fields.details
    return {
        "file_name": details.get("file_name"),
        "format": details.get("format"),
        "actor": actor,
        "continues": log.log.sync_log_id,
        "counts": {outcome.value: number for outcome, number in counts.items()},
    }


async def _keep_waiting(
    connection: AsyncConnection,
    log: ImportLog,
    rows: Sequence[Mapping[str, Any]],
    *,
    decisions: Sequence[SyncLogId],
    now: datetime,
) -> None:
    await delete_sync_logs(connection, log.parts.waiting)
    waiting = await add_waiting_rows(connection, rows, at=now)
    await change_details(
        connection, log, waiting_parts=list(waiting), decisions=list(decisions)
    )
