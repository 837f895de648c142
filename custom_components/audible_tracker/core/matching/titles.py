"""Pure: titles taken apart: main title, segments, series, volume, kind, edition."""

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from .normalize import fold, words
from .opening import is_name_of, prepared, without_author
from .persons import Persons
from .pieces import (
    NUMBERED,
    Draft,
    add_segment,
    add_sequence,
    add_series,
    count_series,
    find_kinds,
    find_series_kinds,
    is_counted,
    is_edition,
    is_generic,
    is_language,
    is_offshoot,
    is_own_volume,
    key_words,
    note_bracket,
    note_piece,
    number_of,
    plain_number,
    series_key,
    unexplained,
)
from .vocabulary import (
    ARTICLE_LANGUAGES,
    ELIDED_ARTICLE,
    KINDS,
    LIGHT_NOVEL,
    LINK_LANGUAGES,
    SERIES_END,
    TRAILING_ARTICLE,
    TRAILING_EDITION,
    TRAILING_NUMBERS,
    VOLUME,
)

_BRACKET: Final = re.compile(r"([(\[])(?![a-z][)\]])([^()\[\]]*)[)\]]?")
_SPLIT: Final = re.compile(
    r"(?<=\w{4}):(?!\d)|\s*:\s+|\s+:|\s+-+\s*|\s*-+\s+|(?<=\w\w)--+(?=\w)"
    r"|\s*;\s*|\s*\|\s*"
    r"|(?<=[?!])\s+(?=\w)|,\s+(?=an?\s+\S+\s+\S+\s+\S+\s+\S)|,\s+(?=or,?\s)|\s+(?=or,\s)"
    r"|,\s+(?=being\s+(?:an?|the)\s)"
    r"|,\s+and\s+(?=(?:what|how|why|where)\b)"
    r"|,?\s+(?:and|&|und|et|y|ed?|en)\s+"
    r"(?=(?:other|andere|weitere|autres|otr[oa]s|altr[ie]|outr[oa]s)\s)"
    r"|\s*/\s+|\s+/\s*|\.{3,}\s*|…\s*"
)
"""Where one segment ends: punctuation, "or", a comma before "a long description"."""

_PERIOD: Final = re.compile(r"(?<=\w{4})\.\s+(?=[^\W\d])")
"""A period before a subtitle; several of them part the works of a collection."""

_MAY_SPLIT: Final = re.compile(
    r"[-:;|?!/…,]|\.\.\.| (?:other|andere|weitere|autres|otr[oa]s|altr[ie]|outr[oa]s) "
)
_SERIES_LINK: Final = re.compile(r"^(?:of|in|from|der|des|aus|de|du|della|van)\b")
_NUMBER_ONLY: Final = re.compile(r"\d{1,3}(?:\.\d)?")

_SPACE: Final = " ,.-:"

type Kinds = frozenset[str]

_PLAIN: Final[Kinds] = frozenset()
ADAPTED: Final[Kinds] = frozenset(("adapted",))
"""Said only where nothing says how the work was adapted."""


class TitleForm(NamedTuple):
    """A title taken apart, in loose words.

    ``segments`` holds the main title first; those from ``title_count`` on come from
    the subtitle. ``joined`` are they without blanks, ``exact`` as they were written,
    without small words.
    ``volume`` and ``part`` belong to the main title itself; ``is_worded`` says that a
    word such as "Vol." stood there. ``series`` are names beside the title, ``numbered``
    those with their numbers. ``inline`` are numbered segments of the title ("Hush,
    Vol. 1"). ``described`` are segments that begin with "a": they say what the book
    is; so do ``explaining`` ones by their many words. ``article`` is the word that the
    title began with, ``link`` the first "and" in it. ``asides`` are square brackets,
    ``bracketed`` the words of round ones that nothing explains. ``language`` is what
    the edition's name tells. ``listed`` are the items of a segment with commas: it may
    list several works.
    """

    segments: tuple[str, ...]
    joined: tuple[str, ...]
    exact: tuple[str, ...]
    title_count: int
    series: tuple[str, ...]
    inline: tuple[str, ...]
    described: tuple[str, ...]
    explaining: tuple[str, ...]
    numbered: tuple[tuple[str, str], ...]
    volume: str
    is_worded: bool
    part: str
    kinds: Kinds
    asides: tuple[str, ...]
    bracketed: tuple[str, ...]
    article: str
    link: str
    language: str
    listed: tuple[str, ...]

    @property
    def main(self) -> str:
        """Return the main title without blanks."""
        return self.joined[0] if self.joined else ""

    def without_inline(self, series: Iterable[str]) -> TitleForm:
        """Return the same title where these numbered segments are known as series."""
        if not self.inline or {*self.inline}.isdisjoint(series):
            return self
        return self._replace(
            inline=tuple([name for name in self.inline if name not in series])
        )

    @property
    def counted(self) -> tuple[str, ...]:
        """Return the series with the numbers behind them: "Harbor 3"."""
        return tuple([name + number for name, number in self.numbered])

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
    folded = prepared(title)
    if ELIDED_ARTICLE.match(title):
        draft.article = "l'"
    if subtitle and is_name_of("".join(words(folded)), persons):
        folded, subtitle = prepared(subtitle), ""
    find_kinds(draft, folded)
    _read(draft, without_author(folded, persons), is_title=True)
    title_count = len(draft.segments)
    if subtitle:
        folded = prepared(subtitle)
        find_kinds(draft, folded)
        _read(draft, without_author(folded, persons), is_title=False)
    if series_title:
        add_series(draft, fold(series_title))
        _know_series(draft)
        find_series_kinds(draft, fold(series_title))
    if series_sequence:
        add_sequence(draft, series_title, series_sequence)
    return _form(draft, title_count)


def _know_series(draft: Draft) -> None:
    """Take what a piece of the title numbers for a series, where it is named as one."""
    known = {*draft.series, *("die" + name for name in draft.series)}
    unknown = [name for name in draft.inline if name not in known]
    if len(unknown) < len(draft.inline):
        draft.inline = unknown
        draft.is_worded = bool(unknown or draft.volume)


def _form(draft: Draft, title_count: int) -> TitleForm:
    kinds: Kinds = frozenset(draft.kinds)
    return TitleForm(
        segments=tuple(draft.segments),
        joined=tuple([segment.replace(" ", "") for segment in draft.segments]),
        exact=tuple(draft.exact),
        title_count=title_count,
        series=tuple(dict.fromkeys(draft.series)),
        inline=tuple(draft.inline),
        described=tuple(draft.described),
        explaining=tuple(draft.explaining),
        numbered=tuple(draft.numbered),
        volume=draft.volume,
        is_worded=draft.is_worded,
        part=draft.part,
        kinds=kinds - ADAPTED or kinds or _PLAIN,
        asides=tuple(draft.asides),
        bracketed=unexplained(draft),
        article=draft.article,
        link=draft.link,
        language=draft.language,
        listed=tuple(draft.listed),
    )


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
    if is_title and rest.count(". ") == 1:
        rest = _PERIOD.sub(": ", rest)
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
    if folded[found.end() : found.end() + 1].isalpha():
        return inner
    if _NUMBER_ONLY.fullmatch(inner) and found.start() and not draft.volume:
        draft.volume = plain_number(inner)
        return " "
    after = folded[found.end() :].lstrip()
    if (
        is_language(draft, inner)
        or is_edition(draft, inner)
        or KINDS.search(inner)
        or is_offshoot(draft, inner)
        or _take_volumes(draft, inner)
    ):
        return " "
    if after and after[0] not in ":-,;([/|" and found.start():
        return f" {inner} "
    if not is_generic(inner) and not is_counted(draft, inner):
        note_bracket(draft, inner, is_square=found[1] == "[")
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
    note_piece(draft, found)
    if not name and _SERIES_LINK.match(tail):
        name, tail = _SERIES_LINK.sub("", tail).strip(), ""
    if name:
        if is_title and found["part"] and not draft.part:
            draft.part = number
            add_segment(draft, name)
            return
        if is_title and not found["book"]:
            add_segment(draft, name)
            draft.inline.append("".join(key_words(name)))
            draft.is_worded = True
        else:
            add_series(draft, name)
        draft.numbered.append((series_key(name), number))
        _note_part(draft, _volume_in(draft, tail))
    elif found["part"]:
        _note_part(draft, found)
    elif len(draft.segments) > 1 and is_title:
        name = series_key(draft.segments[-1])
        draft.numbered.append((name, number))
        if not found["book"]:
            draft.inline.append(name)
        name = ""
    elif not draft.volume and (draft.segments or not found["book"]):
        draft.volume, draft.is_worded = number, True
    else:
        draft.numbered.append(("", number))
    if tail and not name:
        _take_tail(draft, tail, is_title=is_title)


def _take_tail(draft: Draft, tail: str, *, is_title: bool) -> None:
    """Read what stands behind a number; in a bracket before all else it is a series."""
    if draft.segments:
        _add_piece(draft, tail, is_title=is_title)
    elif not _take_volumes(draft, tail):
        add_series(draft, tail)


def _note_part(draft: Draft, found: re.Match[str] | None) -> None:
    if found and found["part"]:
        draft.part = draft.part or number_of(found)


def _add_piece(draft: Draft, piece: str, *, is_title: bool) -> None:
    if piece.startswith(("or ", "or, ")):
        add_segment(draft, piece[3:], is_described=True)
        return
    if (
        (" " in piece and is_language(draft, piece))
        or is_counted(draft, piece)
        or (
            not is_offshoot(draft, piece)
            and (is_edition(draft, piece) or is_generic(piece))
        )
    ):
        return
    piece = _without_edition(draft, piece)
    if is_edition(draft, piece):
        return
    is_number = piece in TRAILING_NUMBERS or _NUMBER_ONLY.fullmatch(piece)
    if is_number and draft.segments and not draft.volume:
        draft.volume = plain_number(piece)
        return
    found = _volume_in(draft, piece)
    if found:
        _take_volume(draft, piece, found, is_title=is_title)
    elif (numbered := NUMBERED.fullmatch(piece)) and (
        not is_title or SERIES_END.search(numbered[1])
    ):
        count_series(draft, numbered)
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
        draft.article = draft.article or first
    links = [word for word in piece.split()[1:-1] if word in LINK_LANGUAGES]
    draft.link = links[0] if links else ""
    found = _volume_in(draft, piece)
    if found and is_own_volume(piece, found):
        name = piece[: found.start()].strip(_SPACE)
        note_piece(draft, found)
        if found["part"]:
            draft.part = number_of(found)
        else:
            draft.volume, draft.is_worded = number_of(found), True
        add_segment(draft, LIGHT_NOVEL.sub("", name))
        tail = piece[found.end() :].strip(_SPACE)
        if tail:
            _add_piece(draft, tail, is_title=True)
        return
    add_segment(draft, _withoutnumber_of(draft, piece))


def _withoutnumber_of(draft: Draft, piece: str) -> str:
    """Take a bare number off the end of a piece; it is the volume."""
    name, _, last = piece.rpartition(" ")
    is_roman = last in TRAILING_NUMBERS or (last in "ivx" and name.endswith(","))
    if draft.volume or not (is_roman or _NUMBER_ONLY.fullmatch(last)):
        return piece
    if len(last.partition(".")[0]) > 2 and last.isdigit():
        return piece
    if not any(sign.isalpha() for sign in name):
        return piece
    draft.volume = plain_number(last)
    return name.strip(_SPACE)


def _without_edition(draft: Draft, piece: str) -> str:
    if piece.endswith(("n", "d", "d.", "t")):
        piece = TRAILING_EDITION.sub("", piece) or piece
    head, comma, tail = piece.rpartition(",")
    return head if comma and head and is_edition(draft, tail.strip()) else piece
