"""Pure: titles taken apart: main title, segments, series, volume, kind, edition."""

import re
from typing import Final, NamedTuple

from .normalize import fold, join_thousands, words
from .persons import Persons, is_misspelled
from .pieces import (
    Draft,
    add_segment,
    add_sequence,
    add_series,
    is_edition,
    is_generic,
    key_words,
    number_of,
    plain_number,
    series_key,
)
from .vocabulary import (
    ARTICLE_LANGUAGES,
    EDITION,
    KIND_WORDS,
    KINDS,
    SERIES_END,
    TRAILING_ARTICLE,
    TRAILING_EDITION,
    TRAILING_NUMBERS,
    VOLUME,
    VOLUME_WORDS,
)

_BRACKET: Final = re.compile(r"([(\[])([^()\[\]]*)[)\]]?")
_SPLIT: Final = re.compile(
    r"(?<=\w{4}):(?!\d)|\s*:\s+|\s+:|\s+-+\s*|\s*-+\s+|\s*;\s*|\s*\|\s*"
    r"|(?<=[?!])\s+(?=\w)|,\s+(?=an?\s+\S+\s+\S+\s+\S+\s+\S)|,\s+or,?\s+|\s+or,\s+"
    r"|,\s+and\s+(?=(?:what|how|why|where)\b)|,?\s+(?:and|&)\s+(?=other\s)"
    r"|\s*/\s+|\s+/\s*|\.{3,}\s*|…\s*"
)
"""Where one segment ends: punctuation, "or", a comma before "a long description"."""

_MAY_SPLIT: Final = re.compile(r"[-:;|?!/…,]|\.\.\.| other ")
_LISTING: Final = re.compile(r"^[^(\[]*\w\W?(?:\s+/\s*|/\s+|\s*;\s+)\w")
_ELIDED: Final = re.compile(r"\b[ld]'(?=\w)")
_SERIES_LINK: Final = re.compile(r"^(?:of|in|from|der|des|aus|de|du|della|van)\b")
_NUMBER_ONLY: Final = re.compile(r"\d{1,3}(?:\.\d)?")

_SPACE: Final = " ,.-:"

type Kinds = frozenset[str]

_PLAIN: Final[Kinds] = frozenset()


class TitleForm(NamedTuple):
    """A title taken apart, in loose words.

    ``segments`` holds the main title first; those from ``title_count`` on come from
    the subtitle. ``exact`` are the same as they were written, without small words.
    ``volume`` and ``part`` belong to the main title itself; ``is_worded`` says that a
    word such as "Vol." stood there. ``series`` are names beside the title, ``numbered``
    those with their numbers. ``inline`` are numbered segments of the title ("Hush,
    Vol. 1"). ``described`` are segments that begin with "a": they say what the book is.
    ``article`` is the word that the title began with, ``asides`` are its square
    brackets, ``language`` is what the edition's name tells.
    """

    segments: tuple[str, ...]
    exact: tuple[str, ...]
    title_count: int
    series: tuple[str, ...]
    inline: tuple[str, ...]
    described: tuple[str, ...]
    numbered: tuple[tuple[str, str], ...]
    volume: str
    is_worded: bool
    part: str
    kinds: Kinds
    asides: tuple[str, ...]
    article: str
    language: str

    @property
    def main(self) -> str:
        """Return the main title without blanks."""
        return self.segments[0].replace(" ", "") if self.segments else ""

    @property
    def joined(self) -> tuple[str, ...]:
        """Return the segments without blanks."""
        return tuple([segment.replace(" ", "") for segment in self.segments])

    @property
    def names(self) -> tuple[str, ...]:
        """Return all that this side calls a series."""
        return self.series + self.inline if self.inline else self.series


def parse_title(
    title: str,
    subtitle: str = "",
    series_title: str = "",
    series_sequence: str = "",
    persons: Persons = (),
) -> TitleForm:
    """Return a title's parts; never fails, whatever the text is.

    ``persons`` are its authors: their names are no part of a title ("Aristotle's
    Poetics", "The Meditations of Marcus Aurelius").
    """
    draft = Draft()
    folded = _prepared(title)
    _find_kinds(draft, folded)
    _read(draft, _without_author(folded, persons), is_title=True)
    title_count = len(draft.segments)
    if subtitle:
        folded = _prepared(subtitle)
        _find_kinds(draft, folded)
        _read(draft, folded, is_title=False)
    if series_title:
        add_series(draft, fold(series_title))
    if series_sequence:
        add_sequence(draft, series_title, series_sequence)
    return _form(draft, title_count)


def _form(draft: Draft, title_count: int) -> TitleForm:
    return TitleForm(
        segments=tuple(draft.segments),
        exact=tuple(draft.exact),
        title_count=title_count,
        series=tuple(dict.fromkeys(draft.series)),
        inline=tuple(draft.inline),
        described=tuple(draft.described),
        numbered=tuple(draft.numbered),
        volume=draft.volume,
        is_worded=draft.is_worded,
        part=draft.part,
        kinds=frozenset(draft.kinds) if draft.kinds else _PLAIN,
        asides=tuple(draft.asides),
        article=draft.article,
        language=draft.language,
    )


def keys_of(form: TitleForm) -> tuple[str, ...]:
    """Return each segment and each run of neighboring segments, without blanks.

    A book is found again by any of them, whatever the other side leaves out.
    """
    joined = form.joined
    if len(joined) == 1 and not form.asides:
        return joined
    count = min(len(joined), 4)
    runs = [
        "".join(joined[start:end])
        for start in range(count)
        for end in range(start + 1, count + 1)
    ]
    return tuple(dict.fromkeys((*runs, *form.asides)))


def _prepared(text: str) -> str:
    folded = join_thousands(fold(text)).strip()
    if "'" in folded:
        folded = _ELIDED.sub("", folded)
    return folded


def _without_author(folded: str, persons: Persons) -> str:
    """Take the author's own name off the title: whose it is, or by whom."""
    if "'s " in folded:
        head, _, rest = folded.partition("'s ")
        name = "".join(words(head))
        if any(name == person.surname for person in persons) or _is_of(name, persons):
            return rest
    if ": " in folded:
        head, _, rest = folded.partition(": ")
        if _is_of("".join(words(head)), persons):
            return rest
    for link in (" of ", " by "):
        if link in folded:
            head, _, tail = folded.rpartition(link)
            if _is_of("".join(words(tail)), persons):
                return head
    return folded


def _is_of(name: str, persons: Persons) -> bool:
    """Tell whether a text is one of the authors' full names."""
    return any(
        name == person.joined
        or (name.endswith(person.surname) and is_misspelled(name, person.joined))
        for person in persons
    )


def _find_kinds(draft: Draft, folded: str) -> None:
    parts = words(folded)
    draft.may_be_numbered = (
        "#" in folded or "巻" in folded or not VOLUME_WORDS.isdisjoint(parts)
    )
    if not KIND_WORDS.isdisjoint(parts):
        for found in KINDS.finditer(folded):
            if found.lastgroup:
                draft.kinds.append(found.lastgroup)
    if ";" in folded or "/" in folded:
        listing = _LISTING.search(folded)
        if listing and not EDITION.fullmatch(folded[listing.end() - 1 :]):
            draft.kinds.append("omnibus")


def _volume_in(draft: Draft, text: str) -> re.Match[str] | None:
    """Return the first number beside a volume word."""
    return VOLUME.search(text) if draft.may_be_numbered else None


def _read(draft: Draft, folded: str, *, is_title: bool) -> None:
    """Add the pieces of a title or of a subtitle to the draft."""
    rest = folded
    if "(" in folded or "[" in folded:
        rest = _BRACKET.sub(lambda found: _bracket(draft, found, folded), folded)
    rest = rest.strip(" ,.-:;/")
    if not rest:
        first = _BRACKET.search(folded)
        rest = first[2] if first and first[2].strip() else folded
        draft.asides.clear()
    for piece in _SPLIT.split(rest) if _MAY_SPLIT.search(rest) else (rest,):
        stripped = piece.strip(" ,.-\"'") if piece else ""
        if stripped and is_title and not draft.segments:
            _add_main(draft, stripped)
        elif stripped:
            _add_piece(draft, stripped, is_title=is_title)


def _bracket(draft: Draft, found: re.Match[str], folded: str) -> str:
    """Read a bracket and return what stays in its place."""
    inner = found[2].strip()
    if not inner:
        return " "
    after = folded[found.end() :].lstrip()
    if is_edition(draft, inner) or KINDS.search(inner) or _take_volumes(draft, inner):
        return " "
    if after and after[0] not in ":-,;([/|" and found.start():
        return f" {inner} "
    if found[1] == "[" and not SERIES_END.search(inner):
        draft.asides.append("".join(key_words(inner)))
    else:
        add_series(draft, inner)
    return " "


def _take_volumes(draft: Draft, text: str) -> bool:
    """Read "Series, #3; Other Series, #1" and tell whether it was such a text."""
    is_taken = False
    for part in text.split(";"):
        found = _volume_in(draft, part)
        if found:
            is_taken = True
            _take_volume(draft, part, found, is_title=False)
    return is_taken


def _take_volume(
    draft: Draft, text: str, found: re.Match[str], *, is_title: bool
) -> None:
    """Take a number beside the main title, with the series or the text it numbers."""
    name = text[: found.start()].strip(_SPACE)
    tail = text[found.end() :].strip(_SPACE)
    number = number_of(found)
    _note_piece(draft, found)
    if not name and _SERIES_LINK.match(tail):
        name, tail = _SERIES_LINK.sub("", tail).strip(), ""
    if name:
        if is_title and not found["book"]:
            add_segment(draft, name)
            draft.inline.append("".join(key_words(name)))
            draft.is_worded = True
        else:
            add_series(draft, name)
        draft.numbered.append((series_key(name), number))
    elif found["part"]:
        draft.part = draft.part or number
    elif draft.segments and not draft.volume:
        draft.volume, draft.is_worded = number, True
    else:
        draft.numbered.append(("", number))
    if tail and not name:
        add_segment(draft, tail)


def _note_piece(draft: Draft, found: re.Match[str]) -> None:
    if found["of"]:
        draft.kinds.append("piece")


def _add_piece(draft: Draft, piece: str, *, is_title: bool) -> None:
    if is_edition(draft, piece) or is_generic(piece):
        return
    if _NUMBER_ONLY.fullmatch(piece) and draft.segments and not draft.volume:
        draft.volume = plain_number(piece)
        return
    found = _volume_in(draft, piece)
    if found:
        _take_volume(draft, piece, found, is_title=is_title)
    elif (
        SERIES_END.search(piece)
        and not piece.endswith("collection")
        and not piece.startswith("other ")
        and len(words(piece)) <= 6
    ):
        add_series(draft, piece)
    else:
        add_segment(draft, piece)


def _add_main(draft: Draft, piece: str) -> None:
    piece = _without_edition(draft, TRAILING_ARTICLE.sub("", piece))
    first = piece.partition(" ")[0]
    if first in ARTICLE_LANGUAGES:
        draft.article = first
    found = _volume_in(draft, piece)
    if found and _is_own_volume(piece, found):
        name = piece[: found.start()].strip(_SPACE)
        _note_piece(draft, found)
        if found["part"]:
            draft.part = number_of(found)
        else:
            draft.volume, draft.is_worded = number_of(found), True
        add_segment(draft, name)
        tail = piece[found.end() :].strip(_SPACE)
        if tail:
            _add_piece(draft, tail, is_title=True)
        return
    add_segment(draft, _withoutnumber_of(draft, piece))


def _withoutnumber_of(draft: Draft, piece: str) -> str:
    """Take a bare number off the end of a piece; it is the volume."""
    name, _, last = piece.rpartition(" ")
    if draft.volume or not (last in TRAILING_NUMBERS or _NUMBER_ONLY.fullmatch(last)):
        return piece
    if len(last.partition(".")[0]) > 2 and last.isdigit():
        return piece
    if not any(sign.isalpha() for sign in name):
        return piece
    draft.volume = plain_number(last)
    return name.strip(_SPACE)


def _is_own_volume(piece: str, found: re.Match[str]) -> bool:
    """Tell whether the number belongs to a name before it."""
    if not words(piece[: found.start()]):
        return False
    tail = piece[found.end() :].strip()
    return not tail or not tail[0].isalnum()


def _without_edition(draft: Draft, piece: str) -> str:
    if piece.endswith(("n", "d", "t")):
        piece = TRAILING_EDITION.sub("", piece) or piece
    head, comma, tail = piece.rpartition(",")
    return head if comma and head and is_edition(draft, tail.strip()) else piece
