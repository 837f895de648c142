"""Imports that changed what an earlier one had made or changed.

Whoever undoes the earlier one first leaves them what is theirs; what then cannot be
put back is, as soon as they are undone too.
"""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from ..store.books import load_books_of_import, load_some_books, put_back_books
from ..store.reads import load_reads_of_import
from ..store.records import BookId, SyncLogId
from ..store.sync_logs import load_import_logs
from .import_log import (
    ImportLog,
    change_adjusted_books,
    import_log_of,
    load_adjusted_books,
    stream_books_before,
    stream_reads_before,
)
from .values_before import book_without, changed_since

_ALL: Final = 1_000_000

type _Names = set[str | tuple[str, ...]]


@dataclass(slots=True)
class Claims:
    """What later imports that stand have changed of what is an import's too.

    By the number of the book or the read: its fields, and members of ``extra``.
    ``ats`` are the times of their changes.
    """

    imports: list[SyncLogId] = field(default_factory=list)
    ats: set[datetime] = field(default_factory=set)
    books: dict[int, _Names] = field(default_factory=dict)
    reads: dict[int, _Names] = field(default_factory=dict)


async def load_claims(connection: AsyncConnection, log: ImportLog) -> Claims:
    """Return what later imports that stand have changed of an import's rows."""
    claims = Claims()
    later = [
        one
        for one in await _all_imports(connection, log)
        if one.log.sync_log_id > log.log.sync_log_id and not one.is_undone
    ]
    if not later:
        return claims
    books, reads = await _own_rows(connection, log)
    for one in later:
        has_books = await _claim_books(connection, one, claims.books, books)
        has_reads = await _claim_reads(connection, one, claims.reads, reads)
        if has_books or has_reads:
            claims.imports.append(one.log.sync_log_id)
            claims.ats.add(one.at)
    return claims


async def load_waiting_undos(
    connection: AsyncConnection, log: ImportLog
) -> tuple[ImportLog, ...]:
    """Return the undone imports that wait for this one to be undone, newest first."""
    return tuple(
        one
        for one in await _all_imports(connection, log)
        if one.is_undone and log.log.sync_log_id in one.waits_for
    )


async def give_adjusted_back(
    connection: AsyncConnection,
    undone: Iterable[ImportLog],
    *,
    after: SyncLogId | None = None,
) -> None:
    """Put back what undos have changed in books beside later imports, the last first.

    So those find again what they had left. Only what was changed ``after`` an import;
    what a later one has changed once more is kept until that is undone.
    """
    parts = [number for log in undone for number in log.parts.adjusted]
    wanted = (number for number in parts if after is None or number > after)
    for number in sorted(wanted, reverse=True):
        entries = await load_adjusted_books(connection, number)
        books = await load_some_books(
            connection, (BookId(entry.book_id) for entry in entries)
        )
        found = [
            (books[BookId(entry.book_id)], entry)
            for entry in entries
            if entry.book_id in books
        ]
        await put_back_books(
            connection,
            [
                replace(book, fields=book_without(book.fields, entry))
                for book, entry in found
            ],
        )
        left = [changed_since(book.fields, entry) for book, entry in found]
        await change_adjusted_books(connection, number, left)


async def _all_imports(
    connection: AsyncConnection, log: ImportLog
) -> Sequence[ImportLog]:
    """Return all imports of the reader, newest first."""
    logs = [
        import_log_of(one)
        for one in await load_import_logs(connection, limit=_ALL)
        if "change_parts" in one.fields.details
    ]
    of_reader = (one for one in logs if one.reader_id == log.reader_id)
    return sorted(of_reader, key=lambda one: one.log.sync_log_id, reverse=True)


async def _own_rows(
    connection: AsyncConnection, log: ImportLog
) -> tuple[set[int], set[int]]:
    """Return the numbers of the books and reads that an import made or changed."""
    number = log.log.sync_log_id
    books: set[int] = {
        book.book_id for book in await load_books_of_import(connection, number)
    }
    reads: set[int] = {
        read.read_id for read in await load_reads_of_import(connection, number)
    }
    async for entries in stream_books_before(connection, log.parts):
        books.update(entry.book_id for entry in entries)
    async for changed in stream_reads_before(connection, log.parts):
        reads.update(entry.read_id for entry in changed)
    return books, reads


async def _claim_books(
    connection: AsyncConnection,
    later: ImportLog,
    claimed: dict[int, _Names],
    own: Container[int],
) -> bool:
    found = False
    async for entries in stream_books_before(connection, later.parts):
        for entry in entries:
            if entry.book_id in own:
                found = True
                names = claimed.setdefault(entry.book_id, set())
                names.update(entry.edits)
                names.update(tuple(path) for path, _, _ in entry.extra)
    return found


async def _claim_reads(
    connection: AsyncConnection,
    later: ImportLog,
    claimed: dict[int, _Names],
    own: Container[int],
) -> bool:
    found = False
    async for entries in stream_reads_before(connection, later.parts):
        for entry in entries:
            if entry.read_id in own:
                found = True
                claimed.setdefault(entry.read_id, set()).update(entry.edits)
    return found
