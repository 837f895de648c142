"""What lies in the library folder decides; the table only remembers it."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from audible_core.errors import (
    MediaError,
    TrackerError,
    UnknownBookError,
    UnsupportedMediaError,
)
from audible_core.models import Asin
from audible_core.wire import BookState

from audible_server.library.background import Background
from audible_server.library.files import still_there
from audible_server.library.local import LocalFiles, NamedFile
from audible_server.media.probe import FileStamp, Prober
from audible_server.store.books import Book, BookStore
from audible_server.store.grants import FileKind
from audible_server.store.quarantine import Quarantine

_LOGGER = logging.getLogger(__name__)
_LOOK_EVERY_S: Final = 30.0

type Spoilt = Mapping[str, MediaError]
"""Files that are of no use, by path below the folder, and why."""


class Shelf:
    """Compares the table with the folder and corrects the table."""

    def __init__(
        self,
        *,
        books: BookStore,
        quarantine: Quarantine,
        local: LocalFiles,
        prober: Prober,
        background: Background,
        ask_for_probe: Callable[[Asin], Awaitable[None]],
    ) -> None:
        """Look into an existing folder; what is new there is to be probed later."""
        self._books = books
        self._quarantine = quarantine
        self._local = local
        self._prober = prober
        self._background = background
        self._ask_for_probe = ask_for_probe
        self._unprobed: set[Asin] = set()
        self._looked_at = time.monotonic()

    async def load_all(self) -> tuple[Book, ...]:
        """Return all titles, as the folder is now."""
        # The table first: a download that ends meanwhile is still under way in it.
        books = await self._books.load_all()
        found = await self._local.all()
        unknown = found.keys() - {book.asin for book in books}
        if unknown:
            await self._books.add_found(*unknown)
            return await self.load_all()
        spoilt = await self._spoilt(await self._quarantine.load_all())
        return tuple(
            [
                await self._corrected(book, found.get(book.asin, ()), spoilt)
                for book in books
            ]
        )

    def look_soon(self) -> None:
        """Begin to compare all titles with the folder, if that is some time ago."""
        now = time.monotonic()
        if now - self._looked_at >= _LOOK_EVERY_S:
            self._looked_at = now
            self._background.start("shelf", self._look())

    async def _look(self) -> None:
        try:
            await self.load_all()
        except TrackerError as err:
            _LOGGER.warning("No look at the library folder: %s", err.key)

    async def load(self, asin: Asin) -> Book:
        """Return one title as the folder is now; raise UnknownBookError."""
        try:
            book = await self._books.load(asin)
        except UnknownBookError:
            if not await self._local.of(asin):
                raise
            await self._books.add_found(asin)
            book = await self._books.load(asin)
        files = await self._local.of(asin)
        noted = await self._quarantine.load([file.path for file in files])
        spoilt = await self._spoilt(noted)
        return await self._corrected(book, self._local.named(files), spoilt)

    async def _spoilt(self, noted: Mapping[FileStamp, MediaError]) -> Spoilt:
        """Return the files that are of no use, by path below the folder."""
        if not noted:
            return {}
        folder = self._local.library_dir
        stamps = await asyncio.to_thread(still_there, noted)
        places = ((Path(stamp.path), noted[stamp]) for stamp in stamps)
        return {
            path.relative_to(folder).as_posix(): error
            for path, error in places
            if path.is_relative_to(folder)
        }

    async def _corrected(
        self, book: Book, files: Sequence[NamedFile], spoilt: Spoilt
    ) -> Book:
        changes = corrections(book, files, spoilt)
        if changes:
            await self._books.update(book.asin, **changes)
            book = replace(book, **changes)
        if "duration_ms" in changes:
            self._unprobed.discard(book.asin)
        is_unknown = book.duration_ms is None and book.asin not in self._unprobed
        if book.is_downloaded and is_unknown:
            # Once: each listing comes by here.
            self._unprobed.add(book.asin)
            await self._ask_for_probe(book.asin)
        return book

    async def probe(self, asin: Asin) -> None:
        """Find out a title's length and codec.

        A file that ffprobe does not understand is of no use, which is noted. Raises
        UnknownBookError.
        """
        book = await self._books.load(asin)
        name = book.local_path_converted or book.local_path_aax
        if name is None:
            return
        path = self._local.library_dir / name
        try:
            stamp = await asyncio.to_thread(FileStamp.of, path)
            info = await self._prober.info(path)
        except UnsupportedMediaError as err:
            _LOGGER.warning("The length of %s is unknown: %s", book.asin, err.key)
            # What was replaced meanwhile is another file.
            if await asyncio.to_thread(still_there, [stamp]):
                await self._quarantine.add(stamp, err)
        except TrackerError as err:
            _LOGGER.warning("The length of %s is unknown: %s", book.asin, err.key)
        else:
            await self._books.update(
                book.asin, duration_ms=info.duration_ms, codec=info.codec
            )
            await self._local.note_probed(name, info.duration_ms)


def corrections(
    book: Book, files: Sequence[NamedFile], spoilt: Spoilt
) -> dict[str, Any]:
    """Return the columns of a title that differ from what the folder holds.

    The files come with the easiest to serve first. Those that are of no use count as
    missing, but say why.
    """
    good = [file for file in files if file.path not in spoilt]
    plain = _first(file for file in good if not file.kind.is_encrypted)
    locked = _first(file for file in good if _opens(book, file.kind))
    wanted: dict[str, Any] = {
        "local_path_converted": plain,
        "local_path_aax": locked,
        "state": _state(book, plain=plain, locked=locked),
    }
    is_other_file = (plain or locked) != (
        book.local_path_converted or book.local_path_aax
    )
    if is_other_file:
        wanted["duration_ms"] = None
    error = next((spoilt[file.path] for file in files if file.path in spoilt), None)
    if wanted["state"] is BookState.NEW and error is not None:
        wanted |= {
            "state": BookState.FAILED,
            "error": error.key,
            "error_text": str(error),
        }
    elif wanted["state"] not in (BookState.FAILED, BookState.QUEUED):
        # What waits says what it waits for.
        wanted |= {"error": None, "error_text": None}
    if wanted["state"] is BookState.NEW:
        wanted |= {"size_bytes": None, "downloaded_bytes": None}
    return {
        name: value for name, value in wanted.items() if getattr(book, name) != value
    }


def _opens(book: Book, kind: FileKind) -> bool:
    if kind is FileKind.AAX:
        # The account's own key opens all its AAX files.
        return book.has_voucher or book.account_id is not None
    return kind is FileKind.AAXC and book.has_voucher


def _first(files: Iterable[NamedFile]) -> str | None:
    return next((file.path for file in files), None)


def _state(book: Book, *, plain: str | None, locked: str | None) -> BookState:
    if book.is_under_way:
        return book.state
    if book.state is BookState.CONVERTING and locked:
        return BookState.CONVERTING
    if plain:
        return BookState.COMPLETED
    if locked:
        return BookState.DOWNLOADED
    if book.state is BookState.FAILED:
        return BookState.FAILED
    return BookState.NEW
