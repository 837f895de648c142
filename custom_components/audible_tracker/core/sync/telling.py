"""Pure: which events one look at a title gives."""

from collections.abc import Mapping
from typing import Any

from ..models import AudibleTitle
from ..store.changes import EventChange
from ..store.records import LinkFields
from .library import Loss, is_rerecorded, is_usable_again, loss_of
from .look import Look
from .passes import Day, Turn
from .rules import is_book
from .snapshot import MatchDecision
from .tracker_events import EventMaker, EventType


def event_of(
    maker: EventMaker,
    event_type: EventType,
    look: Look,
    *,
    once: str | None = None,
    data: Mapping[str, Any] | None = None,
) -> EventChange:
    """Return an event about a title as it was looked at."""
    book = look.book
    new_book = book if isinstance(book, str) else None
    event = maker.make(
        event_type,
        look.title,
        reader_id=look.linking.fields.reader_id,
        book_id=None if isinstance(book, str) else book,
        once=once,
        data=data,
    )
    return EventChange(event, new_book)


def tell_turn(
    maker: EventMaker, look: Look, turn: Turn, start: Day, finish: Day
) -> list[EventChange]:
    """Tell that a book was begun or finished; of the past nothing is told."""
    told: list[EventChange] = []
    if not look.is_watched:
        return told
    if turn in (Turn.BEGIN, Turn.WHOLE):
        at = start.at or look.now.at or maker.now
        data = {"started_on": start.on.isoformat() if start.on else None}
        once = at.isoformat()
        told.append(event_of(maker, EventType.BOOK_STARTED, look, once=once, data=data))
    if turn in (Turn.FINISH, Turn.WHOLE):
        at = finish.at or maker.now
        data = {"finished_on": finish.on.isoformat() if finish.on else None}
        once = at.isoformat()
        told.append(
            event_of(maker, EventType.BOOK_FINISHED, look, once=once, data=data)
        )
    return told


def tell_availability(
    maker: EventMaker,
    look: Look,
    previous: AudibleTitle | None,
    *,
    is_new: bool,
    is_reappeared: bool,
) -> list[EventChange]:
    """Tell that a title came, left, came back, or is another recording now."""
    title = look.title
    told: list[EventChange] = []
    loss = loss_of(previous, title, is_revoked=False)
    if is_new:
        data: dict[str, Any] = {"is_book": is_book(title)}
        told.append(event_of(maker, EventType.TITLE_ADDED, look, data=data))
    elif loss is not None:
        told.append(tell_loss(maker, title, look.linking.fields, loss))
    elif is_reappeared or is_usable_again(previous, title):
        told.append(event_of(maker, EventType.TITLE_AVAILABLE, look))
    if previous is not None and is_rerecorded(previous, title):
        data = {
            "runtime_ms": title.runtime_ms,
            "previous_runtime_ms": previous.runtime_ms,
            "narrators": list(title.narrators),
        }
        told.append(event_of(maker, EventType.TITLE_RERECORDED, look, data=data))
    return told


def tell_loss(
    maker: EventMaker, title: AudibleTitle, link: LinkFields, loss: Loss
) -> EventChange:
    """Tell that a title cannot be heard any more, and why."""
    event = maker.make(
        EventType.TITLE_UNAVAILABLE,
        title,
        reader_id=link.reader_id,
        book_id=link.book_id,
        data={"reason": loss},
    )
    return EventChange(event)


def tell_conflict(
    maker: EventMaker, look: Look, decision: MatchDecision
) -> EventChange:
    """Tell that a person has to say which book a title is."""
    data = {"reason": decision.conflict_type}
    return event_of(maker, EventType.CONFLICT_FOUND, look, data=data)
