"""Pure: what two titles have behind their common text, and whether it agrees."""

from enum import StrEnum
from typing import Final

from rapidfuzz import fuzz

from .pieces import series_key


class Tail(StrEnum):
    """What becomes of the segments beyond the common text."""

    NONE = "tail_none"
    SAME = "tail_same"
    AGREES = "tail_agrees"
    BOOK_ONLY = "tail_book_only"
    BOOK_ONLY_SHORT = "tail_book_only_short"
    TITLE_ONLY = "tail_title_only"
    TITLE_ONLY_SHORT = "tail_title_only_short"
    SUBTITLE_ONLY = "tail_subtitle_only"
    SUBTITLE_DIFFERS = "tail_subtitle_differs"
    DIFFERS = "tail_differs"


AGREED: Final = frozenset((Tail.NONE, Tail.SAME, Tail.AGREES))
"""Nothing unknown is left over."""

AGREEING: Final = 90.0
"""Subtitles at least this alike (of 100), word by word, are taken for the same."""

_SUBTITLE_WORDS: Final = 5
"""A subtitle that explains a title has at least so many words, small ones aside."""

_REASONS: Final = frozenset(("why", "warum", "wieso", "pourquoi", "perche"))
"""A subtitle that begins so explains, in few words too: "Why More Is Less"."""

_NAME_WORDS: Final = 2
"""A subtitle of so few words names something, and explains nothing."""

_SAID_WORDS: Final = 3
"""So many words of one subtitle, found in the other, are no accident."""

_EXCHANGED: Final = frozenset(("of", "to", "for", "in", "on"))
"""Words that two editions of one subtitle exchange: "The Path of Salt", "to Salt"."""

_VERSIONS: Final = frozenset(
    ("illustrated", "concise", "pocket", "junior", "condensed", "shorter", "graphic")
)
"""Words that make another version of a work, where a recording has them: a book that
calls itself illustrated may be read aloud, "An Illustrated History" is another text."""

_LONG_NAME: Final = 6


def own_tail(segments: tuple[str, ...], known: set[str]) -> str:
    """Return the segments behind the common text, but for known series."""
    if not segments:
        return ""
    return " ".join([segment for segment in segments if not _is_known(segment, known)])


def _is_known(segment: str, known: set[str]) -> bool:
    """Tell whether a segment is a series' name, or one with a word behind it.

    With the series' number there may be words before it: "Kommissarin Holt 1".
    """
    joined = segment.replace(" ", "")
    if joined in known or series_key(segment) in known:
        return True
    if joined[-1].isdigit() and any(
        len(name) > _LONG_NAME and name[-1].isdigit() and joined.endswith(name)
        for name in known
    ):
        return True
    head, _, last = segment.rpartition(" ")
    if last.isdigit():
        return False
    head = head.replace(" ", "")
    return len(head) >= _LONG_NAME and head in known


def is_like(one: str, other: str) -> bool:
    """Tell whether two subtitles say the same, or one says less."""
    return _likeness(one, other) in (Tail.SAME, Tail.AGREES)


def tail_relation(
    ours: str,
    theirs: str,
    *,
    is_in_title: bool,
    may_be_title: bool,
    may_be_book_title: bool,
    are_named: bool,
) -> Tail:
    """Return how the texts behind the common one relate.

    ``is_in_title`` tells that ours is no subtitle, the next two that a tail is so
    short that it may be the title of one volume, ``are_named`` that one begins with
    such a title and explains it.
    """
    if not (ours and theirs):
        return _one_sided(
            ours,
            theirs,
            is_in_title=is_in_title,
            is_short=may_be_title if ours else may_be_book_title,
        )
    if not _VERSIONS.isdisjoint({*ours.split()} - {*theirs.split()}):
        return Tail.DIFFERS
    likeness = _likeness(ours, theirs)
    if likeness is not Tail.DIFFERS:
        return likeness
    if is_in_title:
        may_be_titles = is_short(ours) or is_short(theirs)
    else:
        # A shop's subtitle names nothing, but for one of two words.
        may_be_titles = (may_be_title and ours.count(" ") < _NAME_WORDS) or (
            may_be_book_title and theirs.count(" ") < _NAME_WORDS
        )
    if (
        may_be_titles
        or are_named
        or theirs.startswith("other ")
        or not _digits_agree(ours, theirs)
    ):
        return Tail.DIFFERS
    return Tail.SUBTITLE_DIFFERS


def _one_sided(ours: str, theirs: str, *, is_in_title: bool, is_short: bool) -> Tail:
    if theirs:
        return Tail.BOOK_ONLY_SHORT if is_short else Tail.BOOK_ONLY
    if not ours:
        return Tail.NONE
    if is_short and (is_in_title or ours.count(" ") < _NAME_WORDS):
        return Tail.TITLE_ONLY_SHORT
    return Tail.TITLE_ONLY if is_in_title else Tail.SUBTITLE_ONLY


def is_short(tail: str) -> bool:
    """Tell whether a tail is so short that it may be the title of one volume."""
    word, blank, _ = tail.partition(" ")
    if blank and word in _REASONS:
        return False
    return tail.count(" ") < _SUBTITLE_WORDS - 1


def _likeness(one: str, other: str) -> Tail:
    if one == other or one.replace(" ", "") == other.replace(" ", ""):
        return Tail.SAME
    mine, yours = set(one.split()), set(other.split())
    is_collection = one.startswith("other ") or other.startswith("other ")
    if is_collection or not _digits_agree(one, other):
        return Tail.DIFFERS
    shorter = min(mine, yours, key=len)
    is_said = shorter == mine & yours and (
        len(shorter) > 1 or one.startswith(other) or other.startswith(one)
    )
    if is_said and (len(shorter) >= _SAID_WORDS or _is_cut(one, other)):
        return Tail.AGREES
    if fuzz.token_sort_ratio(one, other) >= AGREEING or _bare(one) == _bare(other):
        return Tail.AGREES
    return Tail.DIFFERS


def _bare(tail: str) -> list[str]:
    """Return the words but for those that two editions exchange."""
    return [word for word in tail.split() if word not in _EXCHANGED]


def _is_cut(one: str, other: str) -> bool:
    """Tell whether one is the beginning of the other, or all of it but one word.

    Two words alone are shared by two volumes: "Lost Years", "Last of the Lost Years".
    """
    return (
        one.startswith(other)
        or other.startswith(one)
        or abs(one.count(" ") - other.count(" ")) <= 1
    )


def _digits_agree(one: str, other: str) -> bool:
    """Tell whether numbers allow the same text; one only ("40 Tales") may be left out.

    A number at the end counts volumes and may not.
    """
    mine = {part for part in one.split() if part[0].isdigit()}
    yours = {part for part in other.split() if part[0].isdigit()}
    if mine == yours:
        return True
    return not (mine and yours) and not (one[-1].isdigit() or other[-1].isdigit())
