"""Sound in another format, made while it is heard.

Coded frames are cut and decrypted here and fed to ffmpeg, so no key leaves the process,
and a start in the middle costs no more than one at the beginning.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from audible_core.errors import InvalidValueError, MediaToolError

from audible_server.media.cutting import Cut, Timeline
from audible_server.media.ffmpeg import encode_file_args, encode_frames_args
from audible_server.media.frames import (
    AacFrames,
    FrameSource,
    WholeFile,
    source_length_s,
)
from audible_server.media.limiter import StreamSlots
from audible_server.media.process import Output, running
from audible_server.media.segment_cache import SegmentCache
from audible_server.media.spare import Spare
from audible_server.media.split import Splitter, filler, wav_header

CHUNK_BYTES: Final = 32 * 1024
_CHUNK_S: Final = 1
_BUFFER_S: Final = 8
_LEAST_BUFFER_BYTES: Final = 4096
_FED_S: Final = 5
"""What ffmpeg is given at once; more only when it has nothing left to give us."""


@dataclass(slots=True)
class Workshop:
    """Where transcodes are made: its slots, a process started ahead, what is kept."""

    slots: StreamSlots
    spare: Spare = field(default_factory=Spare)
    segments: SegmentCache = field(default_factory=SegmentCache)

    async def close(self) -> None:
        """End what nobody waits for."""
        await self.segments.close()
        await self.spare.close()


def check_start(timeline: Timeline) -> None:
    """Raise InvalidValueError for a stream that begins past the end."""
    length_ms = int(source_length_s(timeline.source) * 1000)
    if not timeline.samples:
        allowed = f"0 to {max(0, length_ms - 1)}"
        raise InvalidValueError(
            field="start_ms", value=timeline.start_ms, allowed=allowed
        )


@asynccontextmanager
async def opened(
    timeline: Timeline, workshop: Workshop, *, client: str = "", at: int = 0
) -> AsyncGenerator[AsyncIterator[bytes]]:
    """Make a stream; yield it in small chunks, from byte `at` on if its size is known.

    Enters once the first chunk is there, so that a failure can still become an error
    answer: InvalidValueError for a start outside, TooManyStreamsError, MediaToolError,
    Mp4FormatError. The last two also after the last chunk, so that a stream that failed
    is never taken for one that ended. Leaving early ends ffmpeg.
    """
    check_start(timeline)
    encoding, size = timeline.encoding, timeline.size_bytes
    head, first, drop = b"", 0, 0
    if size is not None and encoding.frame_bytes:
        head = wav_header(timeline)[at:]
        first, drop = divmod(max(0, at - encoding.header), encoding.frame_bytes)
    async with encoded(timeline, workshop, first, client=client) as packets:
        if size is None:
            yield packets
            return
        left = size - at - len(head)
        yield _preceded(head, _exactly(packets, drop, left, filler(encoding)))


@asynccontextmanager
async def encoded(
    timeline: Timeline,
    workshop: Workshop,
    first: int,
    stop: int | None = None,
    *,
    client: str = "",
) -> AsyncGenerator[AsyncGenerator[bytes]]:
    """Make the frames from `first` on; before `stop`, and up to 0.25 s behind it.

    Yields whole frames where each can be told, but of Opus its container, with the
    frames of the run-up in it; raises as `opened` does.
    """
    cut = timeline.cut(first, stop)
    buffer_bytes = _buffer_bytes(timeline)
    hungry = asyncio.Event()
    async with (
        workshop.slots.slot(client),
        _tool(timeline, cut, workshop, hungry, buffer_bytes) as stdout,
    ):
        splitter = Splitter(timeline.encoding, cut.run_up_frames)
        packets = _packets(stdout, splitter, hungry, _chunk_bytes(timeline))
        async with aclosing(packets):
            found = await anext(packets, b"")
            if not found:
                raise MediaToolError(tool="ffmpeg", reason="no sound came out of it")
            yield _preceded(found, packets)


@asynccontextmanager
async def _tool(
    timeline: Timeline,
    cut: Cut,
    workshop: Workshop,
    hungry: asyncio.Event,
    buffer_bytes: int,
) -> AsyncGenerator[Output]:
    source, encoding = timeline.source, timeline.encoding
    if isinstance(source, WholeFile):
        argv = encode_file_args(
            source.path, encoding, start_s=cut.begin, stop_s=cut.end
        )
        async with running(
            argv, filters=cut.filters, buffer_bytes=buffer_bytes
        ) as stdout:
            yield stdout
        return
    argv = encode_frames_args(source.demuxer, encoding)
    ready = await workshop.spare.take(argv)
    feed = _fed(source, cut, hungry)
    async with (
        running(
            argv, feed, filters=cut.filters, ready=ready, buffer_bytes=buffer_bytes
        ) as stdout,
        workshop.spare.listening(argv, buffer_bytes),
    ):
        yield stdout


async def _fed(
    source: FrameSource, cut: Cut, hungry: asyncio.Event
) -> AsyncGenerator[bytes]:
    """Give the source's frames, a few seconds whenever all before them is heard."""
    stop = source.count if cut.end is None else min(cut.end, source.count)
    step = max(1, _FED_S * source.rate_hz // source.frame_samples)
    for number in range(cut.begin, stop, step):
        await hungry.wait()
        yield await source.load_frames(number, min(number + step, stop))


async def _packets(
    stdout: Output,
    splitter: Splitter,
    hungry: asyncio.Event,
    chunk_bytes: int,
) -> AsyncGenerator[bytes]:
    while True:
        reading = asyncio.ensure_future(stdout.read(chunk_bytes))
        try:
            # What is there already comes at once; else the tool needs more to eat.
            await asyncio.sleep(0)
            if not reading.done():
                hungry.set()
            chunk = await reading
        finally:
            reading.cancel()
        hungry.clear()
        if not chunk:
            return
        if packet := splitter.split(chunk):
            yield packet


async def _preceded(head: bytes, rest: AsyncIterator[bytes]) -> AsyncGenerator[bytes]:
    if head:
        yield head
    async for packet in rest:
        yield packet


async def _exactly(
    packets: AsyncIterator[bytes], drop: int, length: int, fill: bytes
) -> AsyncGenerator[bytes]:
    """Leave the first bytes out, then give so many: cut at the end, or filled up."""
    left = length
    async for packet in packets:
        piece = packet[drop : drop + left]
        drop = max(0, drop - len(packet))
        left -= len(piece)
        if piece:
            yield piece
        if not left:
            return
    while left:
        # Whole frames, but for the one that the first byte lies in.
        frames = fill * (1 + CHUNK_BYTES // len(fill))
        piece = frames[drop % len(fill) :][:left]
        drop, left = 0, left - len(piece)
        yield piece


def _buffer_bytes(timeline: Timeline) -> int:
    wanted = timeline.encoding.bytes_per_s * _BUFFER_S
    return max(_LEAST_BUFFER_BYTES, min(2 * CHUNK_BYTES, wanted))


def _chunk_bytes(timeline: Timeline) -> int:
    return min(CHUNK_BYTES, timeline.encoding.bytes_per_s * _CHUNK_S)


async def copied(frames: AacFrames, start_ms: int) -> AsyncGenerator[bytes]:
    """Give a book's frames as they are, from the one that is heard at a position."""
    first = frames.book.times.sample_at_ms(start_ms)
    step = max(1, _FED_S * frames.rate_hz // frames.frame_samples)
    for number in range(first, frames.count, step):
        yield await frames.load_frames(number, number + step)
