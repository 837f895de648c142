"""A title's file wherever its bytes are: in the part file, or at the shop.

Where this process writes the part file, its writer is told what is waited for. Else, on
another server or with a full disk, the bytes are fetched into memory and not kept.
"""

import asyncio
import time
import weakref
from collections import OrderedDict
from contextlib import suppress
from typing import Final

from audible_core.errors import DownloadError, NotDownloadedError

from audible_server.downloads.cdn import Cdn, CutError, RefusedError
from audible_server.downloads.licensing import Licensing
from audible_server.downloads.part import PartFile, Parts
from audible_server.media.stored import BytesMissingError
from audible_server.store.books import Book
from audible_server.store.clock import now_ms
from audible_server.store.grants import Grant

_EXTENT_BYTES: Final = 256 * 1024
_MOST_EXTENTS: Final = 32
_LOOK_EVERY_S: Final = 2.0
_RETRY_WAITS_S: Final = (0.2, 1.0, 3.0)
_WRITER_WITHIN_S: Final = 1.0


class RemoteBytes:
    """The stored bytes of a title that is not, or not wholly, on disk."""

    is_whole = False

    def __init__(
        self,
        book: Book,
        grant: Grant,
        part: PartFile,
        size_bytes: int,
        shop: RemoteShop,
    ) -> None:
        """Read from a part file and from the shop; use `RemoteShop.open`."""
        self.size_bytes = size_bytes
        self.grant = grant
        self._book = book
        self._part = part
        self._shop = shop
        self._extents: OrderedDict[int, bytes] = OrderedDict()
        self._locks: weakref.WeakValueDictionary[int, asyncio.Lock] = (
            weakref.WeakValueDictionary()
        )
        self._look_at = 0.0
        self._expects_writer_until = 0.0

    @property
    def has_writer(self) -> bool:
        """Tell whether the file is being downloaded in this process."""
        return self._part.writer is not None

    def expect_writer(self) -> None:
        """Give a download that was just asked for a moment to begin."""
        self._expects_writer_until = time.monotonic() + _WRITER_WITHIN_S

    def let_go(self) -> None:
        """Free the memory: what was read is not needed again."""
        self._extents.clear()

    def read_at(self, offset: int, length: int) -> bytearray:
        """Return bytes, fewer only at the end of the file."""
        end = min(offset + length, self.size_bytes)
        if end <= offset:
            return bytearray()
        found = self._part.read(offset, end - offset)
        if found is None:
            found = self._held(offset, end)
        if found is None:
            raise BytesMissingError(offset, end)
        return found

    def read_now(self, offset: int, length: int) -> bytearray | None:
        """Return the bytes, all of them, if nothing has to be waited for; else None."""
        return self._part.read_now(offset, length) or self._held(
            offset, offset + length
        )

    async def fetch(self, start: int, end: int) -> None:
        """Wait until a range is there; raise TrackerError if it cannot come."""
        if await self._is_brought(start, end):
            return
        async with self._locks.setdefault(start // _EXTENT_BYTES, asyncio.Lock()):
            if self._held(start, end) is None:
                await self._fetch_patiently(start, end)

    async def _is_brought(self, start: int, end: int) -> bool:
        """Tell whether the part file has a range, or gets it."""
        await self._await_writer()
        writer = self._part.writer
        if writer is not None:
            return await writer.bring(start, min(end, self.size_bytes))
        now = time.monotonic()
        if now >= self._look_at:
            self._look_at = now + _LOOK_EVERY_S
            await self._shop.parts.refresh(self._part)
        return self._part.have.has(start, end)

    async def _await_writer(self) -> None:
        wait_s = self._expects_writer_until - time.monotonic()
        if wait_s > 0 and self._part.writer is None:
            # Once: who comes late, or on another server, is not waited for again.
            self._expects_writer_until = 0.0
            with suppress(TimeoutError):
                await asyncio.wait_for(self._part.writer_came.wait(), wait_s)

    async def _fetch_patiently(self, start: int, end: int) -> None:
        waits = list(_RETRY_WAITS_S)
        is_renewed = False
        while True:
            try:
                return await self._fetch_extent(start, end)
            except RefusedError:
                if is_renewed or not self.grant.is_address_expired(now_ms()):
                    raise
                is_renewed = True
                await self._renew()
            except CutError:
                if not waits:
                    raise
                await asyncio.sleep(waits.pop(0))

    async def _fetch_extent(self, start: int, end: int) -> None:
        stop = min(max(end, start + _EXTENT_BYTES), self.size_bytes)
        data = await self._shop.fetch(self.grant, start, stop, self.size_bytes)
        self._extents[start] = data
        self._extents.move_to_end(start)
        while len(self._extents) > _MOST_EXTENTS:
            self._extents.popitem(last=False)

    async def _renew(self) -> None:
        fresh = await self._shop.licensing.renewed(self._book, self.grant)
        if not fresh.is_same_file(self.grant):
            raise DownloadError(reason="the shop has another file now")
        self.grant = fresh

    def _held(self, start: int, end: int) -> bytearray | None:
        for begin, data in tuple(self._extents.items()):
            if begin <= start and end <= begin + len(data):
                return bytearray(memoryview(data)[start - begin : end - begin])
        return None


class RemoteShop:
    """Opens titles that are not wholly on disk."""

    def __init__(self, cdn: Cdn, licensing: Licensing, parts: Parts) -> None:
        """Join what that needs."""
        self._cdn = cdn
        self.licensing = licensing
        self.parts = parts

    async def open(self, book: Book) -> RemoteBytes:
        """Open a title; this may cost its license.

        Raises what `Licensing.grant` raises, NotDownloadedError where nobody can ask
        the shop, or DownloadError.
        """
        grant = await self.licensing.grant(book)
        if book.account_id is None and grant.is_address_expired(now_ms()):
            raise NotDownloadedError(asin=book.asin)
        part = await self.parts.open(book.asin, grant.kind)
        size_bytes = grant.size_bytes or part.size_bytes
        if size_bytes is None:
            size_bytes = await self._ask_size(grant)
        return RemoteBytes(book, grant, part, size_bytes, self)

    async def fetch(self, grant: Grant, start: int, end: int, size_bytes: int) -> bytes:
        """Return bytes from the shop; raises as `Cdn.ask` does."""
        data = bytearray()
        async with self._cdn.ask(
            grant.url, start, end, size_bytes=size_bytes
        ) as answer:
            if answer.start != start:
                raise DownloadError(reason="other bytes came than were asked for")
            async for chunk in answer.chunks:
                data += chunk
                if len(data) >= end - start:
                    break
        if len(data) < end - start:
            raise CutError(reason=f"{len(data)} of {end - start} bytes")
        return bytes(data[: end - start])

    async def _ask_size(self, grant: Grant) -> int:
        """Return the size of a file of which the shop did not say it before."""
        async with self._cdn.ask(grant.url, 0, 1, size_bytes=None) as answer:
            if answer.size_bytes is None:
                raise DownloadError(reason="the shop does not say how long it is")
            return answer.size_bytes
