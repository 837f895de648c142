"""Pure: what the name of a file says: an ASIN, a title, that it is one part of many.

The names are those of Libation (``Title [B0XXXXXXXX].m4b`` in a folder of that name),
audible-cli (``Title-AAX_44_128.aaxc``, ``B0XXXXXXXX_Title-LC_128_44100_stereo.aax``),
OpenAudible (``Title.m4b``) and of people.
"""

import re
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Final

from audible_core.audible.parse import is_asin
from audible_core.models import Asin

# Ten digits alone may be anything; in brackets, or as the whole name, they are meant.
_MARKED: Final = re.compile(
    r"[\[({]\s*(?:ASIN[\s.:_-]*)?([0-9A-Z]{9}[0-9X]|B[0-9A-Z]{9})\s*[\])}]"
)
_LOOSE: Final = re.compile(r"(?<![0-9A-Za-z])(B0[0-9A-Z]{8})(?![0-9A-Za-z])")
_CODEC: Final = re.compile(
    r"-(?:AAX(?:_\d+)+|LC(?:_\d+)+_(?:stereo|mono)|format\d|MPEG|mp\d+_\d+_\d+)$",
    re.IGNORECASE,
)
_BRACKETS: Final = re.compile(r"\[[^\]]*\]|\([^)]*\)|\{[^}]*\}")
_BLANKS: Final = re.compile(r"[\s_]+")
_DIGITS: Final = re.compile(r"\d+")
_AUTHOR_FIRST: Final = re.compile(r"^(?P<author>[^-]{3,60}?) - (?P<title>.{2,})$")


def asin_in(path: str) -> Asin | None:
    """Return the ASIN in a file's name, else in that of the nearest folder with one.

    A name with two different ones says nothing.
    """
    parts = PurePosixPath(path)
    for name in (parts.stem, *reversed(parts.parent.parts)):
        found = _asins(name)
        if found:
            return Asin(found.pop()) if len(found) == 1 else None
    return None


def titles_in(path: str) -> tuple[tuple[str, str], ...]:
    """Return what a file may be called, as pairs of title and author, likeliest first.

    The author is empty where the name has none.
    """
    parts = PurePosixPath(path)
    stem = _clean(parts.stem)
    folders = [_clean(name) for name in parts.parent.parts]
    found = [(stem, folders[0] if len(folders) > 1 else "")]
    if named := _AUTHOR_FIRST.match(stem):
        found.append((named["title"], named["author"]))
        found.append((named["author"], named["title"]))
    if folders:
        found.append((stem, folders[-1]))
    return tuple(pair for pair in dict.fromkeys(found) if pair[0])


def numbered_alike(path: str) -> str:
    """Return the path without its numbers: parts of one book have the same."""
    parts = PurePosixPath(path)
    return f"{parts.parent}/{_DIGITS.sub('#', parts.name.lower())}"


def is_numbered(path: str) -> bool:
    """Tell whether there is a number in the file's own name."""
    return _DIGITS.search(_clean(PurePosixPath(path).stem)) is not None


def folder_of(path: str) -> str:
    """Return the folder that a file lies in, empty for the library's own."""
    folder = str(PurePosixPath(path).parent)
    return "" if folder == "." else folder


def base_of(path: str) -> str:
    """Return the path without the end of the name and what audible-cli adds there."""
    parts = PurePosixPath(path)
    return str(parts.parent / _CODEC.sub("", parts.stem))


def _asins(name: str) -> set[str]:
    if is_asin(name):
        return {name}
    return {match for match in _candidates(name) if is_asin(match)}


def _candidates(name: str) -> Iterable[str]:
    marked = _MARKED.findall(name)
    return marked or _LOOSE.findall(name.replace("_", " "))


def _clean(name: str) -> str:
    bare = _BRACKETS.sub(" ", _CODEC.sub("", name))
    return _BLANKS.sub(" ", bare).strip(" -.")
