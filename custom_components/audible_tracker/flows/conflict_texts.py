"""Pure: what a person reads about a conflict, and what a choice is called."""

from collections.abc import Sequence
from typing import Final

from ..core.decisions.conflicts import OpenConflict
from ..core.store.records import Book

_UNKNOWN: Final = "?"
_MS_PER_MINUTE: Final = 60_000


def title_words(shown: OpenConflict) -> dict[str, str]:
    """Return what fills the sentence about a title."""
    title = shown.title
    series = title.series if title else ()
    places = (f"{place.title} {place.sequence or ''}".strip() for place in series)
    return {
        "title": shown.link.fields.audible_title,
        "authors": _names(title.authors if title else ()),
        "narrators": _names(title.narrators if title else ()),
        "length": length_words(title.runtime_ms if title else None),
        "series": ", ".join(places) or _UNKNOWN,
        "cover": (title.cover_url if title else None) or "https://www.audible.com",
        "candidates": candidate_words(shown),
    }


def candidate_words(shown: OpenConflict) -> str:
    """Return what speaks for and against each book, as a list."""
    lines = []
    for number, candidate in enumerate(shown.candidates, start=1):
        evidence = "; ".join(piece.words for piece in candidate.evidence)
        name = book_words(candidate.book)
        cover = candidate.book.fields.cover_url
        picture = f" [▣]({cover})" if cover else ""
        percent = f"{candidate.confidence * 100:.0f} %"
        lines.append(f"{number}. {name}, {percent}{picture}: {evidence}")
    return "\n".join(lines) or _UNKNOWN


def book_words(book: Book) -> str:
    """Return a book in a line: title, authors, narrators, length, year."""
    fields = book.fields
    words = [
        fields.title,
        ", ".join(fields.authors),
        ", ".join(fields.narrators),
        length_words(fields.runtime_ms) if fields.runtime_ms else "",
        str(fields.year or ""),
    ]
    return " · ".join(word for word in words if word)


def length_words(runtime_ms: int | None) -> str:
    """Return a length as h:mm."""
    if runtime_ms is None:
        return _UNKNOWN
    hours, minutes = divmod(runtime_ms // _MS_PER_MINUTE, 60)
    return f"{hours}:{minutes:02} h"


def _names(names: Sequence[str]) -> str:
    return ", ".join(names) or _UNKNOWN
