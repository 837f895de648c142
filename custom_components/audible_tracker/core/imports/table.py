"""Pure: delimited text to rows of cells; a row is never lost without a word."""

import csv
import re
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

DELIMITERS: Final = (",", "\t", ";", "|")
_HEADER_LINES_MAX: Final = 20
_HEADER_LINE_MAX: Final = 20_000
_RESTARTS_MAX: Final = 20
_ROW_LINES_MAX: Final = 50
"""So many lines a row may have in a file of many stray quotes."""

_LINE: Final = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_OPEN_AT_END: Final = "unexpected end of data"


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """Lines ``first`` to ``last`` of the file that no row could be made of."""

    first_line: int
    last_line: int
    is_open_quote: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Header:
    """The names of the columns, and how many lines of the file precede the rows.

    ``has_quotes`` is False where quotation marks are letters like all others.
    """

    names: tuple[str, ...]
    delimiter: str
    line_count: int
    has_quotes: bool = True


def lines_of(text: str) -> Iterator[str]:
    """Yield the lines of a text with their ends, which it is not copied for."""
    return (match[0] for match in _LINE.finditer(text))


def column_key(name: str) -> str:
    """Return a column's name as columns are compared: case and blanks do not count."""
    return " ".join(name.replace("\ufeff", "").split()).casefold()


def find_header(text: str, known_columns: Collection[str]) -> Header | None:
    """Return the header under the delimiter that makes most of its names known.

    Blank lines and a spreadsheet's ``sep=;`` before it are passed over. None where the
    text has no line that could be one.
    """
    start = _lines_before_header(text)
    best: tuple[tuple[int, int], Header] | None = None
    for delimiter in DELIMITERS:
        header = _header_by(text, start, delimiter)
        if header is None:
            continue
        known = sum(column_key(name) in known_columns for name in header.names)
        rank = (known, len(header.names))
        if best is None or rank > best[0]:
            best = (rank, header)
    return best[1] if best else None


def read_rows(text: str, header: Header) -> Iterator[Sequence[str] | BrokenRow]:
    """Yield the cells of each row after the header; blank lines are no rows.

    A quote that is opened and closed nowhere sensible breaks its own line only: the
    lines after it are read anew, so that one stray quote takes no other row with it.
    After many of them no row is looked for in more than a few lines, lest that take
    for ever.
    """
    lines = _RememberedLines(text, header.line_count)
    if not header.has_quotes:
        yield from _plain_rows(lines, header)
        return
    restarts_left = _RESTARTS_MAX
    while True:
        # Strict, or a row with an open quote would silently swallow those after it.
        reader = csv.reader(lines, delimiter=header.delimiter, strict=True)
        try:
            for cells in reader:
                if cells:
                    yield cells
                lines.forget()
        except csv.Error as err:
            if len(lines.held) == 1:
                yield _lenient_row(lines, header, str(err))
            else:
                restarts_left -= 1
                if not restarts_left:
                    lines.held_max = _ROW_LINES_MAX
                lines.give_back_all_but_first()
                yield lines.broken(str(err), is_open_quote=True)
            lines.forget()
        else:
            return


def with_quotes_settled(text: str, header: Header) -> Header:
    """Return the header with whether quotation marks of a tab file mean anything.

    LibraryThing writes titles with their own quotation marks and marks no cell with
    them; others do. It is looked into where the marks make no sense: one stands where
    none can, or a cell holds tabs and line breaks.
    """
    if header.delimiter != "\t" or not _has_odd_quotes(text, header):
        return header
    plain = replace(header, has_quotes=False)
    return plain if _fitting(text, plain) > _fitting(text, header) else header


def _has_odd_quotes(text: str, header: Header) -> bool:
    lines = _RememberedLines(text, header.line_count)
    try:
        for cells in csv.reader(lines, delimiter=header.delimiter, strict=True):
            if len(lines.held) > 1 and any(
                "\t" in cell and "\n" in cell for cell in cells
            ):
                return True
            lines.forget()
    except csv.Error:
        return True
    return False


def _fitting(text: str, header: Header) -> int:
    """Return how many rows have a cell for each column."""
    width = len(header.names)
    return sum(
        not isinstance(row, BrokenRow) and len(row) == width
        for row in read_rows(text, header)
    )


def _plain_rows(
    lines: _RememberedLines, header: Header
) -> Iterator[Sequence[str] | BrokenRow]:
    while True:
        reader = csv.reader(lines, delimiter=header.delimiter, quoting=csv.QUOTE_NONE)
        try:
            for cells in reader:
                if cells:
                    yield cells
                lines.forget()
        except csv.Error as err:
            yield lines.broken(str(err), is_open_quote=False)
            lines.forget()
        else:
            return


def _lenient_row(
    lines: _RememberedLines, header: Header, reason: str
) -> Sequence[str] | BrokenRow:
    """Read ``"Ender"s Game",…`` as it stands, if that gives the right cells."""
    if _OPEN_AT_END in reason:
        return lines.broken(reason, is_open_quote=True)
    try:
        cells = next(csv.reader(lines.held, delimiter=header.delimiter), [])
    except csv.Error as err:
        return lines.broken(str(err), is_open_quote=False)
    if len(cells) == len(header.names):
        return cells
    return lines.broken(reason, is_open_quote=False)


class _RememberedLines:
    """Hands out lines and remembers those of the row being read.

    It ends where a row would have more than ``held_max`` lines.
    """

    def __init__(self, text: str, lines_to_pass: int) -> None:
        self._lines = lines_of(text)
        for _ in range(lines_to_pass):
            next(self._lines, "")
        self._number = lines_to_pass
        self._given_back: deque[str] = deque()
        self.held: list[str] = []
        self.held_max: int | None = None

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if len(self.held) == self.held_max:
            raise StopIteration
        line = self._given_back.popleft() if self._given_back else next(self._lines)
        self._number += 1
        self.held.append(line)
        return line

    def forget(self) -> None:
        self.held.clear()

    def give_back_all_but_first(self) -> None:
        self._given_back.extendleft(reversed(self.held[1:]))
        self._number -= len(self.held) - 1
        del self.held[1:]

    def broken(self, reason: str, *, is_open_quote: bool) -> BrokenRow:
        first = self._number - len(self.held) + 1
        return BrokenRow(first, self._number, is_open_quote, reason)


def _lines_before_header(text: str) -> int:
    for number, whole in enumerate(islice(lines_of(text), _HEADER_LINES_MAX)):
        line = whole[:_HEADER_LINE_MAX].strip("\ufeff \t\r\n")
        if line and not line.casefold().startswith("sep="):
            return number
    return 0


def _header_by(text: str, start: int, delimiter: str) -> Header | None:
    lines = _RememberedLines(text, start)
    try:
        names = next(csv.reader(lines, delimiter=delimiter), None)
    except csv.Error:
        return None
    if not names or not any(name.strip() for name in names):
        return None
    return Header(
        tuple(name.replace("\ufeff", "").strip() for name in names),
        delimiter,
        start + len(lines.held),
    )
