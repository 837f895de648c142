"""One object of our own export, asked for members of a known type."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, Final

from .record import shown
from .text import storable

MS_BITS: Final = 53
"""How large a time in milliseconds may be: what every program reads exactly."""


class MemberError(ValueError):
    """A member of one book is not as written by us; the text names it."""


class Members:
    """One JSON object, asked for members of a known type; a wrong one is named."""

    def __init__(self, body: Any, name: str) -> None:
        """Take the object and what it is called; MemberError if it is none."""
        if not isinstance(body, dict):
            raise MemberError(f"{name} is no object")
        self._body: dict[str, Any] = body
        self._name = name

    def wrong(self, name: str) -> MemberError:
        """Return the error for a member of another kind, or of a value too far out."""
        shown_value = shown(storable(repr(self._body.get(name))))
        return MemberError(f"{self._name}.{name} is {shown_value}")

    def has(self, name: str) -> bool:
        """Tell whether a member is there and says something."""
        return self._body.get(name) is not None

    def text(self, name: str) -> str | None:
        """Return a text; None where it lacks."""
        value = self._body.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            raise self.wrong(name)
        return storable(value)

    def whole(self, name: str, *, bits: int = 31) -> int | None:
        """Return a whole number that fits its column."""
        value = self._body.get(name)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.wrong(name)
        if abs(value) >= 1 << bits:
            raise self.wrong(name)
        return value

    def number(self, name: str, *, high: float, low: float = 0.0) -> float | None:
        """Return a number between the limits."""
        value = self._body.get(name)
        if value is None:
            return None
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise self.wrong(name)
        if not low <= value <= high:
            raise self.wrong(name)
        return float(value)

    def day(self, name: str) -> date | None:
        """Return a day."""
        value = self.text(name)
        if value is None:
            return None
        try:
            return date.fromisoformat(value)
        except ValueError as err:
            raise self.wrong(name) from err

    def instant(self, name: str) -> datetime | None:
        """Return an instant; one without zone is wrong."""
        value = self.text(name)
        if value is None:
            return None
        try:
            instant = datetime.fromisoformat(value)
            if instant.tzinfo is None:
                raise self.wrong(name)
            return instant.astimezone(UTC)
        except (ValueError, OverflowError) as err:
            raise self.wrong(name) from err

    def flag(self, name: str) -> bool:
        """Return yes or no."""
        value = self._body.get(name)
        if not isinstance(value, bool):
            raise self.wrong(name)
        return value

    def flag_or_none(self, name: str) -> bool | None:
        """Return yes or no, None where it lacks."""
        return self.flag(name) if self.has(name) else None

    def choice[E: StrEnum](self, name: str, kind: type[E]) -> E:
        """Return a member of a closed set."""
        try:
            return kind(self.text(name) or "")
        except ValueError as err:
            raise self.wrong(name) from err

    def choice_or_none[E: StrEnum](self, name: str, kind: type[E]) -> E | None:
        """Return a member of a closed set, None where it lacks."""
        return None if self._body.get(name) is None else self.choice(name, kind)

    def _listed(self, name: str) -> list[Any]:
        values = self._body.get(name, [])
        if not isinstance(values, list):
            raise self.wrong(name)
        return values

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts."""
        values = self._listed(name)
        if not all(isinstance(value, str) for value in values):
            raise self.wrong(name)
        return tuple(storable(value) for value in values)

    def object(self, name: str) -> Members:
        """Return an object in this one."""
        return Members(self._body.get(name), f"{self._name}.{name}")

    def objects(self, name: str) -> Iterator[Members]:
        """Yield the objects of a list."""
        values = self._listed(name)
        return (Members(value, f"{self._name}.{name}") for value in values)

    def mapping(self, name: str) -> dict[str, str]:
        """Return an object of texts."""
        value = self._body.get(name, {})
        if not isinstance(value, dict) or not all(
            isinstance(text, str) for text in value.values()
        ):
            raise self.wrong(name)
        return {storable(key): storable(text) for key, text in value.items()}

    def document(self, name: str) -> dict[str, Any]:
        """Return an object of anything, without what no database takes."""
        value = self._body.get(name, {})
        if not isinstance(value, dict):
            raise self.wrong(name)
        return {storable(key): _storable(entry) for key, entry in value.items()}


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, list):
        return [_storable(entry) for entry in value]
    if isinstance(value, dict):
        return {storable(key): _storable(entry) for key, entry in value.items()}
    return value
