"""A file into the store: preview, import, and the rows that waited for a person."""

import asyncio
import hashlib
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from ..errors import InvalidValueError
from ..imports import ImportedBook, ImportFormat, ImportRow, open_file
from ..kinds import SyncStatus, SyncType
from ..store.changes import Changes, ReadChange, apply_changes
from ..store.database import Store
from ..store.records import ReaderId, SyncLogFields, SyncLogId
from ..store.stamps import Stamp, load_stamp
from ..store.sync_logs import UNCHANGING
from ..sync.garbage import without_collections
from ..sync.snapshot import MatchDecision
from .import_log import (
    LogParts,
    add_changes,
    add_rejected_rows,
    add_waiting_rows,
    details_of,
)
from .import_plan import plan_import
from .records import (
    ImportPlan,
    ImportResult,
    RowChoice,
    RowOutcome,
    RowPlan,
)
from .stored_books import load_stored_books
from .waiting_rows import waiting_row

_LOGGER: Final = logging.getLogger(__name__)
_FILE_NAME_MAX: Final = 200

type Progress = Callable[[int, int], None]
"""Hears how many rows of how many are done; called on the event loop."""


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """What an import would do; nothing of it is stored yet.

    It stays right as long as the reader's books are as they were, and is brought up to
    date before it is applied. ``fingerprint`` tells the file from every other one.
    """

    reader_id: ReaderId
    format: ImportFormat
    file_name: str | None
    plan: ImportPlan = field(repr=False)
    rows: tuple[ImportRow, ...] = field(repr=False)
    stamp: Stamp
    decisions: dict[int, MatchDecision] = field(repr=False)
    fingerprint: str
    choices: Mapping[int, RowChoice] = field(default_factory=dict, repr=False)

    @property
    def counts(self) -> Mapping[RowOutcome, int]:
        """Return how many rows have each outcome."""
        return self.plan.counts

    def page(
        self, offset: int, limit: int, *outcomes: RowOutcome
    ) -> tuple[RowPlan, ...]:
        """Return rows in the file's order, all or those of some outcomes."""
        wanted = (
            row for row in self.plan.rows if not outcomes or row.outcome in outcomes
        )
        return tuple(wanted)[offset : offset + limit]


async def preview_import(
    store: Store,
    reader_id: ReaderId,
    data: bytes,
    *,
    file_name: str | None = None,
    choices: Mapping[int, RowChoice] | None = None,
    fingerprint: str | None = None,
    progress: Progress | None = None,
) -> ImportPreview:
    """Say what an import of a file would do; nothing is written.

    ``file_name`` is for the log alone. ``choices`` are as in `apply_import`, which then
    knows them. ``fingerprint`` is that of the file which they were made for: with
    another file the rows' numbers would mean other rows. Raises ImportFileError for a
    file that is of no use as a whole, and InvalidValueError for another file, or for
    a row or book that does not exist.
    """
    decisions: dict[int, MatchDecision] = {}
    found = await asyncio.to_thread(_fingerprint, data)
    if fingerprint not in (None, found):
        allowed = "the file that was previewed; this is another one: preview it again"
        raise InvalidValueError(field="fingerprint", value=fingerprint, allowed=allowed)
    with without_collections():
        source, rows = await asyncio.to_thread(_parse, data)
        async with store.reading() as connection:
            stamp = await load_stamp(connection, reader_id)
            stored = await load_stored_books(connection, reader_id)
        tell = _teller(len(rows), progress)
        plan = await asyncio.to_thread(
            plan_import,
            rows,
            stored,
            choices=choices,
            decisions=decisions,
            tell=tell,
        )
    tell(len(rows))
    return ImportPreview(
        reader_id=reader_id,
        format=source,
        file_name=file_name[:_FILE_NAME_MAX] if file_name else None,
        plan=plan,
        rows=rows,
        stamp=stamp,
        decisions=decisions,
        fingerprint=found,
        choices=choices or {},
    )


def _fingerprint(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=8).hexdigest()


def _parse(data: bytes) -> tuple[ImportFormat, tuple[ImportRow, ...]]:
    file = open_file(data)
    return file.format, tuple(file.rows())


def _teller(total: int, progress: Progress | None) -> Callable[[int], None]:
    """Return what tells about progress from any thread."""
    if progress is None:
        return lambda _done: None
    loop = asyncio.get_running_loop()
    return lambda done: _tell(loop, partial(progress, done, total))


def _tell(loop: asyncio.AbstractEventLoop, word: Callable[[], None]) -> None:
    # Whoever gave up waiting may have closed the loop meanwhile.
    if not loop.is_closed():
        loop.call_soon_threadsafe(word)


async def apply_import(
    store: Store,
    preview: ImportPreview,
    *,
    choices: Mapping[int, RowChoice] | None = None,
    actor: str | None = None,
    now: datetime,
    progress: Progress | None = None,
) -> ImportResult:
    """Import the file of a preview in one transaction.

    ``choices`` says, by row number, which book an unsure row is, NEW or SKIP; any other
    row may be chosen for as well. They go before those of the preview. Unsure rows
    without a choice wait (`decide_waiting_rows`). ``actor`` is who did it. What changed
    in the tracker since the preview is taken into account.
    Raises InvalidValueError for a row or a book that does not exist, and StoreErrors.
    """
    work = _Work(store, preview, choices or {}, progress)
    began = time.monotonic()
    with without_collections():
        if choices or await _stamp_now(store, preview.reader_id) != preview.stamp:
            await work.plan_again()
        async with store.transaction() as connection:
            await work.plan_in(connection)
            log_id = await _write(connection, work, actor=actor, now=now, began=began)
    result = result_of(log_id, work.plan)
    _LOGGER.info(
        "Import %s: %d rows, %d books made, %d rows joined, %d wait, %d ms",
        log_id,
        len(work.plan.rows),
        result.books_made,
        result.joined,
        result.unsure,
        _ms_since(began),
    )
    return result


async def _stamp_now(store: Store, reader_id: ReaderId) -> Stamp:
    async with store.reading() as connection:
        return await load_stamp(connection, reader_id)


class _Work:
    """The plan that is applied, brought up to date as often as it has to be."""

    def __init__(
        self,
        store: Store,
        preview: ImportPreview,
        choices: Mapping[int, RowChoice],
        progress: Progress | None,
    ) -> None:
        self.preview = preview
        self.plan = preview.plan
        self._store = store
        self._choices = {**preview.choices, **choices}
        self._stamp = preview.stamp
        self._tell = _teller(len(preview.rows), progress)

    async def plan_again(self) -> None:
        """Plan while everybody else may write."""
        async with self._store.reading() as connection:
            await self._plan(connection, await self._stamp_in(connection))

    async def plan_in(self, connection: AsyncConnection) -> None:
        """Plan once more, while nobody else may write, if somebody just has."""
        stamp = await self._stamp_in(connection)
        if stamp != self._stamp:
            await self._plan(connection, stamp)

    async def _stamp_in(self, connection: AsyncConnection) -> Stamp:
        return await load_stamp(connection, self.preview.reader_id)

    async def _plan(self, connection: AsyncConnection, stamp: Stamp) -> None:
        stored = await load_stored_books(connection, self.preview.reader_id)
        is_same = stamp == self.preview.stamp
        self.plan = await asyncio.to_thread(
            plan_import,
            self.preview.rows,
            stored,
            choices=self._choices,
            decisions=dict(self.preview.decisions) if is_same else {},
            tell=self._tell,
        )
        self._stamp = stamp


async def _write(
    connection: AsyncConnection,
    work: _Work,
    *,
    actor: str | None,
    now: datetime,
    began: float,
) -> SyncLogId:
    preview, plan = work.preview, work.plan
    parts = LogParts(
        await add_changes(connection, plan, at=now),
        await add_waiting_rows(connection, _waiting(plan, preview.rows), at=now),
        rejected=await add_rejected_rows(connection, plan.rows, at=now),
    )
    told = {
        "file_name": preview.file_name,
        "format": preview.format.value,
        "actor": actor,
        "counts": {outcome.value: n for outcome, n in plan.counts.items()},
    }
    details = details_of(reader_id=preview.reader_id, at=now, parts=parts, told=told)
    return await write_plan(connection, plan, details=details, now=now, began=began)


async def write_plan(
    connection: AsyncConnection,
    plan: ImportPlan,
    *,
    details: Mapping[str, Any],
    now: datetime,
    began: float,
) -> SyncLogId:
    """Make a plan's changes, with the log row of these details; return its number."""
    edits = (
        ReadChange(edit.after, read_id=edit.before.read_id)
        for edit in plan.changed_reads
    )
    changes = Changes(
        account_id=None,
        log=SyncLogFields(
            account_id=None,
            sync_type=SyncType.IMPORT,
            status=SyncStatus.SUCCESS,
            started_at=now,
            duration_ms=_ms_since(began),
            links_made=len(plan.links),
            books_made=len(plan.new_books),
            details=details if plan.changes_anything else {**details, UNCHANGING: 1},
        ),
        new_books=plan.new_books,
        changed_books=tuple(
            (edit.before.book_id, edit.after) for edit in plan.changed_books
        ),
        links=plan.links,
        reads=(*plan.new_reads, *edits),
        bookmarks=plan.bookmarks,
    )
    return (await apply_changes(connection, changes, now=now)).sync_log_id


def _ms_since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)


def _waiting(
    plan: ImportPlan, rows: Sequence[ImportRow]
) -> Iterator[Mapping[str, Any]]:
    for plan_of_row, row in zip(plan.rows, rows, strict=True):
        is_unsure = plan_of_row.outcome is RowOutcome.UNSURE
        if is_unsure and isinstance(row, ImportedBook):
            yield waiting_row(plan_of_row, row)


def result_of(log_id: SyncLogId, plan: ImportPlan) -> ImportResult:
    """Return what a plan has done, in numbers."""
    counts = plan.counts
    return ImportResult(
        sync_log_id=log_id,
        made=counts[RowOutcome.MADE],
        joined=counts[RowOutcome.JOINED],
        unchanged=counts[RowOutcome.UNCHANGED],
        unsure=counts[RowOutcome.UNSURE],
        skipped=counts[RowOutcome.SKIPPED],
        rejected=counts[RowOutcome.REJECTED],
        books_made=len(plan.new_books),
        reads_added=len(plan.new_reads),
    )
