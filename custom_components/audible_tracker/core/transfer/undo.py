"""An import taken back: what it made goes, what it filled is empty again.

What a person or a sync has changed since stays as it is. So does what a later import
has changed, until that is undone too: imports may be undone in any order.
"""

from collections.abc import Container, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from ..errors import ImportTakenBackError, NoImportError
from ..kinds import ReadOutcome, SyncStatus
from ..models import Asin
from ..store.bookmarks import delete_bookmarks_of_import
from ..store.books import (
    count_rows_of_import,
    delete_books_of_import,
    load_some_books,
    put_back_books,
)
from ..store.database import Store
from ..store.links import delete_unused_links
from ..store.reads import load_reads_of_link, load_some_reads, put_back_reads
from ..store.records import (
    Book,
    BookId,
    Read,
    ReadFields,
    ReadId,
    SyncLogId,
)
from ..store.schema import READS
from ..store.sync_logs import change_sync_log, delete_sync_logs
from ..sync.garbage import without_collections
from .import_log import (
    ImportLog,
    LogParts,
    add_adjusted_books,
    load_open_log,
    stream_books_before,
    stream_new_links,
    stream_reads_before,
)
from .later_imports import Claims, give_adjusted_back, load_claims, load_waiting_undos
from .log_values import BookBefore, ReadBefore
from .made_rows import take_made_back
from .records import BookEdit, UndoResult
from .row_decisions import give_rows_back
from .values_before import (
    END_OF_READ,
    Claimed,
    book_without,
    documents_without,
    has_days_of_outcome,
    values_before,
)


async def undo_import(
    store: Store, sync_log_id: SyncLogId, *, now: datetime
) -> UndoResult:
    """Take an import back in one transaction; its log row becomes UNDONE.

    So are the decisions about its rows, the newest first. The rows of a decision that
    is undone by itself wait again. Raises NoImportError, ImportTakenBackError.
    """
    async with store.transaction() as connection:
        return await _undo_all(connection, sync_log_id, now)


async def _undo_all(
    connection: AsyncConnection, sync_log_id: SyncLogId, now: datetime
) -> UndoResult:
    with without_collections():
        log = await load_open_log(connection, sync_log_id)
        results = [
            await _undo(connection, decision, now)
            for decision in await _decisions(connection, log)
        ]
        await give_rows_back(connection, log, now=now)
        results.append(await _undo(connection, log, now))
    return UndoResult(
        *(
            sum(getattr(result, member.name) for result in results)
            for member in fields(UndoResult)
        )
    )


async def _decisions(
    connection: AsyncConnection, log: ImportLog
) -> Sequence[ImportLog]:
    """Return the decisions about an import's rows that stand, newest first."""
    found = []
    for number in reversed(log.decisions):
        # The log may have been cleaned up meanwhile.
        with suppress(NoImportError, ImportTakenBackError):
            found.append(await load_open_log(connection, number))
    return found


async def _undo(
    connection: AsyncConnection, log: ImportLog, now: datetime
) -> UndoResult:
    """Take one import back, and the rest of those whose undo waited for it."""
    undone = await load_waiting_undos(connection, log)
    await give_adjusted_back(connection, undone, after=log.log.sync_log_id)
    asins = stream_new_links(connection, log.parts)
    async for piece in asins:
        await delete_unused_links(connection, log.reader_id, map(Asin, piece))
    result = await _take_back(connection, log, now)
    await give_adjusted_back(connection, undone)
    for one in undone:
        rest = await _take_back(connection, one, now)
        result = replace(
            result,
            books_removed=result.books_removed + rest.books_removed,
            reads_removed=result.reads_removed + rest.reads_removed,
        )
    return result


async def _take_back(
    connection: AsyncConnection, log: ImportLog, now: datetime
) -> UndoResult:
    number = log.log.sync_log_id
    claims = await load_claims(connection, log)
    books, reads = await count_rows_of_import(connection, number)
    await delete_books_of_import(connection, number)
    await delete_bookmarks_of_import(connection, number)
    adjusted = await take_made_back(connection, log, claims, now=now)
    await _put_back_reads(connection, log, claims, now)
    restored, rest = await _put_back_books(connection, log, claims, now)
    await _close_log(connection, log, claims, [*adjusted, *rest])
    books_left, reads_left = await count_rows_of_import(connection, number)
    return UndoResult(
        books_removed=books - books_left,
        books_kept=books_left,
        reads_removed=reads - reads_left,
        books_restored=restored,
    )


async def _close_log(
    connection: AsyncConnection,
    log: ImportLog,
    claims: Claims,
    adjusted: Iterable[BookEdit],
) -> None:
    """Say that the import is undone; keep what later imports stand in the way of."""
    parts = LogParts()
    if claims.imports:
        at = log.log.fields.started_at
        kept = await add_adjusted_books(connection, adjusted, at=at)
        parts = LogParts(
            changes=log.parts.changes, adjusted=(*log.parts.adjusted, *kept)
        )
    kept_parts = set(parts)
    await delete_sync_logs(
        connection, (number for number in log.parts if number not in kept_parts)
    )
    said = log.log.fields
    details = {
        **said.details,
        **parts.as_details(),
        "decisions": [],
        "waits_for": claims.imports,
    }
    changed = replace(said, status=SyncStatus.UNDONE, details=details)
    await change_sync_log(connection, log.log.sync_log_id, changed)


async def _put_back_books(
    connection: AsyncConnection, log: ImportLog, claims: Claims, now: datetime
) -> tuple[int, list[BookEdit]]:
    """Return how many books there are, and what is changed beside later imports."""
    count = 0
    times = _Times(log.at, claims.ats, now)
    adjusted: list[BookEdit] = []
    async for entries in stream_books_before(connection, log.parts):
        wanted = (BookId(entry.book_id) for entry in entries)
        books = await load_some_books(connection, wanted)
        changed: list[Book] = []
        for entry in entries:
            if (book := books.get(BookId(entry.book_id))) is None:
                continue
            claimed = claims.books.get(entry.book_id, ())
            fields_before = book_without(book.fields, entry, claimed)
            at = times.changed_at(book, entry, is_same=fields_before == book.fields)
            before = replace(book, fields=fields_before, updated_at=at)
            bare = documents_without(fields_before, entry, claimed)
            if bare != fields_before:
                adjusted.append(BookEdit(before, bare))
            changed.append(replace(before, fields=bare))
        await put_back_books(connection, changed)
        count += len(changed)
    return count, adjusted


async def _put_back_reads(
    connection: AsyncConnection, log: ImportLog, claims: Claims, now: datetime
) -> None:
    times = _Times(log.at, claims.ats, now)
    async for entries in stream_reads_before(connection, log.parts):
        wanted = (ReadId(entry.read_id) for entry in entries)
        reads = await load_some_reads(connection, wanted)
        changed: list[Read] = []
        for entry in entries:
            if (read := reads.get(ReadId(entry.read_id))) is None:
                continue
            claimed = claims.reads.get(entry.read_id, ())
            bare = await _read_before(connection, read, entry, claimed)
            at = times.changed_at(read, entry, is_same=bare == read.fields)
            changed.append(replace(read, fields=bare, updated_at=at))
        await put_back_reads(connection, changed)


async def _read_before(
    connection: AsyncConnection, read: Read, entry: ReadBefore, claimed: Claimed
) -> ReadFields:
    """Return what a read was before an import.

    How it ended stays where what somebody has said since would not fit to what it was.
    """
    values = values_before(READS, read.fields, entry.edits, claimed)
    before = replace(read.fields, **values)
    if has_days_of_outcome(before) and not await _is_late(connection, read, before):
        return before
    values = values_before(READS, read.fields, entry.edits, {*claimed, *END_OF_READ})
    return replace(read.fields, **values)


async def _is_late(connection: AsyncConnection, read: Read, before: ReadFields) -> bool:
    """Tell whether a read would be open again although its title has a later one."""
    link_id, is_open = before.link_id, before.outcome is ReadOutcome.UNDER_WAY
    if not is_open or link_id is None or before.outcome is read.fields.outcome:
        return False
    newest = (await load_reads_of_link(connection, link_id))[-1]
    return newest.read_id != read.read_id


@dataclass(frozen=True, slots=True)
class _Times:
    """When the import that is undone changed rows, when later ones did, and now."""

    imported_at: datetime
    later: Container[datetime]
    now: datetime

    def changed_at(
        self, row: Book | Read, before: BookBefore | ReadBefore, *, is_same: bool
    ) -> datetime:
        """Return when a row was changed, but for what only imports have changed."""
        if row.updated_at == self.imported_at:
            return before.updated_at
        is_imports = row.updated_at in self.later
        return row.updated_at if is_same or is_imports else self.now
