"""One row under way to a book: cells by name, what was taken, what was remarked."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Final, TypedDict, Unpack

from ..isbn import Isbn, IsbnFlaw, read_isbn
from ..kinds import BookStatus, BookType
from ..models import Asin, SeriesPlace
from .dates import DateFlaw, DayOrder, read_date
from .names import split_names
from .rows import (
    ImportedBook,
    ImportedRead,
    ImportFormat,
    NoteKey,
    RejectedRow,
    RowNote,
)

type DayOrders = Mapping[str, DayOrder]

_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,9}(?:\.0{1,2})?")
_DECIMAL: Final = re.compile(r"[+-]?[0-9]{1,9}(?:[.,][0-9]{1,20})?")
_ASIN: Final = re.compile(r"[0-9A-Z]{10}")
_SHOP_ASIN: Final = re.compile(r"B0[0-9A-Z]{8}")
_SHOWN_MAX: Final = 60
_RATING_MAX: Final = 5.0
_TRUE: Final = frozenset({"true", "yes", "1", "y"})
_FALSE: Final = frozenset({"false", "no", "0", "n"})


class BookFields(TypedDict, total=False):
    """What a format's reader may say of a book besides its title and reads."""

    source_key: str | None
    subtitle: str | None
    authors: tuple[str, ...]
    narrators: tuple[str, ...]
    contributors: tuple[str, ...]
    series: tuple[SeriesPlace, ...]
    isbns: tuple[Isbn, ...]
    asin: Asin | None
    year: int | None
    page_count: int | None
    runtime_ms: int | None
    book_type: BookType
    language: str | None
    publisher: str | None
    status: BookStatus | None
    shelf: str | None
    percent_complete: float | None
    rating: float | None
    read_count: int | None
    added_on: date | None
    tags: tuple[str, ...]
    review: str | None
    private_notes: str | None


def shown(text: str) -> str:
    """Return a cell's text short enough for a sentence."""
    return text if len(text) <= _SHOWN_MAX else f"{text[: _SHOWN_MAX - 3]}..."


class Record:
    """The cells of one row.

    What is taken and understood leaves the row; ``book`` puts the rest, by its name as
    sent, into the book's ``extra``. Names are asked for in small letters.
    """

    __slots__ = ("_cells", "_names", "_notes", "_orders", "_taken", "format", "number")

    def __init__(
        self,
        source_format: ImportFormat,
        number: int,
        cells: dict[str, str],
        names: Mapping[str, str],
        *,
        orders: DayOrders,
        notes: Iterable[RowNote] = (),
    ) -> None:
        """Begin a row; ``names`` gives each cell's column name as sent."""
        self.format = source_format
        self.number = number
        self._cells = cells
        self._names = names
        self._orders = orders
        self._notes = list(notes)
        self._taken: set[str] = set()

    def note(self, key: NoteKey, **data: str) -> None:
        """Remark on the row."""
        self._notes.append(RowNote(key, data))

    @property
    def note_count(self) -> int:
        """Return how many remarks the row has so far."""
        return len(self._notes)

    def peek(self, name: str) -> str:
        """Return a cell without taking it; "" for an empty or missing one."""
        return self._cells.get(name, "").strip()

    def text(self, *names: str) -> str | None:
        """Take the first of the cells that is not empty."""
        for name in names:
            value = self.peek(name)
            if value:
                self._taken.add(name)
                return value
        return None

    def line(self, *names: str) -> str | None:
        """Take a text of one line; runs of blanks become one."""
        value = self.text(*names)
        return " ".join(value.split()) if value else None

    def prose(self, *names: str) -> str | None:
        """Take a long text; ``<br/>`` becomes a line break."""
        value = self.text(*names)
        if value is None or "<" not in value:
            return value
        return re.sub(r"<br\s*/?>", "\n", value, flags=re.IGNORECASE)

    def people(
        self, *names: str, split: Callable[[str], tuple[str, ...]] = split_names
    ) -> tuple[str, ...]:
        """Take a list of names; by default they are joined by commas."""
        value = self.text(*names)
        return split(value) if value else ()

    def words(self, *names: str, separator: str = ",") -> tuple[str, ...]:
        """Take a list of words, such as tags; each once."""
        value = self.text(*names)
        if value is None:
            return ()
        parts = (part.strip() for part in value.split(separator))
        return tuple(dict.fromkeys(part for part in parts if part))

    def whole(self, *names: str, low: int, high: int) -> int | None:
        """Take a whole number between the limits; others stay and are remarked on."""
        return self._numeric(
            names, lambda value: _whole_number(value, low=low, high=high)
        )

    def decimal(self, *names: str, low: float, high: float) -> float | None:
        """Take a number, with decimal point or comma."""
        return self._numeric(
            names, lambda value: _decimal_number(value, low=low, high=high)
        )

    def _numeric[T](
        self, names: Iterable[str], convert: Callable[[str], T | None]
    ) -> T | None:
        name = self._first_filled(names)
        if name is None:
            return None
        value = self.peek(name)
        number = convert(value)
        if number is None:
            self._remark(NoteKey.NUMBER_UNREADABLE, name, value)
            return None
        self._taken.add(name)
        return number

    def rating(self, *names: str) -> float | None:
        """Take the reader's own rating, 0.25 to 5.0; 0 means none."""
        name = self._first_filled(names)
        if name is None:
            return None
        value = self.peek(name)
        rating = _decimal_number(value, low=0.0, high=_RATING_MAX)
        if rating is None:
            self._remark(NoteKey.RATING_UNREADABLE, name, value)
            return None
        self._taken.add(name)
        return rating or None

    def flag(self, name: str) -> bool | None:
        """Take a yes or no; None for anything else, which stays."""
        value = self.peek(name).casefold()
        if value not in _TRUE | _FALSE:
            return None
        self._taken.add(name)
        return value in _TRUE

    def day(self, *names: str) -> date | None:
        """Take a date; one that cannot be read stays and is remarked on."""
        name = self._first_filled(names)
        if name is None:
            return None
        day = self.day_in(self.peek(name), name)
        if day is not None:
            self._taken.add(name)
        return day

    def day_in(self, value: str, name: str) -> date | None:
        """Return the date in one part of a cell; remark if it is none."""
        day = read_date(value, self._orders.get(name, DayOrder.UNKNOWN))
        if isinstance(day, date):
            return day
        ambiguous = day is DateFlaw.AMBIGUOUS
        key = NoteKey.DATE_AMBIGUOUS if ambiguous else NoteKey.DATE_UNREADABLE
        self._remark(key, name, value)
        return None

    def pages(self, name: str, book_type: BookType) -> int | None:
        """Take the number of pages; on an audiobook it may be hours and is not used."""
        value = self.peek(name)
        if book_type is BookType.AUDIOBOOK and value not in ("", "0"):
            self._remark(NoteKey.PAGES_OF_AUDIOBOOK, name, value)
            return None
        return self.whole(name, low=0, high=100_000) or None

    def isbns(self, *names: str, separator: str = ",") -> tuple[Isbn, ...]:
        """Take all ISBNs of the cells, as sent and checked; flaws are remarked on."""
        found: dict[str, Isbn] = {}
        for name in names:
            for part in self.words(name, separator=separator):
                isbn = read_isbn(part)
                bare = part.strip('="[] ')
                if isbn is not None and bare not in found:
                    found[bare] = isbn
                    self._remark_on_isbn(isbn, name)
        isbns = tuple(found.values())
        checked = tuple(dict.fromkeys(isbn.isbn13 for isbn in isbns if isbn.isbn13))
        if len(checked) > 1:
            self.note(NoteKey.ISBNS_DISAGREE, values=", ".join(checked[:4]))
        return isbns

    def shop_asin(self, *names: str) -> Asin | None:
        """Take an ASIN out of a column made for ISBNs, where it begins with B0."""
        for name in names:
            value = self.peek(name).strip('="').upper()
            if _SHOP_ASIN.fullmatch(value):
                self._taken.add(name)
                self._cells[name] = ""
                return Asin(value)
        return None

    def asin(self, *names: str) -> Asin | None:
        """Take an ASIN; anything else stays and is remarked on."""
        name = self._first_filled(names)
        if name is None:
            return None
        value = self.peek(name)
        if _ASIN.fullmatch(value.upper()) is None:
            self._remark(NoteKey.ASIN_UNREADABLE, name, value)
            return None
        self._taken.add(name)
        return Asin(value.upper())

    def drop(self, *names: str) -> None:
        """Leave out what must not be kept: addresses and ids of persons."""
        self._taken.update(names)

    def keep(self, name: str) -> None:
        """Leave a cell in the row although it was looked at."""
        self._taken.discard(name)

    def book(
        self,
        title: str | None,
        *,
        reads: tuple[ImportedRead, ...] = (),
        **fields: Unpack[BookFields],
    ) -> ImportedBook | RejectedRow:
        """Finish the row: a book, or a rejection if it has no title."""
        if not title:
            return self.rejected(RowNote(NoteKey.NO_TITLE))
        for read in reads:
            self._remark_on_read(read)
        return ImportedBook(
            source_format=self.format,
            row_number=self.number,
            title=title,
            reads=reads,
            extra=self._rest(),
            notes=tuple(self._notes),
            **fields,
        )

    def rejected(self, reason: RowNote) -> RejectedRow:
        """Finish the row as no book; all its cells are kept, but those dropped."""
        self._taken &= DROPPED_COLUMNS
        return RejectedRow(self.format, self.number, reason, self._rest())

    def _rest(self) -> dict[str, str]:
        names = self._names
        return {
            names[key]: cell
            for key, cell in self._cells.items()
            if key not in self._taken and cell and not cell.isspace()
        }

    def _first_filled(self, names: Iterable[str]) -> str | None:
        return next((name for name in names if self.peek(name)), None)

    def _remark(self, key: NoteKey, name: str, value: str) -> None:
        self.note(key, column=self._names.get(name, name), value=shown(value))

    def _remark_on_isbn(self, isbn: Isbn, name: str) -> None:
        if isbn.flaw is IsbnFlaw.SPREADSHEET:
            self._remark(NoteKey.ISBN_SPREADSHEET, name, isbn.sent)
        elif isbn.is_damaged:
            self._remark(NoteKey.ISBN_DAMAGED, name, isbn.sent)
        elif isbn.zeros_lost:
            self.note(
                NoteKey.ISBN_ZEROS_LOST,
                column=self._names[name],
                value=isbn.sent,
                read_as=isbn.isbn10 or "",
            )

    def _remark_on_read(self, read: ImportedRead) -> None:
        end = read.finished_on or read.stopped_on
        if read.started_on and end and end < read.started_on:
            self.note(
                NoteKey.FINISH_BEFORE_START,
                started_on=read.started_on.isoformat(),
                finished_on=end.isoformat(),
            )


DROPPED_COLUMNS: Final = frozenset(
    {"account", "user id", "user_id", "download_link", "download link"}
)
"""Columns that identify a person or open a download; never kept, not even rejected."""


def _whole_number(text: str, *, low: int, high: int) -> int | None:
    if _WHOLE.fullmatch(text) is None:
        return None
    number = int(text.partition(".")[0])
    return number if low <= number <= high else None


def _decimal_number(text: str, *, low: float, high: float) -> float | None:
    if _DECIMAL.fullmatch(text) is None:
        return None
    number = float(text.replace(",", "."))
    return number if low <= number <= high else None
