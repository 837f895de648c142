"""Our own lossless export, read back; ``core/exports`` writes it.

Version 2 added ``tracked`` and the sources of a read, version 3 the bookmarks of a
title; older ones are read as well.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from ..bookmark import Bookmark
from ..errors import ImportFileDamagedError, ImportFileTooNewError
from ..isbn import Isbn, read_isbn
from ..kinds import BookStatus, BookType, DateSource, ReadOutcome, Source
from ..models import Asin, SeriesPlace
from .members import MS_BITS, MemberError, Members
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
from .tracked import TrackedDetails, TrackedLink

EXPORT_NAME: Final = "audible_tracker"
EXPORT_VERSION: Final = 3
LABEL: Final = "Audible Tracker (JSON)"
MEMBERS: Final = (
    "source", "title", "subtitle", "authors", "narrators", "contributors", "series",
    "isbns", "asin", "year", "page_count", "runtime_ms", "book_type", "language",
    "publisher", "status", "shelf", "percent_complete", "rating", "reads",
    "read_count", "added_on", "tags", "review", "private_notes", "extra", "notes",
    "tracked",
)  # fmt: skip
"""Members of one book, in the order in which they are written."""


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
            yield book_of(body, f"book {number}")
        except MemberError as err:
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


def book_of(body: Any, name: str) -> ImportedBook:
    """Return one book as it was exported; MemberError names what is wrong in it."""
    book = Members(body, name)
    source = book.object("source")
    title = book.text("title")
    if not title:
        raise MemberError("title is empty")
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
        runtime_ms=book.whole("runtime_ms", bits=MS_BITS),
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
        tracked=_tracked(book.object("tracked")) if book.has("tracked") else None,
    )


def _series(part: Members) -> SeriesPlace:
    return SeriesPlace(part.text("title") or "", part.text("sequence"))


def _isbn(sent: str) -> Isbn:
    isbn = read_isbn(sent)
    if isbn is None:
        raise MemberError("isbns holds an empty text")
    return isbn


def _asin(book: Members) -> Asin | None:
    text = book.text("asin")
    return Asin(text) if text else None


def _read(part: Members) -> ImportedRead:
    return ImportedRead(
        started_on=part.day("started_on"),
        finished_on=part.day("finished_on"),
        outcome=part.choice("outcome", ReadOutcome),
        stopped_on=part.day("stopped_on"),
        started_source=part.choice_or_none("started_source", DateSource),
        finished_source=part.choice_or_none("finished_source", DateSource),
        finished_at=part.instant("finished_at"),
        source=part.choice_or_none("source", Source),
        asin=_asin(part),
    )


def _note(part: Members) -> RowNote:
    return RowNote(part.choice("key", NoteKey), part.mapping("data"))


def _tracked(part: Members) -> TrackedDetails:
    return TrackedDetails(
        source=part.choice("source", Source),
        source_key=part.text("source_key"),
        isbn13=_checked_isbn(part),
        cover_url=part.text("cover_url"),
        current_position_ms=part.whole("current_position_ms", bits=MS_BITS),
        current_page=part.whole("current_page"),
        started_on=part.day("started_on"),
        started_source=part.choice_or_none("started_source", DateSource),
        finished_on=part.day("finished_on"),
        finished_source=part.choice_or_none("finished_source", DateSource),
        links=tuple(_link(link) for link in part.objects("links")),
        extra=part.document("extra"),
    )


def _checked_isbn(part: Members) -> str | None:
    text = part.text("isbn13")
    if text is None:
        return None
    isbn = read_isbn(text)
    if isbn is None or isbn.isbn13 != text:
        raise part.wrong("isbn13")
    return text


def _link(part: Members) -> TrackedLink:
    asin = _asin(part)
    if asin is None:
        raise part.wrong("asin")
    return TrackedLink(
        asin=asin,
        audible_title=part.text("audible_title") or asin,
        is_finished=part.flag_or_none("is_finished"),
        last_position_ms=part.whole("last_position_ms", bits=MS_BITS),
        last_position_at=part.instant("last_position_at"),
        last_percentage=part.number("last_percentage", high=100.0),
        match_confidence=part.number("match_confidence", high=1.0),
        match_method=part.text("match_method"),
        evidence=tuple(_evidence(piece) for piece in part.objects("evidence")),
        manually_confirmed=part.flag("manually_confirmed"),
        sync_enabled=part.flag("sync_enabled"),
        sync_interval_minutes=part.whole("sync_interval_minutes"),
        removed_at=part.instant("removed_at"),
        bookmarks=tuple(_bookmark(mark) for mark in part.objects("bookmarks")),
    )


def _bookmark(part: Members) -> Bookmark:
    return Bookmark(
        source=part.choice("source", Source),
        key=_said(part, "key", part.text("key")),
        position_ms=_said(part, "position_ms", part.whole("position_ms", bits=MS_BITS)),
        note=part.text("note") or "",
        created_at=_said(part, "created_at", part.instant("created_at")),
        updated_at=_said(part, "updated_at", part.instant("updated_at")),
    )


def _said[T](part: Members, name: str, value: T | None) -> T:
    if value is None:
        raise part.wrong(name)
    return value


def _evidence(piece: Members) -> tuple[str, str, float | None]:
    score = piece.number("score", low=-1.0, high=1.0)
    return piece.text("name") or "", piece.text("words") or "", score
