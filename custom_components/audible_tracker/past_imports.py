"""The imports there were: what a person can undo, and the rows that wait in them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from homeassistant.util import dt as dt_util

from .core.imports import ImportFormat
from .core.kinds import SyncStatus
from .core.store.books import load_some_books
from .core.store.database import Store
from .core.store.readers import load_readers
from .core.store.records import Book, BookId, SyncLog, SyncLogId
from .core.store.sync_logs import load_import_logs
from .core.transfer.records import RowOutcome, RowPlan
from .core.transfer.row_decisions import load_waiting_rows
from .translated_texts import Line, TextKind, TranslatedTexts

_LOGS_MAX: Final = 200
"""Decisions about rows are imports too: there may be many."""


@dataclass(frozen=True, slots=True)
class PastImport:
    """An import that was not undone. ``counts`` are rows, by outcome."""

    import_id: SyncLogId
    at: datetime
    reader: str
    format: ImportFormat
    file_name: str
    counts: dict[str, int]
    has_waiting: bool

    def line(self, texts: TranslatedTexts) -> str:
        """Return what a list says of it."""
        counts = {
            outcome.value: self.counts.get(outcome.value, 0) for outcome in RowOutcome
        }
        return texts.of(
            TextKind.LINE,
            Line.IMPORT,
            at=f"{dt_util.as_local(self.at):%Y-%m-%d %H:%M}",
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


async def async_past_imports(store: Store) -> tuple[PastImport, ...]:
    """Return the imports that can be undone, newest first."""
    async with store.reading() as connection:
        names = {one.reader_id: one.name for one in await load_readers(connection)}
        logs = await load_import_logs(connection, limit=_LOGS_MAX)
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
    )


async def async_waiting_rows(store: Store, past: PastImport) -> WaitingRows:
    """Return the rows of an import that wait. Raises NoImportError."""
    rows = await load_waiting_rows(store, past.import_id)
    wanted = {one.book_id for row in rows for one in row.candidates}
    async with store.reading() as connection:
        books = await load_some_books(connection, wanted)
    return WaitingRows(past, rows, books)
