"""Where the stored bytes of a file come from: the disk, or what has come of it so far.

Reading blocks and never waits: what is not there yet is an exception that says which
bytes are missing. `when_there` is the way to wait for them outside of any thread.
"""

import asyncio
import os
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol, Self

from audible_core.errors import MediaFileMissingError, Mp4FormatError

_LOOK_EACH_BYTES: Final = 512 * 1024
_READ_BYTES: Final = 128 * 1024


class BytesMissingError(Exception):
    """Bytes of the file have not come yet; never leaves `when_there`."""

    def __init__(self, start: int, end: int) -> None:
        """Name the bytes from `start` to before `end`."""
        super().__init__(f"bytes {start} to {end}")
        self.start = start
        self.end = end


class StoredBytes(Protocol):
    """The bytes of one file; safe from any thread."""

    size_bytes: int
    """Of the whole file, whether it has come or not."""

    is_whole: bool
    """Tells whether any byte can be read at once."""

    def read_at(self, offset: int, length: int) -> bytearray:
        """Return bytes, fewer only at the end of the file. Blocks.

        Raises BytesMissingError, or Mp4FormatError if they cannot be read.
        """

    def read_now(self, offset: int, length: int) -> bytearray | None:
        """Return the bytes, all of them, if nothing has to be waited for; else None."""

    async def fetch(self, start: int, end: int) -> None:
        """Wait until a range is there; raise TrackerError if it cannot come."""


class FileBytes:
    """A whole file on disk; it closes when the last user lets go of it."""

    is_whole = True

    def __init__(self, fd: int) -> None:
        """Take over an open file; use `open`."""
        weakref.finalize(self, os.close, fd)
        self.fd = fd
        self.size_bytes = os.fstat(fd).st_size

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a file; raise MediaFileMissingError or Mp4FormatError."""
        try:
            return cls(os.open(path, os.O_RDONLY | os.O_CLOEXEC))
        except (FileNotFoundError, NotADirectoryError) as err:
            raise MediaFileMissingError(name=path.name) from err
        except OSError as err:
            raise Mp4FormatError(reason=f"it cannot be read ({err.strerror})") from err

    def fileno(self) -> int:
        """Return the number by which the kernel knows the file."""
        return self.fd

    def read_at(self, offset: int, length: int) -> bytearray:
        """Return bytes, fewer only at the end of the file. Blocks."""
        return read_window(self.fd, offset, length)

    def read_now(self, offset: int, length: int) -> bytearray | None:
        """Return the bytes if they are in memory; None if the disk must be waited for.

        None as well where the file system cannot tell, as on a network share.
        """
        window = bytearray(length)
        try:
            count = os.preadv(self.fd, [window], offset, os.RWF_NOWAIT)
        except OSError:
            # What is really wrong is seen by who reads and waits.
            return None
        return window if count == length else None

    def seems_in_memory(self, start: int, end: int) -> bool:
        """Tell whether the disk need not be waited for, by a look at a few bytes."""
        places = (*range(start, end, _LOOK_EACH_BYTES), end - 1)
        return all(self.read_now(at, 1) is not None for at in places)

    def bring_to_memory(self, start: int, end: int) -> None:
        """Read a range, so that the kernel has it for whoever asks next. Blocks.

        Raises Mp4FormatError if the file has become shorter, or cannot be read.
        """
        for at in range(start, end, _READ_BYTES):
            length = min(_READ_BYTES, end - at)
            if len(read_window(self.fd, at, length)) < length:
                raise Mp4FormatError(reason="the file has become shorter")

    async def fetch(self, start: int, end: int) -> None:
        """Do nothing: all is there."""


def read_window(fd: int, offset: int, length: int) -> bytearray:
    """Return the bytes of a window, fewer only at the end of the file. Blocks.

    Raises Mp4FormatError.
    """
    window = bytearray(length)
    done = 0
    try:
        # One call moves at most 2 GiB, and a network share may give less.
        while count := os.preadv(fd, [memoryview(window)[done:]], offset + done):
            done += count
    except OSError as err:
        raise Mp4FormatError(reason=f"it cannot be read ({err.strerror})") from err
    del window[done:]
    return window


async def when_there[T](stored: StoredBytes, read: Callable[[], T]) -> T:
    """Return what a blocking read returns, once all bytes that it needs have come.

    It runs in a thread, and again after each wait; nobody waits in a thread.
    """
    while True:
        try:
            return await asyncio.to_thread(read)
        except BytesMissingError as err:
            await stored.fetch(err.start, err.end)
