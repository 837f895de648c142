"""The library export of audible-cli: TSV, CSV or JSON."""

from typing import Final

from ..kinds import BookStatus, BookType
from ..models import SeriesPlace
from .editions import MS_PER_MINUTE, RUNTIME_MAX_MINUTES
from .format_reader import FormatReader, signatures
from .names import listed_series
from .record import Record
from .rows import (
    ImportFormat,
    ImportRow,
)
from .statuses import reads_of


def read_row(record: Record) -> ImportRow:
    """Read one row; ``rating`` in it is everybody's and stays in the rest.

    The purchase is never taken for a date of reading.
    """
    asin = record.asin("asin")
    minutes = record.whole("runtime_length_min", low=0, high=RUNTIME_MAX_MINUTES)
    percent = record.decimal("percent_complete", low=0.0, high=100.0)
    is_finished = record.flag("is_finished")
    status = _status(percent, is_finished=is_finished)
    released_on = record.day("release_date")
    return record.book(
        record.line("title"),
        source_key=asin,
        subtitle=record.line("subtitle"),
        authors=record.people("authors"),
        narrators=record.people("narrators"),
        series=_series(record),
        asin=asin,
        year=released_on.year if released_on else None,
        runtime_ms=minutes * MS_PER_MINUTE if minutes else None,
        book_type=BookType.AUDIOBOOK,
        language=record.line("language"),
        publisher=record.line("publisher_name", "publisher"),
        status=status,
        percent_complete=percent,
        reads=reads_of(status, []),
        added_on=record.day("date_added", "purchase_date"),
    )


def _status(percent: float | None, *, is_finished: bool | None) -> BookStatus | None:
    if is_finished:
        return BookStatus.FINISHED
    if is_finished is None or percent is None:
        return None
    return BookStatus.READING if percent > 0 else BookStatus.TO_READ


def _series(record: Record) -> tuple[SeriesPlace, ...]:
    if listed := listed_series(record.peek("series")):
        record.drop("series")
        return listed
    name = record.line("series_title")
    return (SeriesPlace(name, record.line("series_sequence")),) if name else ()


READER: Final = FormatReader(
    ImportFormat.AUDIBLE_CLI,
    "audible-cli (TSV, CSV, JSON)",
    signatures(
        "title|asin|runtime_length_min",
        "title|asin|percent_complete",
        "title|asin|extended_product_description",
        "title|asin|series_title",
        "title|asin|cover_url",
    ),
    read_row,
    date_columns=("date_added", "release_date", "purchase_date"),
)
