"""Pure: ffmpeg's arguments for conversions. All sound comes from stdin, so no key."""

from pathlib import Path
from typing import Final

from audible_server.conversion.choices import Target

_FFMPEG: Final = ("ffmpeg", "-nostdin", "-v", "error", "-y")
_SOUND: Final = ("-map", "0:a:0")
_BARE: Final = (*_SOUND, "-map_metadata", "-1")
_ENCODERS: Final = {Target.MP3: "libmp3lame", Target.OPUS: "libopus"}


def copy_args(form: str, chapters: Path | None, target: Path) -> tuple[str, ...]:
    """Return the arguments that put sound from stdin into an M4B as it is.

    ``form`` is what comes: ``mov`` or ``aac`` (ADTS). The index goes to the front.
    """
    inputs: tuple[str, ...] = ("-f", form, "-i", "pipe:0")
    marks: tuple[str, ...] = (*_BARE, "-map_chapters", "-1")
    if chapters is not None:
        inputs += ("-f", "ffmetadata", "-i", f"file:{chapters}")
        # Without any metadata the chapters would have no names either.
        marks = (*_SOUND, "-map_metadata", "1", "-map_chapters", "1")
    return (
        *_FFMPEG, *inputs, *marks, "-c", "copy",
        "-movflags", "+faststart", "-f", "ipod", f"file:{target}",
    )  # fmt: skip


def mp3_copy_args(target: Path) -> tuple[str, ...]:
    """Return the arguments that put an MP3 from stdin into one without its tags."""
    return (
        *_FFMPEG, "-f", "mp3", "-i", "pipe:0", *_BARE, "-map_chapters", "-1",
        "-c", "copy", "-f", "mp3", f"file:{target}",
    )  # fmt: skip


def encode_args(
    form: str, kind: Target, bitrate_kbps: int, target: Path
) -> tuple[str, ...]:
    """Return the arguments that encode sound from stdin anew."""
    muxer = "mp3" if kind is Target.MP3 else "opus"
    return (
        *_FFMPEG, "-f", form, "-i", "pipe:0", *_BARE, "-map_chapters", "-1",
        "-c:a", _ENCODERS[kind], "-b:a", f"{bitrate_kbps}k",
        "-f", muxer, f"file:{target}",
    )  # fmt: skip


def decode_args(path: Path, *, start_ms: int, length_ms: int) -> tuple[str, ...]:
    """Return the arguments that decode a stretch and give up at the first fault."""
    return (
        "ffmpeg", "-nostdin", "-v", "error", "-xerror",
        "-ss", f"{start_ms / 1000:.3f}", "-protocol_whitelist", "file",
        "-i", f"file:{path}", "-t", f"{length_ms / 1000:.3f}",
        "-map", "0:a:0", "-f", "null", "-",
    )  # fmt: skip
