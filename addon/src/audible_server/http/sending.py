"""Sending a body piece by piece, and cutting off one that cannot be finished.

What is stored as it is sent goes from the disk's cache to the network inside the
kernel, which is most of the speed. That call would stop everybody while it waits for a
disk, so each piece is brought to memory first, in a thread, where it is not there yet.
What must be decrypted is copied in small pieces, so that a thousand listeners who are
slow hold little memory.
"""

import asyncio
import logging
import os
import socket
import time
from asyncio.exceptions import SendfileNotAvailableError
from typing import IO, Final, cast

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter
from audible_core.errors import Mp4FormatError

from audible_server.http.counts import SENT
from audible_server.http.services import TURN
from audible_server.media.plain import PlainFile
from audible_server.media.ranges import ByteRange
from audible_server.media.stored import FileBytes
from audible_server.media.virtual import VirtualM4b
from audible_server.sources.playback import Playback

type Content = VirtualM4b | PlainFile | Playback

SMALL_BYTES: Final = 64 * 1024
"""A range of a plain file up to here is copied: cheaper than to set up a transfer."""

_LOGGER = logging.getLogger(__name__)
# The kernel would else collect 4 MB for each listener.
_SEND_BUFFER_BYTES: Final = 128 * 1024
# Decrypted in a tenth of a millisecond, so that the first sound is soon there; none
# takes more than a third of one, so that the others get their turn.
_FIRST_CHUNK_BYTES: Final = 8 * 1024
_LEAST_CHUNK_BYTES: Final = 48 * 1024
_MOST_CHUNK_BYTES: Final = 128 * 1024
_LEAST_WINDOW_BYTES: Final = 1024 * 1024
_MOST_WINDOW_BYTES: Final = 16 * 1024 * 1024
_QUICK_S: Final = 0.1


class Answer(web.StreamResponse):
    """An answer whose headers travel with the first piece of its body."""

    _send_headers_immediately = False


async def load(content: Content, start: int, end: int) -> bytes | bytearray:
    """Return some bytes: at once if they are in memory, else from a thread."""
    found = content.read_now(start, end)
    return await content.load(start, end) if found is None else found


async def send(
    request: web.Request, answer: web.StreamResponse, content: Content, part: ByteRange
) -> None:
    """Send a part of the audio, and the headers in front of it if they are not sent.

    What keeps the first bytes from being read is raised before anything is sent.
    """
    file = content.on_disk if isinstance(content, PlainFile) else None
    sent_to = part.start
    if file is not None:
        sent_to = await _send_file(request, answer, file, part)
    await _send_chunks(request, answer, content, ByteRange(sent_to, part.end))


async def send_small(
    request: web.Request, answer: web.StreamResponse, content: Content, part: ByteRange
) -> None:
    """Send a small part: its beginning first, which is there while the rest is read."""
    first = min(part.start + _FIRST_CHUNK_BYTES, part.end)
    head = await load(content, part.start, first)
    writer = await prepared(request, answer)
    await writer.write(head)
    if first < part.end:
        await writer.write(await load(content, first, part.end))
    request[SENT].size_bytes += len(part)


def bound_send_buffer(
    request: web.Request, most_bytes: int = _SEND_BUFFER_BYTES
) -> None:
    """Keep the kernel from collecting megabytes for one listener."""
    if request.transport is None:
        return
    sock = request.transport.get_extra_info("socket")
    if sock is not None:
        size_bytes = min(most_bytes, _SEND_BUFFER_BYTES)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, size_bytes)


def break_off(request: web.Request, error: Exception) -> None:
    """Cut the connection, so that nobody takes the part for the whole."""
    _LOGGER.warning("A stream was broken off: %s", str(error) or type(error).__name__)
    if request.transport is not None:
        request.transport.abort()


async def _send_file(
    request: web.Request, answer: web.StreamResponse, file: FileBytes, part: ByteRange
) -> int:
    """Have the kernel send a part; return how far it got if it cannot."""
    start, window_bytes = part.start, _LEAST_WINDOW_BYTES
    writer = None
    while start < part.end:
        end = min(start + window_bytes, part.end)
        if not file.seems_in_memory(start, end):
            await asyncio.to_thread(file.bring_to_memory, start, end)
        if writer is None:
            writer = await prepared(request, answer)
            writer.send_headers()
        began = time.monotonic()
        try:
            await _send_window(request, file, start, end)
        except SendfileNotAvailableError:
            return start
        window_bytes = _LEAST_WINDOW_BYTES
        # What waits for a slow listener may leave memory again before it is sent.
        if _is_quick(began):
            window_bytes = min(4 * (end - start), _MOST_WINDOW_BYTES)
        start = end
    return part.end


async def _send_window(
    request: web.Request, file: FileBytes, start: int, end: int
) -> None:
    """Have the kernel send some bytes, which are in memory."""
    transport = request.transport
    if transport is None:
        raise ConnectionResetError
    at = start
    try:
        at += _send_at_once(transport, file, start, end)
        request[SENT].size_bytes += at - start
        if at < end:
            at = await _send_slowly(request, transport, file, at, end)
    except ConnectionError:
        # The transport was left out and does not know yet that nobody is there.
        transport.abort()
        raise
    if at < end:
        raise Mp4FormatError(reason="the file has become shorter")


async def _send_slowly(
    request: web.Request,
    transport: asyncio.Transport,
    file: FileBytes,
    start: int,
    end: int,
) -> int:
    """Send as the network takes it; return where the file ended."""
    loop = asyncio.get_running_loop()
    # All that it needs of a file is its number.
    named = cast("IO[bytes]", file)
    at = start
    try:
        at += await loop.sendfile(transport, named, start, end - start, fallback=False)
    except SendfileNotAvailableError:
        raise
    except BaseException:
        # It moves the file's position even then. Of two listeners who leave a file in
        # the same moment, one may be counted wrong, by no more than this window.
        at = min(max(start, os.lseek(file.fileno(), 0, os.SEEK_CUR)), end)
        raise
    finally:
        request[SENT].size_bytes += at - start
    return at


def _send_at_once(
    transport: asyncio.Transport, file: FileBytes, start: int, end: int
) -> int:
    """Send what the kernel takes without waiting; return how many bytes these are.

    A small range is sent by that alone, which saves it the loop's own machinery.
    """
    if transport.get_write_buffer_size():
        return 0
    number = transport.get_extra_info("socket").fileno()
    try:
        return os.sendfile(number, file.fileno(), start, end - start)
    except BlockingIOError:
        return 0


async def _send_chunks(
    request: web.Request, answer: web.StreamResponse, content: Content, part: ByteRange
) -> None:
    start, chunk_bytes = part.start, _FIRST_CHUNK_BYTES
    while start < part.end:
        end = min(start + chunk_bytes, part.end)
        if start == part.start:
            chunk = await load(content, start, end)
        else:
            chunk = await _load_in_turn(request.app[TURN], content, start, end)
        writer = await prepared(request, answer)
        if start == part.start and len(part) > SMALL_BYTES:
            bound_buffers(request)
        began = time.monotonic()
        await writer.write(chunk)
        if end < part.end:
            # The next one is made when this one is with the kernel.
            await writer.drain()
        request[SENT].size_bytes += len(chunk)
        if end == part.end:
            return
        start, chunk_bytes = end, _LEAST_CHUNK_BYTES
        # A slow listener's chunk is memory that is held for long; buffers on the way
        # take the first ones of anybody quickly.
        if _is_quick(began):
            sent_bytes = end - part.start
            chunk_bytes = max(chunk_bytes, min(sent_bytes // 32, _MOST_CHUNK_BYTES))


async def _load_in_turn(
    turn: asyncio.Lock, content: Content, start: int, end: int
) -> bytes | bytearray:
    """Return bytes as `load` does, but one listener's in each turn of the loop.

    So who comes anew waits for one piece of somebody else, and not for one of each.
    """
    async with turn:
        # Nothing else waits for a slow client, and nobody may take every turn.
        await asyncio.sleep(0)
        found = content.read_now(start, end)
    return await content.load(start, end) if found is None else found


def _is_quick(began: float) -> bool:
    return time.monotonic() - began < _QUICK_S


async def write_piece(
    request: web.Request, answer: web.StreamResponse, piece: bytes
) -> None:
    """Send some bytes, and count them."""
    await answer.write(piece)
    request[SENT].size_bytes += len(piece)


async def prepared(
    request: web.Request, answer: web.StreamResponse
) -> AbstractStreamWriter:
    """Return what an answer is written with; raise OSError if its client has left."""
    writer = await answer.prepare(request)
    if writer is None:
        raise ConnectionResetError
    return writer


def bound_buffers(request: web.Request, most_bytes: int = _SEND_BUFFER_BYTES) -> None:
    """Let nothing wait to be sent but what the kernel has taken."""
    bound_send_buffer(request, most_bytes)
    if request.transport is not None:
        request.transport.set_write_buffer_limits(high=0)
