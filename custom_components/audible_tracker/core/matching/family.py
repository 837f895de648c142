"""Pure: what the tracker itself tells about an author's series."""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from .compare import Overlap, Relation
from .forms import BookForm, QueryForm
from .tails import Tail, is_like, is_short
from .titles import TitleForm

_UNLIKE_TAILS: Final = 3
"""So many unlike subtitles make a common title the name of a series."""


class Pair(NamedTuple):
    """A title and a book laid over each other; ``agreed`` says how its persons agree.

    ``in_family`` tells that the common text names several of the author's books.
    """

    book: BookForm
    relation: Relation
    agreed: int
    in_family: bool = False


def with_family(
    query: QueryForm, pairs: Sequence[Pair], others: Iterable[BookForm]
) -> list[Pair]:
    """Return the pairs with what the author's other books tell about them.

    Where two books go on differently after the same first text, that text is a series
    and no title; a prefix that is a series elsewhere is one here. ``others`` are books
    of the author that were not compared; they are looked at only where one was.
    """
    known = [pair for pair in pairs if pair.agreed > 1]
    if not known:
        return list(pairs)
    names = _series_names((*(pair.book for pair in known), *others))
    families = {
        common
        for common in {pair.relation.common for pair in known}
        if common and (common in names or _has_many(query, common, known))
    }
    mains = {pair.book.title.main for pair in known}
    return [
        _informed(pair, families, names | _heads(known, pair))
        if pair.relation.overlap is Overlap.AFTER_PREFIX
        else _informed(_with_works(pair, mains, names), families, names)
        for pair in pairs
    ]


def _with_works(pair: Pair, mains: set[str], names: set[str]) -> Pair:
    """Return the pair; a title that goes on with the author's other work holds both.

    What names one of the author's series is no work.
    """
    relation = pair.relation
    if not relation.goes_on:
        return pair
    if relation.goes_on in names and relation.tail is Tail.TITLE_ONLY_SHORT:
        relation = relation._replace(tail=Tail.TITLE_ONLY)
    added = relation.goes_on.removeprefix("with")
    if added in mains - names - {pair.book.title.main, relation.common}:
        relation = relation._replace(title_adds=True, book_adds=False)
    return pair._replace(relation=relation)


def _heads(pairs: Sequence[Pair], but: Pair) -> set[str]:
    """Return the first texts of the other books' longer titles."""
    return {
        pair.book.title.main
        for pair in pairs
        if pair.book is not but.book
        and pair.book.title.title_count > 1
        and is_short(pair.book.title.segments[1])
    }


def _series_names(books: Iterable[BookForm]) -> set[str]:
    """Return the series that books name beside a title of their own."""
    return {
        name for book in books for name in book.title.series if name != book.title.main
    }


def _has_many(query: QueryForm, common: str, pairs: Sequence[Pair]) -> bool:
    tails: list[str] = []
    volumes: set[str] = set()
    for pair in pairs:
        title = pair.book.title
        if title.main != common or title.kinds != query.title.kinds:
            continue
        if not _is_description(pair.relation.book_tail, title):
            _note_unlike(tails, pair.relation.book_tail)
        if not _is_description(pair.relation.title_tail, query.title):
            _note_unlike(tails, pair.relation.title_tail)
        if title.volume:
            volumes.add(title.volume)
    short = [tail for tail in tails if is_short(tail)]
    return len(tails) >= _UNLIKE_TAILS or len(short) > 1 or len(volumes) > 1


def _is_description(tail: str, title: TitleForm) -> bool:
    """Tell whether a tail says what the book is or holds, and so names no volume."""
    return tail.startswith(("other ", *title.described))


def _note_unlike(tails: list[str], tail: str) -> None:
    if tail and not any(is_like(tail, known) for known in tails):
        tails.append(tail)


def _informed(pair: Pair, families: set[str], heads: set[str]) -> Pair:
    relation = pair.relation
    if relation.overlap is Overlap.AFTER_PREFIX and relation.prefix in heads:
        relation = relation.after_series()
    in_family = relation.common in families
    if not in_family and relation is pair.relation:
        return pair
    return Pair(pair.book, relation, pair.agreed, in_family)
