"""Arguments for ffmpeg and ffprobe; pure, and never with a key among them."""

import re
from pathlib import Path
from typing import Final

from audible_server.media.recipe import AudioFormat, Encoding

FILTERS_OPTION: Final = "{option of filters}"
FILTERS: Final = "{filters}"
"""Both stand where the file with the filters is named once the process starts."""

_FILE_OPTIONS_SINCE: Final = 7
_RELEASE: Final = re.compile(r"version n?(\d{1,3})\.")

_FFMPEG = ("ffmpeg", "-nostdin", "-v", "error")
_TO_STDOUT = "pipe:1"
_PROBED = (
    "format=duration,bit_rate:stream=codec_name,codec_type,bit_rate:"
    "chapter=start_time,end_time:chapter_tags=title"
)


def filters_option(version: str) -> str:
    """Return the option that takes filters from a file, by what `-version` says.

    ffmpeg 7 brought the new form, ffmpeg 9 took the old one away. What names no
    release was built from its latest source.
    """
    release = _RELEASE.search(version)
    is_old = release is not None and int(release[1]) < _FILE_OPTIONS_SINCE
    return "-filter_script:a" if is_old else "-/filter:a"


def encode_frames_args(demuxer: str, encoding: Encoding) -> tuple[str, ...]:
    """Return the arguments that encode coded frames from stdin to stdout.

    Nothing in them depends on the title or the place in it: the filters come by a file
    of their own, so that a process can be started before it is known what for.
    """
    # Without the limits ffmpeg would collect seconds of sound before the first byte.
    early = ("-probesize", "4096", "-analyzeduration", "0")
    return (*_FFMPEG, *early, "-f", demuxer, "-i", "pipe:0", *_output(encoding))


def pcm_from_adts_args() -> tuple[str, ...]:
    """Return the arguments that decode ADTS on stdin to samples on stdout."""
    return (*_FFMPEG, "-f", "aac", "-i", "pipe:0", "-f", "s16le", _TO_STDOUT)


def encode_file_args(
    path: Path, encoding: Encoding, *, start_s: int, stop_s: int | None = None
) -> tuple[str, ...]:
    """Return the arguments that encode a plain file from a second on."""
    # Before -i: ffmpeg then seeks in the input instead of decoding up to there.
    seek = ("-ss", str(start_s)) if start_s else ()
    stop = () if stop_s is None else ("-t", str(stop_s - start_s))
    return (*_FFMPEG, *seek, *stop, *_input(path), *_output(encoding))


def check_adts_args() -> tuple[str, ...]:
    """Return the arguments that decode ADTS on stdin, and fail if a tenth is wrong."""
    strict = ("-max_error_rate", "0.1", "-err_detect", "explode")
    return (*_FFMPEG, *strict, "-f", "aac", "-i", "pipe:0", "-f", "null", _TO_STDOUT)


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


def _output(encoding: Encoding) -> tuple[str, ...]:
    return (
        "-map", "0:a:0", "-map_metadata", "-1", FILTERS_OPTION, FILTERS,
        "-threads", "1", "-flags", "+bitexact", "-fflags", "+bitexact",
        *_coder(encoding), "-flush_packets", "1", _TO_STDOUT,
    )  # fmt: skip


def _coder(encoding: Encoding) -> tuple[str, ...]:
    rate = ("-b:a", f"{encoding.bitrate_kbps}k")
    match encoding.audio_format:
        case AudioFormat.MP3:
            # Without a reservoir each frame can be decoded by itself.
            plain = ("-reservoir", "0", "-write_xing", "0", "-id3v2_version", "0")
            return ("-c:a", "libmp3lame", *rate, *plain, "-f", "mp3")
        case AudioFormat.OPUS:
            kind = ("-application", "audio", "-frame_duration", "20")
            return ("-c:a", "libopus", *rate, *kind, "-page_duration", "500000",
                    "-f", "opus")  # fmt: skip
        case AudioFormat.AAC:
            # Its default coder is slower, and at speech's bit rates spoils frames.
            coder = ("-aac_coder", "fast", "-aac_pns", "0")
            return ("-c:a", "aac", *rate, *coder, "-f", "adts")
        case AudioFormat.FLAC:
            return ("-c:a", "flac", "-f", "flac")
        case AudioFormat.WAV:
            # The header is ours: this one is written before the length is known.
            return ("-c:a", "pcm_s16le", "-f", "s16le")
