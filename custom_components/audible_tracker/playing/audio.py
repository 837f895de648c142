"""The audio of a title: whether it is there, its chapters, its address."""

import re
from datetime import timedelta
from typing import Final

from homeassistant.components.http.auth import async_sign_path
from homeassistant.core import HomeAssistant

from ..const import DOMAIN
from ..coordinator import AudibleConfigEntry
from ..core.errors import InvalidValueError, MediaServerError, MediaServerRefusedError
from ..core.models import Asin, Chapter
from ..core.playing.session import SPEED_MAX, SPEED_MIN, AudioForm, AudioFormat
from ..core.store.titles import load_recording
from ..core.wire import ServerBook
from ..server_link import media_server_of

STREAM_URL: Final = f"/api/{DOMAIN}/stream/{{entry_id}}/{{asin}}"
SIGNED_URL: Final = f"/api/{DOMAIN}/signed/audio/{{grant}}/stream/{{asin}}/hls/{{name}}"
FORM_URL: Final = f"{STREAM_URL}/{{name}}"

_VALID_AT_LEAST: Final = timedelta(hours=24)
_VALID_RUNTIMES: Final = 3
_NAME: Final = re.compile(r"(\d{2,3})-(\d{1,9})\.mp3")
_MP3: Final = "audio/mpeg"
_HLS: Final = "application/vnd.apple.mpegurl"


async def async_playable(hass: HomeAssistant, asin: Asin) -> ServerBook:
    """Return a title as the server knows it.

    Raises MediaServerMissingError without a server, and what Audible denied to it.
    """
    book = await media_server_of(hass).fetch_book(asin)
    if not book.is_playable and book.is_denied:
        raise MediaServerRefusedError(
            code=str(book.error), detail=str(book.error_text), status=403
        )
    return book


async def async_chapters(
    hass: HomeAssistant, entry: AudibleConfigEntry, asin: Asin
) -> tuple[Chapter, ...]:
    """Return a title's chapters: those of the database, else the server's, if any."""
    runtime = entry.runtime_data
    async with runtime.store.reading() as connection:
        known = await load_recording(connection, runtime.account_id, asin)
    if known is not None and known.chapters:
        return known.chapters
    try:
        return await media_server_of(hass).fetch_chapters(asin)
    except MediaServerError:
        return ()


async def async_address(
    hass: HomeAssistant, entry_id: str, book: ServerBook, form: AudioForm
) -> tuple[str, str]:
    """Return the path of a title in a form, signed for players, and its MIME type."""
    path = STREAM_URL.format(entry_id=entry_id, asin=book.asin)
    mime_type = book.content_type
    match form.audio_format:
        case AudioFormat.HLS:
            # Its segments are named relative to it: they carry its signature on.
            hls_path = await media_server_of(hass).sign_hls(Asin(book.asin))
            return f"/api/{DOMAIN}{hls_path}", _HLS
        case AudioFormat.MP3:
            path = f"{path}/{round(form.speed * 100)}-{form.start_ms}.mp3"
            mime_type = _MP3
    # The content user's signature outlives the session of whoever pressed play.
    signed = async_sign_path(
        hass, path, _validity(book.runtime_ms), use_content_user=True
    )
    return signed, mime_type


def query_of(name: str) -> dict[str, str]:
    """Return what the server is asked for a form; raise InvalidValueError."""
    found = _NAME.fullmatch(name)
    speed = int(found[1]) / 100 if found else 0.0
    if found is None or not SPEED_MIN <= speed <= SPEED_MAX:
        raise InvalidValueError(field="name", value=name, allowed="what was handed out")
    query = {"format": "mp3", "start_ms": str(int(found[2]))}
    return query if speed == 1.0 else {**query, "speed": f"{speed:g}"}


def _validity(runtime_ms: int | None) -> timedelta:
    """Return how long an address holds: a paused player must be able to resume."""
    return max(
        _VALID_AT_LEAST, _VALID_RUNTIMES * timedelta(milliseconds=runtime_ms or 0)
    )
