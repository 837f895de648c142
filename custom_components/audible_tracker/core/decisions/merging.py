"""Pure: two books, and their passes, as one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from ..kinds import BookStatus, BookType, ReadOutcome
from ..store.records import BookFields, Read, ReadFields
from ..store.statements import names_of
from .standing import can_be_one

# Of these both have something to say.
_TEXTS: Final = ("review", "private_notes")
_LISTS: Final = ("isbns", "tags")
_OF_KEPT: Final = ("reader_id", "title", "status", "book_type", "source", "extra")


@dataclass(frozen=True, slots=True)
class MergedReads:
    """Which passes become others, and which are known twice."""

    changed: tuple[tuple[Read, ReadFields], ...]
    dropped: tuple[Read, ...]


def merged_reads(reads: Sequence[Read]) -> MergedReads:
    """Return what is to be done so that each pass is there once.

    Of two that are one the pass of a title stays, where syncs find it; it takes over
    what only the other one knows.
    """
    ordered = sorted(
        reads, key=lambda read: (read.fields.link_id is None, read.read_id)
    )
    kept: list[tuple[Read, ReadFields]] = []
    dropped: list[Read] = []
    for read in ordered:
        fields = read.fields
        same = (place for place, (_, one) in enumerate(kept) if _same(one, fields))
        twin = next(same, None)
        if twin is None:
            kept.append((read, fields))
        else:
            kept[twin] = (kept[twin][0], _united(kept[twin][1], fields))
            dropped.append(read)
    changed = tuple((read, fields) for read, fields in kept if read.fields != fields)
    return MergedReads(changed, tuple(dropped))


def _same(one: ReadFields, other: ReadFields) -> bool:
    """Tell whether two passes are one: same outcome, same end.

    Nobody finishes a book twice in a day; a finish of unknown day is any finish that it
    can be; two passes under way are one.
    """
    if one.outcome is not other.outcome:
        return False
    if one.link_id is not None and other.link_id not in (None, one.link_id):
        # Each of two titles keeps what is open, or a sync would begin another pass.
        return one.outcome is ReadOutcome.FINISHED and _ends(one) == _ends(other)
    match one.outcome:
        case ReadOutcome.UNDER_WAY:
            return True
        case ReadOutcome.FINISHED:
            if None in (one.finished_on, other.finished_on):
                return can_be_one(one, other)
            return one.finished_on == other.finished_on
        case ReadOutcome.STOPPED | ReadOutcome.UNKNOWN:
            return _ends(one) == _ends(other) and one.started_on == other.started_on


def _ends(read: ReadFields) -> tuple[date | None, date | None]:
    return read.finished_on, read.stopped_on


def _united(one: ReadFields, other: ReadFields) -> ReadFields:
    """Return one pass with what both know; it began when the first one did."""
    begun = one.started_on, other.started_on
    if begun[1] is not None and (begun[0] is None or begun[1] < begun[0]):
        one = replace(
            one, started_on=other.started_on, started_source=other.started_source
        )
    if one.finished_on is None and other.finished_on is not None:
        one = replace(
            one,
            finished_on=other.finished_on,
            finished_source=other.finished_source,
            finished_at=other.finished_at,
        )
    return one


def merged_book(kept: BookFields, dropped: BookFields) -> BookFields:
    """Return the kept book with what only the dropped one knew."""
    values: dict[str, Any] = {}
    for name in names_of(BookFields):
        if name in _OF_KEPT:
            continue
        mine, theirs = getattr(kept, name), getattr(dropped, name)
        if name in _LISTS:
            values[name] = tuple(dict.fromkeys((*mine, *theirs)))
        elif name in _TEXTS and mine and theirs and mine != theirs:
            values[name] = f"{mine}\n\n{theirs}"
        elif mine in (None, ()):
            values[name] = theirs
    if kept.book_type is BookType.UNKNOWN:
        values["book_type"] = dropped.book_type
    if kept.status is BookStatus.TO_READ:
        values["status"] = dropped.status
    extra = {**dropped.extra, **kept.extra}
    return replace(kept, extra=extra, **values)
