"""Pure: a row's values as JSON and back, by the types of its columns."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from sqlalchemy import Date, Table
from sqlalchemy.dialects import sqlite
from sqlalchemy.types import TypeDecorator

from .types import Choice, Instant, Shaped

# The types write the same for all databases.
_DIALECT: Final = sqlite.dialect()


def packed(table: Table, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values of a table's columns in a form that JSON can hold."""
    return {name: _pack(table, name, value) for name, value in values.items()}


def unpacked(table: Table, stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of `packed`; what is no column (any more) is left out."""
    return {
        name: _unpack(table, name, value)
        for name, value in stored.items()
        if name in table.c
    }


def _pack(table: Table, name: str, value: Any) -> Any:
    kind = table.c[name].type
    if isinstance(kind, TypeDecorator):
        return kind.process_bind_param(value, _DIALECT)
    return value.isoformat() if isinstance(value, date) else value


def _unpack(table: Table, name: str, value: Any) -> Any:
    kind = table.c[name].type
    if isinstance(kind, Choice | Instant | Shaped):
        return kind.process_result_value(value, _DIALECT)
    if isinstance(kind, Date) and value is not None:
        return date.fromisoformat(value)
    return value
