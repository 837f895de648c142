"""Pure: books to the text of a file. Our JSON holds all; the CSVs go elsewhere.

Each kind of file yields pieces of text, so that a large library is never held twice;
the caller joins or writes them, as UTF-8.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import Enum
from functools import partial
from typing import Any, Final

from .bookmark import Bookmark
from .imports.own_export import EXPORT_NAME, EXPORT_VERSION
from .imports.rows import (
    ImportedBook,
    ImportedRead,
    ImportFormat,
)
from .imports.tracked import TrackedDetails, TrackedLink
from .kinds import BookStatus, BookType, ReadOutcome
from .matching.persons import written_by
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


@dataclass(frozen=True, slots=True)
class FileShape:
    """A kind of file: what stands before, between and after its books."""

    head: str
    book: Callable[[ImportedBook], str]
    between: str = ""
    tail: str = ""

    def pieces(self, books: Iterable[ImportedBook]) -> Iterator[str]:
        """Yield the whole file."""
        yield self.head
        separator = ""
        for book in books:
            yield separator + self.book(book)
            separator = self.between
        yield self.tail


def book_members(book: ImportedBook) -> dict[str, Any]:
    """Return one book as it stands in our own export."""
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
        "tracked": _tracked_members(book.tracked) if book.tracked else None,
    }


def _tracked_members(tracked: TrackedDetails) -> dict[str, Any]:
    return {
        "source": tracked.source,
        "source_key": tracked.source_key,
        "isbn13": tracked.isbn13,
        "cover_url": tracked.cover_url,
        "current_position_ms": tracked.current_position_ms,
        "current_page": tracked.current_page,
        "started_on": _iso(tracked.started_on),
        "started_source": tracked.started_source,
        "finished_on": _iso(tracked.finished_on),
        "finished_source": tracked.finished_source,
        "links": [_link_members(link) for link in tracked.links],
        "extra": tracked.extra,
    }


def _link_members(link: TrackedLink) -> dict[str, Any]:
    return asdict(link) | {
        "last_position_at": _iso(link.last_position_at),
        "removed_at": _iso(link.removed_at),
        "evidence": [
            {"name": name, "words": words, "score": score}
            for name, words, score in link.evidence
        ],
        "bookmarks": [_bookmark_members(mark) for mark in link.bookmarks],
    }


def _bookmark_members(mark: Bookmark) -> dict[str, Any]:
    return asdict(mark) | {
        "created_at": _iso(mark.created_at),
        "updated_at": _iso(mark.updated_at),
    }


def _read_members(read: ImportedRead) -> dict[str, str | None]:
    return {
        "started_on": _iso(read.started_on),
        "finished_on": _iso(read.finished_on),
        "outcome": read.outcome,
        "stopped_on": _iso(read.stopped_on),
        "started_source": read.started_source,
        "finished_source": read.finished_source,
        "finished_at": _iso(read.finished_at),
        "source": read.source,
        "asin": read.asin,
    }


def _iso(day: date | datetime | None) -> str | None:
    return day.isoformat() if day else None


def _json_book(book: ImportedBook) -> str:
    return json.dumps(book_members(book), ensure_ascii=False)


def _goodreads_line(step: RatingStep, book: ImportedBook) -> str:
    cells = _goodreads_cells(book, step)
    return _csv_line(cells.get(column, "") for column in GOODREADS_COLUMNS)


def _goodreads_cells(book: ImportedBook, step: RatingStep) -> dict[str, str]:
    isbn10, isbn13 = _isbn_cells(book)
    authors = written_by(book.authors)
    return {
        "Title": _full_title(book),
        "Author": authors[0] if authors else "",
        "Additional Authors": ", ".join(authors[1:]),
        "ISBN": f'="{isbn10}"',
        "ISBN13": f'="{isbn13}"',
        "My Rating": _rating_cell(book.rating, step),
        "Publisher": book.publisher or "",
        "Binding": book.extra.get("Binding") or _BINDINGS[book.book_type],
        "Number of Pages": str(book.page_count or ""),
        "Year Published": str(book.year or ""),
        "Date Read": _slashed(_last_finish(book.reads)),
        "Date Added": _slashed(book.added_on),
        "Bookshelves": ", ".join(map(_shelf_name, book.tags)),
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
    # A rating of 0 does not exist there: it means none.
    if not rating:
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


def _shelf_name(tag: str) -> str:
    """Return a tag without commas, which part shelves there."""
    return " ".join(tag.replace(",", " ").split())


def _slashed(day: date | None) -> str:
    return day.strftime("%Y/%m/%d") if day else ""


def _csv_line(cells: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue()


_JSON_HEAD: Final = json.dumps(
    {"format": EXPORT_NAME, "schema_version": EXPORT_VERSION}
)
JSON_FILE: Final = FileShape(
    head=_JSON_HEAD[:-1] + ', "books": [\n',
    book=_json_book,
    between=",\n",
    tail="\n]}\n",
)
GOODREADS_FILE: Final = FileShape(
    head=_csv_line(GOODREADS_COLUMNS),
    book=partial(_goodreads_line, RatingStep.WHOLE),
)
STORYGRAPH_FILE: Final = FileShape(
    head=_csv_line(GOODREADS_COLUMNS),
    book=partial(_goodreads_line, RatingStep.QUARTER),
)
