"""What is sent that is no JSON: audio, pictures, papers, and the stream of events.

The headers are those of RFC 9110; one that cannot be understood is as if it was not
there, so that any text is allowed.
"""

from dataclasses import replace
from typing import Final

from audible_server.http import schemas as s
from audible_server.http.operations import AUDIBLE, Operation
from audible_server.http.parameters import (
    BITRATE_KBPS_MAX,
    BITRATE_KBPS_MIN,
    CHANNELS,
    HLS_FORMATS,
    SPEED,
    START_MS_MAX,
)
from audible_server.http.signing import SIGNED_AUDIO, SIGNED_COVER
from audible_server.media.recipe import AudioFormat, Loudness

_DATE: Final = "Sun, 06 Nov 1994 08:49:37 GMT"
_TAG: Final = '"0123456789abcdef"'


def _any_text(*examples: str) -> s.Schema:
    return {"type": "string", "examples": list(examples)}


_RANGE: Final[s.Schema] = {
    "anyOf": [
        {"type": "string", "pattern": r"^bytes=[0-9]{1,9}-[0-9]{0,9}$"},
        {"type": "string"},
    ],
    "examples": ["bytes=0-0", "bytes=-100", "bytes=900000000-", "bytes=0-9,20-29"],
}
_IF_NONE_MATCH: Final = {"If-None-Match": _any_text(_TAG, "*")}
_CONDITIONS: Final = {
    "Range": _RANGE,
    **_IF_NONE_MATCH,
    "If-Modified-Since": _any_text(_DATE),
    # With an example, each other example would be tried under it.
    "If-Range": s.STRING,
    "If-Match": s.STRING,
    "If-Unmodified-Since": s.STRING,
}

_ENTITY_TAG: Final[s.Schema] = {"type": "string", "pattern": '^(W/)?"[^"]*"$'}
_OF_VERSION: Final = {"Cache-Control": s.STRING, "ETag": _ENTITY_TAG}
_OF_AUDIO: Final = {
    **_OF_VERSION,
    "Accept-Ranges": s.words("bytes", "none"),
    "Vary": s.words("Accept"),
}
_RANGE_SENT: Final[s.Schema] = {
    "type": "string",
    "pattern": "^bytes [0-9]+-[0-9]+/[0-9]+$",
}
_RANGE_THERE: Final[s.Schema] = {"type": "string", "pattern": r"^bytes \*/[0-9]+$"}
_SIZED: Final = {
    "Content-Length": {"type": "integer", "minimum": 0},
    "Last-Modified": s.STRING,
}

_ENCODING: Final[dict[str, s.Schema]] = {
    "bitrate": {
        "type": "integer",
        "minimum": BITRATE_KBPS_MIN,
        "maximum": BITRATE_KBPS_MAX,
    },
    "channels": s.words(*CHANNELS),
}


def _wish(audio_format: s.Schema, **others: s.Schema) -> s.Schema:
    """Return what may be wished: a format, and what is of use with one alone."""
    return {
        "type": "object",
        "properties": {"format": audio_format, **others},
        "dependentRequired": {name: ["format"] for name in others},
    }


_STREAM_WISH: Final = _wish(
    s.words(*AudioFormat),
    **_ENCODING,
    speed={"type": "string", "pattern": f"^(?:{SPEED.pattern})$"},
    loudness=s.words(*Loudness),
    start_ms={"type": "integer", "minimum": 0, "maximum": START_MS_MAX},
)
_HLS_WISH: Final = _wish(s.words(*HLS_FORMATS), **_ENCODING)
_HLS_ERRORS: Final = (304, 403, 404, 409, 422, 429, 502, 503, 507)


def _hls(name: str, summary: str, content_type: str) -> Operation:
    return Operation(
        "GET",
        f"/stream/{{asin}}/hls/{name}",
        summary,
        content_types=(content_type,),
        wish=_HLS_WISH,
        headers=_IF_NONE_MATCH,
        answer_headers={200: _OF_VERSION, 304: _OF_VERSION},
        errors=_HLS_ERRORS,
    )


_AUDIO: Final = (
    Operation(
        "GET",
        "/stream/{asin}",
        "The audio, whole, in ranges, or in another format",
        content_types=("audio/*", "multipart/byteranges"),
        wish=_STREAM_WISH,
        headers=_CONDITIONS,
        answer_headers={
            200: _OF_AUDIO | {"Content-Disposition": s.STRING},
            206: _OF_AUDIO | {"Content-Disposition": s.STRING},
            304: _OF_AUDIO,
            412: _OF_AUDIO,
            416: _OF_AUDIO | {"Content-Range": _RANGE_THERE},
        },
        headers_at_times={
            200: _SIZED,
            206: _SIZED | {"Content-Range": _RANGE_SENT},
            304: {"Last-Modified": s.STRING},
        },
        errors=(206, 304, 403, 404, 409, 412, 416, 422, 429, 502, 503, 507),
    ),
    _hls("index.m3u8", "HLS playlist", "application/vnd.apple.mpegurl"),
    _hls("init.mp4", "What stands in front of HLS segments of Opus", "audio/mp4"),
    _hls("{segment}", "HLS segment", "audio/*"),
)
_COVER: Final = Operation(
    "GET",
    "/api/books/{asin}/cover",
    "Cover",
    content_types=("image/*",),
    answer_headers={200: {"Cache-Control": s.STRING}},
    errors=(404,),
)
_PDF: Final = Operation(
    "GET",
    "/api/books/{asin}/pdf",
    "Companion PDF",
    content_types=("application/pdf",),
    headers=_CONDITIONS,
    errors=(206, 304, *AUDIBLE),
    wordless=(412, 416),
)
_EVENTS: Final = Operation(
    "GET",
    "/api/events",
    "What happens",
    content_types=("text/event-stream",),
    query={"last_event_id": {"type": "string", "pattern": "^[0-9]{1,16}$"}},
    headers={"Last-Event-ID": {"type": "string", "pattern": "^[0-9]{0,16}$"}},
    errors=(429,),
)


def _signed(prefix: str, operation: Operation) -> Operation:
    """Return the same with a signature in front, which takes the secret's place."""
    return replace(
        operation,
        path=f"{prefix}{operation.path}",
        errors=(400, 403, 429, 500, *operation.errors),
        is_open=True,
    )


AUDIO_OPERATIONS: Final = (
    _EVENTS,
    _PDF,
    _COVER,
    *_AUDIO,
    *(_signed(SIGNED_AUDIO, operation) for operation in _AUDIO),
    _signed(SIGNED_COVER, _COVER),
)
ENDLESS: Final = _EVENTS.path
"""Where HEAD is of no use: the answer has no end."""
