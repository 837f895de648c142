"""Signed paths: for players that send no headers, one title, one use, for some time."""

import time
from typing import Final

from aiohttp import web
from audible_core.errors import InvalidValueError

from audible_server.http.answers import data_answer
from audible_server.http.parameters import address_of, asin_of, members_of
from audible_server.http.path_signer import Use
from audible_server.http.services import SERVICES, SIGNER
from audible_server.store.books import Book
from audible_server.store.listening import instant

SIGNED_AUDIO: Final = "/signed/audio/{grant}"
SIGNED_COVER: Final = "/signed/cover/{grant}"

_LIFE_MIN_S: Final = 24 * 3600
_LIFE_UNKNOWN_S: Final = 7 * 24 * 3600
_LENGTHS: Final = 3
"""A player that pauses at night goes on the next day."""


def is_signed(request: web.Request) -> bool:
    """Tell by the address that was found whether it is to have a signature."""
    return "grant" in request.match_info


def has_valid_signature(request: web.Request) -> bool:
    """Tell whether the path was signed for what it asks for."""
    is_cover = address_of(request).startswith(SIGNED_COVER)
    return request.app[SIGNER].is_valid(
        request.match_info["grant"],
        Use.COVER if is_cover else Use.AUDIO,
        request.match_info["asin"],
    )


async def sign_paths(request: web.Request) -> web.Response:
    """Return paths of a title that need no headers, and until when they hold."""
    members = await members_of(request, {"use"})
    try:
        use = Use(members.get("use", Use.AUDIO))
    except ValueError:
        raise InvalidValueError(
            field="use", value=members["use"], allowed=", ".join(Use)
        ) from None
    book = await request.app[SERVICES].books.load(asin_of(request))
    expires_at_s = int(time.time()) + _life_s(book)
    grant = request.app[SIGNER].grant(use, book.asin, expires_at_s)
    if use is Use.COVER:
        prefix = SIGNED_COVER.format(grant=grant)
        paths = {"path": f"{prefix}/api/books/{book.asin}/cover", "hls_path": None}
    else:
        path = f"{SIGNED_AUDIO.format(grant=grant)}/stream/{book.asin}"
        paths = {"path": path, "hls_path": f"{path}/hls/index.m3u8"}
    return data_answer(
        {**paths, "use": use, "expires_at": instant(expires_at_s * 1000)}
    )


def _life_s(book: Book) -> int:
    """Return how long a path holds: three times the book at least."""
    length_ms = max(book.duration_ms or 0, book.runtime_ms or 0)
    if not length_ms:
        return _LIFE_UNKNOWN_S
    return max(_LIFE_MIN_S, _LENGTHS * length_ms // 1000)
