"""Pure: what is told when listening came further in a title."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..models import Chapter
from ..progress import chapter_at
from ..store.changes import EventChange
from .look import Look
from .telling import event_of
from .tracker_events import EventMaker, EventType


@dataclass(frozen=True, slots=True)
class Course:
    """How a title has been heard until now.

    ``pass_key`` tells one pass through it from the next, None for one that has just
    begun. ``furthest_ms`` is the furthest place of that pass before this look.
    ``chapters`` are empty where none are known.
    """

    pass_key: str | None
    furthest_ms: int
    chapters: Sequence[Chapter] = ()


def tell_progress(maker: EventMaker, look: Look, course: Course) -> list[EventChange]:
    """Tell that listening came further, and which chapter it has come to.

    A chapter is told once per pass, of several between two looks the last one. Where a
    pass begins, its begin is told and no chapter.
    """
    before_ms, now_ms = look.before.position_ms or 0, look.now.position_ms
    if not look.is_watched or now_ms is None or now_ms <= before_ms:
        return []
    place = {
        "position_ms": now_ms,
        "previous_position_ms": before_ms,
        "furthest_ms": course.furthest_ms,
        "runtime_ms": look.title.runtime_ms,
    }
    told = [event_of(maker, EventType.PROGRESSED, look, data=place)]
    reached = chapter_at(course.chapters, now_ms)
    if reached is None or reached.start_ms <= before_ms or course.pass_key is None:
        return told
    number = course.chapters.index(reached) + 1
    data = {
        "chapter": reached.title,
        "chapter_number": number,
        "chapters": len(course.chapters),
    }
    once = f"{course.pass_key}:{number}"
    told.append(event_of(maker, EventType.CHAPTER_REACHED, look, once=once, data=data))
    return told
