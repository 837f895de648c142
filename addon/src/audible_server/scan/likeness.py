"""Pure: which of the library's titles a file is like, where nothing names it."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from audible_core.matching import Matcher, TitleQuery, TrackedBook, Verdict
from audible_core.models import Asin

from audible_server.scan.names import titles_in
from audible_server.scan.recognize import WHOLE
from audible_server.store.books import Book
from audible_server.store.files import Reason, RecognizedBy, ScannedFile

_MS_PER_MINUTE: Final = 60_000
_REASONS: Final = {
    Verdict.NO_MATCH: Reason.NO_MATCH,
    Verdict.LOW_CONFIDENCE: Reason.LOW_CONFIDENCE,
    Verdict.AMBIGUOUS: Reason.AMBIGUOUS,
}


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
        return WHOLE * runtime_ms <= file.duration_ms <= runtime_ms / WHOLE


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
