"""Pure: stored books and Audible's titles as matching knows them, and its answers.

All of it is processor work: with many books it belongs off the event loop.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Final, Protocol

from ..isbn import read_isbn
from ..kinds import BookType, ConflictType
from ..matching import Candidate as Likely
from ..matching import (
    Decision,
    Matcher,
    TitleQuery,
    TrackedBook,
    Verdict,
    words_of,
)
from ..models import Asin, AudibleTitle, SeriesPlace
from ..store.records import BookFacts as StoredFacts
from ..store.records import BookId, Candidate, Evidence
from .rules import MS_PER_MINUTE
from .snapshot import MatchDecision

METHOD_MATCHING: Final = "matching"
METHOD_ISBN: Final = "isbn"
METHOD_ASIN: Final = "asin"

_SAME_ISBN: Final = "isbn_same"
_ABRIDGED: Final = "abridged"
SAME_ASIN: Final = Evidence("asin_same", "the same ASIN", 1.0)
_CONFLICTS: Final[Mapping[Verdict, ConflictType]] = {
    Verdict.LOW_CONFIDENCE: ConflictType.LOW_CONFIDENCE,
    Verdict.AMBIGUOUS: ConflictType.AMBIGUOUS,
}


class BookFacts(Protocol):
    """What matching looks at; every stored form of a book has it."""

    @property
    def title(self) -> str: ...  # noqa: D102 - the store's own words
    @property
    def subtitle(self) -> str | None: ...  # noqa: D102
    @property
    def authors(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def narrators(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def series(self) -> tuple[SeriesPlace, ...]: ...  # noqa: D102
    @property
    def book_type(self) -> BookType: ...  # noqa: D102
    @property
    def isbn13(self) -> str | None: ...  # noqa: D102
    @property
    def year(self) -> int | None: ...  # noqa: D102
    @property
    def language(self) -> str | None: ...  # noqa: D102
    @property
    def runtime_ms(self) -> int | None: ...  # noqa: D102


def tracked_book_of(book_id: BookId, facts: BookFacts) -> TrackedBook:
    """Return a stored book as matching knows it."""
    series_title, series_sequence = _place(facts.series)
    known_type = facts.book_type is not BookType.UNKNOWN
    return TrackedBook(
        book_id=book_id,
        title=facts.title,
        authors=facts.authors,
        isbn=facts.isbn13 or "",
        year=facts.year,
        type=facts.book_type.value if known_type else "",
        subtitle=facts.subtitle or "",
        series_title=series_title,
        series_sequence=series_sequence,
        narrators=facts.narrators,
        language=facts.language or "",
        runtime_min=_minutes(facts.runtime_ms),
    )


def query_of(title: AudibleTitle) -> TitleQuery:
    """Return a title of Audible as matching is asked for it.

    An ASIN of digits is the ISBN-10 of the audio edition (audible-api reference, 4.2).
    """
    series_title, series_sequence = _place(title.series)
    return TitleQuery(
        asin=title.asin,
        title=title.name,
        subtitle=title.subtitle or "",
        authors=title.authors,
        narrators=title.narrators,
        series_title=series_title,
        series_sequence=series_sequence,
        runtime_min=_minutes(title.runtime_ms),
        language=title.language or "",
        isbn=title.isbn or _isbn_in_asin(title.asin),
        year=title.year,
        is_abridged=title.format_type == _ABRIDGED,
    )


def decide_titles(
    books: Sequence[StoredFacts], titles: Iterable[AudibleTitle]
) -> dict[Asin, MatchDecision]:
    """Return which of one reader's books each title is, or why nobody can tell.

    A book that is known to be this very title needs no likeness.
    """
    matcher = Matcher(tracked_book_of(book.book_id, book) for book in books)
    by_asin: defaultdict[Asin, list[BookId]] = defaultdict(list)
    for book in books:
        if book.asin is not None:
            by_asin[book.asin].append(book.book_id)
    return {
        title.asin: _decide(matcher, by_asin.get(title.asin, []), title)
        for title in titles
    }


def _decide(
    matcher: Matcher, same_asin: Sequence[BookId], title: AudibleTitle
) -> MatchDecision:
    if len(same_asin) == 1:
        return MatchDecision(same_asin[0], 1.0, METHOD_ASIN, (SAME_ASIN,))
    return decision_of(matcher.match(query_of(title)))


def decision_of(decision: Decision) -> MatchDecision:
    """Return what matching said, as a sync and a conflict keep it.

    NO_MATCH is no conflict by itself: the rules decide whether a book is made.
    """
    candidates = tuple(map(_candidate, decision.candidates))
    if decision.verdict is Verdict.LINK and decision.book_id is not None:
        evidence = decision.candidates[0].evidence
        return MatchDecision(
            book_id=BookId(int(decision.book_id)),
            confidence=decision.confidence,
            method=METHOD_ISBN if _SAME_ISBN in evidence else METHOD_MATCHING,
            evidence=_in_words(evidence),
            candidates=candidates,
        )
    if decision.verdict is Verdict.NO_MATCH:
        return MatchDecision(confidence=decision.confidence, candidates=candidates)
    return MatchDecision(
        confidence=decision.confidence,
        conflict_type=_conflict_of(decision),
        candidates=candidates,
    )


def _conflict_of(decision: Decision) -> ConflictType:
    same_isbn = [book for book in decision.candidates if _SAME_ISBN in book.evidence]
    if len(same_isbn) > 1:
        return ConflictType.DUPLICATE_ISBN
    return _CONFLICTS.get(decision.verdict, ConflictType.AMBIGUOUS)


def _candidate(likely: Likely) -> Candidate:
    return Candidate(
        book_id=BookId(int(likely.book_id)),
        confidence=likely.confidence,
        evidence=_in_words(likely.evidence),
    )


def _in_words(evidence: Iterable[str]) -> tuple[Evidence, ...]:
    return tuple([_evidence(name) for name in evidence])


@cache
def _evidence(name: str) -> Evidence:
    return Evidence(name, words_of(name))


def _place(series: tuple[SeriesPlace, ...]) -> tuple[str, str]:
    """Return the first series: matching takes one, and their order says nothing."""
    if not series:
        return "", ""
    return series[0].title, series[0].sequence or ""


def _minutes(runtime_ms: int | None) -> float | None:
    return None if runtime_ms is None else runtime_ms / MS_PER_MINUTE


def _isbn_in_asin(asin: Asin) -> str:
    if not asin[:9].isdigit():
        return ""
    isbn = read_isbn(asin)
    return isbn.isbn13 or "" if isbn is not None and isbn.flaw is None else ""
