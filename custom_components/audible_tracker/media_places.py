"""Where in the tree of the media source: its words, and which titles lie where."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self
from urllib.parse import quote, unquote

from .actions.calls import parse_asin
from .core.errors import InvalidValueError
from .core.matching.persons import written_by
from .core.models import Asin, AudibleTitle

RECENT_MAX: Final = 50


class Shelf(StrEnum):
    """How an account's titles are grouped."""

    UNDER_WAY = "under_way"
    RECENT = "recent"
    AUTHORS = "authors"
    SERIES = "series"
    NARRATORS = "narrators"
    COLLECTIONS = "collections"
    LIBRARY = "library"


NAMED: Final = frozenset(
    {Shelf.AUTHORS, Shelf.SERIES, Shelf.NARRATORS, Shelf.COLLECTIONS}
)
"""Shelves with a folder for each name."""


@dataclass(frozen=True, slots=True)
class Place:
    """An account, then a shelf and a name on it, or a title and one of its chapters."""

    entry_id: str | None = None
    shelf: Shelf | None = None
    name: str | None = None
    asin: Asin | None = None
    chapter: int | None = None

    @classmethod
    def parse(cls, identifier: str | None) -> Self:
        """Read it; raise InvalidValueError for what was never handed out.

        Home Assistant 2026.10 says "" and 2026.11 says None for the root.
        """
        match (identifier or "").split("/"):
            case [""]:
                return cls()
            case [entry_id]:
                return cls(entry_id)
            case [entry_id, shelf] if shelf in Shelf:
                return cls(entry_id, Shelf(shelf))
            case [entry_id, shelf, name] if shelf in NAMED:
                return cls(entry_id, Shelf(shelf), unquote(name))
            case [entry_id, "title", asin]:
                return cls(entry_id, asin=parse_asin(asin))
            case [entry_id, "title", asin, number] if number.isdecimal():
                return cls(entry_id, asin=parse_asin(asin), chapter=int(number[:6]))
        raise InvalidValueError(
            field="media_content_id", value=identifier, allowed="what browsing shows"
        )

    @property
    def text(self) -> str | None:
        """Return what it is called in an address."""
        parts = [self.entry_id]
        if self.asin is not None:
            parts += ["title", self.asin]
            parts += [str(self.chapter)] if self.chapter is not None else []
        if self.shelf is not None:
            parts += [self.shelf.value]
            parts += [quote(self.name, safe="")] if self.name is not None else []
        return "/".join(one for one in parts if one is not None) or None


type Collections = Mapping[Asin, frozenset[str]]


def names_on(
    shelf: Shelf, titles: Iterable[AudibleTitle], collections: Collections
) -> list[str]:
    """Return the names on a shelf, in order."""
    names = {name for title in titles for name in _names(shelf, title, collections)}
    return sorted(names, key=str.casefold)


def titles_under(
    place: Place, titles: Iterable[AudibleTitle], collections: Collections
) -> list[AudibleTitle]:
    """Return the titles at a place: in order, a series in its own."""
    found = list(titles)
    if place.shelf in NAMED and place.name is not None:
        name = place.name
        found = [one for one in found if name in _names(place.shelf, one, collections)]
    if place.shelf is Shelf.RECENT:
        dated = [one for one in found if one.purchased_at is not None]
        dated.sort(key=lambda one: str(one.purchased_at), reverse=True)
        return dated[:RECENT_MAX]
    if place.shelf is Shelf.SERIES:
        return sorted(found, key=lambda one: _place_in_series(one, place.name))
    return sorted(found, key=lambda one: one.name.casefold())


def searchable(title: AudibleTitle) -> str:
    """Return what a title is found by."""
    series = (place.title for place in title.series)
    words = (
        title.name,
        title.subtitle or "",
        *title.authors,
        *title.narrators,
        *series,
    )
    return " ".join(words).casefold()


def _names(
    shelf: Shelf, title: AudibleTitle, collections: Collections
) -> Iterable[str]:
    match shelf:
        case Shelf.AUTHORS:
            return written_by(title.authors)
        case Shelf.NARRATORS:
            return title.narrators
        case Shelf.SERIES:
            return [place.title for place in title.series]
        case Shelf.COLLECTIONS:
            return collections.get(title.asin, ())
        case _:
            return ()


def _place_in_series(title: AudibleTitle, name: str | None) -> tuple[float, str]:
    for place in title.series:
        if place.title == name and place.sequence:
            first = place.sequence.split("-")[0]
            try:
                return float(first), title.name.casefold()
            except ValueError:
                break
    return float("inf"), title.name.casefold()
