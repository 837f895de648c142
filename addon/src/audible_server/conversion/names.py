"""Pure: names of files, made by the owner's template from what a title is."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

from audible_server.conversion.facts import Facts
from audible_server.options import NAME_FIELDS

SEGMENT_BYTES_MAX: Final = 120
"""A name may have 255 bytes; an ASIN, a number and an end come to it."""

_SEGMENTS_MAX: Final = 8
_FIELD: Final = re.compile(r"\{(" + "|".join(NAME_FIELDS) + r")\}")
# What no name may hold on the systems and shares that people have.
_COLON: Final = re.compile(r"\s*:\s+")
_FORBIDDEN: Final = re.compile(r'[<>:"/\\|?*]')
_BLANKS: Final = re.compile(r"\s+")
_EMPTY_BRACKETS: Final = re.compile(r"\[\s*\]|\(\s*\)|\{\s*\}")
_EDGES: Final = " .-_,#"
_DEVICES: Final = (f"{port}{digit}" for port in ("com", "lpt") for digit in range(10))
_RESERVED: Final = frozenset(("con", "prn", "aux", "nul", *_DEVICES))


def path_of(facts: Facts, template: str) -> str:
    """Return the path of a title below the library folder, without the end of its name.

    A folder whose fields are unknown is left out. The last name is never empty.
    """
    values = _values(facts)
    segments = [_segment(part, values) for part in template.split("/")]
    *folders, name = segments
    kept = [folder for folder in folders if folder][-_SEGMENTS_MAX:]
    return "/".join((*kept, name or safe_name(facts.title) or str(facts.asin)))


def part_name(number: int, count: int, title: str) -> str:
    """Return the name of one chapter's file, without its end."""
    width = max(2, len(str(count)))
    return safe_name(f"{number:0{width}} - {title}") or f"{number:0{width}}"


def safe_name(text: str) -> str:
    """Return a text as one name that every file system takes; it may be empty."""
    plain = unicodedata.normalize("NFC", text)
    plain = _FORBIDDEN.sub("", _COLON.sub(" - ", plain))
    plain = "".join(char if char.isprintable() else " " for char in plain)
    name = _cut(_BLANKS.sub(" ", plain).strip(_EDGES))
    is_reserved = name.partition(".")[0].strip().lower() in _RESERVED
    return f"{name} (book)" if is_reserved else name


def _segment(part: str, values: Mapping[str, str]) -> str:
    filled = _FIELD.sub(lambda match: values[match[1]], part)
    return safe_name(_EMPTY_BRACKETS.sub("", filled))


def _values(facts: Facts) -> dict[str, str]:
    series = facts.main_series
    authors = facts.authors or ("Unknown author",)
    return {
        "asin": facts.asin,
        "author": authors[0],
        "authors": ", ".join(authors),
        "language": facts.language or "",
        "narrator": facts.narrators[0] if facts.narrators else "",
        "publisher": facts.publisher or "",
        "sequence": (series.sequence or "") if series else "",
        "series": series.title if series else "",
        "subtitle": facts.subtitle or "",
        "title": facts.title,
        "year": facts.day[:4],
    }


def _cut(name: str) -> str:
    """Cut a name to the length that is allowed, and no character in two."""
    if len(name.encode()) <= SEGMENT_BYTES_MAX:
        return name
    return name.encode()[:SEGMENT_BYTES_MAX].decode("utf-8", "ignore").rstrip(_EDGES)
