"""Pure: what a person reads about a conflict, and what a choice is called."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

from ..core.decisions.conflicts import OpenConflict, ShownCandidate
from ..core.matching.persons import written_by
from ..core.store.records import Book, BookId
from .translated_texts import TextKind, TranslatedTexts, marked_down

_UNKNOWN: Final = "?"
_MS_PER_MINUTE: Final = 60_000

# Home Assistant's dialogs take no size of an image; it is never wider than its cell.
_TITLE_PX: Final = 96
_BOOK_PX: Final = 56


def title_words(shown: OpenConflict, texts: TranslatedTexts) -> dict[str, str]:
    """Return what fills the sentences about a title; one of no series has no line."""
    title = shown.title
    series = title.series if title else ()
    places = (f"{place.title} {place.sequence or ''}".strip() for place in series)
    named = marked_down(", ".join(places))
    return {
        "title": marked_down(shown.link.fields.audible_title),
        "authors": marked_down(_names(written_by(title.authors) if title else ())),
        "narrators": marked_down(_names(title.narrators if title else ())),
        "length": length_words(title.runtime_ms if title else None),
        "series": texts.of(TextKind.FACT, "series", series=named) if named else "",
    }


def cover_picture(cover: str | None) -> str:
    """Return a title's cover as it stands above its name; none is no text."""
    return _table([(_TITLE_PX, cover, "")]) if cover else ""


def candidate_table(
    candidates: Sequence[ShownCandidate],
    covers: Mapping[BookId, str | None],
    texts: TranslatedTexts,
) -> str:
    """Return the books that a title may be: cover, facts, and what speaks for each."""
    rows = [
        (_BOOK_PX, covers.get(one.book.book_id), _candidate_words(number, one, texts))
        for number, one in enumerate(candidates, start=1)
    ]
    return _table(rows) if rows else _UNKNOWN


def _candidate_words(
    number: int, candidate: ShownCandidate, texts: TranslatedTexts
) -> str:
    title, *facts = _facts(candidate.book)
    evidence = texts.evidence(candidate.evidence)
    lines = [
        f"<b>{number}. {escape(title)}</b>",
        escape(" · ".join(facts)),
        escape(f"{percent_words(candidate.confidence)}: {evidence}"),
    ]
    return "<br>".join(line for line in lines if line)


def _table(rows: Sequence[tuple[int, str | None, str]]) -> str:
    """Return pictures with words beside them. Dialogs show Markdown, and some HTML."""
    has_covers = any(cover for _, cover, _ in rows)
    lines = [
        f"<tr>{_image(width_px, cover) if has_covers else ''}"
        f'<td valign="top">{words}</td></tr>'
        for width_px, cover, words in rows
    ]
    return f'<table role="presentation">{"".join(lines)}</table>'


def _image(width_px: int, cover: str | None) -> str:
    image = f'<img src="{escape(cover)}">' if cover else ""
    return f'<td width="{width_px}" valign="top">{image}</td>'


def candidate_words(number: int, candidate: ShownCandidate) -> str:
    """Return what choosing a candidate is called: its number, the book, the fit."""
    fit = percent_words(candidate.confidence)
    return f"{number}. {book_words(candidate.book)} · {fit}"


def percent_words(confidence: float) -> str:
    """Return how well a book fits."""
    return f"{confidence * 100:.0f} %"


def book_words(book: Book) -> str:
    """Return a book in a line: title, authors, narrators, length, year."""
    return " · ".join(_facts(book))


def _facts(book: Book) -> list[str]:
    fields = book.fields
    words = [
        ", ".join(written_by(fields.authors)),
        ", ".join(fields.narrators),
        length_words(fields.runtime_ms) if fields.runtime_ms else "",
        str(fields.year or ""),
    ]
    return [fields.title, *(word for word in words if word)]


def length_words(runtime_ms: int | None) -> str:
    """Return a length as h:mm."""
    if runtime_ms is None:
        return _UNKNOWN
    hours, minutes = divmod(runtime_ms // _MS_PER_MINUTE, 60)
    return f"{hours}:{minutes:02} h"


def _names(names: Sequence[str]) -> str:
    return ", ".join(names) or _UNKNOWN
