"""What ffmpeg is fed on stdin: a book's plain bytes, its samples, or an MP3."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from hashlib import blake2b
from pathlib import Path
from typing import Final

from audible_core.errors import MediaFileMissingError

from audible_server.media.adts import adts_stream
from audible_server.media.mp4.boxes import iter_boxes
from audible_server.media.virtual import VirtualM4b

_PIECE_BYTES: Final = 256 * 1024
_FED_SAMPLES: Final = 1_024

type Turn = Callable[[float], Awaitable[None]]
"""Is awaited before each piece, with how much was fed, 0 to 1; may take its time."""

type Span = tuple[int, int]


def is_index_first(book: VirtualM4b) -> bool:
    """Tell whether a book can be read from a pipe as it is. Blocks."""

    def read_at(offset: int, length: int) -> bytes:
        return book.read(offset, offset + length)

    for box in iter_boxes(read_at, 0, book.size_bytes):
        if box.kind in (b"moov", b"mdat"):
            return box.kind == b"moov"
    return False


async def plain_bytes(book: VirtualM4b, turn: Turn) -> AsyncGenerator[bytes]:
    """Yield the whole book as a plain M4B."""
    for start in range(0, book.size_bytes, _PIECE_BYTES):
        await turn(start / book.size_bytes)
        yield await asyncio.to_thread(book.read, start, start + _PIECE_BYTES)


async def adts(book: VirtualM4b, span: Span, turn: Turn) -> AsyncGenerator[bytes]:
    """Yield the samples of a span as ADTS frames."""
    first, stop = span
    for number in range(first, stop, _FED_SAMPLES):
        await turn((number - first) / (stop - first))
        end = min(number + _FED_SAMPLES, stop)
        samples = await asyncio.to_thread(book.read_samples, number, end)
        yield adts_stream(samples, book.config)


async def file_bytes(path: Path, turn: Turn) -> AsyncGenerator[bytes]:
    """Yield a file as it is."""
    try:
        file = await asyncio.to_thread(path.open, "rb")
    except FileNotFoundError as err:
        raise MediaFileMissingError(name=path.name) from err
    with file:
        size_bytes = (await asyncio.to_thread(path.stat)).st_size
        done = 0
        while piece := await asyncio.to_thread(file.read, _PIECE_BYTES):
            await turn(min(1.0, done / size_bytes))
            yield piece
            done += len(piece)


def fingerprint(book: VirtualM4b, span: Span) -> tuple[int, bytes]:
    """Return the number of samples in a span that hold something, and their digest.

    Blocks, for seconds of a long book.
    """
    count, digest = 0, blake2b(digest_size=32)
    for number in range(span[0], span[1], _FED_SAMPLES):
        samples = book.read_samples(number, min(number + _FED_SAMPLES, span[1]))
        count += sum(1 for sample in samples if sample)
        digest.update(b"".join(samples))
    return count, digest.digest()
