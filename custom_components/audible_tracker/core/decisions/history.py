"""One time line of a reader, a book or a title: places, reads, events, decisions."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from ..errors import InvalidValueError, NotInStoreError
from ..kinds import Source
from ..models import Asin
from ..store.books import load_book
from ..store.events import (
    load_events_of_book,
    load_events_of_reader,
    load_events_of_title,
)
from ..store.history import (
    load_history,
    load_history_of_book,
    load_history_of_reader,
)
from ..store.links import load_links_of_book, load_links_of_title, load_some_links
from ..store.readers import load_reader
from ..store.reads import (
    load_newest_reads_of_reader,
    load_reads_of_book,
    load_reads_of_link,
)
from ..store.records import (
    BookId,
    LedgerEntry,
    Link,
    LinkId,
    Read,
    ReaderId,
    SyncLogId,
    TrackerEvent,
)
from ..store.sync_logs import DecisionsWanted
from .journal import Decision, load_decisions

LIMIT_MAX: Final = 1000


class HistoryKind(StrEnum):
    """What an entry of the time line is."""

    POSITION = "position"
    READ = "read"
    EVENT = "event"
    DECISION = "decision"


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One moment: when it was noted, what, whose, by whom and in which sync.

    ``data`` is ready for JSON; days and instants in it are ISO texts.
    """

    at: datetime
    kind: HistoryKind
    reader_id: ReaderId | None = None
    asin: Asin | None = None
    book_id: BookId | None = None
    source: Source | None = None
    actor: str | None = None
    sync_log_id: SyncLogId | None = None
    data: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class _Found:
    """What there is, before it is one line."""

    ledger: tuple[LedgerEntry, ...]
    reads: tuple[Read, ...]
    events: tuple[TrackerEvent, ...]
    decisions: tuple[Decision, ...]


async def get_history(
    connection: AsyncConnection,
    *,
    reader_id: ReaderId | None = None,
    book_id: BookId | None = None,
    asin: Asin | None = None,
    limit: int = 100,
) -> tuple[HistoryEntry, ...]:
    """Return the newest moments, newest first, of a book, of a title, or of a reader.

    With a title the reader says whose history of it is meant. Raises NotInStoreError
    for what is not there, InvalidValueError if nothing or too much is asked for.
    """
    if not 1 <= limit <= LIMIT_MAX:
        allowed = f"1 to {LIMIT_MAX}"
        raise InvalidValueError(field="limit", value=limit, allowed=allowed)
    if reader_id is not None:
        await load_reader(connection, reader_id)
    if book_id is not None:
        if asin is not None:
            allowed = "a book or a title"
            raise InvalidValueError(field="asin", value=asin, allowed=allowed)
        found = await _of_book(connection, book_id, limit)
    elif asin is not None:
        found = await _of_title(connection, asin, reader_id, limit)
    elif reader_id is not None:
        found = await _of_reader(connection, reader_id, limit)
    else:
        allowed = "a reader, a book or a title"
        raise InvalidValueError(field="reader", value=None, allowed=allowed)
    entries = await _entries(connection, found)
    return tuple(entries[:limit])


async def _of_book(connection: AsyncConnection, book_id: BookId, limit: int) -> _Found:
    book = await load_book(connection, book_id)
    links = await load_links_of_book(connection, book_id)
    return _Found(
        ledger=await load_history_of_book(connection, book_id, limit=limit),
        reads=await load_reads_of_book(connection, book_id),
        events=await load_events_of_book(connection, book_id, limit=limit),
        decisions=await load_decisions(
            connection,
            DecisionsWanted(
                reader_id=book.fields.reader_id,
                link_ids=tuple(link.link_id for link in links),
                book_ids=(book_id,),
                leaving_too=True,
            ),
            limit=limit,
        ),
    )


async def _of_title(
    connection: AsyncConnection,
    asin: Asin,
    reader_id: ReaderId | None,
    limit: int,
) -> _Found:
    links = [
        link
        for link in await load_links_of_title(connection, asin)
        if reader_id in (None, link.fields.reader_id)
    ]
    if not links:
        raise NotInStoreError(what="title", number=asin)
    ledger: list[LedgerEntry] = []
    reads: list[Read] = []
    for link in links:
        ledger += await load_history(connection, link.link_id, limit=limit)
        reads += await load_reads_of_link(connection, link.link_id)
    events = await load_events_of_title(connection, asin, limit=limit)
    return _Found(
        ledger=tuple(ledger),
        reads=tuple(reads),
        events=tuple(event for event in events if reader_id in (None, event.reader_id)),
        decisions=await load_decisions(
            connection, DecisionsWanted(reader_id=reader_id, asin=asin), limit=limit
        ),
    )


async def _of_reader(
    connection: AsyncConnection, reader_id: ReaderId, limit: int
) -> _Found:
    return _Found(
        ledger=await load_history_of_reader(connection, reader_id, limit=limit),
        reads=await load_newest_reads_of_reader(connection, reader_id, limit=limit),
        events=await load_events_of_reader(connection, reader_id, limit=limit),
        decisions=await load_decisions(
            connection, DecisionsWanted(reader_id=reader_id), limit=limit
        ),
    )


async def _entries(connection: AsyncConnection, found: _Found) -> list[HistoryEntry]:
    wanted = {
        *(entry.link_id for entry in found.ledger),
        *(read.fields.link_id for read in found.reads if read.fields.link_id),
    }
    links = await load_some_links(connection, sorted(wanted))
    entries = [
        *_positions(found.ledger, links),
        *(_read(read, links) for read in found.reads),
        *map(_event, found.events),
        *map(_decision, found.decisions),
    ]
    # Sorting keeps the order of equal ones, which are newest first already.
    return sorted(entries, key=lambda entry: entry.at, reverse=True)


def _positions(
    ledger: Iterable[LedgerEntry], links: Mapping[LinkId, Link]
) -> Iterable[HistoryEntry]:
    for entry in ledger:
        link = links[entry.link_id].fields
        yield HistoryEntry(
            at=entry.recorded_at,
            kind=HistoryKind.POSITION,
            reader_id=link.reader_id,
            asin=link.asin,
            book_id=link.book_id,
            source=entry.source,
            actor=entry.actor,
            sync_log_id=entry.sync_log_id,
            data={
                "position_ms": entry.position_ms,
                "percentage": entry.percentage,
                "is_finished": entry.is_finished,
                "heard_at": _iso(entry.heard_at),
            },
        )


def _read(read: Read, links: Mapping[LinkId, Link]) -> HistoryEntry:
    fields = read.fields
    link = links.get(fields.link_id) if fields.link_id is not None else None
    return HistoryEntry(
        at=fields.finished_at or read.created_at,
        kind=HistoryKind.READ,
        reader_id=fields.reader_id,
        asin=link.fields.asin if link is not None else None,
        book_id=fields.book_id,
        source=fields.source,
        sync_log_id=fields.sync_log_id,
        data={
            "read_id": read.read_id,
            "outcome": fields.outcome.value,
            "started_on": _iso(fields.started_on),
            "finished_on": _iso(fields.finished_on),
            "stopped_on": _iso(fields.stopped_on),
        },
    )


def _event(event: TrackerEvent) -> HistoryEntry:
    return HistoryEntry(
        at=event.created_at,
        kind=HistoryKind.EVENT,
        reader_id=event.reader_id,
        asin=event.asin,
        book_id=event.book_id,
        sync_log_id=event.sync_log_id,
        data={
            "event_id": event.event_id,
            "event_type": event.event_type,
            **event.data,
        },
    )


def _decision(decision: Decision) -> HistoryEntry:
    about = {
        name: value
        for name, value in asdict(decision.about).items()
        if value is not None and name not in ("reader_id", "asin", "book_id")
    }
    # What a dropped book was is for undoing, not for showing.
    told = {name: value for name, value in decision.data.items() if name != "was"}
    return HistoryEntry(
        at=decision.decided_at,
        kind=HistoryKind.DECISION,
        reader_id=decision.about.reader_id,
        asin=decision.about.asin,
        book_id=decision.about.book_id,
        source=Source.USER,
        actor=decision.actor,
        sync_log_id=decision.sync_log_id,
        data={
            "action": decision.action.value,
            "is_undone": decision.is_undone,
            **about,
            **told,
        },
    )


def _iso(value: date | datetime | None) -> str | None:
    return value.isoformat() if value is not None else None
