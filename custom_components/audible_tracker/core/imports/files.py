"""Pure: a file's bytes to its format and its rows."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from ..errors import ImportFileEmptyError, ImportFileUnknownError
from . import (
    audible_cli,
    bookwyrm,
    calibre,
    goodreads,
    hardcover,
    libation,
    librarything,
    openaudible,
    openlibrary,
    openreads,
    own_export,
    storygraph,
)
from .format_reader import FormatReader
from .json_file import json_rows, looks_like_json, parse_json
from .record import shown
from .rows import (
    ImportFormat,
    ImportRow,
)
from .sources import JsonSource, TableSource
from .table import column_key, find_header
from .text import FileText, decode, mend, storable

READERS: Final = (
    goodreads.READER,
    storygraph.READER,
    hardcover.READER,
    librarything.READER,
    openlibrary.READER,
    calibre.READER,
    bookwyrm.READER,
    openreads.READER,
    libation.READER,
    openaudible.READER,
    audible_cli.READER,
)

_KNOWN_COLUMNS: Final = frozenset().union(
    *(names for reader in READERS for names in reader.signatures)
)
_CONTROL: Final = re.compile(r"[\x01-\x08\x0e-\x1f]")
_SHOWN_COLUMNS: Final = 12
_JSON_ROWS_LOOKED_AT: Final = 50
_MAGIC: Final = (
    (b"PK\x03\x04", "a ZIP archive or an Excel workbook (save it as CSV first)"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (save it as CSV first)"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"\x1f\x8b", "a gzip archive (unpack it first)"),
    (b"%PDF", "a PDF document"),
    (b"<?xml", "an XML document"),
    (b"<!DOCTYPE html", "a web page"),
)


@dataclass(frozen=True, slots=True)
class ImportFile:
    """A file whose format is known; ``rows`` may be called any number of times.

    ``row_count`` is how many ``rows`` will yield. ``delimiter`` is None for JSON.
    """

    format: ImportFormat
    encoding: str
    delimiter: str | None
    columns: tuple[str, ...]
    row_count: int
    _rows: Callable[[], Iterator[ImportRow]]

    def rows(self) -> Iterator[ImportRow]:
        """Yield each row of the file once, in order, as a book or a rejection."""
        return self._rows()


def open_file(content: bytes) -> ImportFile:
    """Find out what the file is, by its columns or members; rows are read later.

    Raises ImportFileError: empty, of no known format, or damaged as a whole.
    """
    if not content.strip():
        raise ImportFileEmptyError
    for magic, found in _MAGIC:
        if content.startswith(magic):
            raise _unknown(found)
    text = decode(content)
    if looks_like_json(text.text):
        return _open_json(text)
    header = find_header(text.text, _KNOWN_COLUMNS)
    if header is None:
        raise _unknown("no line with column names")
    reader = _reader_for(header.names)
    table = TableSource.of(text, header, reader)
    if not table.row_count:
        raise ImportFileEmptyError
    return ImportFile(
        reader.format,
        text.encoding,
        header.delimiter,
        table.columns,
        table.row_count,
        table.rows,
    )


def supported_formats() -> tuple[str, ...]:
    """Return the names of all formats, with the kinds of file."""
    return (*(reader.label for reader in READERS), own_export.LABEL)


def _open_json(text: FileText) -> ImportFile:
    body = parse_json(mend(text.text))
    if own_export.is_own(body):
        return _open_own(body, text.encoding)
    rows = json_rows(body)
    if not rows:
        raise ImportFileEmptyError
    names = _member_names(rows)
    if not names:
        raise _unknown("JSON without any object that could be a row")
    reader = _reader_for(names)
    source = JsonSource.of(rows, reader)
    return ImportFile(reader.format, text.encoding, None, names, len(rows), source.rows)


def _open_own(body: dict[str, Any], encoding: str) -> ImportFile:
    books = own_export.books_of(body)
    return ImportFile(
        ImportFormat.AUDIBLE_TRACKER,
        encoding,
        None,
        own_export.MEMBERS,
        len(books),
        partial(own_export.read_books, books),
    )


def _member_names(rows: Sequence[Any]) -> tuple[str, ...]:
    """Return the names of all members of the first rows; later ones may lack some."""
    objects = [row for row in rows[:_JSON_ROWS_LOOKED_AT] if isinstance(row, dict)]
    return tuple(dict.fromkeys(name for row in objects for name in row))


def _reader_for(names: Sequence[str]) -> FormatReader:
    keys = {column_key(name) for name in names}
    fitting = [
        (len(signature), reader)
        for reader in READERS
        for signature in reader.signatures
        if signature <= keys
    ]
    if not fitting and any(_CONTROL.search(name) for name in names):
        raise _unknown("data that is no text")
    if not fitting:
        columns = ", ".join(shown(name) for name in names[:_SHOWN_COLUMNS] if name)
        more = len(names) - _SHOWN_COLUMNS
        tail = f" and {more} more" if more > 0 else ""
        raise _unknown(f"the columns {storable(mend(columns))}{tail}")
    return max(fitting, key=lambda entry: entry[0])[1]


def _unknown(found: str) -> ImportFileUnknownError:
    supported = ", ".join(supported_formats())
    return ImportFileUnknownError(found=found, supported=supported)
