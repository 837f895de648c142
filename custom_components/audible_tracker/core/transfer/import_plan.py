"""Pure: rows of a file and the reader's books to what an import does.

Every row has its place in the plan, in the file's order.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from ..errors import InvalidValueError
from ..imports import ImportedBook, ImportRow, RejectedRow
from ..imports.tracked import TrackedLink
from ..models import Asin
from ..store.changes import (
    BookmarkChange,
    BookRef,
    LinkChange,
    LinkRef,
    NewBook,
    ReadChange,
)
from ..store.links import LinkKey
from ..store.records import BookId, Evidence, LinkFields, LinkId
from ..sync.snapshot import MatchDecision
from .drafts import DraftBook, DraftRead, draft_of
from .joining import Joined, join_row
from .lookup import Finding, Lookup, tracker_identity
from .records import (
    BookEdit,
    Choice,
    ImportPlan,
    ReadEdit,
    RowCandidate,
    RowChoice,
    RowOutcome,
    RowPlan,
    RowReason,
    StoredBooks,
)
from .row_book import book_of_row, ended_days, reads_of_row

PROGRESS_ROWS: Final = 250
"""So many rows are planned between two words about progress."""

type Told = Callable[[int], None]


def plan_import(
    rows: Sequence[ImportRow],
    stored: StoredBooks,
    *,
    choices: Mapping[int, RowChoice] | None = None,
    decisions: dict[int, MatchDecision] | None = None,
    tell: Told | None = None,
) -> ImportPlan:
    """Plan an import; with many rows this is work for a thread.

    ``choices`` are a person's, by the row's number in the file (from 1); they raise
    InvalidValueError if there is no such row or book. ``decisions`` takes up what
    matching says of the stored books, so that the next plan need not ask again.
    ``tell`` hears how many rows are done.
    """
    choices = choices or {}
    _check_choices(rows, stored, choices)
    planner = _Planner(rows, stored, choices, {} if decisions is None else decisions)
    plans: list[RowPlan] = []
    for number, row in enumerate(rows, start=1):
        plans.append(planner.plan_row(number, row))
        if tell is not None and number % PROGRESS_ROWS == 0:
            tell(number)
    return planner.finished(plans)


def _check_choices(
    rows: Sequence[ImportRow], stored: StoredBooks, choices: Mapping[int, RowChoice]
) -> None:
    for number, choice in choices.items():
        is_row = 1 <= number <= len(rows)
        if not is_row or isinstance(rows[number - 1], RejectedRow):
            allowed = f"numbers of rows that are books, up to {len(rows)}"
            raise InvalidValueError(field="row", value=number, allowed=allowed)
        if not isinstance(choice, Choice) and choice not in stored.books:
            allowed = "new, skip, or the number of a book of this reader"
            raise InvalidValueError(
                field=f"row {number}", value=choice, allowed=allowed
            )


class _Planner:
    def __init__(
        self,
        rows: Sequence[ImportRow],
        stored: StoredBooks,
        choices: Mapping[int, RowChoice],
        decisions: dict[int, MatchDecision],
    ) -> None:
        books = {
            number: row
            for number, row in enumerate(rows, start=1)
            if isinstance(row, ImportedBook)
        }
        is_own = any(row.tracked is not None for row in books.values())
        self._stored = stored
        self._choices = choices
        self._lookup = Lookup(stored, decisions, is_own_export=is_own)
        self._drafts: dict[BookRef, DraftBook] = {}
        self._sure = self._lookup.take_sure(books)
        self._days = _days_of_repeated(books.values())

    # --- rows -----------------------------------------------------------------------

    def plan_row(self, number: int, row: ImportRow) -> RowPlan:
        if isinstance(row, RejectedRow):
            return _rejected(number, row)
        finding = self._find(number, row)
        blank = RowPlan(
            number=number,
            title=row.title,
            authors=row.authors,
            outcome=RowOutcome.SKIPPED,
            reason=finding.reason,
            notes=row.notes,
        )
        if finding.book is not None:
            self._lookup.take(finding.book)
            return self._join(blank, row, finding.book)
        if finding.reason in (RowReason.NEW, RowReason.CHOSEN_NEW):
            return self._make(blank, row)
        if finding.reason is RowReason.CHOSEN_SKIP:
            return blank
        candidates = self._candidates(finding)
        return replace(blank, outcome=RowOutcome.UNSURE, candidates=candidates)

    def _find(self, number: int, row: ImportedBook) -> Finding:
        choice = self._choices.get(number)
        if choice is Choice.SKIP:
            return Finding(RowReason.CHOSEN_SKIP)
        if choice is not None and choice is not Choice.NEW:
            return Finding(RowReason.CHOSEN, BookId(choice))
        known = self._lookup.by_identity(row)
        if known is not None:
            return Finding(RowReason.KNOWN_ROW, known)
        if choice is Choice.NEW:
            return Finding(RowReason.CHOSEN_NEW)
        return self._sure.get(number) or self._lookup.by_marks(number, row)

    def _candidates(self, finding: Finding) -> tuple[RowCandidate, ...]:
        shown = []
        for candidate in finding.candidates:
            fields = self._stored.books[candidate.book_id].book.fields
            shown.append(
                RowCandidate(
                    book_id=candidate.book_id,
                    title=fields.title,
                    authors=fields.authors,
                    confidence=candidate.confidence,
                    evidence=candidate.evidence,
                )
            )
        return tuple(shown)

    def _make(self, blank: RowPlan, row: ImportedBook) -> RowPlan:
        reader_id = self._stored.reader_id
        key = f"row:{blank.number}"
        passes = reads_of_row(row, reader_id)
        fields = book_of_row(row, reader_id, passes)
        reads = [
            DraftRead(read, asin=sent.asin, claimed_by=row.identity)
            for read, sent in zip(passes, row.reads, strict=True)
        ]
        links = list(row.tracked.links) if row.tracked is not None else []
        self._drafts[key] = DraftBook(
            key, fields, reads, made_by=blank.number, links=links
        )
        self._lookup.add_new(key, fields)
        return replace(blank, outcome=RowOutcome.MADE, reads_added=len(reads))

    def _join(self, blank: RowPlan, row: ImportedBook, ref: BookRef) -> RowPlan:
        draft = self._drafts.get(ref)
        if draft is None:
            # Only books of the tracker come into being here.
            draft = self._drafts[ref] = draft_of(self._stored.books[BookId(int(ref))])
        is_itself = draft.stored is not None and row.identity == tracker_identity(
            self._stored.owner, draft.stored.book
        )
        joined = join_row(
            draft, row, is_itself=is_itself, days=self._days.get(row.identity)
        )
        self._lookup.file(ref, draft.fields)
        return replace(
            blank,
            outcome=_outcome(joined),
            book_id=None if isinstance(ref, str) else ref,
            joins_row=draft.made_by,
            filled=joined.filled,
            reads_added=joined.reads_added,
            kept=joined.kept,
        )

    # --- what it comes to -----------------------------------------------------------

    def finished(self, rows: Sequence[RowPlan]) -> ImportPlan:
        drafts = self._drafts.values()
        links = [link for draft in drafts for link in self._links(draft)]
        made = {(link.fields.reader_id, link.fields.asin) for link in links}
        return ImportPlan(
            rows=tuple(rows),
            new_books=tuple(
                NewBook(draft.ref, draft.fields)
                for draft in drafts
                if isinstance(draft.ref, str)
            ),
            changed_books=tuple(
                BookEdit(draft.stored.book, draft.fields)
                for draft in drafts
                if draft.stored is not None and draft.stored.book.fields != draft.fields
            ),
            new_reads=tuple(
                self._new_read(draft, read, made)
                for draft in drafts
                for read in draft.reads
                if read.stored is None
            ),
            changed_reads=tuple(
                ReadEdit(read.stored, read.fields)
                for draft in drafts
                for read in draft.reads
                if read.stored is not None and read.stored.fields != read.fields
            ),
            links=tuple(links),
            bookmarks=tuple(
                BookmarkChange(self._link_ref(link.asin, made), mark)
                for draft in drafts
                for link in draft.links
                for mark in link.bookmarks
            ),
        )

    def _links(self, draft: DraftBook) -> Iterable[LinkChange]:
        """Yield the links of an export that this tracker has not; its own stay."""
        for link in draft.links:
            if link.asin in self._stored.linked:
                continue
            fields = _link_fields(link, self._stored)
            if isinstance(draft.ref, str):
                yield LinkChange(fields, draft.ref)
            else:
                yield LinkChange(replace(fields, book_id=draft.ref))

    def _link_ref(self, asin: Asin, made: set[LinkKey]) -> LinkRef:
        key = (self._stored.reader_id, asin)
        return key if key in made else self._stored.linked[asin]

    def _new_read(
        self, draft: DraftBook, read: DraftRead, made: set[LinkKey]
    ) -> ReadChange:
        link: LinkKey | LinkId | None = None
        if read.asin is not None:
            key = (self._stored.reader_id, read.asin)
            link = key if key in made else _link_id(draft, read.asin)
        return ReadChange(read.fields, link=link, book=draft.ref)


def _days_of_repeated(rows: Iterable[ImportedBook]) -> dict[str, frozenset[date]]:
    """Return on which days the passes of rows that stand twice in a file ended."""
    found: dict[str, list[ImportedBook]] = {}
    for row in rows:
        found.setdefault(row.identity, []).append(row)
    return {
        identity: frozenset().union(*(ended_days(row.reads) for row in same))
        for identity, same in found.items()
        if len(same) > 1
    }


def _rejected(number: int, row: RejectedRow) -> RowPlan:
    titles = (cell for name, cell in row.cells.items() if name.casefold() == "title")
    return RowPlan(
        number=number,
        title=next(titles, ""),
        authors=(),
        outcome=RowOutcome.REJECTED,
        reason=RowReason.NO_BOOK,
        notes=(row.reason,),
    )


def _outcome(joined: Joined) -> RowOutcome:
    """Tell a join from a row that the book had already, and that brought nothing."""
    if joined.is_known and not joined.filled and not joined.reads_added:
        return RowOutcome.UNCHANGED
    return RowOutcome.JOINED


def _link_id(draft: DraftBook, asin: Asin) -> LinkId | None:
    links = draft.stored.links if draft.stored is not None else ()
    return next((link.link_id for link in links if link.fields.asin == asin), None)


def _link_fields(link: TrackedLink, stored: StoredBooks) -> LinkFields:
    return LinkFields(
        reader_id=stored.reader_id,
        asin=link.asin,
        account_id=None,
        book_id=None,
        audible_title=link.audible_title,
        is_finished=link.is_finished,
        last_position_ms=link.last_position_ms,
        last_position_at=link.last_position_at,
        last_percentage=link.last_percentage,
        match_confidence=link.match_confidence,
        match_method=link.match_method,
        evidence=tuple(Evidence(*piece) for piece in link.evidence),
        manually_confirmed=link.manually_confirmed,
        sync_enabled=link.sync_enabled,
        sync_interval_minutes=link.sync_interval_minutes,
        removed_at=link.removed_at,
    )
