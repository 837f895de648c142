"""Books as MP3, made while they are heard.

The samples are cut and decrypted here and fed to ffmpeg, so no key leaves the process,
and a start in the middle costs no more than one at the beginning.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from audible_core.errors import MediaToolError

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
    answer. Raises TooManyStreamsError at once; MediaToolError and Mp4FormatError on
    entering, or on leaving after the last chunk: a stream that fails is never taken for
    one that ended. Leaving early ends ffmpeg.
    """
    argv = mp3_from_adts_args(bitrate_kbps=bitrate_kbps)
    first = book.times.sample_at_ms(start_ms)
    with slots.slot():
        async with running(argv, _adts(book, first)) as stdout:
            yield await _started(argv[0], stdout)


@asynccontextmanager
async def open_mp3_file(
    path: Path,
    *,
    start_ms: int,
    slots: StreamSlots,
    bitrate_kbps: int = DEFAULT_BITRATE_KBPS,
) -> AsyncGenerator[AsyncIterator[bytes]]:
    """Transcode any plain file that ffmpeg reads; else the same as `open_mp3`."""
    argv = mp3_from_file_args(path, start_ms=start_ms, bitrate_kbps=bitrate_kbps)
    with slots.slot():
        async with running(argv) as stdout:
            yield await _started(argv[0], stdout)


async def _started(tool: str, stdout: asyncio.StreamReader) -> AsyncIterator[bytes]:
    first = await stdout.read(CHUNK_BYTES)
    return _chunks(first, stdout)


async def _chunks(
    first: bytes, stdout: asyncio.StreamReader
) -> AsyncGenerator[bytes]:
    chunk = first
    while chunk:
        yield chunk
        chunk = await stdout.read(CHUNK_BYTES)


async def _adts(book: VirtualM4b, first: int) -> AsyncGenerator[bytes]:
    for number in range(first, len(book.samples), _FED_SAMPLES):
        stop = number + _FED_SAMPLES
        samples = await asyncio.to_thread(book.read_samples, number, stop)
        yield adts_stream(samples, book.config)
