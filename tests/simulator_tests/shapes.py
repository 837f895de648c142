"""Compares two sets of JSON values: members, types, notations, null."""

import re
from collections.abc import Sequence
from typing import Any

_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d.*")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def kind_of(value: Any) -> str:
    """Return the JSON type; dates and instants tell their notation too."""
    if isinstance(value, str) and _DAY.fullmatch(value):
        return "day"
    if isinstance(value, str) and _INSTANT.fullmatch(value):
        # The blank form drops zeros at the end, so its digits do not count.
        digits = re.sub(r"\d", "9", value)
        return re.sub(r"( .*)\.9{1,3}$", r"\1.9", digits)
    return type(value).__name__


def differences(
    recorded: Sequence[Any],
    ours: Sequence[Any],
    path: str = "",
    *,
    is_fragment: bool = False,
) -> list[str]:
    """Return how our values differ from recorded ones at the same place.

    Members must be the same, unless only a fragment was recorded; what is null in
    every recorded value must be null; types and notations must have been recorded.
    """
    known = {kind_of(value) for value in recorded if value is not None}
    found = {kind_of(value) for value in ours if value is not None}
    if not known:
        return [f"{path}: null in every record, but {sorted(found)}"] if found else []
    if found - known:
        return [f"{path}: {sorted(known)} in the record, but {sorted(found - known)}"]
    known_elements, our_elements = _elements(recorded), _elements(ours)
    result = _members(recorded, ours, path, is_fragment=is_fragment)
    if known_elements:
        result += differences(
            known_elements, our_elements, f"{path}[]", is_fragment=is_fragment
        )
    return result


def _elements(values: Sequence[Any]) -> list[Any]:
    return [element for value in values if isinstance(value, list) for element in value]


def _members(
    recorded: Sequence[Any], ours: Sequence[Any], path: str, *, is_fragment: bool
) -> list[str]:
    known = [value for value in recorded if isinstance(value, dict)]
    found = [value for value in ours if isinstance(value, dict)]
    if not known or not found:
        return []
    may_be = set().union(*known)
    must_be = set(known[0]).intersection(*known)
    result = [
        f"{path}.{name}: {what}"
        for value in found
        for what, names in (
            ("missing", must_be - set(value)),
            ("not in the record", set() if is_fragment else set(value) - may_be),
        )
        for name in names
    ]
    for name in sorted(may_be):
        result += differences(
            [value[name] for value in known if name in value],
            [value[name] for value in found if name in value],
            f"{path}.{name}",
            is_fragment=is_fragment,
        )
    return sorted(set(result))
