"""Encoded streams as frames: telling them apart, and what stands around them."""

from dataclasses import dataclass, field
from struct import pack

from audible_core.errors import MediaToolError

from audible_server.media.adts import HEADER_BYTES, adts_stream
from audible_server.media.cutting import Timeline
from audible_server.media.mp3 import HEADER_BYTES as MP3_HEADER_BYTES
from audible_server.media.mp3 import header_at, header_of
from audible_server.media.mp4.audio_config import AAC_LC, RATES_HZ, AudioConfig
from audible_server.media.recipe import AudioFormat, Encoding

_MOST_32_BITS = 0xFFFFFFFF
_AAC_SILENCE = {
    1: bytes.fromhex("00c800802380"),
    2: bytes.fromhex("210049900219002380"),
}
"""A sample of AAC-LC in which nothing is heard, by the number of channels."""


@dataclass(slots=True)
class Splitter:
    """Leaves out the first frames of what an encoder writes, piece by piece.

    Gives whole frames where they are of different sizes, of other formats the bytes as
    they come.
    """

    encoding: Encoding
    drop_frames: int
    _rest: bytes = field(default=b"", init=False)
    _dropped_bytes: int = field(default=0, init=False)

    def split(self, chunk: bytes) -> bytes:
        """Return what can be passed on now."""
        if has_headers(self.encoding):
            return self._whole(chunk)
        left = self.drop_frames * (self.encoding.frame_bytes or 0)
        skip = min(len(chunk), left - self._dropped_bytes)
        self._dropped_bytes += skip
        return chunk[skip:]

    def _whole(self, chunk: bytes) -> bytes:
        data = self._rest + chunk
        start = at = 0
        while (size := self._size(data, at)) and at + size <= len(data):
            at += size
            if self.drop_frames:
                self.drop_frames -= 1
                start = at
        self._rest = data[at:]
        return data[start:at]

    def _size(self, data: bytes, at: int) -> int:
        return frame_bytes(self.encoding, data, at)


def has_headers(encoding: Encoding) -> bool:
    """Tell whether frames are of different sizes, and each says its own."""
    is_mp3 = encoding.audio_format is AudioFormat.MP3
    return encoding.frame_bytes is None and (
        is_mp3 or encoding.audio_format is AudioFormat.AAC
    )


def frame_bytes(encoding: Encoding, data: bytes, at: int) -> int:
    """Return the size of a frame that says it, 0 where its header is not all there.

    Raises MediaToolError where there is no frame.
    """
    is_mp3 = encoding.audio_format is AudioFormat.MP3
    return _mp3_frame_bytes(data, at) if is_mp3 else _adts_frame_bytes(data, at)


def _mp3_frame_bytes(data: bytes, at: int) -> int:
    if at + MP3_HEADER_BYTES > len(data):
        return 0
    header = header_at(data, at)
    if header is None:
        raise MediaToolError(tool="ffmpeg", reason="its output has no frames")
    return header.size_bytes


def _adts_frame_bytes(data: bytes, at: int) -> int:
    if at + HEADER_BYTES > len(data):
        return 0
    size = int.from_bytes(data[at + 3 : at + 6]) >> 5 & 0x1FFF
    if data[at] != 0xFF or size < HEADER_BYTES:
        raise MediaToolError(tool="ffmpeg", reason="its output has no frames")
    return size


def filler(encoding: Encoding) -> bytes:
    """Return a frame of silence, of any format but FLAC and Opus."""
    match encoding.audio_format:
        case AudioFormat.MP3:
            header = header_of(
                rate_hz=encoding.rate_hz,
                channels=encoding.channels,
                kbps=encoding.bitrate_kbps,
            )
            return header.ljust(_mp3_frame_bytes(header, 0), b"\0")
        case AudioFormat.AAC:
            rate_index = RATES_HZ.index(encoding.rate_hz)
            config = AudioConfig(AAC_LC, rate_index, encoding.channels)
            return adts_stream([_AAC_SILENCE[encoding.channels]], config)
        case _:
            return bytes(encoding.frame_bytes or 1)


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
