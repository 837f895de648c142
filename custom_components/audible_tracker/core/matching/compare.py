"""Pure: how two titles relate, before any weight is given to it."""

from enum import StrEnum
from typing import Final, NamedTuple

from rapidfuzz import fuzz

from .normalize import american, is_swapped
from .pieces import series_key
from .titles import TitleForm


class Overlap(StrEnum):
    """What two titles have in common."""

    MAIN = "title_main"
    AFTER_SERIES = "title_after_series"
    AFTER_PREFIX = "title_after_prefix"
    ASIDE = "title_in_brackets"
    SWAPPED = "title_letters_swapped"
    CONTAINED = "title_contained"
    OTHER = "title_other"


class Tail(StrEnum):
    """What becomes of the segments beyond the common text."""

    NONE = "tail_none"
    SAME = "tail_same"
    AGREES = "tail_agrees"
    ALIKE = "tail_alike"
    BOOK_ONLY = "tail_book_only"
    BOOK_ONLY_SHORT = "tail_book_only_short"
    TITLE_ONLY = "tail_title_only"
    TITLE_ONLY_SHORT = "tail_title_only_short"
    SUBTITLE_ONLY = "tail_subtitle_only"
    SUBTITLE_DIFFERS = "tail_subtitle_differs"
    DIFFERS = "tail_differs"


class Relation(NamedTuple):
    """How a title relates to a book.

    ``common`` is the text both have, unspaced; it begins at the ``our_start``-th
    segment of the title and the ``their_start``-th of the book, and is
    ``segment_count`` segments long on both sides.
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
    prefix: str

    def after_series(self) -> Relation:
        """Return the same relation, the prefix known to be a series."""
        return self._replace(overlap=Overlap.AFTER_SERIES)

    @property
    def is_headless(self) -> bool:
        """Tell whether either side goes on before the common text."""
        return bool(self.our_start or self.their_start)


AGREEING: Final = 90.0
"""Subtitles at least this alike (of 100), word by word, are taken for the same."""

ALIKE: Final = 80.0
"""Subtitles whose common words are this alike (of 100) may be variants."""

_SUBTITLE_WORDS: Final = 5
"""A subtitle that explains a title has at least so many words, small ones aside."""

_MAX_SEGMENTS: Final = 5


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
    prefix="",
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
        if found is None or found.common in (title if start else book).series:
            continue
        if (
            _is_repeated(title, book, found)
            or (
                all(_is_named(part, title, book) for part in ours[:start])
                and all(_is_named(part, title, book) for part in theirs[:their_start])
            )
            or (title if start else book).volume
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


def _is_named(part: str, title: TitleForm, book: TitleForm) -> bool:
    """Tell whether either side says that the text is a series."""
    return any(
        part == name or (len(part) > 3 and (part in name or name in part))
        for name in (*title.names, *book.names)
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
    prefix = long.removesuffix(short)
    for name in (*title.names, *book.names):
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
    """Find a main title that begins the other one without punctuation after it."""
    if not title.segments or not book.segments:
        return None
    one, other = title.segments[0], book.segments[0]
    short, long = (one, other) if len(one) < len(other) else (other, one)
    if long.startswith(short + " ") or long.endswith(" " + short):
        return _Found(Overlap.CONTAINED, 0, 1, 0, 1, short.replace(" ", ""))
    return None


def _apart(title: TitleForm, book: TitleForm) -> Relation:
    one, other = " ".join(title.segments[:2]), " ".join(book.segments[:2])
    return _APART._replace(similarity=fuzz.token_sort_ratio(one, other))


def _with_tails(title: TitleForm, book: TitleForm, found: _Found) -> Relation:
    our_tail = _tail(title.segments[found.our_end :], {*title.series, *book.names})
    their_tail = _tail(book.segments[found.their_end :], {*title.names, *book.series})
    prefix = (
        title.joined[: found.our_start] or book.joined[: found.their_start] or ("",)
    )
    return Relation(
        overlap=found.overlap,
        tail=_tail_relation(
            our_tail,
            their_tail,
            is_in_title=found.our_end < title.title_count,
            is_described=_is_described(our_tail, title)
            or _is_described(their_tail, book),
        ),
        common=found.common,
        our_start=found.our_start,
        their_start=found.their_start,
        segment_count=min(
            found.our_end - found.our_start, found.their_end - found.their_start
        ),
        similarity=100.0,
        is_exact=_is_exact(title, book, found),
        title_tail=our_tail if found.our_end < title.title_count else "",
        book_tail=their_tail,
        prefix=prefix[0],
    )


def _is_exact(title: TitleForm, book: TitleForm, found: _Found) -> bool:
    """Tell whether the common text is written alike, plurals included."""
    ours = " ".join(title.exact[found.our_start : found.our_end])
    theirs = " ".join(book.exact[found.their_start : found.their_end])
    return ours == theirs or american(ours) == american(theirs)


def _tail(segments: tuple[str, ...], known: set[str]) -> str:
    if not segments:
        return ""
    return " ".join(
        [
            segment
            for segment in segments
            if segment.replace(" ", "") not in known
            and series_key(segment) not in known
        ]
    )


def is_like(one: str, other: str) -> bool:
    """Tell whether two subtitles say the same, or one says less."""
    return _likeness(one, other) in (Tail.SAME, Tail.AGREES, Tail.ALIKE)


def _is_described(tail: str, title: TitleForm) -> bool:
    """Tell whether a tail begins with "a" and so describes the book."""
    return any(tail.startswith(segment) for segment in title.described)


def _tail_relation(
    ours: str, theirs: str, *, is_in_title: bool, is_described: bool
) -> Tail:
    if not ours:
        if not theirs:
            return Tail.NONE
        is_title = is_short(theirs) and not is_described
        return Tail.BOOK_ONLY_SHORT if is_title else Tail.BOOK_ONLY
    if not theirs:
        if not is_in_title:
            return Tail.SUBTITLE_ONLY
        is_title = is_short(ours) and not is_described
        return Tail.TITLE_ONLY_SHORT if is_title else Tail.TITLE_ONLY
    likeness = _likeness(ours, theirs)
    if likeness is Tail.DIFFERS and not is_in_title:
        return Tail.SUBTITLE_DIFFERS
    return likeness


def is_short(tail: str) -> bool:
    """Tell whether a tail is so short that it may be the title of one volume."""
    return tail.count(" ") < _SUBTITLE_WORDS - 1


def _likeness(one: str, other: str) -> Tail:
    if one == other or one.replace(" ", "") == other.replace(" ", ""):
        return Tail.SAME
    mine, yours = set(one.split()), set(other.split())
    if not _digits_agree(one, other):
        return Tail.DIFFERS
    shorter = min(mine, yours, key=len)
    if shorter == mine & yours and (len(shorter) > 1 or len(mine ^ yours) == 1):
        return Tail.AGREES
    if fuzz.token_sort_ratio(one, other) >= AGREEING:
        return Tail.AGREES
    if len(shorter) > 2 and fuzz.token_set_ratio(one, other) >= ALIKE:
        return Tail.ALIKE
    return Tail.DIFFERS


def _digits_agree(one: str, other: str) -> bool:
    """Tell whether numbers allow the same text; one only ("40 Tales") may be left out.

    A number at the end counts volumes and may not.
    """
    mine = {part for part in one.split() if part[0].isdigit()}
    yours = {part for part in other.split() if part[0].isdigit()}
    if mine == yours:
        return True
    return not (mine and yours) and not (one[-1].isdigit() or other[-1].isdigit())
