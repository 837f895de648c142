"""The imports there were: what a person can undo, and the rows that wait in them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from ..core.imports import ImportFormat
from ..core.kinds import SyncStatus
from ..core.store.books import load_some_books
from ..core.store.database import Store
from ..core.store.readers import load_readers
from ..core.store.records import Book, BookId, ReaderId, SyncLog, SyncLogId
from ..core.store.sync_logs import (
    count_standing_imports,
    load_standing_imports,
    stream_some_sync_logs,
)
from ..core.transfer.records import RowOutcome, RowPlan
from ..core.transfer.row_decisions import load_waiting_rows
from ..failures import local_time
from .translated_texts import Line, TextKind, TranslatedTexts

_LOGS_MAX: Final = 200
_DECISIONS_MAX: Final = 10
"""So many decisions are listed beneath an import, the newest."""


@dataclass(frozen=True, slots=True)
class PastImport:
    """An import that was not undone. ``counts`` are rows, by outcome.

    ``decisions`` are those about its unsure rows that stand, oldest first.
    """

    import_id: SyncLogId
    at: datetime
    reader: str
    format: ImportFormat
    file_name: str
    counts: dict[str, int]
    has_waiting: bool
    decisions: tuple[SyncLogId, ...] = ()
    is_decision: bool = False

    def line(self, texts: TranslatedTexts) -> str:
        """Return what a list says of it."""
        counts = {
            outcome.value: self.counts.get(outcome.value, 0) for outcome in RowOutcome
        }
        return texts.of(
            TextKind.LINE,
            Line.DECISION if self.is_decision else Line.IMPORT,
            at=local_time(self.at),
            format=texts.format_name(self.format),
            file=self.file_name,
            reader=self.reader,
            **counts,
        )


@dataclass(frozen=True, slots=True)
class WaitingRows:
    """Rows of one import that wait for a person, and the books that they may be."""

    past: PastImport
    rows: tuple[RowPlan, ...]
    books: dict[BookId, Book]


@dataclass(frozen=True, slots=True)
class Undoable:
    """What can be undone, decisions beneath their imports; ``left_out`` are more."""

    shown: tuple[PastImport, ...]
    left_out: int


async def async_past_imports(store: Store) -> tuple[PastImport, ...]:
    """Return the imports of files that can be undone, newest first."""
    async with store.reading() as connection:
        names = {one.reader_id: one.name for one in await load_readers(connection)}
        logs = await load_standing_imports(connection, limit=_LOGS_MAX)
    return _past_imports(logs, names)


async def async_undoable(store: Store, imports: Iterable[PastImport]) -> Undoable:
    """Return these imports with what was decided of their rows, newest first."""
    shown: list[PastImport] = []
    left_out = 0
    async with store.reading() as connection:
        names = {one.reader_id: one.name for one in await load_readers(connection)}
        count = await count_standing_imports(connection)
        for past in imports:
            count -= 1
            newest = past.decisions[::-1][:_DECISIONS_MAX]
            logs = [log async for log in stream_some_sync_logs(connection, newest)]
            shown += (past, *_past_imports(logs, names))
            left_out += len(past.decisions) - len(newest)
    return Undoable(tuple(shown), left_out + max(0, count))


def _past_imports(
    logs: Iterable[SyncLog], names: Mapping[ReaderId, str]
) -> tuple[PastImport, ...]:
    return tuple(
        _past_import(log, names[log.fields.details["reader_id"]])
        for log in logs
        if log.fields.status is not SyncStatus.UNDONE
        and log.fields.details.get("reader_id") in names
    )


def _past_import(log: SyncLog, reader: str) -> PastImport:
    details: Any = log.fields.details
    return PastImport(
        import_id=log.sync_log_id,
        at=log.fields.started_at,
        reader=reader,
        format=ImportFormat(details["format"]),
        file_name=details["file_name"] or "",
        counts=details["counts"],
        has_waiting=bool(details["waiting_parts"]),
        decisions=tuple(details.get("decisions", ())),
        is_decision="continues" in details,
    )


async def async_waiting_rows(store: Store, past: PastImport) -> WaitingRows:
    """Return the rows of an import that wait. Raises NoImportError."""
    rows = await load_waiting_rows(store, past.import_id)
    wanted = {one.book_id for row in rows for one in row.candidates}
    async with store.reading() as connection:
        books = await load_some_books(connection, wanted)
    return WaitingRows(past, rows, books)
