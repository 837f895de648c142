"""What stands in addresses, checked: a mistake names its field and what is allowed."""

import asyncio
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any, Final
from urllib.parse import urlencode

from aiohttp import web
from audible_core.audible.parse import is_asin
from audible_core.errors import InvalidValueError, MissingValueError
from audible_core.models import Asin
from audible_core.wire import BookState

from audible_server.media.recipe import (
    SPEED_MAX,
    SPEED_MIN,
    AudioFormat,
    Loudness,
    Recipe,
)
from audible_server.store.book_list import BookOrder, BookQuery
from audible_server.store.files import FileQuery

BITRATE_KBPS_MIN: Final = 32
BITRATE_KBPS_MAX: Final = 320
START_MS_MAX: Final = 1000 * 3600 * 1000
POSITION_MS_MAX: Final = START_MS_MAX
BOOKS_MAX: Final = 1000
PATH_LENGTH_MAX: Final = 4096
_OFFSET_MAX: Final = 10**6
_WORDS_LENGTH_MAX: Final = 200
_BODY_S: Final = 20.0
SPEED: Final = re.compile(r"0\.[5-9][0-9]{0,2}|[12](?:\.[0-9]{1,3})?|3(?:\.0{1,3})?")
"""From half to three times as fast."""

HLS_FORMATS: Final = (AudioFormat.MP3, AudioFormat.OPUS, AudioFormat.AAC)
CHANNELS: Final = {"1": 1, "mono": 1, "2": 2, "stereo": 2}
_ONLY_WITH_FORMAT: Final = ("bitrate", "channels", "speed", "loudness", "start_ms")


class Direction(StrEnum):
    """Which end comes first."""

    ASCENDING = "asc"
    DESCENDING = "desc"


@dataclass(frozen=True, slots=True)
class StreamQuery:
    """How the audio is wanted; without a recipe, as it is."""

    recipe: Recipe | None
    start_ms: int


async def json_body(request: web.Request) -> Any:
    """Return the body's JSON; raise InvalidValueError if it is anything else."""
    try:
        async with asyncio.timeout(_BODY_S):
            return await request.json()
    except TimeoutError:
        raise web.HTTPRequestTimeout from None
    except (
        # JSON, numbers of too many digits, and text that its charset does not fit.
        ValueError,
        # A charset that does not exist, or is none for text.
        LookupError,
        # Lists in lists without an end.
        RecursionError,
        # Compressed otherwise than its header says.
        web.RequestPayloadError,
    ) as err:
        # What came is not repeated: it may hold a secret.
        raise InvalidValueError(
            field="body", value=type(err).__name__, allowed="a JSON object"
        ) from err


async def members_of(
    request: web.Request, allowed: Collection[str]
) -> Mapping[str, Any]:
    """Return the members of the body; raise InvalidValueError for unknown ones."""
    body = await json_body(request)
    if not isinstance(body, dict):
        raise InvalidValueError(
            field="body", value=type(body).__name__, allowed="a JSON object"
        )
    unknown = sorted(body.keys() - set(allowed))
    if unknown:
        raise InvalidValueError(
            field="body", value=unknown[0], allowed=", ".join(sorted(allowed))
        )
    return body


def member_number(members: Mapping[str, Any], name: str, high: int) -> int:
    """Return a whole number of the body, from 0; raise InvalidValueError."""
    value = members.get(name)
    if isinstance(value, float) and value.is_integer():
        # To JSON it is the same number.
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= high:
        allowed = f"a whole number from 0 to {high}"
        raise InvalidValueError(field=name, value=value, allowed=allowed)
    return value


def member_text(members: Mapping[str, Any], name: str, length_max: int) -> str:
    """Return a text of the body that is not empty.

    Raises MissingValueError or InvalidValueError.
    """
    value = members.get(name)
    if value is None:
        allowed = f"a text of 1 to {length_max} characters"
        raise MissingValueError(field=name, allowed=allowed)
    if not isinstance(value, str) or not 0 < len(value) <= length_max:
        # What came is not repeated: it may hold a secret.
        raise InvalidValueError(
            field=name,
            value=type(value).__name__,
            allowed=f"a text of 1 to {length_max} characters",
        )
    return value


def address_of(request: web.Request) -> str:
    """Return the address that was found, as the routes write it; empty for none."""
    resource = request.match_info.route.resource
    return "" if resource is None else resource.canonical


def asin_of(request: web.Request) -> Asin:
    """Return the ASIN in the path; raise InvalidValueError."""
    text = request.match_info["asin"]
    if not is_asin(text):
        allowed = "ten capital letters and digits"
        raise InvalidValueError(field="asin", value=text, allowed=allowed)
    return Asin(text)


def stream_query_of(request: web.Request) -> StreamQuery:
    """Return the query of a stream; raise InvalidValueError."""
    audio_format = _choice(request, "format", AudioFormat)
    if audio_format is None:
        _refuse(request, _ONLY_WITH_FORMAT, "only with format")
        return StreamQuery(None, 0)
    recipe = Recipe(
        audio_format=audio_format,
        bitrate_kbps=_bitrate(request),
        channels=_channels(request),
        speed=_speed(_single(request, "speed")),
        loudness=_choice(request, "loudness", Loudness),
    )
    return StreamQuery(recipe, _number(request, "start_ms", 0, 0, START_MS_MAX))


def hls_recipe_of(request: web.Request) -> Recipe | None:
    """Return how segments are wanted, None for as they are; raise InvalidValueError."""
    _refuse(request, ("speed", "loudness", "start_ms"), "not with HLS: players do it")
    audio_format = _choice(request, "format", AudioFormat)
    if audio_format is None:
        _refuse(request, ("bitrate", "channels"), "only with format")
        return None
    if audio_format not in HLS_FORMATS:
        raise InvalidValueError(
            field="format", value=audio_format, allowed=", ".join(HLS_FORMATS)
        )
    return Recipe(audio_format, _bitrate(request), _channels(request))


def query_of(recipe: Recipe) -> str:
    """Return the query that is understood as segments wanted so."""
    wishes = {
        "format": recipe.audio_format,
        "bitrate": recipe.bitrate_kbps,
        "channels": recipe.channels,
    }
    return urlencode({name: wish for name, wish in wishes.items() if wish is not None})


def _refuse(request: web.Request, names: tuple[str, ...], allowed: str) -> None:
    for name in names:
        if name in request.query:
            raise InvalidValueError(
                field=name, value=request.query[name], allowed=allowed
            )


def book_query_of(request: web.Request) -> BookQuery:
    """Return which titles are wanted; raise InvalidValueError."""
    order = _choice(request, "sort", BookOrder)
    direction = _choice(request, "order", Direction)
    return BookQuery(
        words=_words(request),
        state=_choice(request, "state", BookState),
        is_downloaded=_flag(request, "is_downloaded"),
        is_heard=_flag(request, "is_heard"),
        account_id=_single(request, "account_id"),
        order=order or BookOrder.TITLE,
        is_descending=direction is Direction.DESCENDING,
        limit=_number(request, "limit", 50, 1, BOOKS_MAX),
        offset=_number(request, "offset", 0, 0, _OFFSET_MAX),
    )


def file_query_of(request: web.Request) -> FileQuery:
    """Return which files are wanted; raise InvalidValueError."""
    return FileQuery(
        wants_all=_number(request, "all", 0, 0, 1) == 1,
        limit=_number(request, "limit", 50, 1, BOOKS_MAX),
        offset=_number(request, "offset", 0, 0, _OFFSET_MAX),
    )


def _words(request: web.Request) -> str | None:
    text = _single(request, "q")
    if text is not None and (len(text) > _WORDS_LENGTH_MAX or "\0" in text):
        allowed = f"up to {_WORDS_LENGTH_MAX} characters"
        raise InvalidValueError(field="q", value=text, allowed=allowed)
    return text


def _flag(request: web.Request, name: str) -> bool | None:
    text = _single(request, name)
    if text not in (None, "true", "false"):
        raise InvalidValueError(field=name, value=text, allowed="true or false")
    return None if text is None else text == "true"


def _choice[E: StrEnum](request: web.Request, name: str, kind: type[E]) -> E | None:
    text = _single(request, name)
    if text is None:
        return None
    try:
        return kind(text)
    except ValueError:
        allowed = ", ".join(kind)
        raise InvalidValueError(field=name, value=text, allowed=allowed) from None


def _bitrate(request: web.Request) -> int | None:
    if "bitrate" not in request.query:
        return None
    return _number(request, "bitrate", 0, BITRATE_KBPS_MIN, BITRATE_KBPS_MAX)


def _channels(request: web.Request) -> int | None:
    text = _single(request, "channels")
    if text is None:
        return None
    if text not in CHANNELS:
        raise InvalidValueError(
            field="channels", value=text, allowed=", ".join(CHANNELS)
        )
    return CHANNELS[text]


def _speed(text: str | None) -> Fraction:
    if text is None:
        return Fraction(1)
    if SPEED.fullmatch(text):
        return Fraction(text)
    allowed = f"{float(SPEED_MIN)} to {float(SPEED_MAX)}, up to three decimals"
    raise InvalidValueError(field="speed", value=text, allowed=allowed)


def _number(request: web.Request, name: str, default: int, low: int, high: int) -> int:
    text = _single(request, name)
    if text is None:
        return default
    is_number = text.isascii() and text.isdigit() and len(text) <= len(str(high))
    if not is_number or not low <= int(text) <= high:
        allowed = f"a whole number from {low} to {high}"
        raise InvalidValueError(field=name, value=text, allowed=allowed)
    return int(text)


def _single(request: web.Request, name: str) -> str | None:
    values = request.query.getall(name, [])
    if len(values) > 1:
        raise InvalidValueError(field=name, value=values, allowed="one value")
    return values[0] if values else None
