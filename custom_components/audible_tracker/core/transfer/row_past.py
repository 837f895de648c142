"""Pure: what is kept of the ended passes that a row had in earlier files.

By it a day that was corrected is told from another reading, and a pass that a person
has deleted from one that is new.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from ..imports import ImportedBook, ImportedRead
from ..kinds import ReadOutcome
from ..store.records import BookFields, ReadFields
from .row_book import DAYS, ENDED, ended_count, ended_days, rows_in

CORRECTED_MAX: Final = timedelta(days=31)
"""A day that differs by more is another reading's."""


@dataclass(frozen=True, slots=True)
class RowPast:
    """What a row's book remembers of it before this file.

    So many passes had ended, on these ``days`` as far as they were told. Of them the
    file may say some in another row of the same identity (``said_again``), and other
    rows of the book have said ``shared`` ones.
    """

    ended: int = 0
    days: frozenset[date] = frozenset()
    said_again: frozenset[date] = frozenset()
    shared: frozenset[date] = frozenset()

    @property
    def is_known(self) -> bool:
        """Tell whether the row had passes that were over."""
        return self.ended > 0

    def corrected_from(self, read: ReadFields, taken: Iterable[date]) -> date | None:
        """Return the day that a pass had before, if it may be the same pass."""
        end = end_of(read)
        if end is None:
            return None
        near = [
            day
            for day in self.days - self.said_again - frozenset(taken)
            if abs(day - end) <= CORRECTED_MAX
            and (read.started_on is None or read.started_on <= day)
        ]
        return min(near, key=lambda day: (abs(day - end), day), default=None)


def end_of(read: ReadFields) -> date | None:
    """Return when a pass was finished or given up."""
    return read.finished_on or read.stopped_on


def past_of(
    row: ImportedBook, stored: BookFields | None, said_again: frozenset[date]
) -> RowPast:
    """Return what a book as it was before this file remembers of a row."""
    rows = rows_in(stored.extra) if stored is not None else {}
    known = rows.pop(row.identity, {})
    others = (_days_in(document) for document in rows.values())
    return RowPast(
        ended=int(known.get(ENDED, 0)),
        days=_days_in(known),
        said_again=said_again,
        shared=frozenset().union(*others),
    )


def passes_document(
    known: Mapping[str, Any],
    reads: Iterable[ImportedRead],
    *,
    added: int,
    corrected: Iterable[date],
) -> dict[str, Any]:
    """Return what to keep of a row's ended passes, with what was kept before."""
    passes = tuple(reads)
    days = (_days_in(known) - frozenset(corrected)) | ended_days(passes)
    ended = max(int(known.get(ENDED, 0)) + added, ended_count(passes), len(days))
    told = {ENDED: ended, DAYS: sorted(day.isoformat() for day in days)}
    return {name: value for name, value in told.items() if value}


def document_without(
    current: Mapping[str, Any], before: Mapping[str, Any], after: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what is kept of a row but for the passes that one import has told of.

    That changed it from ``before`` to ``after``; later ones have changed it since.
    """
    told = int(after.get(ENDED, 0)) - int(before.get(ENDED, 0))
    days = _days_in(current) - (_days_in(after) - _days_in(before))
    rest = {
        ENDED: max(len(days), int(current.get(ENDED, 0)) - told),
        DAYS: sorted(day.isoformat() for day in days),
    }
    return {
        name: value
        for name, value in {**current, **rest}.items()
        if value or name not in rest
    }


def ended_added(reads: Iterable[ReadFields]) -> int:
    """Return how many of these passes are over."""
    return sum(read.outcome is not ReadOutcome.UNDER_WAY for read in reads)


def _days_in(document: Mapping[str, Any]) -> frozenset[date]:
    found = set()
    for text in document.get(DAYS, ()):
        with suppress(TypeError, ValueError):
            found.add(date.fromisoformat(text))
    return frozenset(found)
