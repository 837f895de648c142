"""How a title begins on a speaker: what a call says of it, and what it may not."""

from collections.abc import Mapping
from typing import Any, Final

from ..core.errors import InvalidValueError, MissingValueError, NoChaptersError
from ..core.models import Asin, Chapter
from .positions import parse_position

CONF_FROM: Final = "from"
CONF_POSITION: Final = "position"
CONF_CHAPTER: Final = "chapter"
CONF_SLEEP_MINUTES: Final = "sleep_minutes"
CONF_SLEEP_CHAPTERS: Final = "sleep_chapters"
CONF_FADE: Final = "fade_seconds"
_SLEEPS: Final = (CONF_SLEEP_MINUTES, CONF_SLEEP_CHAPTERS)
_BEGINS: Final = (CONF_FROM, CONF_POSITION, CONF_CHAPTER)


def check_wish(data: Mapping[str, Any]) -> None:
    """Refuse what contradicts itself, or would have no effect."""
    sleeps = [one for one in _SLEEPS if one in data]
    if len(sleeps) > 1 or (CONF_FADE in data and not sleeps):
        raise MissingValueError(field=", ".join(_SLEEPS), allowed="one of the two")
    begins = {one for one in (CONF_POSITION, CONF_CHAPTER) if one in data}
    if CONF_FROM in data:
        begins.add(CONF_CHAPTER if data[CONF_FROM] == "chapter" else CONF_FROM)
    if len(begins) > 1:
        raise MissingValueError(field=", ".join(_BEGINS), allowed="one of them")


def start_ms(
    data: Mapping[str, Any], chapters: tuple[Chapter, ...], asin: Asin
) -> int | None:
    """Return where to begin; None where the reader is."""
    match data.get(CONF_FROM):
        case "start":
            return 0
        case "chapter":
            if CONF_CHAPTER not in data:
                raise MissingValueError(field=CONF_CHAPTER, allowed="a number")
    if CONF_POSITION in data:
        return parse_position(data[CONF_POSITION])
    if CONF_CHAPTER in data:
        return chapter_ms(chapters, data[CONF_CHAPTER], asin)
    return None


def chapter_ms(chapters: tuple[Chapter, ...], number: int, title: str) -> int:
    """Return where a chapter begins, counted from 1."""
    if not chapters:
        raise NoChaptersError(title=title)
    if number > len(chapters):
        raise InvalidValueError(
            field=CONF_CHAPTER, value=number, allowed=f"1 to {len(chapters)}"
        )
    return chapters[number - 1].start_ms
