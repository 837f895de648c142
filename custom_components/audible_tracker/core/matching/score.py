"""Pure: named evidence for and against "this title is that book", and its sum."""

from collections.abc import Mapping, Sequence
from math import exp
from typing import Final, NamedTuple

from .compare import LONG_TITLE, Overlap, Relation
from .editions import edition_evidence
from .family import Pair
from .forms import BookForm, QueryForm
from .persons import Persons, are_anonymous, best_agreement
from .pieces import is_generic, series_key
from .tails import Tail, is_short
from .titles import TitleForm
from .volumes import all_numbers, volume_evidence

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
_ONE_SIDED: Final = (
    Tail.BOOK_ONLY,
    Tail.BOOK_ONLY_SHORT,
    Tail.TITLE_ONLY,
    Tail.TITLE_ONLY_SHORT,
    Tail.SUBTITLE_ONLY,
)
_SAYS_MORE: Final = (
    Tail.TITLE_ONLY,
    Tail.TITLE_ONLY_SHORT,
    Tail.SUBTITLE_ONLY,
    Tail.SUBTITLE_DIFFERS,
)
_AUTHORS_AGREE: Final = frozenset(_AUTHOR_EVIDENCE[2:])
_SEVERAL: Final = frozenset(("omnibus", "listed"))
_NEARLY_A_PERSON: Final = frozenset(
    ("author_namesake", "author_surname_only", "author_unknown")
)
_COLLECTION_MIN: Final = 360.0
_SAME_NUMBER: Final = frozenset(("volume_same", "series_number_same"))
_MANY_PERSONS: Final = 3
_SAME_RECORDING: Final = ("runtime_same", "narrator_same", "year_same")


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
        if self.is_whole and not _NEARLY_A_PERSON.isdisjoint(self.evidence):
            return True
        return not _AUTHORS_AGREE.isdisjoint(self.evidence) and (
            self.relation.overlap is not Overlap.OTHER
            or "title_similar" in self.evidence
            or "title_is_series" in self.evidence
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
        if pair.agreed > 1 and _is_named_by_series(query.title, book.title):
            found.append("title_is_series")
        return found
    if any(relation.common == person.joined for person in book.persons):
        found.append("title_is_author")
    found = _series_evidence(query, pair, found)
    if not _kinds_agree(query.title, book.title, relation) or (
        "author_not_first" in found and _may_be_adapted(query, pair)
    ):
        found.append("kind_differs")
    if not _parts_agree(query.title, book.title, relation.common):
        found.append("part_differs")
    if "author_not_first" in found and is_generic(f"the {book.title.exact[0]}"):
        found[found.index("author_not_first")] = "title_is_generic"
    return [*found, *edition_evidence(query, book, relation)]


def _series_evidence(query: QueryForm, pair: Pair, found: list[str]) -> list[str]:
    """Add what numbers and series say; they also tell what a missing subtitle means."""
    relation, book = pair.relation, pair.book.title
    title = query.title.without_inline(book.series)
    is_called = _is_called_series(title, book, relation)
    is_series = pair.in_family or _is_series(title, book, relation)
    is_counted = is_series or (is_called and not _is_set(title, book))
    found = found + volume_evidence(title, book, relation, is_series=is_counted)
    if _holds_other_works(query, relation) or _is_story_of_anthology(query, pair):
        found.append("tail_other_works")
    elif "tail_title_only_short" in found and not _SAME_NUMBER.isdisjoint(found):
        found[found.index("tail_title_only_short")] = str(Tail.TITLE_ONLY)
    if relation.tail is Tail.SUBTITLE_DIFFERS and (
        pair.in_family or "series_number_differs" in found
    ):
        found[found.index(Tail.SUBTITLE_DIFFERS)] = str(Tail.DIFFERS)
    if (
        (is_series or is_called)
        and relation.tail in _ONE_SIDED
        and not _is_explained_first(title, book, relation, found)
        and not _is_numbered(query, pair.book, found)
    ):
        found.append("tail_missing_in_series")
    return found


def _is_named_by_series(title: TitleForm, book: TitleForm) -> bool:
    """Tell whether one side calls by the series what is its first book on the other."""
    return any(
        (one.main, "1") in other.numbered and not one.volume
        for one, other in ((title, book), (book, title))
    )


def _share_surname(ones: Persons, others: Persons) -> bool:
    """Tell whether a surname is common, or somebody's only name is another's first."""
    return any(
        one.surname == other.surname
        or (not one.given and one.surname in other.given[:1])
        or (not other.given and other.surname in one.given[:1])
        for one in ones
        for other in others
    )


def _kinds_agree(title: TitleForm, book: TitleForm, relation: Relation) -> bool:
    """Tell whether both are the same kind of thing, and collections hold the same."""
    is_whole = relation.tail in (Tail.NONE, Tail.SAME)
    differing = title.kinds ^ book.kinds
    if "listed" in differing:
        return is_whole and differing <= _SEVERAL and not relation.is_headless
    if differing:
        return differing == {"omnibus"} and is_whole and _share_range(title, book)
    if "omnibus" in title.kinds and _are_counted_apart(title, book):
        return False
    return is_whole or _SEVERAL.isdisjoint(title.kinds)


def _may_be_adapted(query: QueryForm, pair: Pair) -> bool:
    """Tell whether somebody else's title says more than the work's own.

    Who adapts a work often comes before its author ("A Play in Two Acts").
    """
    return pair.relation.tail in _SAYS_MORE and not _share_persons(query, pair)


def _are_counted_apart(title: TitleForm, book: TitleForm) -> bool:
    """Tell whether both say which volumes they hold, and none is common."""
    mine, yours = all_numbers(title), all_numbers(book)
    return bool(mine and yours) and mine.isdisjoint(yours)


def _is_set(title: TitleForm, book: TitleForm) -> bool:
    """Tell whether a side is a whole set, as "The Harbor Trilogy (Harbor, #1-3)"."""
    return any("-" in number for number in all_numbers(title) | all_numbers(book))


def _share_range(title: TitleForm, book: TitleForm) -> bool:
    """Tell whether both hold the same volumes, as "1-3"."""
    return any("-" in number for number in all_numbers(title) & all_numbers(book))


def _parts_agree(title: TitleForm, book: TitleForm, common: str) -> bool:
    """Tell whether both are the same part; one side may number it as a volume."""
    if title.part == book.part:
        return True
    if title.part and book.part:
        return False
    one, other = (title, book) if title.part else (book, title)
    counted = {number for name, number in one.numbered if name == common}
    is_piece = one.volume or counted - {one.part}
    return not is_piece and (common, one.part) in other.numbered


def _is_series(title: TitleForm, book: TitleForm, relation: Relation) -> bool:
    """Tell whether the common text is a numbered series or ends with a number."""
    common = relation.common
    if any(name == common for name, _ in (*title.numbered, *book.numbered)):
        return True
    return any(
        common.endswith(name) or (not relation.is_headless and name not in common)
        for name in (*title.inline, *book.inline)
    )


def _is_called_series(title: TitleForm, book: TitleForm, relation: Relation) -> bool:
    """Tell whether the common main title is a series, or how one begins: "X: Y".

    "Chronicles" and such are set aside.
    """
    if relation.segment_count > 1 or relation.is_headless:
        return False
    names = {series_key(title.segments[0]), series_key(book.segments[0])}
    begun = tuple(names.intersection(title.series + book.series))
    return any(
        name in names or name.startswith(begun)
        for name, _ in (*title.numbered, *book.numbered)
    )


def _holds_other_works(query: QueryForm, relation: Relation) -> bool:
    """Tell whether one side only holds other works beside the title story."""
    if relation.title_adds == relation.book_adds:
        return False
    return relation.title_adds or not _is_collection(query)


def _is_story_of_anthology(query: QueryForm, pair: Pair) -> bool:
    """Tell whether a book by one of a recording's many persons names its own story."""
    return (
        len(query.query.authors) >= _MANY_PERSONS
        and pair.relation.tail in (Tail.BOOK_ONLY, Tail.BOOK_ONLY_SHORT)
        and not best_agreement(query.authors[:1], pair.book.persons)
        and not _share_persons(query, pair)
    )


def _is_collection(query: QueryForm) -> bool:
    """Tell whether a recording is too long to be a collection's title story alone."""
    return (query.query.runtime_min or 0.0) >= _COLLECTION_MIN


def _is_explained_first(
    title: TitleForm, book: TitleForm, relation: Relation, found: Sequence[str]
) -> bool:
    """Tell whether a series' first book, named like it, is explained by a tail."""
    if "volume_first" not in found:
        return False
    if relation.tail is Tail.BOOK_ONLY:
        return relation.book_tail.startswith(book.described)
    return relation.tail is Tail.TITLE_ONLY and relation.title_tail.startswith(
        title.described
    )


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
    if len(relation.common) >= LONG_TITLE:
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
        is_nobodys = (
            not persons
            and are_anonymous(query.query.authors)
            and are_anonymous(pair.book.book.authors)
        )
        return ["author_same" if is_nobodys else "author_unknown"]
    if not pair.agreed and query.others and best_agreement(query.others, persons):
        return ["author_other_role"]
    found = [_AUTHOR_EVIDENCE[pair.agreed]]
    if not pair.agreed and _share_surname(query.authors, persons):
        found.append("author_namesake")
    if pair.agreed:
        found += _order_evidence(query, pair)
    return found


def _order_evidence(query: QueryForm, pair: Pair) -> list[str]:
    """Return what it tells that a later person is the one that agrees."""
    persons = pair.book.persons
    found: list[str] = []
    if not best_agreement(query.authors[:1], persons):
        found.append("author_not_first")
    if best_agreement((*query.authors, *query.others), persons[:1]):
        return found
    is_one_work = (
        (found and _share_persons(query, pair))
        or _share_surname(query.authors[:1], persons[:1])
        or _share_subtitle(query, pair)
        or _share_place(query, pair)
    )
    return found if is_one_work else [*found, "author_behind_another"]


def _share_subtitle(query: QueryForm, pair: Pair) -> bool:
    """Tell whether a long subtitle is common, which an adaptation would not have."""
    relation = pair.relation
    subtitle = " ".join(query.title.segments[1 : relation.segment_count])
    return relation.tail in (Tail.NONE, Tail.SAME) and not is_short(subtitle)


def _share_place(query: QueryForm, pair: Pair) -> bool:
    """Tell whether one series counts both alike, and neither title says more."""
    shared = {*query.title.numbered} & {*pair.book.title.numbered}
    return pair.relation.tail in (Tail.NONE, Tail.SAME) and any(
        name for name, _ in shared
    )


def _share_persons(query: QueryForm, pair: Pair) -> bool:
    """Tell whether two persons or more are on both sides."""
    shared = [
        person
        for person in query.authors
        if best_agreement((person,), pair.book.persons) > 2
    ]
    return len(shared) > 1
