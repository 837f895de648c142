"""What the header of a file says, read in process. Blocks; hostile input."""

import logging
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from audible_core.audible.parse import is_asin
from mutagen.mp3 import MP3
from mutagen.mp4 import MP4
from mutagen.oggopus import OggOpus

from audible_server.media.mp4.boxes import iter_boxes
from audible_server.store.files import Header
from audible_server.store.grants import FileKind

_LOGGER = logging.getLogger(__name__)
# Fifty hours have an index of 31 MB, and a cover is a few.
_INDEX_BYTES_MAX: Final = 128 * 1024 * 1024
_TEXT_MAX: Final = 500
_YEAR: Final = re.compile(r"(?:19|20)\d\d")
_READERS: Final[Mapping[FileKind, Any]] = {
    FileKind.MP3: MP3,
    FileKind.OPUS: OggOpus,
}
_FREE: Final = "----:com.apple.itunes:"
# What each program calls a thing, the surest first; names in small letters.
_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "asin": ("asin", "audible_asin", "cdek", "prid", "audibleasin"),
    "title": ("\xa9nam", "tit2", "title"),
    "album": ("\xa9alb", "talb", "album"),
    "subtitle": ("subtitle", "tit3"),
    "authors": ("aart", "\xa9art", "tpe2", "tpe1", "albumartist", "artist"),
    "narrators": ("\xa9nrt", "narrator", "\xa9wrt", "tcom", "composer"),
    "series": ("series", "\xa9mvn", "mvnm", "mvn"),
    "sequence": ("series-part", "\xa9mvi", "mvin"),
    "year": ("\xa9day", "tdrc", "tyer", "date", "year"),
}


def read_header(path: Path, kind: FileKind) -> tuple[Header, int | None] | None:
    """Return the tags and the length in milliseconds; None if it is no such file."""
    try:
        reader = _READERS.get(kind, MP4)
        if reader is MP4 and not _is_small_enough(path):
            return None
        file = reader(path)
        length_s = float(file.info.length)
        header = _header(_texts(file.tags or {}))
    except Exception as err:
        # On a damaged file mutagen raises whatever its arithmetic runs into.
        _LOGGER.debug("A header is unreadable: %s", type(err).__name__)
        return None
    return header, round(length_s * 1000) or None


def _is_small_enough(path: Path) -> bool:
    with path.open("rb") as file:

        def read_at(offset: int, length: int) -> bytes:
            file.seek(offset)
            return file.read(length)

        boxes = tuple(iter_boxes(read_at, 0, path.stat().st_size))
    return all(
        box.end - box.start <= _INDEX_BYTES_MAX for box in boxes if box.kind == b"moov"
    )


def _header(texts: Mapping[str, tuple[str, ...]]) -> Header:
    def first(field: str) -> str | None:
        return next(iter(_found(texts, field)), None)

    asin = next((text for text in _all(texts, "asin") if is_asin(text)), None)
    year = _YEAR.search(first("year") or "")
    return Header(
        asin=asin,
        title=first("title") or first("album"),
        album=first("album"),
        subtitle=first("subtitle"),
        authors=_people(_found(texts, "authors")),
        narrators=_people(_found(texts, "narrators")),
        series=first("series"),
        sequence=first("sequence"),
        year=int(year[0]) if year else None,
    )


def _found(texts: Mapping[str, tuple[str, ...]], field: str) -> tuple[str, ...]:
    return next((texts[name] for name in _NAMES[field] if texts.get(name)), ())


def _all(texts: Mapping[str, tuple[str, ...]], field: str) -> Iterable[str]:
    return (text for name in _NAMES[field] for text in texts.get(name, ()))


def _people(names: Iterable[str]) -> tuple[str, ...]:
    parts = (part.strip() for name in names for part in re.split(r"[,;/]|\s&\s", name))
    return tuple(dict.fromkeys(part for part in parts if part))


def _texts(tags: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return the tags of any container by name, in small letters."""
    found: dict[str, tuple[str, ...]] = {}
    for name, value in tags.items():
        key = str(name).lower().removeprefix(_FREE)
        if key.startswith("txxx:"):
            key = key.removeprefix("txxx:")
        values = getattr(value, "text", value)
        many = values if isinstance(values, (list, tuple)) else [values]
        found[key.split(":", maxsplit=1)[0]] = tuple(
            text for item in many if (text := _text(item))
        )
    return found


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if isinstance(value, (str, int)) or hasattr(value, "text"):
        return str(value).replace("\0", " ").strip()[:_TEXT_MAX]
    return ""
