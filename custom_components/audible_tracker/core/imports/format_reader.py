"""What one format's module offers: how it is known, and how its rows are read."""

from collections.abc import Callable
from dataclasses import dataclass

from .record import Record
from .rows import (
    ImportFormat,
    ImportRow,
)


@dataclass(frozen=True, slots=True)
class FormatReader:
    """One format, known by its column or member names, never by their order.

    A file is of this format if it has all names of one of the ``signatures`` (small
    letters); the longest that fits wins. ``date_columns`` are looked at before reading,
    to learn the order of day and month; ``is_one_culture`` says that one program wrote
    them all alike.
    """

    format: ImportFormat
    label: str
    signatures: tuple[frozenset[str], ...]
    read: Callable[[Record], ImportRow]
    date_columns: tuple[str, ...] = ()
    is_one_culture: bool = False


def signatures(*rows: str) -> tuple[frozenset[str], ...]:
    """Return the signatures written as names parted by bars."""
    return tuple(frozenset(row.split("|")) for row in rows)
