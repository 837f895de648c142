"""Our own lossless export, read back; ``core/exports`` writes it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Any, Final

from ..errors import ImportFileDamagedError, ImportFileTooNewError
from ..isbn import Isbn, read_isbn
from ..kinds import BookStatus, BookType, ReadOutcome
from ..models import Asin, SeriesPlace
from .record import shown
from .rows import (
    ImportedBook,
    ImportedRead,
    ImportFormat,
    ImportRow,
    NoteKey,
    RejectedRow,
    RowNote,
)
from .text import storable

EXPORT_NAME: Final = "audible_tracker"
EXPORT_VERSION: Final = 1
LABEL: Final = "Audible Tracker (JSON)"
MEMBERS: Final = (
    "source", "title", "subtitle", "authors", "narrators", "contributors", "series",
    "isbns", "asin", "year", "page_count", "runtime_ms", "book_type", "language",
    "publisher", "status", "shelf", "percent_complete", "rating", "reads",
    "read_count", "added_on", "tags", "review", "private_notes", "extra", "notes",
)  # fmt: skip
"""Members of one book, in the order in which they are written."""


class _MemberError(ValueError):
    """A member of one book is not as written by us; the text names it."""


def is_own(body: Any) -> bool:
    """Tell whether the JSON is an export of ours."""
    return isinstance(body, dict) and body.get("format") == EXPORT_NAME


def books_of(body: Mapping[str, Any]) -> Sequence[Any]:
    """Return the books; ImportFileError for a newer version or a missing list."""
    version = body.get("schema_version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise ImportFileDamagedError(reason="schema_version is missing")
    if version > EXPORT_VERSION:
        raise ImportFileTooNewError(found=version, known=EXPORT_VERSION)
    books = body.get("books")
    if not isinstance(books, list):
        raise ImportFileDamagedError(reason="the list of books is missing")
    return books


def read_books(books: Sequence[Any]) -> Iterator[ImportRow]:
    """Yield each book as it was exported, or a rejection that names the member."""
    for number, body in enumerate(books, start=1):
        try:
            yield _book(_Members(body, f"book {number}"))
        except _MemberError as err:
            reason = RowNote(NoteKey.ROW_UNREADABLE, {"reason": str(err)})
            cells = _cells(body)
            yield RejectedRow(ImportFormat.AUDIBLE_TRACKER, number, reason, cells)


def _cells(body: Any) -> dict[str, str]:
    """Return the texts of a spoiled book, so that a person knows which it is."""
    members = body.items() if isinstance(body, dict) else ()
    return {
        storable(name): storable(text)
        for name, text in members
        if isinstance(text, str) and text
    }


def _book(book: _Members) -> ImportedBook:
    source = book.object("source")
    title = book.text("title")
    if not title:
        raise _MemberError("title is empty")
    return ImportedBook(
        source_format=source.choice("format", ImportFormat),
        row_number=source.whole("row") or 0,
        source_key=source.text("key"),
        title=title,
        subtitle=book.text("subtitle"),
        authors=book.texts("authors"),
        narrators=book.texts("narrators"),
        contributors=book.texts("contributors"),
        series=tuple(_series(part) for part in book.objects("series")),
        isbns=tuple(_isbn(text) for text in book.texts("isbns")),
        asin=_asin(book),
        year=book.whole("year"),
        page_count=book.whole("page_count"),
        runtime_ms=book.whole("runtime_ms"),
        book_type=book.choice("book_type", BookType),
        language=book.text("language"),
        publisher=book.text("publisher"),
        status=book.choice_or_none("status", BookStatus),
        shelf=book.text("shelf"),
        percent_complete=book.number("percent_complete", high=100.0),
        rating=book.number("rating", high=5.0),
        reads=tuple(_read(part) for part in book.objects("reads")),
        read_count=book.whole("read_count"),
        added_on=book.day("added_on"),
        tags=book.texts("tags"),
        review=book.text("review"),
        private_notes=book.text("private_notes"),
        extra=book.mapping("extra"),
        notes=tuple(_note(part) for part in book.objects("notes")),
    )


def _series(part: _Members) -> SeriesPlace:
    return SeriesPlace(part.text("title") or "", part.text("sequence"))


def _isbn(sent: str) -> Isbn:
    isbn = read_isbn(sent)
    if isbn is None:
        raise _MemberError("isbns holds an empty text")
    return isbn


def _asin(book: _Members) -> Asin | None:
    text = book.text("asin")
    return Asin(text) if text else None


def _read(part: _Members) -> ImportedRead:
    return ImportedRead(
        started_on=part.day("started_on"),
        finished_on=part.day("finished_on"),
        outcome=part.choice("outcome", ReadOutcome),
        stopped_on=part.day("stopped_on"),
    )


def _note(part: _Members) -> RowNote:
    return RowNote(part.choice("key", NoteKey), part.mapping("data"))


class _Members:
    """One JSON object, asked for members of a known type; a wrong one is named."""

    def __init__(self, body: Any, name: str) -> None:
        if not isinstance(body, dict):
            raise _MemberError(f"{name} is no object")
        self._body: dict[str, Any] = body
        self._name = name

    def _wrong(self, name: str) -> _MemberError:
        shown_value = shown(storable(repr(self._body.get(name))))
        return _MemberError(f"{self._name}.{name} is {shown_value}")

    def text(self, name: str) -> str | None:
        value = self._body.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            raise self._wrong(name)
        return storable(value)

    def whole(self, name: str) -> int | None:
        value = self._body.get(name)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool):
            raise self._wrong(name)
        if abs(value) >= 1 << 53:
            raise self._wrong(name)
        return value

    def number(self, name: str, *, high: float) -> float | None:
        value = self._body.get(name)
        if value is None:
            return None
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise self._wrong(name)
        if not 0 <= value <= high:
            raise self._wrong(name)
        return float(value)

    def day(self, name: str) -> date | None:
        value = self.text(name)
        if value is None:
            return None
        try:
            return date.fromisoformat(value)
        except ValueError as err:
            raise self._wrong(name) from err

    def choice[E: StrEnum](self, name: str, kind: type[E]) -> E:
        try:
            return kind(self.text(name) or "")
        except ValueError as err:
            raise self._wrong(name) from err

    def choice_or_none[E: StrEnum](self, name: str, kind: type[E]) -> E | None:
        return None if self._body.get(name) is None else self.choice(name, kind)

    def _listed(self, name: str) -> list[Any]:
        values = self._body.get(name, [])
        if not isinstance(values, list):
            raise self._wrong(name)
        return values

    def texts(self, name: str) -> tuple[str, ...]:
        values = self._listed(name)
        if not all(isinstance(value, str) for value in values):
            raise self._wrong(name)
        return tuple(storable(value) for value in values)

    def object(self, name: str) -> _Members:
        return _Members(self._body.get(name), f"{self._name}.{name}")

    def objects(self, name: str) -> Iterator[_Members]:
        values = self._listed(name)
        return (_Members(value, f"{self._name}.{name}") for value in values)

    def mapping(self, name: str) -> dict[str, str]:
        value = self._body.get(name, {})
        if not isinstance(value, dict) or not all(
            isinstance(text, str) for text in value.values()
        ):
            raise self._wrong(name)
        return {storable(key): storable(text) for key, text in value.items()}
