"""Pure: link, or say why a human has to look."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from .compare import Overlap, relate
from .family import Pair, with_family
from .forms import BookForm, QueryForm, read_like
from .persons import best_agreement
from .records import BookId
from .score import Scored, persons_agree, score
from .tails import Tail
from .weights import BIAS, WEIGHTS

LINK_AT: Final = 0.85
"""A title is linked from this confidence on, if no other book comes near."""

GAP: Final = 1.0
"""The best book must be this much ahead of the next, in logits."""

NEAR: Final = 0.3
"""Below this confidence a book is no candidate worth a question."""

COMPARED_MAX: Final = 10
"""So many of the candidates are compared closely."""

CANDIDATES_SHOWN: Final = 5

_WHOLE: Final = frozenset((Tail.NONE, Tail.SAME))


class Verdict(StrEnum):
    """What becomes of a title."""

    LINK = "link"
    LOW_CONFIDENCE = "low_confidence"
    AMBIGUOUS = "ambiguous"
    NO_MATCH = "no_match"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A book that may be meant, with its evidence; ``confidence`` is 0.0 to 1.0."""

    book_id: BookId
    confidence: float
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """The verdict on one title; ``book_id`` is set where it is linked."""

    verdict: Verdict
    book_id: BookId | None
    confidence: float
    candidates: tuple[Candidate, ...]


def decide(
    query: QueryForm,
    books: Sequence[BookForm],
    *,
    weights: Mapping[str, float] = WEIGHTS,
    bias: float = BIAS,
) -> Decision:
    """Weigh the books and decide."""
    ranked = rank(query, books, weights=weights, bias=bias)
    shown = tuple(
        Candidate(entry.form.book.book_id, entry.confidence, entry.evidence)
        for entry in ranked[:CANDIDATES_SHOWN]
    )
    if not ranked or not (ranked[0].is_related or ranked[0].confidence >= NEAR):
        confidence = ranked[0].confidence if ranked else 0.0
        return Decision(Verdict.NO_MATCH, None, confidence, shown)
    best = ranked[0]
    if best.confidence < LINK_AT:
        return Decision(Verdict.LOW_CONFIDENCE, None, best.confidence, shown)
    if _is_contested(query, ranked):
        return Decision(Verdict.AMBIGUOUS, None, best.confidence, shown)
    return Decision(Verdict.LINK, best.form.book.book_id, best.confidence, shown)


def rank(
    query: QueryForm,
    books: Sequence[BookForm],
    *,
    weights: Mapping[str, float] = WEIGHTS,
    bias: float = BIAS,
) -> list[Scored]:
    """Return all books with their scores, best first."""
    scored = [
        score(read_like(query, pair.book), pair, weights=weights, bias=bias)
        for pair in compared_pairs(query, books)
    ]
    scored.sort(key=_order, reverse=True)
    return scored


def compared_pairs(query: QueryForm, books: Sequence[BookForm]) -> list[Pair]:
    """Lay the title over the likeliest books; the others tell about series only."""
    pairs: list[Pair] = []
    for book in books[:COMPARED_MAX]:
        agreed = persons_agree(query, book)
        title = read_like(query, book).title
        relation = relate(title, book.title, is_close=agreed > 0)
        pairs.append(Pair(book, relation, agreed))
    others = (book for book in books[COMPARED_MAX:] if persons_agree(query, book) > 1)
    return with_family(query, pairs, others)


def _order(entry: Scored) -> tuple[float, ...]:
    """Return what comes first: what may be linked, the whole title, the likeliest."""
    is_linkable = entry.confidence >= LINK_AT
    return (
        is_linkable,
        is_linkable and entry.is_whole,
        entry.is_related,
        round(entry.logit, 6),
        entry.relation.similarity,
        is_linkable and entry.same_recording,
        entry.form.book.type.lower() == "audiobook",
    )


def _is_contested(query: QueryForm, ranked: Sequence[Scored]) -> bool:
    """Tell whether another book could be meant as well."""
    best = ranked[0]
    if query.isbn and best.form.isbn == query.isbn:
        others = [entry for entry in ranked[1:] if entry.form.isbn == query.isbn]
        if others:
            return True
    for other in ranked[1:]:
        if other.confidence < LINK_AT or best.logit - other.logit >= GAP:
            continue
        if best.form.isbn and best.form.isbn == other.form.isbn:
            return True
        if best.relation.tail in _WHOLE and other.relation.tail not in _WHOLE:
            continue
        if not is_same_book(best.form, other.form):
            return True
    return False


def is_same_book(one: BookForm, other: BookForm) -> bool:
    """Tell whether two records of the tracker are one work."""
    relation = relate(one.title, other.title)
    return (
        relation.overlap not in (Overlap.OTHER, Overlap.CONTAINED)
        and relation.tail not in (Tail.DIFFERS, Tail.SUBTITLE_DIFFERS)
        and one.title.kinds == other.title.kinds
        and (relation.is_headless or one.title.volume == other.title.volume)
        and not _are_two_of_a_series(one, other)
        and best_agreement(one.persons, other.persons) > 1
    )


def _are_two_of_a_series(one: BookForm, other: BookForm) -> bool:
    """Tell whether one series counts both records, as different books."""
    ours, theirs = dict(one.title.numbered), dict(other.title.numbered)
    return any(ours[name] != theirs[name] for name in ours.keys() & theirs.keys())
