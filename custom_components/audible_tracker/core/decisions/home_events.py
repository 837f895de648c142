"""What a place that is heard on a speaker begins, reaches and ends, and tells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from ..kinds import BookStatus, ReadOutcome
from ..models import AudibleTitle, Chapter
from ..store.books import load_book
from ..store.events import add_events
from ..store.reads import load_reads_of_link
from ..store.records import Link, TrackerEvent
from ..sync.telling_progress import Course, progress_between
from ..sync.tracker_events import EventMaker, EventType
from .books import set_book_status


@dataclass(frozen=True, slots=True)
class HeardHere:
    """A title that is heard on a speaker, since when, by whom it is told.

    ``furthest_ms`` is the furthest place of its pass before. ``session_key`` tells this
    listening from the next, where no pass does.
    """

    title: AudibleTitle
    chapters: Sequence[Chapter]
    furthest_ms: int
    session_key: str
    today: date
    actor: str


async def tell_heard(
    connection: AsyncConnection,
    maker: EventMaker,
    heard: HeardHere,
    link: Link,
    position_ms: int,
    *,
    is_finished: bool,
) -> tuple[TrackerEvent, ...]:
    """Note what a place means for the book, and keep what is told of it.

    ``link`` is as it was before. A book that was to be read is being read; one that was
    heard to its end is finished. Returned are the events that are new.
    """
    told = []
    if await _set_status(connection, maker, heard, link, BookStatus.READING):
        told.append(_event(maker, EventType.BOOK_STARTED, heard, link, "started_on"))
    pass_key = await _pass_key(connection, link) or heard.session_key
    told += _progress(maker, heard, link, position_ms, pass_key)
    if is_finished and await _set_status(
        connection, maker, heard, link, BookStatus.FINISHED
    ):
        told.append(_event(maker, EventType.BOOK_FINISHED, heard, link, "finished_on"))
    new = await add_events(connection, told)
    return tuple(event for event in told if event.event_id in new)


async def _set_status(
    connection: AsyncConnection,
    maker: EventMaker,
    heard: HeardHere,
    link: Link,
    status: BookStatus,
) -> bool:
    """Let the book be begun, or be finished; tell if it was not so before."""
    if link.fields.book_id is None:
        return False
    book = await load_book(connection, link.fields.book_id)
    is_begin = status is BookStatus.READING
    waits = book.fields.status in (BookStatus.TO_READ, BookStatus.PAUSED)
    if book.fields.status is status or (is_begin and not waits):
        return False
    was_waiting = book.fields.status is BookStatus.TO_READ
    await set_book_status(
        connection,
        book.book_id,
        status,
        heard.today if was_waiting or not is_begin else None,
        actor=heard.actor,
        now=maker.now,
    )
    return was_waiting or not is_begin


async def _pass_key(connection: AsyncConnection, link: Link) -> str | None:
    """Return what a sync calls the pass: a chapter is told once in it, by whomever."""
    reads = await load_reads_of_link(connection, link.link_id)
    under_way = [
        read.read_id for read in reads if read.fields.outcome is ReadOutcome.UNDER_WAY
    ]
    return str(max(under_way)) if under_way else None


def _progress(
    maker: EventMaker,
    heard: HeardHere,
    link: Link,
    position_ms: int,
    pass_key: str,
) -> list[TrackerEvent]:
    course = Course(pass_key, heard.furthest_ms, heard.chapters)
    before_ms = link.fields.last_position_ms or 0
    return [
        _made(maker, one.event_type, heard, link, one.data, once=one.once)
        for one in progress_between(heard.title, course, before_ms, position_ms)
    ]


def _event(
    maker: EventMaker, event_type: EventType, heard: HeardHere, link: Link, day: str
) -> TrackerEvent:
    data = {day: heard.today.isoformat()}
    return _made(maker, event_type, heard, link, data, once=heard.session_key)


def _made(
    maker: EventMaker,
    event_type: EventType,
    heard: HeardHere,
    link: Link,
    data: Mapping[str, Any],
    *,
    once: str | None = None,
) -> TrackerEvent:
    return maker.make(
        event_type,
        heard.title,
        reader_id=link.fields.reader_id,
        book_id=link.fields.book_id,
        once=once,
        data=data,
    )
