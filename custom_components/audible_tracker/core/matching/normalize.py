"""Pure: one spelling for every text, and words that two catalogs write differently."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from html import unescape
from typing import Final

_MARKS: Final = re.compile("[\u0300-\u036f]+")
_WORD: Final = re.compile(r"[^\W_]+")
_YEARS: Final = re.compile(r"\b(1\d|20)(\d\d)-(\d\d)\b")
_THOUSANDS: Final = re.compile(r"(?<=\d)[,.](?=\d{3}\b)")

_LATIN: Final = {
    "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l",
    "\u0131": "i", "ħ": "h",
}  # fmt: skip
_CYRILLIC: Final = (
    "a,b,v,g,d,e,zh,z,i,i,k,l,m,n,o,p,r,s,t,u,f,kh,ts,ch,sh,shch,,y,,e,yu,ya"
)
"""How the letters from U+0430 on are usually written in Latin names."""

_MORE_CYRILLIC: Final = {"ё": "e", "є": "e", "\u0456": "i", "ї": "i", "ґ": "g"}
_GREEK: Final = "a,v,g,d,e,z,i,th,i,k,l,m,n,x,o,p,r,s,s,t,y,f,ch,ps,o"
"""The same from U+03B1 on."""

_SIGNS: Final = {
    "\u2019": "'", "\u2018": "'", "`": "'", "\u00b4": "'", "\u02bc": "'",
    "\u201c": '"', "\u201d": '"', "\u201e": '"', "\u00ab": '"', "\u00bb": '"',
    "\u2010": "-", "\u2011": "-", "\u2013": "-", "\u2014": "-", "\u2015": "-",
    "\u2212": "-", "\u00d7": " x ", "\uff1a": ":", "\u30fb": " ",
    "\uff08": "(", "\uff09": ")",
    "\u3010": "[", "\u3011": "]", "\u300c": '"', "\u300d": '"',
}  # fmt: skip
_LETTERS: Final = str.maketrans(
    _LATIN
    | _MORE_CYRILLIC
    | _SIGNS
    | {chr(0x430 + at): text for at, text in enumerate(_CYRILLIC.split(","))}
    | {chr(0x3B1 + at): text for at, text in enumerate(_GREEK.split(","))}
)
_QUOTES: Final = str.maketrans(_SIGNS | {"\u2026": "."})

_SHORTENED: Final = {
    "vs": "versus", "dr": "doctor", "mr": "mister", "st": "saint", "mt": "mount",
    "1st": "first", "2nd": "second", "3rd": "third", "4th": "fourth", "5th": "fifth",
    "6th": "sixth", "7th": "seventh", "8th": "eighth", "9th": "ninth", "10th": "tenth",
}  # fmt: skip
"""Words that are written out or not."""

_UNITS: Final = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6,
    "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12,
    "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17,
    "eighteen": 18, "nineteen": 19, "twenty": 20,
    "zwei": 2, "drei": 3, "vier": 4, "funf": 5, "sechs": 6, "sieben": 7, "acht": 8,
    "neun": 9, "zehn": 10, "zwolf": 12, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5,
    "sept": 7, "huit": 8, "neuf": 9, "dix": 10, "cuatro": 4, "cinco": 5, "siete": 7,
    "ocho": 8, "nueve": 9, "diez": 10, "quattro": 4, "cinque": 5, "sette": 7,
    "dieci": 10, "quatro": 4, "sete": 7, "oito": 8,
}  # fmt: skip
"""Numbers in words; those that are other words as well ("due", "dos") are left out."""

_TENS: Final = {
    "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80,
    "ninety": 90,
}  # fmt: skip
_SCALES: Final = {"hundred": 100, "thousand": 1_000, "million": 1_000_000}
_NUMBER_WORDS: Final = frozenset((*_UNITS, *_TENS, *_SCALES))
_COLLECTIONS: Final = frozenset(("books", "novels", "plays", "poems", "tales"))
"""Plurals that tell a collection from a single work."""

_SILENT_WORDS: Final = frozenset(("and", "und", "et", "the", "a", "an"))
_SHORT_AND: Final = frozenset(("e", "y", "och", "og"))
"""Other languages' "and": between two words only, because they are letters as well."""


_BRITISH: Final = re.compile(
    r"our(?=s?$|i|e|a|l|h)|(?<=[a-z]{2})re$|(?<=[a-z]{3})is(?=e|i|a)|ys(?=e)|ogue$"
    r"|dgem(?=ent)|ll(?=(?:ed|ing|ers?)$)|aed|aesth|aeo|ence$|ue|ae|oe|grey|mme$|mum"
    r"|pyja|storey|plough|sceptic|cosy$|moustache|sulph|tyre|draught|whiskey"
)
_AMERICAN: Final = {
    "our": "or", "re": "er", "is": "iz", "ys": "yz", "ogue": "og", "ll": "l",
    "dgem": "dgm", "aed": "ed", "aesth": "esth", "aeo": "eo", "ence": "ense",
    "ue": "u", "ae": "a", "oe": "o", "grey": "gray", "mme": "m", "mum": "mom",
    "pyja": "paja", "storey": "story", "plough": "plow", "sceptic": "skeptic",
    "cosy": "cozy", "moustache": "mustache", "sulph": "sulf", "tyre": "tire",
    "draught": "draft", "whiskey": "whisky",
}  # fmt: skip


def word_list(text: str) -> list[str]:
    """Return the words of a list that is written as one text."""
    return text.split()


def word_set(text: str) -> frozenset[str]:
    """Return the words of a set that is written as one text."""
    return frozenset(text.split())


def fold(text: str) -> str:
    """Return the text in small Latin letters without marks, punctuation kept.

    Other scripts than Latin, Cyrillic and Greek stay as they are. What was read off a
    page may still have its signs written out ("&amp;").
    """
    if "&" in text and ";" in text:
        text = unescape(text)
    if text.isascii():
        return text.lower().replace("`", "'")
    composed = unicodedata.normalize("NFKC", text).casefold().translate(_LETTERS)
    bare = _MARKS.sub("", unicodedata.normalize("NFD", composed))
    return unicodedata.normalize("NFC", bare.translate(_LETTERS))


def plain_quotes(text: str) -> str:
    """Return the text with plain quotes and dashes, letters untouched."""
    return text.translate(_QUOTES)


def words(folded: str) -> list[str]:
    """Return the words of a folded text; an apostrophe joins, all else separates."""
    if "'" in folded:
        folded = folded.replace("'", "")
    return _WORD.findall(folded)


def join_thousands(folded: str) -> str:
    """Return the text with 20,000 written as 20000, and 1936-45 as 1936-1945."""
    return _YEARS.sub(r"\1\2-\1\3", _THOUSANDS.sub("", folded))


def with_digits(parts: list[str]) -> list[str]:
    """Return the words with numbers as digits: twenty thousand is 20000."""
    if _NUMBER_WORDS.isdisjoint(parts):
        return parts
    result: list[str] = []
    value: int | None = None
    for part in (*parts, ""):
        grown = _grown(value, part)
        if grown is None:
            if value is not None:
                result.append(str(value))
            value = _start(part)
            if value is None and part:
                result.append(part)
        else:
            value = grown
    return result


def loose(parts: Iterable[str]) -> list[str]:
    """Return the words without what two publishers write differently.

    American for British spelling, umlauts written out or not, no plural, no "and",
    no English article.
    """
    kept = [_loose_word(part) for part in parts if part not in _SILENT_WORDS]
    if len(kept) < 3 or _SHORT_AND.isdisjoint(kept):
        return kept
    inner = [part for part in kept[1:-1] if part not in _SHORT_AND]
    return [kept[0], *inner, kept[-1]]


def is_swapped(one: str, other: str) -> bool:
    """Tell whether two long words differ by two neighboring letters swapped."""
    if len(one) != len(other) or len(one) < 5:
        return False
    apart = [at for at in range(len(one)) if one[at] != other[at]]
    return (
        len(apart) == 2
        and apart[1] == apart[0] + 1
        and one[apart[0]] == other[apart[1]]
        and one[apart[1]] == other[apart[0]]
    )


def without_small(parts: Iterable[str]) -> list[str]:
    """Return the words as written, without articles and "and"."""
    return [part for part in parts if part not in _SILENT_WORDS]


def american(text: str) -> str:
    """Return words, parted by blanks, in one spelling and joined; plurals stay."""
    return "".join([_spelled(part) for part in text.split(" ")])


@lru_cache(maxsize=65_536)
def _loose_word(word: str) -> str:
    spelled = _spelled(word)
    if (
        len(spelled) > 2
        and spelled.endswith("s")
        and not spelled.endswith("ss")
        and spelled not in _COLLECTIONS
    ):
        return spelled[:-1]
    return spelled


@lru_cache(maxsize=65_536)
def _spelled(word: str) -> str:
    word = _SHORTENED.get(word, word)
    if len(word) < 4 or word.isdigit():
        return word
    return _BRITISH.sub(lambda found: _AMERICAN[found[0]], word)


def _start(part: str) -> int | None:
    return _UNITS.get(part, _TENS.get(part))


def _grown(value: int | None, part: str) -> int | None:
    """Return the number grown by one more number word, or None where it ends."""
    if value is None:
        return None
    scale = _SCALES.get(part)
    if scale:
        return value * scale if value < scale else None
    unit = _start(part)
    if unit is None or value < 20:
        return None
    step = 10 if unit < 10 else 100
    return value + unit if value % step == 0 and unit < value else None
