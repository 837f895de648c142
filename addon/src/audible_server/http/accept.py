"""What a player says that it can play (RFC 9110, 12.5.1); pure."""

from typing import Final

from audible_server.media.recipe import AudioFormat

_FORMATS: Final = {
    "audio/mpeg": AudioFormat.MP3,
    "audio/mp3": AudioFormat.MP3,
    "audio/ogg": AudioFormat.OPUS,
    "audio/opus": AudioFormat.OPUS,
    "application/ogg": AudioFormat.OPUS,
    "audio/aac": AudioFormat.AAC,
    "audio/aacp": AudioFormat.AAC,
    "audio/flac": AudioFormat.FLAC,
    "audio/x-flac": AudioFormat.FLAC,
    "audio/wav": AudioFormat.WAV,
    "audio/wave": AudioFormat.WAV,
    "audio/x-wav": AudioFormat.WAV,
    "audio/vnd.wave": AudioFormat.WAV,
}
_OTHER_NAMES: Final = {
    "audio/mp4": {"audio/m4a", "audio/m4b", "audio/x-m4a", "audio/x-m4b"},
    "audio/mpeg": {"audio/mp3"},
}
_ANYTHING: Final = {"*/*", "audio/*"}


def format_to_make(accept: str | None, own_type: str) -> AudioFormat | None:
    """Return the format to make for an Accept header; None: send what there is.

    That is so for whoever takes what there is, even if something else is preferred, and
    for whoever names nothing that can be made.
    """
    if accept is None:
        return None
    wanted = sorted(_members(accept), key=lambda member: -member[1])
    as_it_is = _ANYTHING | {own_type} | _OTHER_NAMES.get(own_type, set())
    if any(name in as_it_is for name, _ in wanted):
        return None
    known = (_FORMATS[name] for name, _ in wanted if name in _FORMATS)
    return next(known, None)


def _members(accept: str) -> list[tuple[str, float]]:
    """Return the media types that are wanted at all, with their weights."""
    found = []
    for member in accept.split(","):
        name, *parameters = (part.strip().lower() for part in member.split(";"))
        weight = _weight(parameters)
        if weight > 0:
            found.append((name, weight))
    return found


def _weight(parameters: list[str]) -> float:
    text = next((p[2:] for p in parameters if p.startswith("q=")), "1")
    is_number = text.isascii() and text.replace(".", "", 1).isdigit()
    return float(text) if is_number else 1.0
