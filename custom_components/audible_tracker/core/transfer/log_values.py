"""Pure: books and reads as the log of an import holds them, in a form for JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, fields
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Table

from ..store.packing import packed
from ..store.records import BookFields, ReadFields
from ..store.schema import BOOKS, READS
from ..store.types import epoch_ms, instant_of
from .records import BookEdit, ReadEdit

type FieldEdits = dict[str, list[Any]]
"""By field: the value before and after, in a form that JSON can hold."""

type Said = dict[str, Any]
"""By field: what a book or a read says of itself, in a form that JSON can hold."""

type PathEdit = tuple[list[str], Any, Any]
"""A member of a book's ``extra``: where, before and after (None: not there)."""


@dataclass(frozen=True, slots=True)
class BookBefore:
    """What an import changed in a book, and when that was changed before."""

    book_id: int
    updated_at: datetime
    edits: FieldEdits
    extra: tuple[PathEdit, ...]


@dataclass(frozen=True, slots=True)
class ReadBefore:
    """What an import changed in a read, and when that was changed before."""

    read_id: int
    updated_at: datetime
    edits: FieldEdits


def book_entry(edit: BookEdit) -> list[Any]:
    """Return what changes in a book, as `book_before` reads it."""
    before, after = flat(edit.before.fields.extra), flat(edit.after.extra)
    extra = [
        [list(path), before.get(path), after.get(path)]
        for path in dict.fromkeys((*after, *before))
        if before.get(path) != after.get(path)
    ]
    changed = _edits(BOOKS, edit.before.fields, edit.after, but="extra")
    return [edit.before.book_id, epoch_ms(edit.before.updated_at), changed, extra]


def book_before(entry: Sequence[Any]) -> BookBefore:
    """Return what changed in a book."""
    number, ms, edits, extra = entry
    return BookBefore(number, instant_of(ms), edits, tuple(map(tuple, extra)))


def as_entry(before: BookBefore) -> list[Any]:
    """Return the same as it was kept."""
    ms, extra = epoch_ms(before.updated_at), [list(edit) for edit in before.extra]
    return [before.book_id, ms, before.edits, extra]


def read_entry(edit: ReadEdit) -> list[Any]:
    """Return what changes in a read, as `read_before` reads it."""
    changed = _edits(READS, edit.before.fields, edit.after)
    return [edit.before.read_id, epoch_ms(edit.before.updated_at), changed]


def read_before(entry: Sequence[Any]) -> ReadBefore:
    """Return what changed in a read."""
    number, ms, edits = entry
    return ReadBefore(number, instant_of(ms), edits)


def _edits[T: (BookFields, ReadFields)](
    table: Table, before: T, after: T, *, but: str = ""
) -> FieldEdits:
    names = [
        member.name
        for member in fields(before)
        if member.name != but
        and getattr(before, member.name) != getattr(after, member.name)
    ]
    old = packed(table, {name: getattr(before, name) for name in names})
    new = packed(table, {name: getattr(after, name) for name in names})
    return {name: [old[name], new[name]] for name in names}


# These say where a row belongs and not what it says.
_PLACES: Final = ("reader_id", "book_id", "link_id", "sync_log_id")


def said_of(table: Table, record: BookFields | ReadFields) -> Said:
    """Return what a book or a read says, but for what it leaves at its default."""
    values = {
        member.name: getattr(record, member.name)
        for member in fields(record)
        if member.name not in _PLACES
        and getattr(record, member.name) != _default(member)
    }
    return packed(table, values)


def _default(member: Field[Any]) -> Any:
    factory = member.default_factory
    return member.default if factory is MISSING else factory()


def flat(extra: Mapping[str, Any]) -> dict[tuple[str, ...], Any]:
    """Return the members of a book's ``extra``, and the members of objects in it."""
    found: dict[tuple[str, ...], Any] = {}
    for name, value in extra.items():
        if isinstance(value, Mapping) and value:
            found.update(((name, inner), entry) for inner, entry in value.items())
        else:
            found[name,] = value
    return found


def as_json(value: Any) -> Any:
    """Return a value as it comes back out of JSON: lists for tuples."""
    return json.loads(json.dumps(value))
