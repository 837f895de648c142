"""Books as MP3, made while they are heard.

The samples are cut and decrypted here and fed to ffmpeg, so no key leaves the process,
and a start in the middle costs no more than one at the beginning.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from audible_core.errors import InvalidValueError, MediaToolError

from audible_server.media.adts import adts_stream
from audible_server.media.ffmpeg import mp3_from_adts_args, mp3_from_file_args
from audible_server.media.limiter import StreamSlots
from audible_server.media.process import running
from audible_server.media.virtual import VirtualM4b

MP3_CONTENT_TYPE = "audio/mpeg"
DEFAULT_BITRATE_KBPS = 64
CHUNK_BYTES = 32 * 1024
# About ten seconds of speech; ffmpeg reads it in one go.
_FED_SAMPLES = 256


@asynccontextmanager
async def open_mp3(
    book: VirtualM4b,
    *,
    start_ms: int,
    slots: StreamSlots,
    bitrate_kbps: int = DEFAULT_BITRATE_KBPS,
) -> AsyncGenerator[AsyncIterator[bytes]]:
    """Transcode a book from a position on; yield chunks of at most 32 KiB.

    Enters once the first chunk is there, so that a failure can still become an error
    answer: InvalidValueError for a position outside the book, TooManyStreamsError,
    MediaToolError, Mp4FormatError. The last two also on leaving after the last chunk,
    so that a stream that failed is never taken for one that ended. Leaving early ends
    ffmpeg.
    """
    first = book.times.sample_at_ms(start_ms)
    if start_ms < 0 or first >= len(book.samples):
        allowed = f"0 to {book.duration_ms - 1}"
        raise InvalidValueError(field="start_ms", value=start_ms, allowed=allowed)
    argv = mp3_from_adts_args(bitrate_kbps=bitrate_kbps)
    async with _streaming(argv, slots, _adts(book, first)) as chunks:
        yield chunks


@asynccontextmanager
async def open_mp3_file(
    path: Path,
    *,
    start_ms: int,
    slots: StreamSlots,
    bitrate_kbps: int = DEFAULT_BITRATE_KBPS,
) -> AsyncGenerator[AsyncIterator[bytes]]:
    """Transcode any plain file that ffmpeg reads; else the same as `open_mp3`.

    A position behind the end is a MediaToolError here.
    """
    if start_ms < 0:
        raise InvalidValueError(field="start_ms", value=start_ms, allowed="0 and up")
    argv = mp3_from_file_args(path, start_ms=start_ms, bitrate_kbps=bitrate_kbps)
    async with _streaming(argv, slots) as chunks:
        yield chunks


@asynccontextmanager
async def _streaming(
    argv: tuple[str, ...],
    slots: StreamSlots,
    feed: AsyncGenerator[bytes] | None = None,
) -> AsyncGenerator[AsyncIterator[bytes]]:
    with slots.slot():
        async with running(argv, feed) as stdout:
            first = await stdout.read(CHUNK_BYTES)
            if first:
                yield _chunks(first, stdout)
        if not first:
            raise MediaToolError(tool=argv[0], reason="no sound came out of it")


async def _chunks(first: bytes, stdout: asyncio.StreamReader) -> AsyncGenerator[bytes]:
    chunk = first
    while chunk:
        yield chunk
        chunk = await stdout.read(CHUNK_BYTES)


async def _adts(book: VirtualM4b, first: int) -> AsyncGenerator[bytes]:
    for number in range(first, len(book.samples), _FED_SAMPLES):
        stop = number + _FED_SAMPLES
        samples = await book.load_samples(number, stop)
        yield adts_stream(samples, book.config)
