"""Pure: what fields were before an import, where nobody has changed them since."""

from typing import Any

from sqlalchemy import Table

from ..store.packing import packed, unpacked
from .import_log import FieldEdits, as_json


def values_before(table: Table, record: Any, edits: FieldEdits) -> dict[str, Any]:
    """Return the earlier values of the fields that are as the import left them.

    Of a list that has changed since, only what the import added goes.
    """
    current = as_json(packed(table, {name: getattr(record, name) for name in edits}))
    found: dict[str, Any] = {}
    for name, (old, new) in edits.items():
        value = current[name]
        if value == new:
            found[name] = old
        elif isinstance(value, list) and isinstance(new, list):
            added = [entry for entry in new if entry not in (old or ())]
            found[name] = [entry for entry in value if entry not in added]
    return unpacked(table, found)
