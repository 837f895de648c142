"""Libation's library export, CSV (in the computer's culture) or JSON."""

import re
from typing import Final

from ..kinds import BookStatus, BookType
from .editions import MS_PER_MINUTE, RUNTIME_MAX_MINUTES
from .format_reader import FormatReader, signatures
from .names import numbered_series
from .record import Record
from .rows import (
    ImportFormat,
    ImportRow,
    NoteKey,
    RowNote,
)
from .statuses import reads_of

_BOOKS: Final = frozenset({"", "product", "unknown"})
_TAG_BORDER: Final = re.compile(r"[\s,;]+")


def read_row(record: Record) -> ImportRow:
    """Read one row; the account's address is left out.

    "Not finished" tells nothing: the title may be half heard. Podcasts and their
    episodes are no books.
    """
    record.drop("account")
    kind = record.line("content type", "contenttype") or ""
    if kind.casefold() not in _BOOKS:
        return record.rejected(RowNote(NoteKey.NO_BOOK_KIND, {"value": kind[:60]}))
    asin = record.asin("audible product id", "audibleproductid")
    minutes = record.whole(
        "length in minutes", "lengthinminutes", low=0, high=RUNTIME_MAX_MINUTES
    )
    status = _status(record)
    published_on = record.day("date published", "datepublished")
    tags = record.text("my libation tags", "mylibationtags") or ""
    return record.book(
        record.line("title"),
        source_key=asin,
        subtitle=record.line("subtitle"),
        authors=record.people("authors", "authornames"),
        narrators=record.people("narrators", "narratornames"),
        series=numbered_series(record.text("series order", "seriesorder") or ""),
        asin=asin,
        year=published_on.year if published_on else None,
        runtime_ms=minutes * MS_PER_MINUTE if minutes else None,
        book_type=BookType.AUDIOBOOK,
        language=record.line("language"),
        publisher=record.line("publisher"),
        status=status,
        rating=record.rating("my rating: overall", "myratingoverall"),
        reads=reads_of(status, []),
        added_on=record.day("date added to library", "dateadded"),
        tags=tuple(dict.fromkeys(filter(None, _TAG_BORDER.split(tags)))),
    )


def _status(record: Record) -> BookStatus | None:
    for name in ("is finished?", "isfinished"):
        if record.flag(name):
            return BookStatus.FINISHED
        record.keep(name)
    return None


READER: Final = FormatReader(
    ImportFormat.LIBATION,
    "Libation (CSV, JSON)",
    signatures("title|audible product id", "title|audibleproductid"),
    read_row,
    date_columns=(
        "date added to library",
        "date published",
        "last downloaded",
        "included until",
        "dateadded",
        "datepublished",
    ),
    is_one_culture=True,
)
