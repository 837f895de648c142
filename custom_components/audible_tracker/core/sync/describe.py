"""Pure: the text of a dry run: what a sync would change, title by title."""

from collections.abc import Iterator, Sequence
from typing import Final

from ..kinds import ReadOutcome
from ..models import Asin
from ..store.changes import Changes, LinkRef
from ..store.records import ReadFields
from .tracker_events import EventType

_TOLD: Final[dict[str, str]] = {
    EventType.TITLE_RERECORDED: "is another recording now",
    EventType.TITLE_AVAILABLE: "can be heard again",
    EventType.TITLE_UNAVAILABLE: "cannot be heard any more",
}


def describe(changes: Changes, ask_again: Sequence[Asin] = ()) -> str:
    """Return one line of counts, then one line per change, as a person reads it."""
    lines = [_counts(changes), *_lines(changes)]
    if ask_again:
        lines.append(f"ask again, sent without a name: {', '.join(ask_again)}")
    return "\n".join(lines)


def _counts(changes: Changes) -> str:
    log = changes.log
    return (
        f"{log.titles_seen} titles seen: {log.titles_new} new, "
        f"{log.titles_changed} changed, {log.titles_removed} removed; "
        f"{log.positions_moved} places moved, {log.links_made} links, "
        f"{log.books_made} books to make, {log.conflicts_made} for you to decide"
    )


def _lines(changes: Changes) -> Iterator[str]:
    names = _names(changes)

    def name(link: LinkRef | None) -> str:
        return names.get(link, str(link))

    for book in changes.new_books:
        yield f"make book: {book.fields.title} ({book.fields.status})"
    for _, fields in changes.changed_books:
        yield f"change book: {fields.title} ({fields.status})"
    for entry in changes.ledger:
        place = _place(entry.position_ms, entry.percentage)
        yield f"place: {name(entry.link)}: {place}"
    for read in changes.reads:
        yield f"read: {name(read.link)}: {_read(read.fields.outcome, read.fields)}"
    for conflict in changes.conflicts:
        found = len(conflict.candidates)
        yield f"decide: {name(conflict.link)}: {conflict.conflict_type}, {found} books"
    for told in changes.events:
        if words := _TOLD.get(told.event.event_type):
            yield f"note: {told.event.data['title']} {words}"


def _names(changes: Changes) -> dict[LinkRef | None, str]:
    return {
        (change.fields.reader_id, change.fields.asin): change.fields.audible_title
        for change in changes.links
    }


def _place(position_ms: int | None, percentage: float | None) -> str:
    percent = "unknown" if percentage is None else f"{percentage:.1f} %"
    if position_ms is None:
        return percent
    minutes = position_ms // 60_000
    return f"{minutes // 60}:{minutes % 60:02} h, {percent}"


def _read(outcome: ReadOutcome, fields: ReadFields) -> str:
    day = fields.finished_on if outcome is ReadOutcome.FINISHED else fields.started_on
    return f"{outcome}, {day or 'day unknown'}"
