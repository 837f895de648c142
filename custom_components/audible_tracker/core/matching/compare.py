"""Pure: how two titles relate, before any weight is given to it."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final, NamedTuple

from rapidfuzz import fuzz

from .normalize import american, is_swapped, with_digits
from .pieces import adds_works, is_about, series_key
from .tails import AGREED, Tail, is_short, own_tail, tail_relation
from .titles import TitleForm
from .vocabulary import NUMBERS, ROMAN


class Overlap(StrEnum):
    """What two titles have in common."""

    MAIN = "title_main"
    AFTER_SERIES = "title_after_series"
    AFTER_PREFIX = "title_after_prefix"
    ASIDE = "title_in_brackets"
    SWAPPED = "title_letters_swapped"
    CONTAINED = "title_contained"
    OTHER = "title_other"


class Relation(NamedTuple):
    """How a title relates to a book.

    ``common`` is the text both have, unspaced; it begins at the ``our_start``-th
    segment of the title and the ``their_start``-th of the book, and is
    ``segment_count`` segments long on both sides. ``goes_on`` is all that the title
    says behind it, in subtitle and brackets too, unspaced. ``title_adds`` and
    ``book_adds`` tell that a side announces other works ("and Other Stories").
    """

    overlap: Overlap
    tail: Tail
    common: str
    our_start: int
    their_start: int
    segment_count: int
    similarity: float
    is_exact: bool
    title_tail: str
    book_tail: str
    goes_on: str
    prefix: str
    title_adds: bool
    book_adds: bool

    def after_series(self) -> Relation:
        """Return the same relation, the prefix known to be a series."""
        return self._replace(overlap=Overlap.AFTER_SERIES)

    @property
    def is_headless(self) -> bool:
        """Tell whether either side goes on before the common text."""
        return bool(self.our_start or self.their_start)


_MAX_SEGMENTS: Final = 5
LONG_TITLE: Final = 24
"""So many common letters are seldom found in another work's title."""

_VOWEL_ARTICLES: Final = frozenset(("o", "os", "as", "die"))
"""Articles that stay in a title because they are other words elsewhere."""


_APART: Final = Relation(
    overlap=Overlap.OTHER,
    tail=Tail.NONE,
    common="",
    our_start=0,
    their_start=0,
    segment_count=0,
    similarity=0.0,
    is_exact=False,
    title_tail="",
    book_tail="",
    goes_on="",
    prefix="",
    title_adds=False,
    book_adds=False,
)


def relate(title: TitleForm, book: TitleForm, *, is_close: bool = True) -> Relation:
    """Return the best way to lay the two titles over each other.

    Unless ``is_close``, only equal beginnings are looked for.
    """
    ours, theirs = title.joined, book.joined
    found = _run(ours, theirs, 0, 0)
    if found is None and not is_close:
        return _APART
    found = (
        found
        or _run_later(ours, theirs, title, book)
        or _aside(title, book, ours, theirs)
        or _fused(ours, theirs, title, book)
        or _swapped(title, book)
        or _contained(title, book)
    )
    if found is None:
        return _apart(title, book)
    return _with_tails(title, book, found)


class _Found(NamedTuple):
    """Where the common text lies: overlap, first and past-the-end segments."""

    overlap: Overlap
    our_start: int
    our_end: int
    their_start: int
    their_end: int
    common: str


def _run(
    ours: tuple[str, ...], theirs: tuple[str, ...], start: int, their_start: int
) -> _Found | None:
    """Return the longest text that both sides begin with, ending between segments."""
    if start >= len(ours) or their_start >= len(theirs):
        return None
    one, other = ours[start], theirs[their_start]
    # A common text begins with both: most pairs of titles end here.
    if not one.startswith(other) and not other.startswith(one):
        return None
    ends: dict[str, int] = {}
    text = ""
    for at, segment in enumerate(theirs[their_start : their_start + _MAX_SEGMENTS]):
        text += segment
        ends[text] = their_start + at + 1
    best: _Found | None = None
    text = ""
    for at, segment in enumerate(ours[start : start + _MAX_SEGMENTS]):
        text += segment
        end = ends.get(text)
        if end is not None:
            best = _Found(Overlap.MAIN, start, start + at + 1, their_start, end, text)
    return best


def _run_later(
    ours: tuple[str, ...], theirs: tuple[str, ...], title: TitleForm, book: TitleForm
) -> _Found | None:
    """Look behind a series name or another prefix that only one side has."""
    for start, their_start in ((1, 0), (0, 1), (2, 0), (0, 2)):
        found = _run(ours, theirs, start, their_start)
        if found is None:
            continue
        prefixed, prefix = (
            (title, ours[:start]) if start else (book, theirs[:their_start])
        )
        called = {found.common, series_key(prefixed.segments[len(prefix)])}
        is_series = not called.isdisjoint(prefixed.series)
        if is_series and not prefix[0].startswith(found.common):
            continue
        names = {*title.names, *book.names}
        if not prefix[0].startswith(found.common):
            names.discard(found.common)
        is_known = prefixed.volume or (
            all(_is_named(part, names) for part in ours[:start])
            and all(_is_named(part, names) for part in theirs[:their_start])
        )
        if _is_repeated(title, book, found) or (
            is_known and not _is_counted_elsewhere(book if start else title, prefix)
        ):
            return found._replace(overlap=Overlap.AFTER_SERIES)
        if start < title.title_count and their_start < book.title_count:
            return found._replace(overlap=Overlap.AFTER_PREFIX)
    return None


def _is_repeated(title: TitleForm, book: TitleForm, found: _Found) -> bool:
    """Tell whether the words before the common text come after it on the other side."""
    if found.our_start:
        before = title.segments[: found.our_start]
        after = book.segments[found.their_end :]
    else:
        before = book.segments[: found.their_start]
        after = title.segments[found.our_end :]
    return {*" ".join(before).split()} <= {*" ".join(after).split()}


def _is_counted_elsewhere(form: TitleForm, prefix: tuple[str, ...]) -> bool:
    """Tell whether the side without the prefix is counted by another series only."""
    names = {name for name, _ in form.numbered if name}
    return bool(names) and not any(_is_named(part, names) for part in prefix)


def _is_named(part: str, names: Iterable[str]) -> bool:
    """Tell whether a text is one of these series' names, more or less."""
    return any(
        part == name or (len(part) > 3 and (part in name or name in part))
        for name in names
    )


def _aside(
    title: TitleForm, book: TitleForm, ours: tuple[str, ...], theirs: tuple[str, ...]
) -> _Found | None:
    if title.asides and theirs and theirs[0] in title.asides:
        return _Found(Overlap.ASIDE, 0, len(ours), 0, 1, theirs[0])
    if book.asides and ours and ours[0] in book.asides:
        return _Found(Overlap.ASIDE, 0, 1, 0, len(theirs), ours[0])
    return None


def _fused(
    ours: tuple[str, ...], theirs: tuple[str, ...], title: TitleForm, book: TitleForm
) -> _Found | None:
    """Find a series name that stands before the title without any punctuation."""
    if not ours or not theirs:
        return None
    one, other = ours[0], theirs[0]
    short, long = (one, other) if len(one) < len(other) else (other, one)
    if len(short) < 4 or not long.endswith(short):
        return None
    if any(long in part for part in (*ours[1:], *theirs[1:])):
        return None
    prefix = long.removesuffix(short)
    if is_about(title.segments[0] if long == one else book.segments[0], short):
        return None
    for name in (title if short == one else book).names:
        if len(prefix) > 4 and name.startswith(prefix) and not name.endswith(short):
            return _Found(Overlap.AFTER_SERIES, 0, 1, 0, 1, short)
    return None


def _swapped(title: TitleForm, book: TitleForm) -> _Found | None:
    """Find two neighboring letters swapped in one long word of the title."""
    if not title.segments or not book.segments:
        return None
    one, other = title.exact[0], book.exact[0]
    if len(one) != len(other) or one[:1] != other[:1] or len(one) < 7:
        return None
    apart = [
        (mine, yours)
        for mine, yours in zip(one.split(), other.split(), strict=False)
        if mine != yours
    ]
    if len(apart) == 1 and is_swapped(*apart[0]):
        return _Found(Overlap.SWAPPED, 0, 1, 0, 1, book.main)
    return None


def _contained(title: TitleForm, book: TitleForm) -> _Found | None:
    """Find a main title that begins the other one without punctuation after it.

    A number behind it is no other title where the shorter side is counted so as well.
    """
    if not title.segments or not book.segments:
        return None
    one, other = title.segments[0], book.segments[0]
    short, long = (one, other) if len(one) < len(other) else (other, one)
    shorter = title if short == one else book
    numbers = {shorter.volume, *(number for _, number in shorter.numbered)}
    if (
        long.removesuffix(" " + short) in _VOWEL_ARTICLES
        or NUMBERS.get(long.removeprefix(short + " ")) in numbers
    ):
        return _Found(Overlap.MAIN, 0, 1, 0, 1, short.replace(" ", ""))
    if long.startswith(short + " ") or long.endswith(" " + short):
        return _Found(Overlap.CONTAINED, 0, 1, 0, 1, short.replace(" ", ""))
    return None


def _apart(title: TitleForm, book: TitleForm) -> Relation:
    one, other = " ".join(title.segments[:2]), " ".join(book.segments[:2])
    return _APART._replace(similarity=fuzz.token_sort_ratio(one, other))


def _with_tails(title: TitleForm, book: TitleForm, found: _Found) -> Relation:
    ours_known = {
        *(*title.series, *book.names, *title.counted, *book.counted),
        *_before(book, found.their_start),
    } - _named_already(title)
    our_tail = own_tail(title.segments[found.our_end :], ours_known)
    aside = _unexplained(title, book, our_tail)
    is_in_title = bool(aside) or found.our_end < title.title_count
    goes_on = f"{our_tail} {aside}".strip()
    is_named = _begins_short(title, found.our_end, ours_known)
    theirs_known = {
        *(*title.names, *book.series, *title.counted, *book.counted),
        *_before(title, found.our_start),
    } - _named_already(book)
    their_tail = own_tail(book.segments[found.their_end :], theirs_known)
    are_named = is_named or _begins_short(book, found.their_end, theirs_known)
    before = title.joined[: found.our_start] or book.joined[: found.their_start]
    tail = tail_relation(
        goes_on,
        their_tail,
        is_in_title=is_in_title,
        may_be_title=is_named or _may_be_title(goes_on, title),
        are_named=are_named,
        may_be_book_title=_may_be_title(their_tail, book),
    )
    if _is_listed(our_tail, book) or _is_listed(their_tail, title):
        tail = Tail.DIFFERS
    is_exact = _is_exact(title, book, found)
    is_other = tail not in AGREED and not is_exact and _is_plural(title, book, found)
    return Relation(
        overlap=Overlap.CONTAINED if is_other else found.overlap,
        tail=tail,
        common=found.common,
        our_start=found.our_start,
        their_start=found.their_start,
        segment_count=min(
            found.our_end - found.our_start, found.their_end - found.their_start
        ),
        similarity=100.0,
        is_exact=is_exact,
        title_tail=our_tail if found.our_end < title.title_count else "",
        book_tail=their_tail,
        goes_on=goes_on.replace(" ", ""),
        prefix=before[0] if before else "",
        title_adds=adds_works(title.segments[found.our_end :]),
        book_adds=adds_works(book.segments[found.their_end :]),
    )


def _unexplained(title: TitleForm, book: TitleForm, tail: str) -> str:
    """Return what the title's brackets say and nothing on the other side does."""
    if not title.bracketed:
        return ""
    known = {*book.names, *book.joined, *book.asides, tail.replace(" ", "")} - {""}
    return " ".join(
        [
            text
            for text in title.bracketed
            if not _is_named(series_key(text), known)
            and text.replace(" ", "") not in known
        ]
    )


def _named_already(form: TitleForm) -> set[str]:
    """Return the series that the main title is: said again it is a volume's title."""
    if form.title_count < 2:
        return set()
    return {form.main, series_key(form.segments[0])}


def _is_listed(tail: str, form: TitleForm) -> bool:
    """Tell whether a tail is only one of the works that the other side lists."""
    return bool(form.listed) and tail.replace(" ", "") in form.listed


def _may_be_title(tail: str, form: TitleForm) -> bool:
    """Tell whether a tail may be a volume's title: short, and no "a" that describes."""
    return is_short(tail) and not tail.startswith(form.described + form.explaining)


def _begins_short(form: TitleForm, start: int, known: set[str]) -> bool:
    """Tell whether a title goes on with a short text and then explains it.

    "Harbor: Stone Quarry: The Official Story of a Town" is a volume's title.
    """
    if form.title_count <= start or len(form.segments) - start < 2:
        return False
    head = own_tail(form.segments[start : start + 1], known)
    return bool(head) and head.count(" ") < 2 and _may_be_title(head, form)


def _before(form: TitleForm, start: int) -> tuple[str, ...]:
    """Return the segments before the common text, also with the main title's number."""
    joined = form.joined[:start]
    if not (start and form.volume):
        return joined
    main = form.main
    return (*joined, main + form.volume, main + ROMAN.get(form.volume, ""))


def _is_exact(title: TitleForm, book: TitleForm, found: _Found) -> bool:
    """Tell whether the common text is written alike, plurals included."""
    ours, theirs = _exact(title, book, found)
    return ours == theirs or american(ours) == american(theirs)


def _is_plural(title: TitleForm, book: TitleForm, found: _Found) -> bool:
    """Tell whether only an "s" parts short, whole segments: "Idol", "Idols"."""
    ours = "".join(title.joined[found.our_start : found.our_end])
    theirs = "".join(book.joined[found.their_start : found.their_end])
    if ours != theirs or len(ours) >= LONG_TITLE:
        return False
    one, other = [with_digits(text.split()) for text in _exact(title, book, found)]
    return american(" ".join(one)) != american(" ".join(other))


def _exact(title: TitleForm, book: TitleForm, found: _Found) -> tuple[str, str]:
    return (
        " ".join(title.exact[found.our_start : found.our_end]),
        " ".join(book.exact[found.their_start : found.their_end]),
    )
