"""Pure: books and reads while rows are joined to them."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from ..imports.tracked import TrackedLink
from ..kinds import DateSource, ReadOutcome, Source
from ..models import Asin
from ..store.changes import BookRef
from ..store.records import BookFields, Read, ReadFields
from .records import StoredBook

_DAY: Final = timedelta(days=1)
_ENDS: Final = (ReadOutcome.FINISHED, ReadOutcome.STOPPED)


@dataclass(slots=True)
class DraftRead:
    """One pass; ``stored`` is set where the tracker has it already.

    ``claimed_by`` is the identity of the file's row that spoke of it: a row that stands
    there twice speaks of the same passes.
    """

    fields: ReadFields
    stored: Read | None = None
    asin: Asin | None = None
    is_watched: bool = False
    claimed_by: str | None = None

    @property
    def is_open(self) -> bool:
        """Tell whether the pass is under way."""
        return self.fields.outcome is ReadOutcome.UNDER_WAY

    @property
    def ended_on(self) -> date | None:
        """Return when the pass was finished or given up."""
        return self.fields.finished_on or self.fields.stopped_on


@dataclass(slots=True)
class DraftBook:
    """A book of the tracker, or one that the import makes (``made_by`` a row)."""

    ref: BookRef
    fields: BookFields
    reads: list[DraftRead] = field(default_factory=list)
    stored: StoredBook | None = None
    made_by: int | None = None
    links: list[TrackedLink] = field(default_factory=list)

    @property
    def last_heard_on(self) -> date | None:
        """Return when a title of Audible that is the book was last heard."""
        last = _last_heard_at(self.stored)
        return None if last is None else last.date()


def draft_of(stored: StoredBook) -> DraftBook:
    """Return a stored book, ready to be changed."""
    book = stored.book
    reads = [_draft_read(read, stored) for read in stored.reads]
    return DraftBook(book.book_id, book.fields, reads, stored)


def _draft_read(read: Read, stored: StoredBook) -> DraftRead:
    return DraftRead(read.fields, read, is_watched=_is_watched(read, stored))


def _is_watched(read: Read, stored: StoredBook) -> bool:
    """Tell whether listening of a pass was seen, not only found at a first sync."""
    if read.fields.started_source is DateSource.HEARD:
        return True
    heard_at = _last_heard_at(stored)
    return (
        read.fields.link_id is not None
        and heard_at is not None
        and heard_at > read.created_at
    )


def _last_heard_at(stored: StoredBook | None) -> datetime | None:
    links = stored.links if stored is not None else ()
    return max(
        (at for link in links if (at := link.fields.last_position_at) is not None),
        default=None,
    )


def may_close(
    known: DraftRead, read: ReadFields, book: DraftBook, *, is_same_row: bool
) -> bool:
    """Tell whether a pass of a file is the end of one that is still under way here.

    Listening that was seen goes on whatever a file says, and what a person began here
    does too. A place found at the first sync is old where nobody listened after that
    end; a pass of an earlier file is over where a later file says so.
    """
    if not known.is_open or known.is_watched or read.outcome not in _ENDS:
        return False
    end = read.finished_on or read.stopped_on
    start = known.fields.started_on
    if start is not None and end is not None and end < start:
        return False
    if known.fields.source is Source.AUDIBLE:
        heard_on = book.last_heard_on
        return end is None or heard_on is None or heard_on <= end + _DAY
    if known.fields.source is not Source.IMPORT:
        return start is not None and start == read.started_on
    if is_same_row or known.stored is None:
        return is_same_row
    # Else the end must be younger than what the earlier file said.
    return end is not None and end + _DAY >= known.stored.created_at.date()
