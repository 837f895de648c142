"""Arguments for ffmpeg and ffprobe; pure, and never with a key among them."""

from pathlib import Path

_FFMPEG = ("ffmpeg", "-nostdin", "-v", "error")
_TO_STDOUT = "pipe:1"
_PROBED = (
    "format=duration,bit_rate:stream=codec_name,codec_type,bit_rate:"
    "chapter=start_time,end_time:chapter_tags=title"
)


def mp3_from_adts_args(*, bitrate_kbps: int) -> tuple[str, ...]:
    """Return the arguments that turn ADTS on stdin into MP3 on stdout."""
    # Without the limits ffmpeg would collect seconds of sound before the first byte.
    early = ("-probesize", "4096", "-analyzeduration", "0")
    return (*_FFMPEG, *early, "-f", "aac", "-i", "pipe:0", *_mp3(bitrate_kbps))


def pcm_from_adts_args() -> tuple[str, ...]:
    """Return the arguments that decode ADTS on stdin to samples on stdout."""
    return (*_FFMPEG, "-f", "aac", "-i", "pipe:0", "-f", "s16le", _TO_STDOUT)


def mp3_from_file_args(
    path: Path, *, start_ms: int, bitrate_kbps: int
) -> tuple[str, ...]:
    """Return the arguments that turn a plain file, from a position on, into MP3."""
    # Before -i: ffmpeg then seeks in the input instead of decoding up to there.
    seek = ("-ss", f"{start_ms / 1000:.3f}")
    return (*_FFMPEG, *seek, *_input(path), *_mp3(bitrate_kbps))


def probe_args(path: Path) -> tuple[str, ...]:
    """Return the arguments that describe a file as JSON on stdout.

    The header of an encrypted book opens without its key. Its sound is not decoded,
    since without the key that would be noise.
    """
    return (
        "ffprobe", "-v", "error", "-of", "json", "-show_entries",
        _PROBED,
        *_input(path),
    )  # fmt: skip


def _input(path: Path) -> tuple[str, ...]:
    # A name such as "concat:a|b" or "-y" must stay the name of a file, and no file may
    # make ffmpeg open another address.
    return ("-protocol_whitelist", "file", "-i", f"file:{path}")


def _mp3(bitrate_kbps: int) -> tuple[str, ...]:
    return (
        "-map", "0:a:0", "-map_metadata", "-1", "-c:a", "libmp3lame",
        "-b:a", f"{bitrate_kbps}k", "-write_xing", "0", "-id3v2_version", "0",
        "-flush_packets", "1", "-f", "mp3", _TO_STDOUT,
    )  # fmt: skip
