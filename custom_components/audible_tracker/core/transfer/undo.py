"""An import taken back: what it made goes, what it filled is empty again.

What a person or a sync has changed since stays as it is.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import fields, replace
from datetime import datetime
from typing import Any, cast

from sqlalchemy.ext.asyncio import AsyncConnection

from ..errors import ImportTakenBackError, NoImportError
from ..kinds import SyncStatus
from ..models import Asin
from ..store.books import (
    count_rows_of_import,
    delete_books_of_import,
    load_some_books,
    put_back_books,
)
from ..store.database import Store
from ..store.links import delete_unused_links
from ..store.reads import load_some_reads, put_back_reads
from ..store.records import Book, BookId, Read, ReadId, SyncLogId
from ..store.schema import BOOKS, READS
from ..store.sync_logs import change_sync_log, delete_sync_logs
from .import_log import (
    BookBefore,
    ImportLog,
    LogParts,
    PathEdit,
    ReadBefore,
    flat,
    load_open_log,
    stream_books_before,
    stream_new_links,
    stream_reads_before,
)
from .made_rows import take_made_back
from .records import UndoResult
from .row_decisions import give_rows_back
from .values_before import values_before


async def undo_import(
    store: Store, sync_log_id: SyncLogId, *, now: datetime
) -> UndoResult:
    """Take an import back in one transaction; its log row becomes UNDONE.

    So are the decisions about its rows, the newest first. The rows of a decision that
    is undone by itself wait again. Raises NoImportError, ImportTakenBackError.
    """
    async with store.transaction() as connection:
        log = await load_open_log(connection, sync_log_id)
        results = [
            await _take_back(connection, decision, now)
            for decision in await _decisions(connection, log)
        ]
        await give_rows_back(connection, log, now=now)
        results.append(await _take_back(connection, log, now))
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


async def _take_back(
    connection: AsyncConnection, log: ImportLog, now: datetime
) -> UndoResult:
    number = log.log.sync_log_id
    books, reads = await count_rows_of_import(connection, number)
    async for asins in stream_new_links(connection, log.parts):
        await delete_unused_links(connection, log.reader_id, map(Asin, asins))
    await delete_books_of_import(connection, number)
    await take_made_back(connection, log, now=now)
    await _put_back_reads(connection, log, now)
    restored = await _put_back_books(connection, log, now)
    await _close_log(connection, log)
    books_left, reads_left = await count_rows_of_import(connection, number)
    return UndoResult(
        books_removed=books - books_left,
        books_kept=books_left,
        reads_removed=reads - reads_left,
        books_restored=restored,
    )


async def _close_log(connection: AsyncConnection, log: ImportLog) -> None:
    await delete_sync_logs(connection, log.parts)
    said = log.log.fields
    details = {**said.details, **LogParts().as_details(), "decisions": []}
    changed = replace(said, status=SyncStatus.UNDONE, details=details)
    await change_sync_log(connection, log.log.sync_log_id, changed)


async def _put_back_books(
    connection: AsyncConnection, log: ImportLog, now: datetime
) -> int:
    count = 0
    async for entries in stream_books_before(connection, log.parts):
        wanted = (BookId(entry.book_id) for entry in entries)
        books = await load_some_books(connection, wanted)
        changed = [
            _book_before(books[BookId(entry.book_id)], entry, log.at, now)
            for entry in entries
            if entry.book_id in books
        ]
        await put_back_books(connection, changed)
        count += len(changed)
    return count


async def _put_back_reads(
    connection: AsyncConnection, log: ImportLog, now: datetime
) -> None:
    async for entries in stream_reads_before(connection, log.parts):
        wanted = (ReadId(entry.read_id) for entry in entries)
        reads = await load_some_reads(connection, wanted)
        changed = [
            _read_before(reads[ReadId(entry.read_id)], entry, log.at, now)
            for entry in entries
            if entry.read_id in reads
        ]
        await put_back_reads(connection, changed)


def _book_before(
    book: Book, before: BookBefore, imported_at: datetime, now: datetime
) -> Book:
    fields = replace(
        book.fields,
        **values_before(BOOKS, book.fields, before.edits),
        extra=_extra_before(book.fields.extra, before.extra),
    )
    untouched = book.updated_at == imported_at
    return replace(
        book, fields=fields, updated_at=before.updated_at if untouched else now
    )


def _read_before(
    read: Read, before: ReadBefore, imported_at: datetime, now: datetime
) -> Read:
    fields = replace(read.fields, **values_before(READS, read.fields, before.edits))
    untouched = read.updated_at == imported_at
    return replace(
        read, fields=fields, updated_at=before.updated_at if untouched else now
    )


def _extra_before(
    extra: Mapping[str, Any], edits: Iterable[PathEdit]
) -> dict[str, Any]:
    members = flat(extra)
    for path, old, new in edits:
        key = tuple(path)
        if members.get(key) != new:
            continue
        if old is None:
            del members[key]
        else:
            members[key] = old
    return _nested(members)


def _nested(members: Mapping[tuple[str, ...], Any]) -> dict[str, Any]:
    extra: dict[str, Any] = {}
    for path, value in members.items():
        if len(path) == 1:
            extra[path[0]] = value
        else:
            inner = cast("dict[str, Any]", extra.setdefault(path[0], {}))
            inner[path[1]] = value
    return extra
