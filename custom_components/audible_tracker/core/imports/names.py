"""Pure: persons and series as trackers write them into one cell."""

import json
import re
from typing import Any, Final

from ..models import SeriesPlace

_BLANKS: Final = re.compile(r"\s+")
_SUFFIX: Final = re.compile(
    r"(?:jr|sr|ii|iii|iv|ph\.?\s?d|m\.?d|d\.?d\.?s|esq|mba|rn)\.?", re.IGNORECASE
)
_ROLE: Final = re.compile(r"(?P<name>.*\S)\s*\((?P<role>[^()]{2,40})\)")
_SEQUENCE: Final = re.compile(r"[0-9][0-9.,\-\u2013& ]*")
_NUMBERED: Final = re.compile(r"\s*(?P<sequence>[^:]{0,20}?)\s*:\s+(?P<series>\S.*)")


def one_line(text: str) -> str:
    """Return the text with each run of blanks as one."""
    return _BLANKS.sub(" ", text).strip()


def split_names(text: str) -> tuple[str, ...]:
    """Return the names of a comma list, each once; "King, Jr." stays together."""
    names: list[str] = []
    for part in _list_of(text) or text.split(","):
        name = one_line(part)
        if names and _SUFFIX.fullmatch(name):
            names[-1] = f"{names[-1]}, {name}"
        elif name:
            names.append(name)
    return tuple(dict.fromkeys(names))


def split_full_names(text: str) -> tuple[str, ...]:
    """Return the names of a comma list that may also be one "Smith, Mark".

    It is a list only if every part has a given name and a surname.
    """
    names = split_names(text)
    if all(" " in name for name in names):
        return names
    return (one_line(text),)


def split_by(separator: str, text: str) -> tuple[str, ...]:
    """Return the names between the separators, each once."""
    names = (one_line(part) for part in text.split(separator))
    return tuple(dict.fromkeys(name for name in names if name))


def given_name_first(name: str) -> str:
    """Turn "Cortazar, Julio" round; anything but one comma stays as it is."""
    last, comma, first = name.partition(",")
    if not comma or "," in first or not first.strip() or not last.strip():
        return one_line(name)
    return one_line(f"{first} {last}")


def by_role(
    names: tuple[str, ...], role: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Part "Name (Role)" entries: the names that have this role, and the others."""
    having: list[str] = []
    others: list[str] = []
    for entry in names:
        match = _ROLE.fullmatch(entry)
        if match and match["role"].casefold() == role:
            having.append(match["name"])
        else:
            others.append(entry)
    return tuple(having), tuple(others)


def title_and_series(text: str) -> tuple[str, tuple[SeriesPlace, ...]]:
    """Part "Title (Series, #1.5; Other #3)"; a title without that stays whole."""
    title = one_line(text)
    start = _last_bracket(title)
    if start < 1 or "#" not in title[start:]:
        return title, ()
    places = tuple(_place(part) for part in title[start + 1 : -1].split(";"))
    known = tuple(place for place in places if place is not None)
    if len(known) != len(places):
        return title, ()
    return title[:start].rstrip(), known


def _last_bracket(title: str) -> int:
    """Return where the bracket that the title ends with is opened; -1 if none."""
    depth = 0
    for place in range(len(title) - 1, -1, -1):
        depth += (title[place] == ")") - (title[place] == "(")
        if depth == 0:
            return place if title[-1] == ")" else -1
    return -1


def _place(text: str) -> SeriesPlace | None:
    before, _, sequence = text.strip().rpartition("#")
    series = before.rstrip(" ,")
    if not series or series == before or not _SEQUENCE.fullmatch(sequence.strip()):
        return None
    return SeriesPlace(series, sequence.strip())


def numbered_series(order: str) -> tuple[SeriesPlace, ...]:
    """Read Libation's "1 : Mistborn, 3.5 : Cosmere"; names may hold commas."""
    places: list[SeriesPlace] = []
    for part in order.split(","):
        match = _NUMBERED.fullmatch(part)
        if match:
            sequence = match["sequence"].strip(" -")
            places.append(SeriesPlace(one_line(match["series"]), sequence or None))
        elif places and part.strip():
            last = places[-1]
            name = one_line(f"{last.title},{part}")
            places[-1] = SeriesPlace(name, last.sequence)
    return tuple(places)


def listed_series(text: str) -> tuple[SeriesPlace, ...]:
    """Read a JSON list of ``{"title", "sequence"}``; () if it is none."""
    return tuple(
        SeriesPlace(one_line(str(member["title"])), _sequence(member.get("sequence")))
        for member in _json_list(text) or ()
        if isinstance(member, dict) and member.get("title")
    )


def _sequence(value: object) -> str | None:
    return None if value in (None, "") else str(value)


def _list_of(text: str) -> list[str] | None:
    """Return the members of a JSON list of texts or of ``{"name"}``."""
    members = _json_list(text)
    if members is None:
        return None
    names = [m.get("name") if isinstance(m, dict) else m for m in members]
    return [name for name in names if isinstance(name, str)]


def _json_list(text: str) -> list[Any] | None:
    if not text.startswith("["):
        return None
    try:
        members: list[Any] = json.loads(text)
    except ValueError, RecursionError:
        return None
    return members
