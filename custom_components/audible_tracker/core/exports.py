"""Pure: books to the text of a file. Our JSON loses nothing; the CSVs go elsewhere.

Each function yields pieces of text, so that a large library is never held twice; the
caller joins or writes them, as UTF-8.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from enum import Enum
from typing import Any, Final

from .imports.own_export import EXPORT_NAME, EXPORT_VERSION
from .imports.rows import (
    ImportedBook,
    ImportedRead,
    ImportFormat,
)
from .kinds import BookStatus, BookType, ReadOutcome
from .models import SeriesPlace

GOODREADS_COLUMNS: Final = (
    "Book Id", "Title", "Author", "Author l-f", "Additional Authors", "ISBN", "ISBN13",
    "My Rating", "Publisher", "Binding", "Number of Pages", "Year Published",
    "Original Publication Year", "Date Read", "Date Added", "Bookshelves",
    "Bookshelves with positions", "Exclusive Shelf", "My Review", "Spoiler",
    "Private Notes", "Read Count", "Owned Copies",
)  # fmt: skip
"""The newest layout (23 columns) of Goodreads' own export."""


class RatingStep(Enum):
    """How fine a site's ratings are."""

    WHOLE = "whole"
    QUARTER = "quarter"


_SHELVES: Final[Mapping[BookStatus, str]] = {
    BookStatus.TO_READ: "to-read",
    BookStatus.READING: "currently-reading",
    BookStatus.FINISHED: "read",
    BookStatus.PAUSED: "paused",
    BookStatus.DID_NOT_FINISH: "did-not-finish",
}
_BINDINGS: Final[Mapping[BookType, str]] = {
    BookType.AUDIOBOOK: "Audible Audio",
    BookType.EBOOK: "ebook",
    BookType.PRINT: "Paperback",
    BookType.UNKNOWN: "",
}


def export_json(books: Iterable[ImportedBook]) -> Iterator[str]:
    """Yield the lossless export: read back, each book is equal, row by row."""
    head = {"format": EXPORT_NAME, "schema_version": EXPORT_VERSION}
    yield json.dumps(head)[:-1] + ', "books": ['
    separator = "\n"
    for book in books:
        yield separator + json.dumps(_book_members(book), ensure_ascii=False)
        separator = ",\n"
    yield "\n]}\n"


def export_goodreads_csv(books: Iterable[ImportedBook]) -> Iterator[str]:
    """Yield a file that Goodreads' import takes; ratings become whole stars.

    It holds one read date per book. An audiobook without an ISBN carries its ASIN in
    the ISBN field, which Goodreads takes.
    """
    return _goodreads_shape(books, RatingStep.WHOLE)


def export_storygraph_csv(books: Iterable[ImportedBook]) -> Iterator[str]:
    """Yield a file that the StoryGraph's import takes: it reads Goodreads' shape.

    Ratings keep their quarters.
    """
    return _goodreads_shape(books, RatingStep.QUARTER)


def _book_members(book: ImportedBook) -> dict[str, Any]:
    return {
        "source": {
            "format": book.source_format,
            "row": book.row_number,
            "key": book.source_key,
        },
        "title": book.title,
        "subtitle": book.subtitle,
        "authors": book.authors,
        "narrators": book.narrators,
        "contributors": book.contributors,
        "series": [
            {"title": place.title, "sequence": place.sequence} for place in book.series
        ],
        "isbns": [isbn.sent for isbn in book.isbns],
        "asin": book.asin,
        "year": book.year,
        "page_count": book.page_count,
        "runtime_ms": book.runtime_ms,
        "book_type": book.book_type,
        "language": book.language,
        "publisher": book.publisher,
        "status": book.status,
        "shelf": book.shelf,
        "percent_complete": book.percent_complete,
        "rating": book.rating,
        "reads": [_read_members(read) for read in book.reads],
        "read_count": book.read_count,
        "added_on": _iso(book.added_on),
        "tags": book.tags,
        "review": book.review,
        "private_notes": book.private_notes,
        "extra": dict(book.extra),
        "notes": [{"key": note.key, "data": dict(note.data)} for note in book.notes],
    }


def _read_members(read: ImportedRead) -> dict[str, str | None]:
    return {
        "started_on": _iso(read.started_on),
        "finished_on": _iso(read.finished_on),
        "outcome": read.outcome,
        "stopped_on": _iso(read.stopped_on),
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _goodreads_shape(books: Iterable[ImportedBook], step: RatingStep) -> Iterator[str]:
    yield _csv_line(GOODREADS_COLUMNS)
    for book in books:
        cells = _goodreads_cells(book, step)
        yield _csv_line(cells.get(column, "") for column in GOODREADS_COLUMNS)


def _goodreads_cells(book: ImportedBook, step: RatingStep) -> dict[str, str]:
    isbn10, isbn13 = _isbn_cells(book)
    return {
        "Title": _full_title(book),
        "Author": book.authors[0] if book.authors else "",
        "Additional Authors": ", ".join(book.authors[1:]),
        "ISBN": f'="{isbn10}"',
        "ISBN13": f'="{isbn13}"',
        "My Rating": _rating_cell(book.rating, step),
        "Publisher": book.publisher or "",
        "Binding": book.extra.get("Binding") or _BINDINGS[book.book_type],
        "Number of Pages": str(book.page_count or ""),
        "Year Published": str(book.year or ""),
        "Date Read": _slashed(_last_finish(book.reads)),
        "Date Added": _slashed(book.added_on),
        "Bookshelves": ", ".join(tag for tag in book.tags if "," not in tag),
        "Exclusive Shelf": _shelf(book),
        "My Review": (book.review or "").replace("\n", "<br/>"),
        "Private Notes": (book.private_notes or "").replace("\n", "<br/>"),
        "Read Count": str(_read_count(book.reads)),
        "Owned Copies": book.extra.get("Owned Copies", "0"),
    }


def _isbn_cells(book: ImportedBook) -> tuple[str, str]:
    """Return what stands in ISBN and ISBN13: only checked numbers, else the ASIN."""
    checked = next((isbn for isbn in book.isbns if isbn.isbn13), None)
    if checked is not None:
        return checked.isbn10 or "", checked.isbn13 or ""
    return book.asin or "", ""


def _full_title(book: ImportedBook) -> str:
    title = f"{book.title}: {book.subtitle}" if book.subtitle else book.title
    numbered = [place for place in book.series if _is_number(place)]
    if not numbered:
        return title
    places = "; ".join(f"{place.title}, #{place.sequence}" for place in numbered)
    return f"{title} ({places})"


def _is_number(place: SeriesPlace) -> bool:
    return place.sequence is not None and place.sequence[:1].isdigit()


def _rating_cell(rating: float | None, step: RatingStep) -> str:
    if rating is None:
        return "0"
    if step is RatingStep.WHOLE:
        # Halves go up: 0.5 would else become "no rating".
        return str(max(1, int(rating + 0.5)))
    return f"{round(rating * 4) / 4:g}"


def _last_finish(reads: Iterable[ImportedRead]) -> date | None:
    return max((read.finished_on for read in reads if read.finished_on), default=None)


def _read_count(reads: Iterable[ImportedRead]) -> int:
    return sum(read.outcome is not ReadOutcome.UNKNOWN for read in reads)


def _shelf(book: ImportedBook) -> str:
    """Return the shelf; a book of unknown status is put where no history is claimed."""
    if book.status is not None:
        return _SHELVES[book.status]
    if book.source_format is ImportFormat.GOODREADS and book.shelf:
        return book.shelf
    return _SHELVES[BookStatus.TO_READ]


def _slashed(day: date | None) -> str:
    return day.strftime("%Y/%m/%d") if day else ""


def _csv_line(cells: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue()
