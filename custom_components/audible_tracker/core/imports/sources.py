"""Pure: the rows of one table or JSON list, handed one by one to a format's reader."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from .dates import DayOrder, OrderSurvey, pooled
from .format_reader import FormatReader
from .json_file import json_cells
from .record import DayOrders, Record, shown
from .rows import (
    ImportFormat,
    ImportRow,
    NoteKey,
    RejectedRow,
    RowNote,
)
from .table import BrokenRow, Header, column_key, read_rows, with_quotes_settled
from .text import FileText, mend, storable

_HELD_ONCE_MAX: Final = 4_000


@dataclass(frozen=True, slots=True)
class TableSource:
    """A delimited file after a first look at all its rows."""

    text: FileText
    header: Header
    reader: FormatReader
    names: Mapping[str, str]
    orders: DayOrders
    row_count: int

    @classmethod
    def of(cls, text: FileText, header: Header, reader: FormatReader) -> Self:
        """Count the rows and learn the order of day and month in each column."""
        header = with_quotes_settled(text.text, header)
        names = _unique_names(header.names)
        places = [
            (place, key)
            for place, key in enumerate(names)
            if key in reader.date_columns
        ]
        surveys = {key: OrderSurvey() for _, key in places}
        row_count = 0
        for row in read_rows(text.text, header):
            row_count += 1
            if isinstance(row, BrokenRow):
                continue
            for place, key in places:
                if place < len(row):
                    surveys[key].look_at(row[place])
        orders = _orders(surveys, reader)
        return cls(text, header, reader, names, orders, row_count)

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the names of the columns as sent."""
        return tuple(self.names.values())

    def rows(self) -> Iterator[ImportRow]:
        """Yield each row as a book or a rejection."""
        is_damaged = False
        held: dict[str, str] = {}
        for number, row in enumerate(read_rows(self.text.text, self.header), start=1):
            if isinstance(row, BrokenRow):
                is_damaged = True
                yield _broken(self.reader.format, number, row)
            elif is_damaged and len(row) < len(self.names):
                yield _piece(self.reader.format, number, row)
            elif not any(cell and not cell.isspace() for cell in row):
                reason = RowNote(NoteKey.EMPTY_ROW)
                yield RejectedRow(self.reader.format, number, reason)
            else:
                yield self.reader.read(self._record(number, _shared(row, held)))

    def _record(self, number: int, row: Sequence[str]) -> Record:
        notes: list[RowNote] = []
        names = self.names
        surplus = [cell for cell in row[len(names) :] if cell.strip()]
        if surplus:
            notes.append(_count_note(NoteKey.CELLS_TOO_MANY, len(row) - len(names)))
            names = _with_surplus(names, len(row))
        elif len(row) < len(names):
            notes.append(_count_note(NoteKey.CELLS_TOO_FEW, len(names) - len(row)))
        cells = dict(zip(names, row, strict=False))
        if self.text.has_lone_bytes:
            cells = _mended(cells, names, notes)
        return Record(
            self.reader.format, number, cells, names, orders=self.orders, notes=notes
        )


@dataclass(frozen=True, slots=True)
class JsonSource:
    """The objects of a JSON file after a first look at their dates."""

    objects: Sequence[Any]
    reader: FormatReader
    orders: DayOrders

    @classmethod
    def of(cls, objects: Sequence[Any], reader: FormatReader) -> Self:
        """Learn the order of day and month in each member."""
        surveys = {name: OrderSurvey() for name in reader.date_columns}
        for row in objects:
            for name, value in row.items() if isinstance(row, dict) else ():
                survey = surveys.get(column_key(name))
                if survey is not None and isinstance(value, str):
                    survey.look_at(value)
        return cls(objects, reader, _orders(surveys, reader))

    def rows(self) -> Iterator[ImportRow]:
        """Yield each member of the list as a book or a rejection."""
        for number, row in enumerate(self.objects, start=1):
            yield self._row(number, row)

    def _row(self, number: int, row: Any) -> ImportRow:
        if not isinstance(row, dict):
            data = {"reason": f"{shown(storable(repr(row)))} is no object"}
            reason = RowNote(NoteKey.ROW_UNREADABLE, data)
            return RejectedRow(self.reader.format, number, reason)
        members = json_cells(row)
        cells = {key: text for key, (_, text) in members.items()}
        names = {key: name for key, (name, _) in members.items()}
        if not any(cells.values()):
            reason = RowNote(NoteKey.EMPTY_ROW)
            return RejectedRow(self.reader.format, number, reason)
        record = Record(self.reader.format, number, cells, names, orders=self.orders)
        return self.reader.read(record)


def _shared(row: Sequence[str], held: dict[str, str]) -> list[str]:
    """Return a row's cells, each of the first words of the file held once.

    Shelves, days and formats stand in row after row, and are kept with each book.
    """
    if len(held) < _HELD_ONCE_MAX:
        return [held.setdefault(cell, cell) for cell in row]
    return [held.get(cell, cell) for cell in row]


def _orders(surveys: Mapping[str, OrderSurvey], reader: FormatReader) -> DayOrders:
    if reader.is_one_culture:
        order = pooled(surveys.values()).order
        return dict.fromkeys(surveys, order)
    orders = {key: survey.order for key, survey in surveys.items()}
    return {key: order for key, order in orders.items() if order != DayOrder.UNKNOWN}


def _unique_names(names: Iterable[str]) -> dict[str, str]:
    """Return the columns' names as sent by their keys; twins and blanks get numbers."""
    unique: dict[str, str] = {}
    for place, name in enumerate(names, start=1):
        shown_name = storable(mend(name)) or f"column {place}"
        if column_key(shown_name) in unique:
            shown_name = f"{shown_name} (column {place})"
        unique[column_key(shown_name)] = shown_name
    return unique


def _with_surplus(names: Mapping[str, str], count: int) -> dict[str, str]:
    added = (f"column {place}" for place in range(len(names) + 1, count + 1))
    return {**names, **{f"surplus {name}": name for name in added}}


def _mended(
    cells: Mapping[str, str], names: Mapping[str, str], notes: list[RowNote]
) -> dict[str, str]:
    mended = {key: mend(cell) for key, cell in cells.items()}
    for key, cell in mended.items():
        if cell != cells[key]:
            data = {"column": names[key], "value": shown(cell)}
            notes.append(RowNote(NoteKey.CHARACTER_UNREADABLE, data))
    return mended


def _count_note(key: NoteKey, count: int) -> RowNote:
    return RowNote(key, {"count": str(count)})


def _piece(source_format: ImportFormat, number: int, row: Sequence[str]) -> RejectedRow:
    """Reject a short row after a broken one: it may be a piece of a text."""
    data = {"reason": "it is too short, and a row before it is broken"}
    cells = {f"column {place}": mend(cell) for place, cell in enumerate(row, start=1)}
    reason = RowNote(NoteKey.ROW_UNREADABLE, data)
    return RejectedRow(source_format, number, reason, cells)


def _broken(source_format: ImportFormat, number: int, row: BrokenRow) -> RejectedRow:
    if row.is_open_quote:
        first, last = row.first_line, row.last_line
        lines = str(first) if first == last else f"{first}-{last}"
        reason = RowNote(NoteKey.QUOTE_NEVER_CLOSED, {"lines": lines})
    else:
        reason = RowNote(NoteKey.ROW_UNREADABLE, {"reason": row.reason})
    return RejectedRow(source_format, number, reason)
