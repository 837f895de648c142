"""Column types: what is stored portably, and what comes out of it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final, override

from sqlalchemy import JSON, BigInteger, Dialect, Integer, Text
from sqlalchemy.types import TypeDecorator

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MS: Final = timedelta(milliseconds=1)

ROW_ID: Final = BigInteger().with_variant(Integer, "sqlite")
"""A number that the database gives; SQLite counts only in a column of type INTEGER."""


def epoch_ms(instant: datetime) -> int:
    """Return milliseconds since 1970; raise TypeError for an instant without zone."""
    return (instant - _EPOCH) // _MS


def instant_of(value_ms: int) -> datetime:
    """Return the aware UTC instant of milliseconds since 1970."""
    return _EPOCH + timedelta(milliseconds=value_ms)


class Instant(TypeDecorator[datetime]):
    """An aware UTC instant as milliseconds since 1970, cut down to whole ones."""

    impl = BigInteger
    cache_ok = True

    @override
    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        return None if value is None else epoch_ms(value)

    @override
    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return None if value is None else instant_of(value)


def storable(text: str) -> str:
    """Return a text without what no database takes: NUL, half a surrogate pair."""
    if text.isascii() and "\0" not in text:
        return text
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


class OutsideText(TypeDecorator[str]):
    """Text that came from outside, without what no database takes.

    PostgreSQL refuses NUL, and both refuse half a surrogate pair; either would
    otherwise fail a whole sync for one title.
    """

    impl = Text
    cache_ok = True

    @override
    def process_bind_param(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else storable(value)


class Choice[E: StrEnum](TypeDecorator[E]):
    """A member of a closed set, stored by its value."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: type[E]) -> None:
        """Take the set."""
        super().__init__()
        self.kind = kind

    @override
    def process_bind_param(self, value: E | None, dialect: Dialect) -> Any:
        return None if value is None else self.kind(value).value

    @override
    def process_result_value(self, value: Any, dialect: Dialect) -> E | None:
        return None if value is None else self.kind(value)


class Shaped[T](TypeDecorator[T]):
    """A value stored as JSON; ``dump`` and ``load`` say in which shape."""

    impl = JSON
    cache_ok = True

    def __init__(self, dump: Callable[[T], Any], load: Callable[[Any], T]) -> None:
        """Take both directions; module-level functions, so that they compare equal."""
        super().__init__(none_as_null=True)
        self.dump = dump
        self.load = load

    @override
    def process_bind_param(self, value: T | None, dialect: Dialect) -> Any:
        return None if value is None else self.dump(value)

    @override
    def process_result_value(self, value: Any, dialect: Dialect) -> T | None:
        return None if value is None else self.load(value)
