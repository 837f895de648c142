"""Room on the disk: asked for before anything large is written."""

import asyncio
import shutil
from pathlib import Path
from typing import Final

from audible_core.errors import NoSpaceError
from audible_core.models import Asin
from audible_core.wire import BookState

from audible_server.store.books import Book, BookStore
from audible_server.store.turns import Turns

_BYTES_PER_S: Final = 16_000
"""What Audible sends of a title whose size is not known yet: 128 kb/s."""

_LEAST_BYTES: Final = 64 * 2**20
"""So much stays free whatever the owner chose: the database is on a disk, too."""

_MIB: Final = 2**20
_TURN: Final = "room"


class Room:
    """The library folder's disk, with what downloads under way will still take of it.

    The table says which are under way, so that those of all servers count.
    """

    def __init__(
        self, library_dir: Path, books: BookStore, turns: Turns, *, floor_bytes: int
    ) -> None:
        """Look at an existing folder's disk, of which ``floor_bytes`` stay free."""
        self._library_dir = library_dir
        self._books = books
        self._turns = turns
        self._floor_bytes = max(floor_bytes, _LEAST_BYTES)
        self._turn = asyncio.Lock()

    async def begin(self, book: Book) -> None:
        """Note that a title is being downloaded, if it fits; raise NoSpaceError.

        Who begins at the same time asks after that.
        """
        async with self._turn, self._turns.of(_TURN):
            await self.check(book.asin, rest_bytes(book))
            await self._books.update(book.asin, state=BookState.DOWNLOADING)

    async def check(self, asin: Asin, needed_bytes: int) -> None:
        """Raise NoSpaceError if a file of a title would not leave enough free."""
        under_way = await self._books.load_in(BookState.DOWNLOADING)
        promised = sum(rest_bytes(book) for book in under_way if book.asin != asin)
        free = (await asyncio.to_thread(shutil.disk_usage, self._library_dir)).free
        if free - promised - needed_bytes < self._floor_bytes:
            raise NoSpaceError(
                asin=asin,
                needed_mib=needed_bytes // _MIB,
                free_mib=free // _MIB,
                promised_mib=promised // _MIB,
                floor_mib=self._floor_bytes // _MIB,
            )


def rest_bytes(book: Book) -> int:
    """Return how much of a title is still to come; estimated while it is not known."""
    size_bytes = book.size_bytes or (book.runtime_ms or 0) // 1000 * _BYTES_PER_S
    return max(0, size_bytes - (book.downloaded_bytes or 0))
