"""How values inside one column look as JSON, and back."""

from collections.abc import Mapping
from dataclasses import astuple
from typing import Any, Final

from ..models import Chapter, SeriesPlace
from .records import BookId, Candidate, Evidence
from .types import Shaped, storable


def _places(stored: Any) -> tuple[SeriesPlace, ...]:
    return tuple(SeriesPlace(*place) for place in stored)


def _chapters(stored: Any) -> tuple[Chapter, ...]:
    return tuple(Chapter(*chapter) for chapter in stored)


def _evidence(stored: Any) -> tuple[Evidence, ...]:
    return tuple(Evidence(*piece) for piece in stored)


def _candidates(stored: Any) -> tuple[Candidate, ...]:
    return tuple(
        Candidate(BookId(book_id), confidence, _evidence(evidence))
        for book_id, confidence, evidence in stored
    )


def _rows(values: Any) -> list[Any]:
    return [astuple(value) for value in values]


def _document(value: Any) -> dict[str, Any]:
    cleaned: dict[str, Any] = _cleaned(value)
    return cleaned


def _cleaned(value: Any) -> Any:
    match value:
        case str():
            return storable(value)
        case Mapping():
            return {storable(name): _cleaned(entry) for name, entry in value.items()}
        case list() | tuple():
            return [_cleaned(entry) for entry in value]
        case _:
            return value


WORDS: Final = Shaped(list, tuple)
SERIES: Final = Shaped(_rows, _places)
CHAPTERS: Final = Shaped(_rows, _chapters)
EVIDENCE: Final = Shaped(_rows, _evidence)
CANDIDATES: Final = Shaped(_rows, _candidates)
DOCUMENT: Final = Shaped(_document, dict)
