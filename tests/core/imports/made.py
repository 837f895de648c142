"""Files for the tests: the samples, and small ones made here."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from audible_core.imports import (
    ImportedBook,
    ImportRow,
    RejectedRow,
    open_file,
)

SAMPLES = Path(__file__).parents[2] / "fixtures" / "imports"
TRACKER_FILES = tuple(
    sorted(
        path.relative_to(SAMPLES).as_posix()
        for folder in ("goodreads", "storygraph", "other-trackers")
        for path in (SAMPLES / folder).iterdir()
    )
)


def sample(name: str) -> bytes:
    """Return the bytes of one sample file."""
    return (SAMPLES / name).read_bytes()


def rows_of(content: bytes | str) -> tuple[ImportRow, ...]:
    """Return all rows of a file."""
    if isinstance(content, str):
        content = content.encode()
    return tuple(open_file(content).rows())


def books_of(content: bytes | str) -> tuple[ImportedBook, ...]:
    """Return the rows of a file that are books."""
    return tuple(row for row in rows_of(content) if isinstance(row, ImportedBook))


def rejected_of(content: bytes | str) -> tuple[RejectedRow, ...]:
    """Return the rows of a file that are none."""
    return tuple(row for row in rows_of(content) if isinstance(row, RejectedRow))


def table(*rows: Mapping[str, str], delimiter: str = ",") -> str:
    """Return a delimited file; the first row's keys are the header."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def one_book(row: Mapping[str, str], *more: Mapping[str, str]) -> ImportedBook:
    """Return the first row of a table as a book."""
    return books_of(table(row, *more))[0]


def json_book(member: Mapping[str, Any]) -> ImportedBook:
    """Return the one object of a JSON list as a book."""
    return books_of(json.dumps([member]))[0]


def note_keys(row: ImportedBook) -> Sequence[str]:
    """Return the keys of a row's remarks."""
    return [note.key.value for note in row.notes]
