"""What a file's row becomes: a book, or a rejection with its reason. No I/O here."""

import hashlib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from ..isbn import Isbn
from ..kinds import BookStatus, BookType, DateSource, ReadOutcome, Source
from ..models import Asin, SeriesPlace
from .tracked import TrackedDetails


class ImportFormat(StrEnum):
    """Where a file comes from."""

    GOODREADS = "goodreads"
    STORYGRAPH = "storygraph"
    HARDCOVER = "hardcover"
    LIBRARYTHING = "librarything"
    OPENLIBRARY = "openlibrary"
    CALIBRE = "calibre"
    BOOKWYRM = "bookwyrm"
    OPENREADS = "openreads"
    LIBATION = "libation"
    OPENAUDIBLE = "openaudible"
    AUDIBLE_CLI = "audible_cli"
    AUDIBLE_TRACKER = "audible_tracker"


class NoteKey(StrEnum):
    """Why a row was rejected, or what in it could not be taken over as it stands."""

    # Rejections.
    NO_TITLE = "no_title"
    EMPTY_ROW = "empty_row"
    QUOTE_NEVER_CLOSED = "quote_never_closed"
    ROW_UNREADABLE = "row_unreadable"
    DELETED_AT_SOURCE = "deleted_at_source"
    NO_BOOK_KIND = "no_book_kind"
    # Remarks on rows that are imported.
    ISBN_DAMAGED = "isbn_damaged"
    ISBN_SPREADSHEET = "isbn_spreadsheet"
    ISBN_ZEROS_LOST = "isbn_zeros_lost"
    ISBNS_DISAGREE = "isbns_disagree"
    ASIN_UNREADABLE = "asin_unreadable"
    DATE_UNREADABLE = "date_unreadable"
    DATE_AMBIGUOUS = "date_ambiguous"
    FINISH_BEFORE_START = "finish_before_start"
    NUMBER_UNREADABLE = "number_unreadable"
    RATING_UNREADABLE = "rating_unreadable"
    PAGES_OF_AUDIOBOOK = "pages_of_audiobook"
    SHELF_UNKNOWN = "shelf_unknown"
    CHARACTER_UNREADABLE = "character_unreadable"
    CELLS_TOO_MANY = "cells_too_many"
    CELLS_TOO_FEW = "cells_too_few"


NOTE_SENTENCES: Final[Mapping[NoteKey, str]] = {
    NoteKey.NO_TITLE: "The row has no title.",
    NoteKey.EMPTY_ROW: "The row is empty.",
    NoteKey.QUOTE_NEVER_CLOSED: (
        "Line {lines} of the file: a quotation mark opens and does not close at the "
        "end of a cell, so that the row cannot be read."
    ),
    NoteKey.ROW_UNREADABLE: "The row cannot be read: {reason}.",
    NoteKey.DELETED_AT_SOURCE: "The row is in the recycle bin of its program.",
    NoteKey.NO_BOOK_KIND: (
        "The row is no book but, as its program says, of the kind {value}."
    ),
    NoteKey.ISBN_DAMAGED: "{column}: {value} is no valid ISBN; it is not used.",
    NoteKey.ISBN_SPREADSHEET: (
        "{column}: a spreadsheet has turned the ISBN into {value}; the digits are lost."
    ),
    NoteKey.ISBN_ZEROS_LOST: (
        "{column}: {value} has lost zeros at its front; read as {read_as}, which its "
        "check digit confirms."
    ),
    NoteKey.ISBNS_DISAGREE: "The row has ISBNs of different editions: {values}.",
    NoteKey.ASIN_UNREADABLE: "{column}: {value} is no ASIN; it is not used.",
    NoteKey.DATE_UNREADABLE: "{column}: {value} is not a date that can be read.",
    NoteKey.DATE_AMBIGUOUS: (
        "{column}: {value} may be day first or month first; nothing in the column "
        "tells which, so the date is left open."
    ),
    NoteKey.FINISH_BEFORE_START: "{finished_on} is before the start, {started_on}.",
    NoteKey.NUMBER_UNREADABLE: "{column}: {value} is not a number that can be right.",
    NoteKey.RATING_UNREADABLE: "{column}: {value} is not a rating of 0 to 5.",
    NoteKey.PAGES_OF_AUDIOBOOK: (
        "{column}: {value} on an audiobook may be hours or pages; it is not used."
    ),
    NoteKey.SHELF_UNKNOWN: "The shelf {value} says nothing about reading.",
    NoteKey.CHARACTER_UNREADABLE: "{column} holds a damaged character: {value}.",
    NoteKey.CELLS_TOO_MANY: "The row has {count} more cells than there are columns.",
    NoteKey.CELLS_TOO_FEW: "The row has {count} cells less than there are columns.",
}


@dataclass(frozen=True, slots=True)
class RowNote:
    """One remark on a row; ``data`` fills the sentence."""

    key: NoteKey
    data: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def sentence(self) -> str:
        """Return the remark in English."""
        return NOTE_SENTENCES[self.key].format(**self.data)


@dataclass(frozen=True, slots=True)
class ImportedRead:
    """One pass through a book. None means that the file does not say.

    What follows ``stopped_on`` is in our own export only: what the dates rest on, and
    which title of Audible was heard.
    """

    started_on: date | None
    finished_on: date | None
    outcome: ReadOutcome
    stopped_on: date | None = None
    started_source: DateSource | None = None
    finished_source: DateSource | None = None
    finished_at: datetime | None = None
    source: Source | None = None
    asin: Asin | None = None


@dataclass(frozen=True, slots=True)
class ImportedBook:
    """One row as a book. None means unknown, never zero.

    ``rating`` is 0.25 to 5.0. ``status`` is None where the file does not tell or
    ``shelf``, the word as sent, is not known. ``read_count`` is as sent; ``reads``
    holds at least that many where the status allows. ``row_number`` counts data rows
    from 1. ``extra`` holds what no field took, by column name as sent. ``tracked`` is
    in our own export only.
    """

    source_format: ImportFormat
    row_number: int
    title: str
    source_key: str | None = None
    subtitle: str | None = None
    authors: tuple[str, ...] = ()
    narrators: tuple[str, ...] = ()
    contributors: tuple[str, ...] = ()
    series: tuple[SeriesPlace, ...] = ()
    isbns: tuple[Isbn, ...] = ()
    asin: Asin | None = None
    year: int | None = None
    page_count: int | None = None
    runtime_ms: int | None = None
    book_type: BookType = BookType.UNKNOWN
    language: str | None = None
    publisher: str | None = None
    status: BookStatus | None = None
    shelf: str | None = None
    percent_complete: float | None = None
    rating: float | None = None
    reads: tuple[ImportedRead, ...] = ()
    read_count: int | None = None
    added_on: date | None = None
    tags: tuple[str, ...] = ()
    review: str | None = None
    private_notes: str | None = None
    extra: Mapping[str, str] = field(default_factory=dict, hash=False)
    notes: tuple[RowNote, ...] = ()
    tracked: TrackedDetails | None = None

    @property
    def isbn13(self) -> str | None:
        """Return the first ISBN whose check digit is right, in 13 digits."""
        return next((isbn.isbn13 for isbn in self.isbns if isbn.isbn13), None)

    @property
    def identity(self) -> str:
        """Return what stays equal when the same row is imported again.

        The source's own key where it has one, else ASIN, ISBN, or title, authors and
        type. Status, dates and ratings may change without changing it.
        """
        if self.source_key:
            return f"{self.source_format}:key:{self.source_key}"
        if self.asin:
            return f"{self.source_format}:asin:{self.asin}"
        if self.isbn13:
            return f"{self.source_format}:isbn:{self.isbn13}"
        words = (self.title, self.subtitle or "", *self.authors, self.book_type)
        folded = "\n".join(_folded(word) for word in words)
        digest = hashlib.blake2b(folded.encode(), digest_size=12).hexdigest()
        return f"{self.source_format}:name:{digest}"


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that is no book; ``cells`` holds what it says, by column name."""

    source_format: ImportFormat
    row_number: int
    reason: RowNote
    cells: Mapping[str, str] = field(default_factory=dict, hash=False)


type ImportRow = ImportedBook | RejectedRow


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
