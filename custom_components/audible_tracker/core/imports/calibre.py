"""Calibre's catalog as CSV; the columns and their order are the user's choice."""

from collections.abc import Mapping
from typing import Final

from ..isbn import Isbn, read_isbn
from ..kinds import BookType
from ..models import Asin, SeriesPlace
from .editions import book_type_of
from .format_reader import FormatReader, signatures
from .names import split_by
from .record import Record
from .rows import (
    ImportFormat,
    ImportRow,
)

_NO_DATE: Final = "0101-01-01"


def read_row(record: Record) -> ImportRow:
    """Read one row; a catalog says nothing about reading."""
    identifiers = _identifiers(record.peek("identifiers"))
    return record.book(
        record.line("title"),
        source_key=record.text("uuid", "id"),
        authors=record.people("authors", split=lambda text: split_by("&", text)),
        series=_series(record),
        isbns=record.isbns("isbn") or _isbns(identifiers),
        asin=_asin(identifiers),
        year=_year(record),
        book_type=_book_type(record),
        language=record.line("languages"),
        publisher=record.line("publisher"),
        rating=record.rating("rating"),
        added_on=record.day("timestamp"),
        tags=record.words("tags"),
    )


def _identifiers(text: str) -> Mapping[str, str]:
    pairs = (part.partition(":") for part in text.split(","))
    return {kind.strip().casefold(): value.strip() for kind, _, value in pairs if value}


def _isbns(identifiers: Mapping[str, str]) -> tuple[Isbn, ...]:
    isbn = read_isbn(identifiers.get("isbn", ""))
    return (isbn,) if isbn else ()


def _asin(identifiers: Mapping[str, str]) -> Asin | None:
    """Return Audible's id; an "amazon" id names another edition."""
    value = identifiers.get("audible", "").upper()
    return Asin(value) if len(value) == 10 and value.isalnum() else None


def _series(record: Record) -> tuple[SeriesPlace, ...]:
    name = record.line("series")
    if name is None:
        return ()
    index = record.line("series_index")
    return (SeriesPlace(name, index.removesuffix(".0") if index else None),)


def _year(record: Record) -> int | None:
    if record.peek("pubdate").startswith(_NO_DATE):
        record.drop("pubdate")
        return None
    published_on = record.day("pubdate")
    return published_on.year if published_on else None


def _book_type(record: Record) -> BookType:
    """Tell an audiobook by its files; any other file is an ebook."""
    formats = record.peek("formats")
    if book_type_of(formats) is BookType.AUDIOBOOK:
        return BookType.AUDIOBOOK
    return BookType.EBOOK if formats else BookType.UNKNOWN


READER: Final = FormatReader(
    ImportFormat.CALIBRE,
    "calibre (CSV)",
    signatures(
        "title|authors|author_sort",
        "title|authors|series_index",
        "title|authors|title_sort",
        "title|authors|uuid",
        "title|authors|identifiers",
        "title|authors|timestamp",
        "title|authors|pubdate",
    ),
    read_row,
    date_columns=("timestamp", "pubdate"),
)
