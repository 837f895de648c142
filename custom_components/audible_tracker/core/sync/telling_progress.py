"""Pure: what is told when listening came further in a title."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..models import AudibleTitle, Chapter
from ..progress import chapter_index
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


@dataclass(frozen=True, slots=True)
class Progressed:
    """What is to be told of one title: an event without whose it is."""

    event_type: EventType
    data: Mapping[str, Any]
    once: str | None = None


def tell_progress(maker: EventMaker, look: Look, course: Course) -> list[EventChange]:
    """Tell that listening came further, and which chapter it has come to."""
    now_ms = look.now.position_ms
    if not look.is_watched or now_ms is None:
        return []
    before_ms = look.before.position_ms or 0
    return [
        event_of(maker, one.event_type, look, once=one.once, data=one.data)
        for one in progress_between(look.title, course, before_ms, now_ms)
    ]


def progress_between(
    title: AudibleTitle, course: Course, before_ms: int, now_ms: int
) -> list[Progressed]:
    """Return what is told of a step of listening; of one back nothing.

    A chapter is told once per pass, of several between two looks the last one. Where a
    pass begins, its begin is told and no chapter.
    """
    if now_ms <= before_ms:
        return []
    place = {
        "position_ms": now_ms,
        "previous_position_ms": before_ms,
        "furthest_ms": course.furthest_ms,
        "runtime_ms": title.runtime_ms,
    }
    told = [Progressed(EventType.PROGRESSED, place)]
    index = chapter_index(course.chapters, now_ms)
    if index is None or course.pass_key is None:
        return told
    reached, number = course.chapters[index], index + 1
    if reached.start_ms > before_ms:
        data = {
            "chapter": reached.title,
            "chapter_number": number,
            "chapters": len(course.chapters),
        }
        once = f"{course.pass_key}:{number}"
        told.append(Progressed(EventType.CHAPTER_REACHED, data, once))
    return told
