"""The frames of an MP3 file by their numbers, wherever its bytes are stored.

Where all frames have the same bit rate, their places follow from the first; else they
are found by going through the whole file, once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from audible_core.errors import UnsupportedMediaError

from audible_server.media.mp3 import (
    DECODER_DELAY,
    HEADER_BYTES,
    ID3_HEADER_BYTES,
    MOST_FRAME_BYTES,
    SIZE_TOLD_BYTES,
    FrameHeader,
    StreamTag,
    frame_bits,
    frame_sizes,
    header_at,
    id3_bytes,
    stream_tag,
)
from audible_server.media.mp4.samples import MOST_SAMPLES
from audible_server.media.mp4.tables import Ints
from audible_server.media.stored import StoredBytes, when_there

_STEP: Final = 32
"""Of so many frames the place of one is kept."""

_ROUNDED_BYTES: Final = 2
"""Encoders round the places of frames differently."""

_MOST_TAGS: Final = 4
_HEAD_BYTES: Final = 64 * 1024
_READ_BYTES: Final = 1024 * 1024
_LOOKS: Final = 64
_MOST_TAIL_BYTES: Final = 2 * MOST_FRAME_BYTES
_TAIL_TAGS: Final = (b"TAG", b"APETAGEX", b"ID3", b"LYRICSBEGIN")
_OLD_TAG_BYTES: Final = 128


@dataclass(frozen=True, slots=True)
class Mp3Frames:
    """An MP3 file as frames; those that are damaged are silent.

    ``marks`` are the places of frame 0, 32, 64 and so on, to less than half a frame:
    where several encodings are joined, each of them rounds anew.
    """

    stored: StoredBytes
    kind: FrameHeader
    silence: bytes
    tag: StreamTag | None
    marks: Ints
    count: int
    end: int

    demuxer = "mp3"
    # Low bit rates keep the sound of a frame in many before it, and half of it is
    # added to the next one's.
    warm_frames = 24

    @property
    def rate_hz(self) -> int:
        """Return the rate of the samples."""
        return self.kind.rate_hz

    @property
    def channels(self) -> int:
        """Return the number of channels."""
        return self.kind.channels

    @property
    def frame_samples(self) -> int:
        """Return how many samples each frame becomes."""
        return self.kind.samples

    @property
    def skipped_samples(self) -> int:
        """Return what the encoder put in front, if it says so."""
        if self.tag is None or not self.tag.delay_samples:
            return 0
        return self.tag.delay_samples + DECODER_DELAY

    @property
    def samples(self) -> int:
        """Return how many samples are to be heard."""
        padding = 0 if self.tag is None else self.tag.padding_samples - DECODER_DELAY
        there = self.count * self.frame_samples - self.skipped_samples
        return max(0, there - max(0, padding))

    @property
    def memory_bytes(self) -> int:
        """Return what keeping it open costs."""
        return self.marks.nbytes

    async def load_frames(self, first: int, stop: int) -> bytes:
        """Return what `read_frames` returns, once it is there; raise as it does."""
        return await when_there(self.stored, lambda: self.read_frames(first, stop))

    def read_frames(self, first: int, stop: int) -> bytes:
        """Return the frames from number `first` to before `stop`. Blocks.

        Raises UnsupportedMediaError where nothing is as the first frames said, or
        Mp4FormatError if the file cannot be read.
        """
        stop = min(stop, self.count)
        if first >= stop:
            return b""
        blocks = range(first // _STEP, -(-stop // _STEP))
        start, data = self._read(blocks)
        frames: list[bytes] = []
        for block in blocks:
            found = list(self._frames(data, start, block, self._slack_bytes))
            if not found and not self.stored.is_whole:
                raise UnsupportedMediaError(reason="its frames are of different sizes")
            wanted = min(_STEP, self.count - block * _STEP)
            frames += found + [self.silence] * (wanted - len(found))
        skip = first - blocks.start * _STEP
        return b"".join(frames[skip : skip + stop - first])

    def has_mark(self, block: int) -> bool:
        """Tell whether there are frames where a mark says it. Blocks."""
        start, data = self._read(range(block, block + 1))
        wanted = min(_STEP, self.count - block * _STEP)
        return len(list(self._frames(data, start, block, _ROUNDED_BYTES))) == wanted

    @property
    def _slack_bytes(self) -> int:
        return self.kind.size_bytes // 2

    def _read(self, blocks: range) -> tuple[int, bytearray]:
        """Return the bytes of some blocks, and where they begin."""
        start = max(0, int(self.marks[blocks.start]) - self._slack_bytes)
        is_last = blocks.stop >= len(self.marks)
        behind = 0 if is_last else int(self.marks[blocks.stop]) + self._slack_bytes
        return start, self.stored.read_at(start, (behind or self.end) - start)

    def _frames(
        self, data: bytearray, start: int, block: int, slack_bytes: int
    ) -> Iterator[bytes]:
        """Yield the frames of a block up to the first that is damaged."""
        mark = int(self.marks[block]) - start
        for shift in sorted(range(-slack_bytes, slack_bytes + 1), key=abs):
            at = mark + shift
            header = header_at(data, at)
            if header and header.continues(self.kind) and self._goes_on(data, at):
                break
        else:
            return
        for _ in range(min(_STEP, self.count - block * _STEP)):
            header = header_at(data, at)
            if not (header and header.continues(self.kind)):
                return
            frame = bytes(data[at : at + header.size_bytes])
            if len(frame) < header.size_bytes:
                return
            yield frame
            at += header.size_bytes

    def _goes_on(self, data: bytearray, at: int) -> bool:
        """Tell whether a frame is followed by another one, or the end."""
        header = header_at(data, at)
        behind = at + (header.size_bytes if header else 0)
        following = header_at(data, behind)
        is_end = behind + HEADER_BYTES > len(data)
        return is_end or (following is not None and following.continues(self.kind))


def open_mp3(stored: StoredBytes) -> Mp3Frames:
    """Find the frames of a file, wherever its bytes are stored. Blocks.

    Raises UnsupportedMediaError if it is none that can be cut, BytesMissingError, or
    Mp4FormatError if it cannot be read.
    """
    at, head = _head(stored)
    kind = header_at(head, 0)
    if kind is None:
        raise UnsupportedMediaError(reason="it begins with no MP3 frame")
    tag = stream_tag(head[: kind.size_bytes])
    silence = _silence(head, kind)
    if tag is not None:
        at, head = at + kind.size_bytes, head[kind.size_bytes :]
    kind = header_at(head, 0) or kind
    end = _end(stored)
    if (tag is None or tag.is_constant) and _is_constant(head):
        per_frame = frame_bits(kind.rate_hz) * kind.kbps
        count = (end - at + 1) * kind.rate_hz // per_frame
        if count > MOST_SAMPLES:
            raise UnsupportedMediaError(reason="it has too many frames")
        numbers = np.arange(0, count, _STEP, dtype=np.int64)
        marks = at + numbers * per_frame // kind.rate_hz
        frames = Mp3Frames(stored, kind, silence, tag, marks, count, end)
        if count and (not stored.is_whole or _is_as_said(frames)):
            return frames
    if not stored.is_whole:
        reason = "its frames can be counted only when all of it is here"
        raise UnsupportedMediaError(reason=reason)
    marks, count = _marks(stored, at, kind)
    if not count:
        raise UnsupportedMediaError(reason="there is no sound in it")
    return Mp3Frames(stored, kind, silence, tag, marks, count, end)


def _head(stored: StoredBytes) -> tuple[int, bytearray]:
    """Return where the first frame is, and what begins there."""
    at = 0
    for _ in range(_MOST_TAGS):
        at += id3_bytes(stored.read_at(at, ID3_HEADER_BYTES))
    data = stored.read_at(at, min(_HEAD_BYTES, max(0, stored.size_bytes - at)))
    for skip in range(len(data)):
        header = header_at(data, skip)
        if header is None:
            continue
        following = header_at(data, skip + header.size_bytes)
        if following is not None and following.continues(header):
            return at + skip, data[skip:]
    return at, data


def _end(stored: StoredBytes) -> int:
    """Return where the frames end, at the latest."""
    tail = max(0, stored.size_bytes - _OLD_TAG_BYTES)
    return tail if stored.read_at(tail, 3) == b"TAG" else stored.size_bytes


def _is_constant(head: bytearray) -> bool:
    """Tell whether the first frames have the same bit rate."""
    rates, at = set(), 0
    while header := header_at(head, at):
        rates.add(header.kbps)
        at += header.size_bytes
    return len(rates) == 1


def _is_as_said(frames: Mp3Frames) -> bool:
    """Look at the last frames, and at some from all over; a few may be damaged."""
    last = len(frames.marks) - 1
    blocks = range(0, last, 1 + last // _LOOKS)
    wrong = sum(not frames.has_mark(block) for block in blocks)
    return frames.has_mark(last) and wrong <= len(blocks) // 8


def _marks(stored: StoredBytes, at: int, kind: FrameHeader) -> tuple[Ints, int]:
    """Go through the whole file; return the marks and the number of frames."""
    marks: list[int] = []
    sizes = frame_sizes(kind)
    count, is_going_on = 0, True
    while is_going_on:
        if count > MOST_SAMPLES:
            raise UnsupportedMediaError(reason="it has too many frames")
        data = bytes(stored.read_at(at, _READ_BYTES))
        used = 0
        while size := sizes.get(data[used : used + SIZE_TOLD_BYTES]):
            if used + size > len(data):
                break
            if count % _STEP == 0:
                marks.append(at + used)
            count += 1
            used += size
        at += used
        is_going_on = used > 0
    tail = stored.read_at(at, _MOST_TAIL_BYTES + 1)
    if len(tail) > _MOST_TAIL_BYTES and not tail.startswith(_TAIL_TAGS):
        raise UnsupportedMediaError(reason="there is something between its frames")
    return np.array(marks, np.int64), count


def _silence(head: bytearray, kind: FrameHeader) -> bytes:
    """Return a frame of silence: zeros behind a header without checksum, padding."""
    header = bytes((0xFF, head[1] | 1, head[2] & 0b1111_1101, head[3]))
    size = frame_bits(kind.rate_hz) * kind.kbps // kind.rate_hz
    return header.ljust(size, b"\0")
