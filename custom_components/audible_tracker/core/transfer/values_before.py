"""Pure: what rows were before an import, where nobody has changed them since."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final, cast

from sqlalchemy import Table

from ..kinds import ReadOutcome
from ..store.packing import packed, unpacked
from ..store.records import BookFields, ReadFields
from ..store.schema import BOOKS
from .log_values import BookBefore, FieldEdits, PathEdit, as_json, flat
from .row_book import IMPORTED
from .row_past import document_without

type Claimed = Collection[str | tuple[str, ...]]
"""Fields, and members of ``extra``, that later imports have changed as well."""

END_OF_READ: Final = (
    "outcome",
    "finished_on",
    "finished_source",
    "finished_at",
    "stopped_on",
)
"""Fields of a read that say together how it ended."""


def values_before(
    table: Table, record: Any, edits: FieldEdits, claimed: Claimed = ()
) -> dict[str, Any]:
    """Return the earlier values of the fields that are as the import left them.

    Of a list that has changed since, only what the import added goes.
    """
    current = as_json(packed(table, {name: getattr(record, name) for name in edits}))
    found: dict[str, Any] = {}
    for name, (old, new) in edits.items():
        value = current[name]
        if value == new and name not in claimed:
            found[name] = old
        elif isinstance(value, list) and isinstance(new, list):
            added = [entry for entry in new if entry not in (old or ())]
            found[name] = [entry for entry in value if entry not in added]
    return unpacked(table, found)


def has_days_of_outcome(read: ReadFields) -> bool:
    """Tell whether a read has no day that its outcome cannot have."""
    match read.outcome:
        case ReadOutcome.UNDER_WAY:
            return read.finished_on is None and read.stopped_on is None
        case ReadOutcome.FINISHED:
            return read.stopped_on is None
        case ReadOutcome.STOPPED:
            return read.finished_on is None
        case ReadOutcome.UNKNOWN:
            return True


def book_without(
    book: BookFields, before: BookBefore, claimed: Claimed = ()
) -> BookFields:
    """Return a book with what it was before an import."""
    return replace(
        book,
        **values_before(BOOKS, book, before.edits, claimed),
        extra=_extra_before(book.extra, before.extra, claimed),
    )


def changed_since(book: BookFields, before: BookBefore) -> BookBefore:
    """Return of an import's changes those that are not as they were left any more."""
    names = list(before.edits)
    current = as_json(packed(BOOKS, {name: getattr(book, name) for name in names}))
    members = flat(book.extra)
    edits = {
        name: [old, new]
        for name, (old, new) in before.edits.items()
        if current[name] != new
    }
    extra = [
        (path, old, new)
        for path, old, new in before.extra
        if members.get(tuple(path)) != new
    ]
    return replace(before, edits=edits, extra=tuple(extra))


def documents_without(
    book: BookFields, before: BookBefore, claimed: Claimed
) -> BookFields:
    """Return a book whose rows remember no pass of which the import alone has told.

    These are the rows that later imports have changed.
    """
    members = flat(book.extra)
    for path, old, new in before.extra:
        key = tuple(path)
        current = members.get(key)
        is_row = isinstance(current, Mapping) and isinstance(new, Mapping)
        if key[0] == IMPORTED and key in claimed and is_row:
            members[key] = document_without(members[key], old or {}, new)
    return replace(book, extra=_nested(members))


def _extra_before(
    extra: Mapping[str, Any], edits: Iterable[PathEdit], claimed: Claimed
) -> dict[str, Any]:
    members = flat(extra)
    for path, old, new in edits:
        key = tuple(path)
        if members.get(key) != new or key in claimed:
            continue
        if old is None:
            members.pop(key, None)
        else:
            members[key] = old
    return _nested(members)


def _nested(members: Mapping[tuple[str, ...], Any]) -> dict[str, Any]:
    extra: dict[str, Any] = {}
    for path, value in members.items():
        if len(path) == 1:
            extra[path[0]] = value
        else:
            inner = cast("dict[str, Any]", extra.setdefault(path[0], {}))
            inner[path[1]] = value
    return extra
