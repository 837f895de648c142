"""Room on the disk: asked for before anything large is written."""

import asyncio
import shutil
from pathlib import Path
from typing import Final

from audible_core.errors import NoSpaceError
from audible_core.models import Asin
from audible_core.wire import BookState

from audible_server.store.books import Book, BookStore
from audible_server.store.job import JobKind
from audible_server.store.turns import Turns

_BYTES_PER_S: Final = 16_000
"""What Audible sends of a title whose size is not known yet: 128 kb/s."""

_GROWTH: Final = 1.2
"""A copy with its index and cover is a little larger than its source."""

_LEAST_BYTES: Final = 64 * 2**20
"""So much stays free whatever the owner chose: the database is on a disk, too."""

_MIB: Final = 2**20
_TURN: Final = "room"


class Room:
    """The library folder's disk, with what is under way and will still take of it.

    The tables say what is under way, so that the work of all servers counts.
    """

    def __init__(
        self,
        library_dir: Path,
        books: BookStore,
        turns: Turns,
        *,
        floor_bytes: int,
        converts: bool,
    ) -> None:
        """Look at an existing folder's disk, of which ``floor_bytes`` stay free.

        ``converts`` says that each download is converted after it.
        """
        self._library_dir = library_dir
        self._books = books
        self._turns = turns
        self._floor_bytes = max(floor_bytes, _LEAST_BYTES)
        self._converts = converts
        self._turn = asyncio.Lock()

    async def begin(self, book: Book) -> None:
        """Note that a title is being downloaded, if it fits; raise NoSpaceError.

        Who begins at the same time asks after that.
        """
        async with self._turn, self._turns.of(_TURN):
            await self.check_download(book.asin, rest_bytes(book), size_bytes(book))
            await self._books.update(book.asin, state=BookState.DOWNLOADING)

    async def check_download(self, asin: Asin, rest: int, whole: int) -> None:
        """Raise NoSpaceError if the rest of a download does not fit.

        With it comes what will be made of it, and of the others.
        """
        others = await self._others_under_way(asin)
        promised = sum(rest_bytes(book) for book in others)
        if self._converts:
            rest += _converted_bytes(whole)
            promised += sum(_converted_bytes(size_bytes(book)) for book in others)
        for book in await self._books.load_with_open(JobKind.CONVERT):
            if book.asin != asin:
                promised += _converted_bytes(size_bytes(book))
        await self._check(asin, rest, promised)

    async def check_conversion(self, asin: Asin, source_bytes: int) -> None:
        """Raise NoSpaceError if what is made of a file does not fit.

        Other conversions come after it: they would wait for each other.
        """
        promised = sum(rest_bytes(of) for of in await self._others_under_way(asin))
        await self._check(asin, _converted_bytes(source_bytes), promised)

    async def _others_under_way(self, asin: Asin) -> list[Book]:
        under_way = await self._books.load_in(BookState.DOWNLOADING)
        return [book for book in under_way if book.asin != asin]

    async def _check(self, asin: Asin, needed_bytes: int, promised: int) -> None:
        free = (await asyncio.to_thread(shutil.disk_usage, self._library_dir)).free
        if free - promised - needed_bytes < self._floor_bytes:
            raise NoSpaceError(
                asin=asin,
                needed_mib=needed_bytes // _MIB,
                free_mib=free // _MIB,
                promised_mib=promised // _MIB,
                floor_mib=self._floor_bytes // _MIB,
            )


def size_bytes(book: Book) -> int:
    """Return the size of a title's download; estimated while it is not known."""
    return book.size_bytes or (book.runtime_ms or 0) // 1000 * _BYTES_PER_S


def rest_bytes(book: Book) -> int:
    """Return how much of a title is still to come."""
    return max(0, size_bytes(book) - (book.downloaded_bytes or 0))


def _converted_bytes(source_bytes: int) -> int:
    return round(source_bytes * _GROWTH)
