"""Pure: the pieces of a title while it is read."""

import re
from functools import lru_cache
from typing import Final

from .language import language_code
from .normalize import fold, loose, with_digits, without_small, words
from .vocabulary import (
    ARTICLES,
    COUNTING_WORDS,
    EDITION,
    GENERIC,
    GENERIC_MAX_WORDS,
    INDEFINITE,
    KIND_WORDS,
    KINDS,
    LANGUAGE_EDITION,
    LANGUAGE_ONLY,
    NUMBERS,
    OFFSHOOT,
    ORDINALS,
    OTHER_WORKS,
    SEASON,
    SERIES_END,
    SERIES_WORDS,
    VOLUME,
    VOLUME_WORDS,
)

_SEQUENCE: Final = re.compile(r"\D{0,8}(\d+(?:\.\d+)?)(?:\s*[-,&]\s*(\d+(?:\.\d+)?))?")
OTHER: Final = "other"
"""How a segment begins that tells what else a collection holds, in any language."""

NUMBERED: Final = re.compile(r"(\D{4,40}?),?\s+(\d{1,2})")
_NAME_MAX: Final = 48
"""A piece that only names a sort or a language has no more letters."""

_ABOUT: Final = frozenset(
    (
        *("of", "to", "in", "for", "from"),
        *("von", "vom", "zu", "zum", "zur", "der", "des", "im"),
        *("de", "du", "d", "aux", "del", "al", "do", "da", "dos", "das", "no", "na"),
        *("di", "della", "dello", "dei", "degli", "delle", "dell", "al", "alla", "nel"),
    )
)
"""A text that ends with one of these before a name is about what has the name."""

_LISTING: Final = re.compile(r"^[^(\[]*?\w\W?(?:\s+/\s*|/\s+|\s*;\s+)\w")
_EXPLAINING: Final = 6
"""So many words, small ones too, explain a title and seldom are one."""

_LOOSE_SERIES_WORDS: Final = frozenset(loose(sorted(SERIES_WORDS)))


class Draft:
    """The pieces of one title found so far; TitleForm says what each is."""

    __slots__ = (
        "article",
        "asides",
        "bracketed",
        "described",
        "exact",
        "explaining",
        "inline",
        "is_worded",
        "kinds",
        "language",
        "link",
        "listed",
        "may_be_numbered",
        "numbered",
        "part",
        "segments",
        "series",
        "volume",
    )

    def __init__(self) -> None:
        """Begin with nothing."""
        self.segments: list[str] = []
        self.exact: list[str] = []
        self.series: list[str] = []
        self.inline: list[str] = []
        self.described: list[str] = []
        self.explaining: list[str] = []
        self.numbered: list[tuple[str, str]] = []
        self.asides: list[str] = []
        self.bracketed: list[str] = []
        self.kinds: list[str] = []
        self.volume = ""
        self.is_worded = False
        self.may_be_numbered = False
        self.part = ""
        self.article = ""
        self.language = ""
        self.link = ""
        self.listed: list[str] = []


@lru_cache(maxsize=16_384)
def series_key(name: str) -> str:
    """Return a series name without "the" before and "series" or "saga" behind it."""
    parts = loose(with_digits(words(name)))
    start, end = 0, len(parts)
    while start < end - 1 and parts[start] in _LOOSE_SERIES_WORDS:
        start += 1
    while end > start + 1 and parts[end - 1] in _LOOSE_SERIES_WORDS:
        end -= 1
    return "".join(parts[start:end])


def number_of(found: re.Match[str]) -> str:
    """Return the number that VOLUME found, "1-3" for a range."""
    if found["nth"]:
        return ORDINALS[found["nth"]]
    number = plain_number(found["low"] or found["ja"])
    return f"{number}-{plain_number(found['high'])}" if found["high"] else number


def plain_number(text: str) -> str:
    """Return a number, also a Roman or a written one, in plain digits."""
    return NUMBERS.get(text, text.lstrip("0") or "0")


def add_segment(draft: Draft, piece: str, *, is_described: bool = False) -> None:
    """Take a piece as a segment of the title; "or" and "a" begin descriptions."""
    if draft.segments and (found := OTHER_WORKS.match(piece)):
        piece = f"{OTHER} {piece[found.end() :]}"
    parts = words(piece)
    key = _keys(parts)
    if key:
        if is_described or (draft.segments and piece.startswith(INDEFINITE)):
            draft.described.append(" ".join(key))
        elif draft.segments and len(parts) >= _EXPLAINING:
            draft.explaining.append(" ".join(key))
        draft.segments.append(" ".join(key))
        if piece.count(",") > 1 and len(draft.segments) > 1:
            draft.listed += ["".join(key_words(item)) for item in piece.split(",")]
        draft.exact.append(" ".join(without_small(parts)))


def key_words(piece: str) -> list[str]:
    """Return a piece's loose words, its article aside."""
    return _keys(words(piece))


def _keys(parts: list[str]) -> list[str]:
    parts = with_digits(parts)
    if len(parts) > 1 and parts[0] in ARTICLES:
        parts = parts[1:]
    return loose(parts) or parts


def add_series(draft: Draft, name: str) -> None:
    """Take a text as a series' name; each part of "Star Wars: Thrawn" is one too."""
    key = series_key(name)
    if not key:
        return
    draft.series.append(key)
    if ":" in name:
        draft.series += [
            found for part in name.split(":") if (found := series_key(part))
        ]


def count_series(draft: Draft, found: re.Match[str]) -> None:
    """Take a series' name with a bare number behind it, as NUMBERED found them."""
    add_series(draft, found[1])
    draft.numbered.append((series_key(found[1]), plain_number(found[2])))


def note_piece(draft: Draft, found: re.Match[str]) -> None:
    """Note a number "of" several: what has it is only a part."""
    if found["of"]:
        draft.kinds.append("piece")
        draft.part = draft.part or number_of(found)


def note_bracket(draft: Draft, inner: str, *, is_square: bool) -> None:
    """Take what a bracket says: a series, or nobody knows what.

    In square ones stand translated titles, publishers, editions.
    """
    if numbered := NUMBERED.fullmatch(inner):
        count_series(draft, numbered)
    elif SERIES_END.search(inner):
        add_series(draft, inner)
    elif is_square:
        draft.asides.append("".join(key_words(inner)))
    else:
        add_series(draft, inner)
        if not inner.startswith(INDEFINITE):
            draft.bracketed.append(" ".join(key_words(inner)))


def unexplained(draft: Draft) -> tuple[str, ...]:
    """Return what brackets say that the title's own series do not."""
    if not draft.bracketed:
        return ()
    own = {series_key(text) for text in draft.bracketed}
    named = [name for name in draft.series if name not in own]
    twice = {name for name in own if draft.series.count(name) > 1}
    return tuple(
        text
        for text in draft.bracketed
        if (key := series_key(text)) not in twice
        and not any(key in name or name in key for name in named)
    )


def add_sequence(draft: Draft, series_title: str, sequence: str) -> None:
    """Take the place in a series that Audible sends ("2.5", "1-3")."""
    found = _SEQUENCE.match(fold(sequence).strip())
    if found:
        numbers = [
            plain_number(part.removesuffix(".0")) for part in found.groups() if part
        ]
        draft.numbered.append((series_key(fold(series_title)), "-".join(numbers)))


def is_edition(draft: Draft, piece: str) -> bool:
    """Tell whether a piece names the edition only; note the language it names."""
    if not EDITION.fullmatch(piece) or OTHER_WORKS.match(piece):
        return False
    if not KIND_WORDS.isdisjoint(words(piece)) and KINDS.search(piece):
        return False
    found = LANGUAGE_EDITION.search(piece)
    if found:
        draft.language = language_code(found[1])
    return True


def is_language(draft: Draft, piece: str) -> bool:
    """Tell whether a piece only names the edition's language; note it."""
    found = LANGUAGE_ONLY.fullmatch(piece) if len(piece) < _NAME_MAX else None
    if found:
        draft.language = language_code(found[1])
    return bool(found)


def is_counted(draft: Draft, piece: str) -> bool:
    """Tell whether a piece only counts ("Staffel 2", "Act II"); note what it counts."""
    if found := SEASON.fullmatch(piece):
        word, number = found["word"], ORDINALS.get(found["nth"], found["nth"])
    else:
        word, _, number = piece.rpartition(" ")
    if word not in COUNTING_WORDS or not (number.isdigit() or number in NUMBERS):
        return False
    draft.part = draft.part or f"{word} {plain_number(number)}"
    return True


def is_offshoot(draft: Draft, piece: str) -> bool:
    """Tell whether a piece names something made after the work; note it."""
    if len(piece) > _NAME_MAX or not OFFSHOOT.fullmatch(piece):
        return False
    draft.kinds.append("offshoot")
    return True


def is_generic(piece: str) -> bool:
    """Tell whether a text only says what sort of text it is."""
    return (
        len(piece) < 60
        and len(piece.split()) <= GENERIC_MAX_WORDS
        and bool(GENERIC.fullmatch(piece))
    )


def adds_works(segments: tuple[str, ...]) -> bool:
    """Tell whether the segments announce other works: at once, or by their sort."""
    return any(
        segment.startswith(f"{OTHER} ")
        and (not at or is_generic(segment.rpartition(" ")[2]))
        for at, segment in enumerate(segments)
    )


def is_about(segment: str, name: str) -> bool:
    """Tell whether a text is about what it ends with: "The History of Harbor"."""
    rest = ""
    for word in reversed(segment.split(" ")):
        if rest == name:
            return word in _ABOUT
        rest = word + rest
    return False


def is_own_volume(piece: str, found: re.Match[str]) -> bool:
    """Tell whether the number belongs to a name before it."""
    if not words(piece[: found.start()]):
        return False
    tail = piece[found.end() :].strip()
    return not tail or not tail[0].isalnum() or bool(VOLUME.match(tail))


def find_kinds(draft: Draft, folded: str) -> None:
    """Find what sort of thing a text says that it is; note if it may have numbers."""
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
            draft.kinds.append("listed")


def find_series_kinds(draft: Draft, folded: str) -> None:
    """Find what all books of a series are; one of a "complete series" is no box set."""
    if not KIND_WORDS.isdisjoint(words(folded)):
        for found in KINDS.finditer(folded):
            if found.lastgroup and found.lastgroup != "omnibus":
                draft.kinds.append(found.lastgroup)
