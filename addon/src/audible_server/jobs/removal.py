"""Removing downloads: those that somebody gives up, has heard, or has no room for."""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from audible_core.errors import StorageError
from audible_core.models import Asin
from audible_core.wire import BookState

from audible_server.downloads.part import Parts
from audible_server.jobs.desk import Desk
from audible_server.jobs.rules import Rules, is_at_end
from audible_server.library.files import remove_made, stays_in
from audible_server.library.listeners import Listeners
from audible_server.library.shelf import Shelf
from audible_server.store.books import Book, BookStore
from audible_server.store.clock import now_ms
from audible_server.store.grants import FileKind
from audible_server.store.job import JobKind
from audible_server.store.made_files import Made, MadeFileStore

_LOGGER = logging.getLogger(__name__)
_HEARD_LATELY_MS: Final = 30 * 24 * 3600 * 1000
"""Who has not gone on with a title for so long has given it up."""


class Removal:
    """Deletes what the server made of a title, and never somebody's own file."""

    def __init__(
        self,
        *,
        desk: Desk,
        books: BookStore,
        made: MadeFileStore,
        shelf: Shelf,
        parts: Parts,
        listeners: Listeners,
        library_dir: Path,
        rules: Rules,
    ) -> None:
        """Delete in an existing folder."""
        self._desk = desk
        self._books = books
        self._made = made
        self._shelf = shelf
        self._parts = parts
        self._listeners = listeners
        self._library_dir = library_dir
        self._rules = rules

    async def remove(self, asin: Asin) -> Book:
        """Delete a title's download, whole or begun; return the title as it is then.

        It is not downloaded again by itself. The license is kept. Raises
        UnknownBookError and StorageError.
        """
        await self._books.load(asin)
        # What still writes would leave a part file behind.
        await self._desk.give_up(JobKind.DOWNLOAD, asin)
        for kind in FileKind:
            await self._parts.clear(await self._parts.open(asin, kind))
        await self._unlink(asin)
        await self._books.update(
            asin,
            is_unwanted=True,
            state=BookState.NEW,
            downloaded_at=None,
            downloaded_bytes=None,
            error=None,
            error_text=None,
        )
        _LOGGER.info("The download of %s was removed", asin)
        return await self._shelf.load(asin)

    async def heard(self, asin: Asin, position_ms: int, heard_at: int) -> None:
        """Note where listening stands: at the end a title goes, if the owner wants it.

        What was downloaded after it was heard, ``heard_at`` in epoch milliseconds, is
        to be heard again.
        """
        if not self._rules.removes_finished:
            return
        made_at = await self._made.load_first_made_at(asin)
        if made_at is None or made_at > heard_at:
            return
        book = await self._books.load(asin)
        if not is_at_end(position_ms, book.duration_ms or book.runtime_ms):
            return
        try:
            await self.remove(asin)
        except StorageError as err:
            # Who tells where they listen cannot help it.
            _LOGGER.warning("%s was heard and stays: %s", asin, err)

    async def keep_newest(self) -> None:
        """Remove the oldest downloads beyond those that are to stay.

        What somebody is in the middle of stays too.
        """
        keep = self._rules.keep_newest
        if not keep:
            return
        heard_since = now_ms() - _HEARD_LATELY_MS
        for asin in await self._made.load_older(keep, heard_since=heard_since):
            if not self._listeners.is_open(asin):
                await self.remove(asin)

    async def _unlink(self, asin: Asin) -> None:
        files = await self._made.load(asin)
        try:
            await asyncio.to_thread(_unlink_in, self._library_dir, files)
        except OSError as err:
            raise StorageError.of(err) from err
        await self._made.forget(asin)


def _unlink_in(folder: Path, files: Mapping[str, Made]) -> None:
    """Delete files, and the folders that they leave empty. Blocks."""
    for name, made in files.items():
        path = folder / name
        if not stays_in(folder, path) or not remove_made(path, made):
            continue
        for parent in path.relative_to(folder).parents[:-1]:
            # Other titles, and what is somebody's own, keep a folder.
            with suppress(OSError):
                (folder / parent).rmdir()
