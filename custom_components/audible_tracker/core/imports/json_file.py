"""Pure: JSON text to the objects that are its rows, and each to a row of cells."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from ..errors import ImportFileDamagedError, ImportFileEmptyError
from .table import column_key
from .text import storable

_ROW_NAMES: Final = frozenset({"asin", "audibleproductid", "title"})


def looks_like_json(text: str) -> bool:
    """Tell whether the text begins as a JSON object or list."""
    return text.lstrip("\ufeff \t\r\n")[:1] in ("{", "[") and bool(text.strip())


def parse_json(text: str) -> Any:
    """Return what the text says; ImportFileDamagedError if it is no JSON."""
    try:
        return json.loads(text.lstrip("\ufeff"), parse_constant=_no_constant)
    except RecursionError as err:
        raise ImportFileDamagedError(reason="its lists are nested too deep") from err
    except json.JSONDecodeError as err:
        reason = f"line {err.lineno}, column {err.colno}: {err.msg}"
        raise ImportFileDamagedError(reason=reason) from err
    except ValueError as err:
        raise ImportFileDamagedError(reason="it holds an impossible number") from err


def json_rows(body: Any) -> Sequence[Any]:
    """Return the rows: a list, the one list of an object, or objects under keys."""
    if isinstance(body, list):
        return body
    if not isinstance(body, dict) or not body:
        raise ImportFileEmptyError
    if _ROW_NAMES & {column_key(name) for name in body}:
        return [body]
    lists = [value for value in body.values() if isinstance(value, list) and value]
    if len(lists) == 1 and any(isinstance(row, dict) for row in lists[0]):
        return lists[0]
    if all(isinstance(value, dict) for value in body.values()):
        return list(body.values())
    return [body]


def json_cells(row: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Return name as sent and text of each member, by the name in small letters."""
    cells: dict[str, tuple[str, str]] = {}
    for name, value in row.items():
        key = column_key(name)
        while key in cells:
            key = f"{key}\u00a0"
        cells[key] = (storable(name), _cell(value))
    return cells


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | dict):
        return storable(json.dumps(value, ensure_ascii=False)) if value else ""
    return str(value)


def _no_constant(name: str) -> None:
    raise ValueError(name)
