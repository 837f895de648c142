"""A file that comes in pieces: the pieces on disk, and the map of those that are there.

The map in the database never claims what is not on disk: first the bytes, then the map.
Who has the job's lease writes, and nobody else. A server that stood still, and writes
on until it knows that its lease has ended, puts the same bytes where they belong; its
map is refused.
"""

import asyncio
import os
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from audible_core.models import Asin

from audible_server.downloads.byte_map import ByteMap
from audible_server.library.files import part_path
from audible_server.media.stored import FileBytes
from audible_server.store.grants import FileKind
from audible_server.store.job import Lease
from audible_server.store.parts import PartStore, StoredPart


class Writer(Protocol):
    """Who writes the part file now, in this process."""

    async def bring(self, start: int, end: int) -> bool:
        """Bring a range next; return False if that ended without it."""


class PartFile:
    """One part file; one writes, any number read. Its methods block."""

    def __init__(self, asin: Asin, kind: FileKind, path: Path) -> None:
        """Begin with nothing; use `Parts.open`."""
        self.asin = asin
        self.kind = kind
        self.path = path
        self.size_bytes: int | None = None
        self.have = ByteMap()
        self.writer: Writer | None = None
        self.writer_came = asyncio.Event()
        self._file: FileBytes | None = None
        self._is_writable = False

    @property
    def is_whole(self) -> bool:
        """Tell whether all of it has come."""
        return self.size_bytes is not None and self.have.has(0, self.size_bytes)

    @property
    def rest_bytes(self) -> int:
        """Return how much is still to come, as far as that is known."""
        return max(0, (self.size_bytes or 0) - self.have.total_bytes)

    def believed(self, known: StoredPart | None) -> ByteMap:
        """Return the stored map as far as there is a file that can bear it."""
        if known is None or known.kind != self.kind:
            return ByteMap()
        have = ByteMap.from_text(known.spans)
        if not self._is_open() or os.fstat(self._descriptor()).st_size < have.end:
            return ByteMap()
        return have

    def read(self, offset: int, length: int) -> bytearray | None:
        """Return bytes, or None if not all of them are there."""
        file = self._file
        if file is None or not self.have.has(offset, offset + length):
            return None
        return file.read_at(offset, length)

    def read_now(self, offset: int, length: int) -> bytearray | None:
        """Return bytes that are there and in memory, else None; never waits."""
        file = self._file
        if file is None or not self.have.has(offset, offset + length):
            return None
        return file.read_now(offset, length)

    def write(self, offset: int, data: bytes | bytearray) -> None:
        """Write bytes at a place; raises OSError."""
        self._open_for_writing()
        view, at = memoryview(data), offset
        while view:
            count = os.pwrite(self._descriptor(), view, at)
            view, at = view[count:], at + count
        self.have = self.have.with_span(offset, at)

    def sync(self) -> ByteMap:
        """Return the map of what is sure to be on disk."""
        have = self.have
        if self._file is not None:
            os.fdatasync(self._file.fd)
        return have

    def cut(self) -> None:
        """Cut off what lies behind the end of a file that is whole.

        Not before: another server may still read what it has written there.
        """
        os.truncate(self.path, self.have.end)

    def clear(self) -> None:
        """Drop all that has come."""
        self.have = ByteMap()
        self.size_bytes = None
        self.path.unlink(missing_ok=True)
        # Who still reads from the old file keeps it.
        self._file, self._is_writable = None, False

    def _is_open(self) -> bool:
        """Open the file for reading, if it is there and is not the open one."""
        try:
            status = self.path.stat()
        except OSError:
            self._file, self._is_writable = None, False
            return False
        if self._file is None or os.fstat(self._file.fd).st_ino != status.st_ino:
            self._file = FileBytes(os.open(self.path, os.O_RDONLY | os.O_CLOEXEC))
            self._is_writable = False
        return True

    def _open_for_writing(self) -> None:
        if not self._is_writable:
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
            self._file = FileBytes(os.open(self.path, flags, 0o644))
            self._is_writable = True

    def _descriptor(self) -> int:
        if TYPE_CHECKING:
            assert self._file
        return self._file.fd


class Parts:
    """The part files in use; each is one object for all in this process."""

    def __init__(self, store: PartStore, library_dir: Path) -> None:
        """Look into an existing folder."""
        self._store = store
        self._library_dir = library_dir
        self._open: weakref.WeakValueDictionary[tuple[Asin, FileKind], PartFile] = (
            weakref.WeakValueDictionary()
        )

    async def open(self, asin: Asin, kind: FileKind) -> PartFile:
        """Return a title's part file, with what had come when it was left."""
        part = self._open.get((asin, kind))
        if part is None:
            part = PartFile(asin, kind, part_path(self._library_dir, asin, kind))
            self._open[asin, kind] = part
            await self.refresh(part)
        return part

    async def refresh(self, part: PartFile) -> None:
        """Learn what another process has written; its own writer knows better."""
        before = part.have
        known = await self._store.load(part.asin)
        have = await asyncio.to_thread(part.believed, known)
        # What this process wrote meanwhile is newer than what was looked up.
        if part.writer is None and part.have is before:
            part.have = have
            if known is not None and known.kind == part.kind:
                part.size_bytes = known.size_bytes

    async def save(self, part: PartFile, lease: Lease) -> int:
        """Bring bytes to the disk, then the map to the database; return how many.

        Raises LeaseEndedError if another server writes the file now.
        """
        have = await asyncio.to_thread(part.sync)
        stored = StoredPart(part.kind, part.size_bytes, have.to_text())
        await self._store.save(part.asin, stored, lease)
        return have.total_bytes

    async def clear(self, part: PartFile) -> None:
        """Drop all that has come of a file: the map first."""
        await self._store.delete(part.asin)
        await asyncio.to_thread(part.clear)

    async def forget(self, part: PartFile) -> None:
        """Forget a file that is whole and has its own name; who reads it goes on."""
        self._open.pop((part.asin, part.kind), None)
        await self._store.delete(part.asin)
