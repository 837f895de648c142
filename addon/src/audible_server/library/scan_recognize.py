"""Pure: which title each file is, by what is known of all of them together."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Final

from audible_core.matching import Matcher, TitleQuery, TrackedBook, Verdict
from audible_core.models import Asin

from audible_server.library.scan_names import (
    asin_in,
    base_of,
    folder_of,
    is_numbered,
    numbered_alike,
    titles_in,
)
from audible_server.store.books import Book
from audible_server.store.files import Reason, RecognizedBy, ScannedFile

_MS_PER_MINUTE: Final = 60_000
_WHOLE: Final = 0.9
"""A file shorter than this share of the title is no whole book, if it has sisters."""

_REASONS: Final = {
    Verdict.NO_MATCH: Reason.NO_MATCH,
    Verdict.LOW_CONFIDENCE: Reason.LOW_CONFIDENCE,
    Verdict.AMBIGUOUS: Reason.AMBIGUOUS,
}


@dataclass(frozen=True, slots=True)
class Hints:
    """What lies beside the files: titles by a file's path without its end."""

    of_keys: Mapping[str, Asin]
    of_lists: Mapping[str, Asin]


def named_title(
    file: ScannedFile, hints: Hints, library: Mapping[Asin, Book]
) -> ScannedFile:
    """Return the file as the title that something names, or as it is.

    Where several things are named, the library's own title wins.
    """
    listed = hints.of_lists.get(PurePosixPath(file.path).stem.lower())
    keyed = hints.of_keys.get(base_of(file.path))
    tagged = Asin(file.header.asin) if file.header.asin else None
    named = [
        (asin, by)
        for asin, by in (
            (listed, RecognizedBy.LIST),
            (asin_in(file.path), RecognizedBy.NAME),
            (keyed, RecognizedBy.VOUCHER),
            (tagged, RecognizedBy.TAGS),
        )
        if asin is not None
    ]
    if not named:
        return file
    asin, by = next((pair for pair in named if pair[0] in library), named[0])
    return replace(file, asin=asin, recognized_by=by, reason=None)


def recognized(
    files: Iterable[ScannedFile], hints: Hints, books: Iterable[Book]
) -> list[ScannedFile]:
    """Return each file as the title it is, or with the reason why none. Takes time."""
    library = {book.asin: book for book in books if book.account_id is not None}
    likeness = Likeness(library.values())
    named = [named_title(replace(file, reason=None), hints, library) for file in files]
    alike = [file if file.asin else likeness.recognize(file) for file in named]
    return without_parts(alike, library)


def without_parts(
    files: Sequence[ScannedFile], library: Mapping[Asin, Book]
) -> list[ScannedFile]:
    """Return the files; those that are parts of one book are nobody's whole title."""
    groups: defaultdict[tuple[str, ...], list[ScannedFile]] = defaultdict(list)
    for file in files:
        groups[_group(file)].append(file)
    parts = {
        file.path
        for group in groups.values()
        if len(group) > 1
        for file in _parts_in(group, library)
    }
    return [
        replace(file, asin=None, recognized_by=None, reason=Reason.PART)
        if file.path in parts
        else file
        for file in files
    ]


def _group(file: ScannedFile) -> tuple[str, ...]:
    """Return what the parts of one book have in common."""
    folder = folder_of(file.path)
    if file.asin is not None:
        return (file.asin, file.kind, folder)
    return ("", file.kind, folder, file.header.album or numbered_alike(file.path))


def _parts_in(
    group: Sequence[ScannedFile], library: Mapping[Asin, Book]
) -> list[ScannedFile]:
    """Return which of several files that belong together are only parts."""
    asin = group[0].asin
    if asin is None:
        return [file for file in group if is_numbered(file.path)]
    whole_ms = library[asin].runtime_ms if asin in library else None
    if whole_ms is not None:
        return [file for file in group if not _is_whole(file, whole_ms)]
    alike = {numbered_alike(file.path) for file in group}
    return list(group) if len(alike) == 1 else []


def _is_whole(file: ScannedFile, whole_ms: int) -> bool:
    return file.duration_ms is None or file.duration_ms >= whole_ms * _WHOLE


class Likeness:
    """The library's titles, to be asked which of them a file is. Processor work."""

    def __init__(self, books: Iterable[Book]) -> None:
        """File the titles that the shop lists."""
        books = tuple(books)
        self._runtimes_ms = {book.asin: book.runtime_ms for book in books}
        self._matcher = Matcher(_tracked(book) for book in books)

    def recognize(self, file: ScannedFile) -> ScannedFile:
        """Return the file as the title it is like, or with the reason why none is."""
        reason = Reason.NO_MATCH
        for query in _queries(file):
            decision = self._matcher.match(query)
            asin = Asin(str(decision.book_id))
            if decision.verdict is not Verdict.LINK:
                found = _REASONS[decision.verdict]
            elif self._is_as_long(file, asin):
                by = RecognizedBy.MATCHING
                return replace(file, asin=asin, recognized_by=by, reason=None)
            else:
                found = Reason.LOW_CONFIDENCE
            reason = found if reason is Reason.NO_MATCH else reason
        return replace(file, asin=None, recognized_by=None, reason=reason)

    def _is_as_long(self, file: ScannedFile, asin: Asin) -> bool:
        """Tell whether the lengths are known not to differ: else it is one part."""
        runtime_ms = self._runtimes_ms[asin]
        if runtime_ms is None or file.duration_ms is None:
            return True
        return _WHOLE * runtime_ms <= file.duration_ms <= runtime_ms / _WHOLE


def _tracked(book: Book) -> TrackedBook:
    details = book.details
    series = details.series[0] if details.series else None
    return TrackedBook(
        book_id=book.asin,
        title=book.title,
        authors=book.authors,
        isbn=details.isbn or "",
        year=details.year,
        type="audiobook",
        subtitle=details.subtitle or "",
        series_title=series.title if series else "",
        series_sequence=(series.sequence or "") if series else "",
        narrators=details.narrators,
        language=details.language or "",
        runtime_min=_minutes(book.runtime_ms),
    )


def _queries(file: ScannedFile) -> Iterable[TitleQuery]:
    """Yield what the file may be: by its tags, then by its name."""
    header = file.header
    runtime_min = _minutes(file.duration_ms)
    if header.title:
        yield TitleQuery(
            asin="",
            title=header.title,
            subtitle=header.subtitle or "",
            authors=header.authors,
            narrators=header.narrators,
            series_title=header.series or "",
            series_sequence=header.sequence or "",
            runtime_min=runtime_min,
            year=header.year,
        )
    for title, author in titles_in(file.path):
        authors = (author,) if author else header.authors
        yield TitleQuery("", title, authors=authors, runtime_min=runtime_min)


def _minutes(runtime_ms: int | None) -> float | None:
    return None if runtime_ms is None else runtime_ms / _MS_PER_MINUTE
