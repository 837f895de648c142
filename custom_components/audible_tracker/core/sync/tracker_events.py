"""Pure: what a sync tells automations."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from ..matching.persons import written_by
from ..models import AudibleTitle
from ..store.records import AccountId, BookId, ReaderId, TrackerEvent

type NewEventId = Callable[[], str]
"""Gives an id that no other event ever has; ids given later sort later."""


class EventType(StrEnum):
    """What may happen; the values are what automations listen to."""

    TITLE_ADDED = "title_added"
    TITLE_UNAVAILABLE = "title_unavailable"
    TITLE_AVAILABLE = "title_available"
    TITLE_RERECORDED = "title_rerecorded"
    BOOK_STARTED = "book_started"
    BOOK_FINISHED = "book_finished"
    PROGRESSED = "progressed"
    CHAPTER_REACHED = "chapter_reached"
    TITLE_LEAVING = "title_leaving"
    STREAK_AT_RISK = "streak_at_risk"
    GOAL_REACHED = "goal_reached"
    CONFLICT_FOUND = "conflict_found"


@dataclass(frozen=True, slots=True)
class EventMaker:
    """Makes the events of one sync; the first sync of an account makes none."""

    account_id: AccountId
    now: datetime
    new_event_id: NewEventId

    def make(
        self,
        event_type: EventType,
        title: AudibleTitle,
        *,
        reader_id: ReaderId,
        book_id: BookId | None,
        once: str | None = None,
        data: Mapping[str, Any] | None = None,
    ) -> TrackerEvent:
        """Return an event; ``once`` is what makes it one that is never told again."""
        once_key = f"{event_type}:{reader_id}:{title.asin}:{once}" if once else None
        return TrackerEvent(
            event_id=self.new_event_id(),
            event_type=event_type,
            account_id=self.account_id,
            reader_id=reader_id,
            asin=title.asin,
            book_id=book_id,
            created_at=self.now,
            data={"title": title.name, "authors": list(written_by(title.authors))}
            | dict(data or {}),
            once_key=once_key,
        )
