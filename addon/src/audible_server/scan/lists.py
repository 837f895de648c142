"""Pure: the list that OpenAudible keeps (``books.json``). Hostile input."""

import json
from collections.abc import Mapping
from typing import Any, Final

from audible_core.audible.parse import is_asin
from audible_core.models import Asin

LIST_NAME: Final = "books.json"
LIST_BYTES_MAX: Final = 64 * 1024 * 1024


def parse_list(content: bytes) -> Mapping[str, Asin]:
    """Return which title each file is, by its name without the end; small letters."""
    try:
        body = json.loads(content)
    except ValueError, RecursionError:
        return {}
    entries = (_entry(item) for item in (body if isinstance(body, list) else ()))
    return {name.lower(): asin for name, asin in entries if name and asin}


def _entry(item: Any) -> tuple[str, Asin | None]:
    if not isinstance(item, Mapping):
        return "", None
    name, asin = item.get("filename"), item.get("asin")
    if not isinstance(name, str) or not isinstance(asin, str) or not is_asin(asin):
        return "", None
    return name.removesuffix(".aax").removesuffix(".m4b").removesuffix(".mp3"), Asin(
        asin
    )
