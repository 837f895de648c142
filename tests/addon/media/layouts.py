"""Real files of every layout, made by ffmpeg, and encrypted where they lie.

Where the samples are is taken from ffprobe, so nothing of the server is trusted.
"""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from audible_server.media.keys import ContentKey
from tests.addon.media.conftest import ffmpeg
from tests.addon.media.mp4_maker import encrypted_sample

_FRAGMENTS = ("-frag_duration", "1500000", "-movflags")
# The muxer's arguments for each layout.
LAYOUTS: dict[str, tuple[str, ...]] = {
    "index first": ("-movflags", "faststart", "-f", "ipod"),
    "index last": ("-f", "ipod"),
    "without edit list": ("-use_editlist", "0", "-f", "mp4"),
    "fragments": (*_FRAGMENTS, "frag_keyframe+empty_moov", "-f", "mp4"),
    "fragments, moof is base": (*_FRAGMENTS, "empty_moov+default_base_moof"),
    "fragments, dash": (*_FRAGMENTS, "dash", "-f", "mp4"),
    "fragments, no base": (*_FRAGMENTS, "empty_moov+omit_tfhd_offset", "-f", "mp4"),
    "fragments, edit list": (*_FRAGMENTS, "delay_moov", "-f", "mp4"),
    "fragments, first in moov": (*_FRAGMENTS, "frag_custom+frag_keyframe", "-f", "mp4"),
    "fragments, index of them": (*_FRAGMENTS, "cmaf+global_sidx", "-f", "mp4"),
}


@dataclass(frozen=True, slots=True)
class Packet:
    """A sample as ffprobe sees it: file offset, bytes, and when it plays in ticks."""

    offset: int
    size: int
    pts: int


def make_layout(source: Path, target: Path, layout: str) -> None:
    """Copy the sound of a file, and its chapters, into another layout."""
    arguments = LAYOUTS[layout]
    if "-f" not in arguments:
        arguments += ("-f", "mp4")
    ffmpeg("-i", source, "-map", "0:a", "-c", "copy", *arguments, target)


def packets_of(path: Path) -> list[Packet]:
    """Return the sound's packets as ffprobe finds them."""
    argv = ["ffprobe", "-v", "error", "-of", "json", "-select_streams", "a"]
    argv += ["-show_entries", "packet=pos,size,pts", str(path)]
    done = subprocess.run(argv, check=True, capture_output=True)
    return [
        Packet(int(packet["pos"]), int(packet["size"]), int(packet["pts"]))
        for packet in json.loads(done.stdout)["packets"]
    ]


def duration_ms_of(path: Path) -> int:
    """Return the length of the sound as ffprobe says it."""
    argv = ["ffprobe", "-v", "error", "-of", "json", "-select_streams", "a"]
    argv += ["-show_entries", "stream=duration", str(path)]
    done = subprocess.run(argv, check=True, capture_output=True)
    return round(float(json.loads(done.stdout)["streams"][0]["duration"]) * 1000)


def locked(plain: bytes, packets: list[Packet], key: ContentKey) -> bytes:
    """Return a plain file as the AAXC of the same layout and size."""
    data = bytearray(plain)
    for packet in packets:
        end = packet.offset + packet.size
        sample = bytes(data[packet.offset : end])
        data[packet.offset : end] = encrypted_sample(sample, key)
    data[8:12] = b"aaxc"
    at = data.index(b"mp4a", data.index(b"stsd"))
    data[at : at + 4] = b"aavd"
    return bytes(data)
