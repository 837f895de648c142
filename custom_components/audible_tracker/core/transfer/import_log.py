"""What an import leaves in the log: what was before, and the rows that wait.

It may be much: it is cut into parts, each a row of its own that only the main row
names. Everything in them is JSON.
"""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import batched
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from ..errors import ImportTakenBackError, NoImportError, NotInStoreError
from ..kinds import SyncStatus, SyncType
from ..store.records import (
    ReaderId,
    SyncLog,
    SyncLogFields,
    SyncLogId,
)
from ..store.schema import BOOKS, READS
from ..store.sync_logs import (
    add_sync_log,
    change_sync_log,
    load_sync_log,
    stream_some_sync_logs,
)
from ..store.types import epoch_ms, instant_of
from .log_values import (
    BookBefore,
    ReadBefore,
    Said,
    as_entry,
    book_before,
    book_entry,
    read_before,
    read_entry,
    said_of,
)
from .records import BookEdit, ImportPlan, RowOutcome, RowPlan

_PART_ENTRIES: Final = 100
"""So many entries are written at once, lest their text hold the event loop."""

_BOOKS: Final = "books"
_READS: Final = "reads"
_LINKS: Final = "links"
_MADE_BOOKS: Final = "made_books"
_MADE_READS: Final = "made_reads"
_ROWS: Final = "rows"
_REJECTED: Final = "rejected"
_ADJUSTED: Final = "adjusted"


@dataclass(frozen=True, slots=True)
class LogParts:
    """Numbers of the rows that hold what an import leaves.

    Its changes, the rows that wait, those that waited and were decided by it, those
    that it could not import, and what its undo has changed while later imports stood.
    """

    changes: tuple[SyncLogId, ...] = ()
    waiting: tuple[SyncLogId, ...] = ()
    decided: tuple[SyncLogId, ...] = ()
    rejected: tuple[SyncLogId, ...] = ()
    adjusted: tuple[SyncLogId, ...] = ()

    def __iter__(self) -> Iterator[SyncLogId]:
        """Yield all numbers."""
        yield from self.changes
        yield from self.waiting
        yield from self.decided
        yield from self.rejected
        yield from self.adjusted

    @classmethod
    def read(cls, details: Mapping[str, Any]) -> LogParts:
        """Return the parts that a main row names."""
        kinds = ("change", "waiting", "decided", "rejected", "adjusted")
        parts = (details.get(f"{kind}_parts", ()) for kind in kinds)
        return cls(*(tuple(map(SyncLogId, numbers)) for numbers in parts))

    def as_details(self) -> dict[str, list[SyncLogId]]:
        """Return what a main row says of them."""
        return {
            "change_parts": list(self.changes),
            "waiting_parts": list(self.waiting),
            "decided_parts": list(self.decided),
            "rejected_parts": list(self.rejected),
            "adjusted_parts": list(self.adjusted),
        }


@dataclass(frozen=True, slots=True)
class ImportLog:
    """The main row of an import. ``at`` is the time of its changes.

    ``continues`` is the import whose rows it has decided, ``decisions`` are those about
    rows of its own that stand, oldest first. Of one that was undone ``waits_for`` are
    later ones that had changed the same rows: when they are undone, so is its rest.
    """

    log: SyncLog
    reader_id: ReaderId
    at: datetime
    parts: LogParts
    continues: SyncLogId | None = None
    decisions: tuple[SyncLogId, ...] = ()
    waits_for: tuple[SyncLogId, ...] = ()

    @property
    def is_undone(self) -> bool:
        """Tell whether it was taken back."""
        return self.log.fields.status is SyncStatus.UNDONE


def details_of(
    *,
    reader_id: ReaderId,
    at: datetime,
    parts: LogParts,
    told: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the details of an import's main row; ``told`` is for people."""
    return {
        **told,
        "reader_id": reader_id,
        "at_ms": epoch_ms(at),
        **parts.as_details(),
    }


async def load_import_log(
    connection: AsyncConnection, sync_log_id: SyncLogId
) -> ImportLog:
    """Return an import's main row; raise NoImportError for anything else."""
    try:
        log = await load_sync_log(connection, sync_log_id)
    except NotInStoreError as err:
        raise NoImportError(number=sync_log_id) from err
    details = log.fields.details
    if log.fields.sync_type is not SyncType.IMPORT or "change_parts" not in details:
        raise NoImportError(number=sync_log_id)
    return import_log_of(log)


def import_log_of(log: SyncLog) -> ImportLog:
    """Return the main row of an import, as it is read."""
    details = log.fields.details
    return ImportLog(
        log=log,
        reader_id=ReaderId(details["reader_id"]),
        at=instant_of(details["at_ms"]),
        parts=LogParts.read(details),
        continues=details.get("continues"),
        decisions=tuple(map(SyncLogId, details.get("decisions", ()))),
        waits_for=tuple(map(SyncLogId, details.get("waits_for", ()))),
    )


async def load_open_log(
    connection: AsyncConnection, sync_log_id: SyncLogId
) -> ImportLog:
    """Return the same; raise ImportTakenBackError where it was taken back."""
    log = await load_import_log(connection, sync_log_id)
    if log.is_undone:
        raise ImportTakenBackError(number=sync_log_id)
    return log


async def change_details(
    connection: AsyncConnection, log: ImportLog, **details: Any
) -> None:
    """Say something else in an import's main row."""
    fields_now = log.log.fields
    changed = replace(fields_now, details={**fields_now.details, **details})
    await change_sync_log(connection, log.log.sync_log_id, changed)


async def add_changes(
    connection: AsyncConnection, plan: ImportPlan, *, at: datetime
) -> tuple[SyncLogId, ...]:
    """Keep what has to be put back when the import is undone; return the parts."""
    parts: list[SyncLogId] = []
    books = map(book_entry, plan.changed_books)
    reads = map(read_entry, plan.changed_reads)
    links = (change.fields.asin for change in plan.links)
    made = (
        [new.fields.source_key, said_of(BOOKS, new.fields)] for new in plan.new_books
    )
    passes = (said_of(READS, change.fields) for change in plan.new_reads)
    for kind, entries in (
        (_BOOKS, books),
        (_READS, reads),
        (_LINKS, links),
        (_MADE_BOOKS, made),
        (_MADE_READS, passes),
    ):
        parts += await _add_parts(connection, kind, entries, at)
    return tuple(parts)


async def add_waiting_rows(
    connection: AsyncConnection, rows: Iterable[Mapping[str, Any]], *, at: datetime
) -> tuple[SyncLogId, ...]:
    """Keep rows that wait, or waited, for a person; return the parts."""
    return tuple(await _add_parts(connection, _ROWS, rows, at))


async def add_rejected_rows(
    connection: AsyncConnection, rows: Iterable[RowPlan], *, at: datetime
) -> tuple[SyncLogId, ...]:
    """Keep number, title and reasons of the rows that no book came of."""
    entries = (
        [row.number, row.title, list(row.sentences)]
        for row in rows
        if row.outcome is RowOutcome.REJECTED
    )
    return tuple(await _add_parts(connection, _REJECTED, entries, at))


async def add_adjusted_books(
    connection: AsyncConnection, edits: Iterable[BookEdit], *, at: datetime
) -> tuple[SyncLogId, ...]:
    """Keep what an undo has changed in books that later imports had changed too."""
    return tuple(await _add_parts(connection, _ADJUSTED, map(book_entry, edits), at))


async def _add_parts(
    connection: AsyncConnection, kind: str, entries: Iterable[Any], at: datetime
) -> list[SyncLogId]:
    return [
        await add_sync_log(
            connection,
            SyncLogFields(
                account_id=None,
                sync_type=SyncType.IMPORT,
                status=SyncStatus.SUCCESS,
                started_at=at,
                duration_ms=0,
                details={"part": place, kind: list(piece)},
            ),
        )
        for place, piece in enumerate(
            batched(entries, _PART_ENTRIES, strict=False), start=1
        )
    ]


async def stream_books_before(
    connection: AsyncConnection, parts: LogParts
) -> AsyncIterator[tuple[BookBefore, ...]]:
    """Yield what an import changed in books, part by part."""
    async for entries in _entries(connection, parts.changes, _BOOKS):
        yield tuple(map(book_before, entries))


async def load_adjusted_books(
    connection: AsyncConnection, part: SyncLogId
) -> tuple[BookBefore, ...]:
    """Return what the undo of an import has changed in books, of one part."""
    found: list[BookBefore] = []
    async for entries in _entries(connection, (part,), _ADJUSTED):
        found.extend(map(book_before, entries))
    return tuple(found)


async def change_adjusted_books(
    connection: AsyncConnection, part: SyncLogId, books: Iterable[BookBefore]
) -> None:
    """Keep something else in that part."""
    async for log in stream_some_sync_logs(connection, (part,)):
        entries = [as_entry(book) for book in books]
        changed = {**log.fields.details, _ADJUSTED: entries}
        await change_sync_log(connection, part, replace(log.fields, details=changed))


async def stream_reads_before(
    connection: AsyncConnection, parts: LogParts
) -> AsyncIterator[tuple[ReadBefore, ...]]:
    """Yield what an import changed in reads, part by part."""
    async for entries in _entries(connection, parts.changes, _READS):
        yield tuple(map(read_before, entries))


async def stream_new_links(
    connection: AsyncConnection, parts: LogParts
) -> AsyncIterator[Sequence[str]]:
    """Yield the ASINs of the links that an import made, part by part."""
    async for entries in _entries(connection, parts.changes, _LINKS):
        yield entries


async def stream_made_books(
    connection: AsyncConnection, parts: LogParts
) -> AsyncIterator[Sequence[tuple[str | None, Said]]]:
    """Yield source key and content of the books that an import made, part by part."""
    async for entries in _entries(connection, parts.changes, _MADE_BOOKS):
        yield entries


async def stream_made_reads(
    connection: AsyncConnection, parts: LogParts
) -> AsyncIterator[Sequence[Said]]:
    """Yield the content of the reads that an import made, part by part."""
    async for entries in _entries(connection, parts.changes, _MADE_READS):
        yield entries


async def stream_waiting_rows(
    connection: AsyncConnection, parts: LogParts
) -> AsyncIterator[Sequence[Mapping[str, Any]]]:
    """Yield the rows that wait for a person, part by part."""
    async for entries in _entries(connection, parts.waiting, _ROWS):
        yield entries


async def stream_decided_rows(
    connection: AsyncConnection, parts: LogParts
) -> AsyncIterator[Sequence[Mapping[str, Any]]]:
    """Yield the rows that waited and were decided by this import, part by part."""
    async for entries in _entries(connection, parts.decided, _ROWS):
        yield entries


async def stream_rejected_rows(
    connection: AsyncConnection, parts: LogParts
) -> AsyncIterator[Sequence[tuple[int, str, list[str]]]]:
    """Yield number, title and reasons of rows that were rejected, part by part."""
    async for entries in _entries(connection, parts.rejected, _REJECTED):
        yield entries


async def _entries(
    connection: AsyncConnection, parts: Iterable[SyncLogId], kind: str
) -> AsyncIterator[list[Any]]:
    async for log in stream_some_sync_logs(connection, parts):
        if entries := log.fields.details.get(kind):
            yield entries
