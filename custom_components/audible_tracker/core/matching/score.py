"""Pure: named evidence for and against "this title is that book", and its sum."""

from collections.abc import Mapping, Sequence
from math import exp
from typing import Final, NamedTuple

from .compare import Overlap, Relation, Tail
from .family import Pair
from .forms import BookForm, QueryForm, languages_of_book
from .isbn import language_of_isbn
from .language import languages_hinted
from .normalize import fold, plain_quotes, words
from .persons import best_agreement, persons_of
from .pieces import is_generic
from .titles import TitleForm
from .vocabulary import ARTICLE_LANGUAGES

VETO_CAP: Final = 0.6
"""The confidence of a pair that evidence forbids to link never exceeds this."""

_AUTHOR_EVIDENCE: Final = (
    "author_none",
    "author_surname_only",
    "author_spelled_alike",
    "author_initials",
    "author_same",
)
VETOES: Final = frozenset(
    (
        "title_is_author", "title_is_generic", "tail_title_only_short",
        "tail_other_works", "volume_first_worded", "title_after_prefix",
        "title_in_brackets",
        "author_none", "author_unknown", "author_other_role", "title_other",
        "title_contained", "tail_differs", "tail_missing_in_series", "volume_differs",
        "volume_missing", "part_differs", "kind_differs", "language_differs",
        "runtime_differs",
    )
)  # fmt: skip
"""Evidence that sends a pair to a human, however well the rest agrees."""

_MISSING: Final = frozenset(
    ("author_unknown", "tail_missing_in_series", "tail_title_only_short")
)
_BOOK_ONLY: Final = (Tail.BOOK_ONLY, Tail.BOOK_ONLY_SHORT)
_ONE_SIDED: Final = (
    Tail.BOOK_ONLY,
    Tail.BOOK_ONLY_SHORT,
    Tail.TITLE_ONLY,
    Tail.TITLE_ONLY_SHORT,
    Tail.SUBTITLE_ONLY,
)
_LONG_TITLE: Final = 24
"""So many common letters are seldom found in another work's title."""

_AUTHORS_AGREE: Final = frozenset(_AUTHOR_EVIDENCE[2:])
_COLLECTION_MIN: Final = 240.0
_SAME_RECORDING: Final = ("runtime_same", "narrator_same", "year_same")
_RUNTIME_SAME: Final = 0.05
_RUNTIME_DIFFERS: Final = 0.6


class Scored(NamedTuple):
    """A book as candidate for a title; ``confidence`` is 0.0 to 1.0."""

    form: BookForm
    relation: Relation
    evidence: tuple[str, ...]
    logit: float
    confidence: float

    @property
    def is_whole(self) -> bool:
        """Tell whether the titles agree from end to end."""
        return self.relation.tail in (Tail.NONE, Tail.SAME) and self.relation.is_exact

    @property
    def same_recording(self) -> int:
        """Return how much says that even the recording is the same."""
        return sum(name in self.evidence for name in _SAME_RECORDING)

    @property
    def is_related(self) -> bool:
        """Tell whether a person and something of the title agree, whatever forbids."""
        if "isbn_same" in self.evidence:
            return True
        return not _AUTHORS_AGREE.isdisjoint(self.evidence) and (
            self.relation.overlap is not Overlap.OTHER
            or "title_similar" in self.evidence
        )


def score(
    query: QueryForm,
    pair: Pair,
    *,
    weights: Mapping[str, float],
    bias: float,
) -> Scored:
    """Weigh one pair."""
    found = tuple(evidence_of(query, pair))
    logit = bias + sum([weights.get(name, 0.0) for name in found])
    confidence = 1.0 / (1.0 + exp(-max(-30.0, min(30.0, logit))))
    if is_vetoed(found):
        confidence = min(confidence, VETO_CAP)
    return Scored(pair.book, pair.relation, found, logit, confidence)


def is_vetoed(evidence: Sequence[str]) -> bool:
    """Tell whether the evidence forbids to link without a human.

    An equal ISBN outweighs what is merely missing.
    """
    vetoes = VETOES - _MISSING if "isbn_same" in evidence else VETOES
    return not vetoes.isdisjoint(evidence)


def persons_agree(query: QueryForm, book: BookForm) -> int:
    """Return how surely one of the title's authors is one of the book's persons."""
    return best_agreement(query.authors, book.persons)


def evidence_of(query: QueryForm, pair: Pair) -> list[str]:
    """Return the names of all that speaks for or against the pair."""
    book, relation = pair.book, pair.relation
    found = _title_evidence(relation)
    found += _author_evidence(query, pair)
    if query.isbn and query.isbn == book.isbn:
        found.append("isbn_same")
    if relation.overlap is Overlap.OTHER:
        return found
    if any(relation.common == person.joined for person in book.persons):
        found.append("title_is_author")
    is_series = pair.in_family or _is_series(query.title, book.title, relation)
    found += _volume_evidence(query.title, book.title, relation, is_series=is_series)
    if (
        relation.tail in _BOOK_ONLY
        and relation.book_tail.startswith("other ")
        and not _is_collection(query)
    ):
        found.append("tail_other_works")
    if "tail_title_only_short" in found and "series_number_same" in found:
        found[found.index("tail_title_only_short")] = str(Tail.TITLE_ONLY)
    if (
        is_series
        and relation.tail in _ONE_SIDED
        and not _is_numbered(query, book, found)
    ):
        found.append("tail_missing_in_series")
    if not _kinds_agree(query.title, book.title, relation):
        found.append("kind_differs")
    if not _parts_agree(query.title, book.title, relation.common):
        found.append("part_differs")
    if "author_not_first" in found and is_generic(book.title.exact[0]):
        found[found.index("author_not_first")] = "title_is_generic"
    found += _edition_evidence(query, book)
    return found


def _kinds_agree(title: TitleForm, book: TitleForm, relation: Relation) -> bool:
    """Tell whether both are the same kind of thing, and collections hold the same."""
    if title.kinds != book.kinds:
        return False
    return "omnibus" not in title.kinds or relation.tail in (Tail.NONE, Tail.SAME)


def _parts_agree(title: TitleForm, book: TitleForm, common: str) -> bool:
    """Tell whether both are the same part; one side may number it as a volume."""
    if title.part == book.part:
        return True
    if title.part and book.part:
        return False
    return (common, title.part or book.part) in (*title.numbered, *book.numbered)


def _is_series(title: TitleForm, book: TitleForm, relation: Relation) -> bool:
    """Tell whether the common text is a numbered series or ends with a number."""
    common = relation.common
    if any(name == common for name, _ in (*title.numbered, *book.numbered)):
        return True
    return any(
        common.endswith(name) or (not relation.is_headless and name not in common)
        for name in (*title.inline, *book.inline)
    )


def _is_collection(query: QueryForm) -> bool:
    """Tell whether a recording is too long to be a collection's title story alone."""
    return (query.query.runtime_min or 0.0) >= _COLLECTION_MIN


def _is_numbered(query: QueryForm, book: BookForm, found: Sequence[str]) -> bool:
    """Tell whether equal numbers make up for a subtitle that one side lacks."""
    return (
        "volume_same" in found
        or "series_number_same" in found
        or query.title.part == book.title.part != ""
    )


def _title_evidence(relation: Relation) -> list[str]:
    if relation.overlap is Overlap.OTHER:
        if relation.similarity >= 85.0:
            return ["title_other", "title_similar"]
        return ["title_other"]
    found = [str(relation.overlap), str(relation.tail)]
    if relation.segment_count > 1:
        found.append("subtitle_same")
    if len(relation.common) >= _LONG_TITLE:
        found.append("title_is_long")
    if (
        relation.overlap is Overlap.MAIN
        and relation.tail in (Tail.NONE, Tail.SAME)
        and not relation.is_exact
    ):
        found.append("title_spelled_alike")
    return found


def _author_evidence(query: QueryForm, pair: Pair) -> list[str]:
    persons = pair.book.persons
    if not query.authors or not persons:
        return ["author_unknown"]
    if not pair.agreed and query.others and best_agreement(query.others, persons):
        return ["author_other_role"]
    found = [_AUTHOR_EVIDENCE[pair.agreed]]
    if pair.agreed and not best_agreement(query.authors[:1], persons):
        found.append("author_not_first")
    if pair.agreed and not best_agreement((*query.authors, *query.others), persons[:1]):
        found.append("author_behind_another")
    return found


def _volume_evidence(
    title: TitleForm, book: TitleForm, relation: Relation, *, is_series: bool
) -> list[str]:
    ours = _own_volumes(title, relation.common, relation.our_start, is_series=is_series)
    theirs = _own_volumes(
        book, relation.common, relation.their_start, is_series=is_series
    )
    found: list[str] = []
    if ours or theirs:
        found.append(_own_volume_evidence(ours, theirs, relation.tail))
        if found[0] == "volume_first" and title.is_worded != book.is_worded:
            found[0] = "volume_first_worded"
    else:
        mine, yours = _all_numbers(title), _all_numbers(book)
        if mine and yours:
            same = bool(mine & yours)
            found.append("series_number_same" if same else "series_number_differs")
    if title.series and book.series and not set(title.series).isdisjoint(book.series):
        found.append("series_same")
    return found


def _own_volume_evidence(ours: set[str], theirs: set[str], tail: Tail) -> str:
    if ours & theirs:
        return "volume_same"
    if tail is Tail.SAME:
        return "volume_differs_name_agrees"
    if ours and theirs:
        return "volume_differs"
    return "volume_first" if (ours or theirs) == {"1"} else "volume_missing"


def _own_volumes(
    title: TitleForm, common: str, start: int, *, is_series: bool
) -> set[str]:
    """Return the numbers that belong to the common text itself.

    Where the main title turned out to be a series before it, they number the series.
    """
    if start:
        return set()
    if title.volume:
        return {title.volume}
    if not is_series:
        return set()
    return {
        number
        for name, number in title.numbered
        if name in common or common in name or not name
    }


def _all_numbers(title: TitleForm) -> set[str]:
    numbers = {number for _, number in title.numbered}
    return numbers | {title.volume} if title.volume else numbers


def _edition_evidence(query: QueryForm, book: BookForm) -> list[str]:
    found: list[str] = []
    language = _language_evidence(query, book)
    if language:
        found.append(language)
    ours, other = query.query.runtime_min, book.book.runtime_min
    if ours and other:
        if abs(ours - other) <= _RUNTIME_SAME * max(ours, other):
            found.append("runtime_same")
        elif min(ours, other) < _RUNTIME_DIFFERS * max(ours, other):
            found.append("runtime_differs")
    if _share_narrator(query, book):
        found.append("narrator_same")
    if query.query.year and query.query.year == book.book.year:
        found.append("year_same")
    return found


def _share_narrator(query: QueryForm, book: BookForm) -> bool:
    ours, theirs = query.query.narrators, book.book.narrators
    return bool(
        ours and theirs and best_agreement(persons_of(ours), persons_of(theirs)) > 2
    )


def _language_evidence(query: QueryForm, book: BookForm) -> str:
    ours, theirs = query.title.article, book.title.article
    if (
        ours
        and theirs
        and ARTICLE_LANGUAGES[ours].isdisjoint(ARTICLE_LANGUAGES[theirs])
    ):
        return "language_differs"
    if not query.language:
        return ""
    own_words = words(fold(query.query.title))
    languages = languages_of_book(book, own_words)
    if languages == {query.language}:
        return "language_same"
    own_languages = {query.title.language, *languages_hinted(own_words)}
    if languages:
        known = {query.language, *own_languages}
        return "" if not known.isdisjoint(languages) else "language_differs"
    country = language_of_isbn(book.isbn)
    if not country or country == query.language or country in own_languages:
        return ""
    return "language_differs" if _is_foreign(query, book) else "country_differs"


def _is_foreign(query: QueryForm, book: BookForm) -> bool:
    """Tell whether only the book's title is written with letters beyond a to z.

    Audible drops marks now and then: this counts for a book printed abroad only.
    """
    return query.query.title.isascii() and not plain_quotes(book.book.title).isascii()
