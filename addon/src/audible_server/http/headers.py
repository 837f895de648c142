"""Header fields that are made from texts and times."""

import unicodedata
from email.utils import formatdate
from functools import lru_cache
from typing import Final
from urllib.parse import quote

# What no file system, or no header field, lets stand in a name.
_FORBIDDEN: Final = frozenset('/\\:*?"<>|%')
_MOST_NAME_BYTES: Final = 180
# The characters of RFC 8187 that need no escape.
_ATTR_CHARS: Final = "!#$&+-.^_`|~"


@lru_cache(maxsize=256)
def content_disposition(title: str, fallback: str, suffix: str) -> str:
    """Return the field that names a file by its title (RFC 6266).

    Old clients read `filename`, which is ASCII; a title of which nothing is left there
    has the fallback. The others read `filename*`.
    """
    name = _file_name(title) or fallback
    plain = _file_name(_ascii(name)) or fallback
    field = f'inline; filename="{plain}.{suffix}"'
    if plain == name:
        return field
    return f"{field}; filename*=UTF-8''{quote(name, safe=_ATTR_CHARS)}.{suffix}"


@lru_cache(maxsize=256)
def http_date(epoch_s: int) -> str:
    """Return a time as RFC 9110 writes it (5.6.7)."""
    return formatdate(epoch_s, usegmt=True)


def _file_name(title: str) -> str:
    """Return the title without what a file name must not have; maybe nothing."""
    kept = "".join(" " if _is_forbidden(char) else char for char in title)
    name = " ".join(kept.split()).strip(". ")
    cut = name.encode("utf-8", "ignore")[:_MOST_NAME_BYTES]
    return cut.decode("utf-8", "ignore").strip(". ")


def _is_forbidden(char: str) -> bool:
    return char in _FORBIDDEN or unicodedata.category(char).startswith("C")


def _ascii(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return decomposed.encode("ascii", "ignore").decode()
