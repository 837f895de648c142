"""Pure: what a person may say of books and reads, checked before anything changes."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from math import isfinite
from typing import Any, Final, TypedDict
from urllib.parse import urlsplit

from ..errors import InvalidValueError
from ..isbn import read_isbn
from ..kinds import BookType, ReadOutcome
from ..models import SeriesPlace

RATING_STEP: Final = 0.25
RATING_MAX: Final = 5.0
_TEXT_MAX: Final = 10_000
_PAGES_MAX: Final = 100_000
_DAY: Final = timedelta(days=1)


class BookEdit(TypedDict, total=False):
    """What a person may say of a book; what is not there stays, None clears.

    ``isbn`` is any form of one; ``runtime_ms`` is the length of a recording.
    """

    title: str
    subtitle: str | None
    authors: Iterable[str]
    narrators: Iterable[str]
    series: Iterable[SeriesPlace]
    book_type: BookType
    isbn: str | None
    publisher: str | None
    year: int | None
    language: str | None
    page_count: int | None
    runtime_ms: int | None
    cover_url: str | None
    added_on: date | None
    review: str | None
    private_notes: str | None
    tags: Iterable[str]


class ReadEdit(TypedDict, total=False):
    """What a person may say of one pass; what is not there stays, None is unknown."""

    outcome: ReadOutcome
    started_on: date | None
    finished_on: date | None
    stopped_on: date | None


def checked_book(edit: BookEdit) -> dict[str, Any]:
    """Return the fields of a book; raise InvalidValueError for what cannot be."""
    values: dict[str, Any] = {}
    for name, value in edit.items():
        check = _CHECKS.get(name)
        if check is None:
            allowed = ", ".join(sorted(_CHECKS))
            raise InvalidValueError(field="field", value=name, allowed=allowed)
        values |= check(name, value)
    return values


def checked_rating(rating: float | None) -> float | None:
    """Return a rating of 0 to 5 in steps of a quarter; None takes one back."""
    if rating is None:
        return None
    is_in_range = isfinite(rating) and 0.0 <= rating <= RATING_MAX
    if not is_in_range or rating % RATING_STEP:
        allowed = "0 to 5 in steps of 0.25"
        raise InvalidValueError(field="rating", value=rating, allowed=allowed)
    return float(rating)


def checked_day(name: str, day: date | None, *, now: datetime) -> date | None:
    """Return a day that has come; it may be a day ahead, as it is somewhere."""
    if isinstance(day, datetime):
        raise InvalidValueError(field=name, value=str(day), allowed="a day")
    if day is not None and day > (now + _DAY).date():
        allowed = "a day that is not in the future"
        raise InvalidValueError(field=name, value=str(day), allowed=allowed)
    return day


def check_order(started_on: date | None, ended_on: date | None, name: str) -> None:
    """Refuse an end before its beginning."""
    if started_on is not None and ended_on is not None and ended_on < started_on:
        raise InvalidValueError(
            field=name, value=str(ended_on), allowed=f"from {started_on} on"
        )


def _text(name: str, value: Any) -> dict[str, Any]:
    if value is None:
        return {name: None}
    if not isinstance(value, str) or len(value) > _TEXT_MAX:
        allowed = f"a text of at most {_TEXT_MAX} characters"
        raise InvalidValueError(field=name, value=value, allowed=allowed)
    return {name: value.strip() or None}


def _url(name: str, value: Any) -> dict[str, Any]:
    checked = _text(name, value)
    text = checked[name]
    if text is None:
        return checked
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = urlsplit("")
    # It is shown to others: nothing but a picture's address may stand there.
    if parts.scheme not in ("http", "https") or not parts.hostname:
        allowed = "an address that begins with https:// or http://"
        raise InvalidValueError(field=name, value=value, allowed=allowed)
    return checked


def _title(name: str, value: Any) -> dict[str, Any]:
    checked = _text(name, value)
    if checked[name] is None:
        raise InvalidValueError(field=name, value=value, allowed="a text")
    return checked


def _words(name: str, value: Any) -> dict[str, Any]:
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise InvalidValueError(field=name, value=value, allowed="a list of texts")
    found = [_text(name, word)[name] for word in value]
    # Said twice is said once.
    return {name: tuple(dict.fromkeys(word for word in found if word))}


def _series(name: str, value: Any) -> dict[str, Any]:
    places = tuple(value)
    if not all(isinstance(one, SeriesPlace) and one.title.strip() for one in places):
        allowed = "a list of series with their places"
        raise InvalidValueError(field=name, value=value, allowed=allowed)
    return {name: places}


def _type(name: str, value: Any) -> dict[str, Any]:
    try:
        return {name: BookType(value)}
    except ValueError:
        allowed = ", ".join(BookType)
        raise InvalidValueError(field=name, value=value, allowed=allowed) from None


def _isbn(name: str, value: Any) -> dict[str, Any]:
    if value is None or not str(value).strip():
        return {"isbn13": None, "isbns": ()}
    isbn = read_isbn(str(value))
    if isbn is None or isbn.isbn13 is None:
        allowed = "an ISBN with its right check digit"
        raise InvalidValueError(field=name, value=value, allowed=allowed)
    return {"isbn13": isbn.isbn13, "isbns": (isbn.isbn13,)}


def _day(name: str, value: Any) -> dict[str, Any]:
    if value is not None and (isinstance(value, datetime) or type(value) is not date):
        raise InvalidValueError(field=name, value=value, allowed="a day")
    return {name: value}


def _number(least: int, most: int) -> Callable[[str, Any], dict[str, Any]]:
    def check(name: str, value: Any) -> dict[str, Any]:
        if value is None:
            return {name: None}
        is_number = isinstance(value, int) and not isinstance(value, bool)
        if not is_number or not least <= value <= most:
            allowed = f"{least} to {most}"
            raise InvalidValueError(field=name, value=value, allowed=allowed)
        return {name: value}

    return check


_CHECKS: Final[Mapping[str, Callable[[str, Any], dict[str, Any]]]] = {
    "title": _title,
    "subtitle": _text,
    "authors": _words,
    "narrators": _words,
    "series": _series,
    "book_type": _type,
    "isbn": _isbn,
    "publisher": _text,
    "year": _number(-3000, 3000),
    "language": _text,
    "page_count": _number(1, _PAGES_MAX),
    "runtime_ms": _number(1, 10**10),
    "cover_url": _url,
    "added_on": _day,
    "review": _text,
    "private_notes": _text,
    "tags": _words,
}
