"""Encoded streams as frames: telling them apart, and what stands around them."""

from dataclasses import dataclass, field
from struct import pack

from audible_core.errors import MediaToolError

from audible_server.media.adts import HEADER_BYTES
from audible_server.media.cutting import Timeline
from audible_server.media.mp3 import header_of
from audible_server.media.recipe import AudioFormat, Encoding

_MOST_32_BITS = 0xFFFFFFFF


@dataclass(slots=True)
class Splitter:
    """Leaves out the first frames of what an encoder writes, piece by piece.

    Gives whole frames of ADTS; of other formats the bytes as they come.
    """

    encoding: Encoding
    drop_frames: int
    _rest: bytes = field(default=b"", init=False)
    _dropped_bytes: int = field(default=0, init=False)

    def split(self, chunk: bytes) -> bytes:
        """Return what can be passed on now."""
        if self.encoding.audio_format is AudioFormat.AAC:
            return self._adts(chunk)
        left = self.drop_frames * (self.encoding.frame_bytes or 0)
        skip = min(len(chunk), left - self._dropped_bytes)
        self._dropped_bytes += skip
        return chunk[skip:]

    def _adts(self, chunk: bytes) -> bytes:
        data = self._rest + chunk
        start = at = 0
        while (size := adts_frame_bytes(data, at)) and at + size <= len(data):
            at += size
            if self.drop_frames:
                self.drop_frames -= 1
                start = at
        self._rest = data[at:]
        return data[start:at]


def adts_frame_bytes(data: bytes, at: int) -> int:
    """Return the size of an ADTS frame, or 0 where its header has not come whole."""
    if at + HEADER_BYTES > len(data):
        return 0
    size = int.from_bytes(data[at + 3 : at + 6]) >> 5 & 0x1FFF
    if data[at] != 0xFF or size < HEADER_BYTES:
        raise MediaToolError(tool="ffmpeg", reason="its output has no frames")
    return size


def filler(timeline: Timeline) -> bytes:
    """Return a frame of silence, of a format with frames of one size."""
    encoding = timeline.encoding
    size = encoding.frame_bytes or 1
    if encoding.audio_format is not AudioFormat.MP3:
        return bytes(size)
    header = header_of(
        rate_hz=encoding.rate_hz,
        channels=encoding.channels,
        kbps=encoding.bitrate_kbps,
    )
    return header.ljust(size, b"\0")


def wav_header(timeline: Timeline) -> bytes:
    """Return what stands in front of the samples; nothing for other formats.

    Beyond 4 GiB the sizes in it are as large as they can be, as streams have them.
    """
    encoding = timeline.encoding
    if encoding.audio_format is not AudioFormat.WAV:
        return b""
    frame = 2 * encoding.channels
    sound = timeline.frames * frame
    return pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF",
        min(_MOST_32_BITS, sound + 36),
        b"WAVE",
        b"fmt ",
        16,
        1,
        encoding.channels,
        encoding.rate_hz,
        encoding.rate_hz * frame,
        frame,
        16,
        b"data",
        min(_MOST_32_BITS, sound),
    )
