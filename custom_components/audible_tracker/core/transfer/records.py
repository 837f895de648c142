"""What an import plans, shows and has done: frozen values."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from ..bookmark import Bookmark
from ..imports import RowNote
from ..models import Asin
from ..store.changes import BookmarkChange, LinkChange, NewBook, ReadChange
from ..store.records import (
    Book,
    BookFields,
    BookId,
    Evidence,
    Link,
    LinkId,
    Read,
    ReaderId,
    ReadFields,
    SyncLogId,
)


class RowOutcome(StrEnum):
    """What becomes of a row."""

    MADE = "made"
    JOINED = "joined"
    UNCHANGED = "unchanged"
    UNSURE = "unsure"
    SKIPPED = "skipped"
    REJECTED = "rejected"


class RowReason(StrEnum):
    """Why a row becomes what it becomes."""

    NEW = "new"
    CHOSEN_NEW = "chosen_new"
    KNOWN_ROW = "known_row"
    SAME_ASIN = "same_asin"
    SAME_ISBN = "same_isbn"
    MATCHED = "matched"
    CHOSEN = "chosen"
    LOW_CONFIDENCE = "low_confidence"
    AMBIGUOUS = "ambiguous"
    DUPLICATE_ISBN = "duplicate_isbn"
    OTHER_BOOK_OF_ISBN = "other_book_of_isbn"
    CHOSEN_SKIP = "chosen_skip"
    NO_BOOK = "no_book"


REASON_SENTENCES: Final[Mapping[RowReason, str]] = {
    RowReason.NEW: "No book is like it.",
    RowReason.CHOSEN_NEW: "You chose a new book for it.",
    RowReason.KNOWN_ROW: "It was imported before.",
    RowReason.SAME_ASIN: "The book has the same ASIN.",
    RowReason.SAME_ISBN: "The book has the same ISBN.",
    RowReason.MATCHED: "Title, author and the rest agree with the book's.",
    RowReason.CHOSEN: "You chose the book.",
    RowReason.LOW_CONFIDENCE: "A book is like it, but not surely the same.",
    RowReason.AMBIGUOUS: "Several books may be meant.",
    RowReason.DUPLICATE_ISBN: "Several books have its ISBN.",
    RowReason.OTHER_BOOK_OF_ISBN: (
        "A book has its ISBN, but another title and other authors."
    ),
    RowReason.CHOSEN_SKIP: "You left it out.",
    RowReason.NO_BOOK: "The row is no book.",
}


class Choice(StrEnum):
    """What a person may decide of a row besides "it is this book"."""

    NEW = "new"
    SKIP = "skip"


type RowChoice = BookId | Choice


@dataclass(frozen=True, slots=True)
class RowCandidate:
    """A book of the tracker that a row may be; ``confidence`` is 0.0 to 1.0."""

    book_id: BookId
    title: str
    authors: tuple[str, ...]
    confidence: float
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """A value of the book that stays, although the row says something else."""

    field: str
    ours: str
    theirs: str


@dataclass(frozen=True, slots=True)
class RowPlan:
    """What becomes of one row; ``number`` counts the file's rows from 1.

    ``book_id`` is the book of the tracker that it joins, ``joins_row`` the earlier row
    whose book it joins; at most one is set. ``filled`` names what the book gets from
    the row, ``kept`` what stays against it. ``notes`` are the remarks on the row or,
    if it is rejected, the reason.
    """

    number: int
    title: str
    authors: tuple[str, ...]
    outcome: RowOutcome
    reason: RowReason
    book_id: BookId | None = None
    joins_row: int | None = None
    candidates: tuple[RowCandidate, ...] = ()
    filled: tuple[str, ...] = ()
    reads_added: int = 0
    kept: tuple[Difference, ...] = ()
    notes: tuple[RowNote, ...] = ()

    @property
    def sentences(self) -> tuple[str, ...]:
        """Return the reason and all remarks in English."""
        remarks = (note.sentence for note in self.notes)
        if self.outcome is RowOutcome.REJECTED:
            return tuple(remarks)
        return (REASON_SENTENCES[self.reason], *remarks)


@dataclass(frozen=True, slots=True)
class StoredBook:
    """A book of the tracker with its reads and the titles that it is.

    ``bookmarks`` are those of the titles; imports do without.
    """

    book: Book
    reads: tuple[Read, ...] = ()
    links: tuple[Link, ...] = ()
    bookmarks: Mapping[LinkId, tuple[Bookmark, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StoredBooks:
    """All books of one reader, and who the database belongs to.

    ``linked`` are the reader's titles that have a link, whether they are a book or not.
    """

    reader_id: ReaderId
    owner: str
    books: Mapping[BookId, StoredBook] = field(default_factory=dict)
    linked: Mapping[Asin, LinkId] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BookEdit:
    """A book of the tracker that gets something."""

    before: Book
    after: BookFields


@dataclass(frozen=True, slots=True)
class ReadEdit:
    """A stored read that gets something."""

    before: Read
    after: ReadFields


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What an import does, row by row and to the store."""

    rows: tuple[RowPlan, ...]
    new_books: tuple[NewBook, ...] = ()
    changed_books: tuple[BookEdit, ...] = ()
    new_reads: tuple[ReadChange, ...] = ()
    changed_reads: tuple[ReadEdit, ...] = ()
    links: tuple[LinkChange, ...] = ()
    bookmarks: tuple[BookmarkChange, ...] = ()

    @property
    def changes_anything(self) -> bool:
        """Tell whether there is anything to take back, or any row that waits."""
        is_written = (
            self.new_books
            or self.changed_books
            or self.new_reads
            or self.changed_reads
            or self.links
            or self.bookmarks
        )
        return bool(is_written) or bool(self.counts[RowOutcome.UNSURE])

    @property
    def counts(self) -> Mapping[RowOutcome, int]:
        """Return how many rows have each outcome; all outcomes are named."""
        found = Counter(row.outcome for row in self.rows)
        return {outcome: found[outcome] for outcome in RowOutcome}


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import has done, counted in rows; ``books_made`` counts books."""

    sync_log_id: SyncLogId
    made: int
    joined: int
    unchanged: int
    unsure: int
    skipped: int
    rejected: int
    books_made: int
    reads_added: int


@dataclass(frozen=True, slots=True)
class UndoResult:
    """What taking an import back has done.

    ``books_kept`` were made by it and are used, or were changed, since.
    """

    books_removed: int
    books_kept: int
    reads_removed: int
    books_restored: int
