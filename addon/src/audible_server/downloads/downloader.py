"""Downloads: one license, one part file, one rename; anything may end in between."""

import asyncio
import logging
import os
import shutil
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final

from audible_core.errors import (
    DecryptError,
    LicenseFormatError,
    MediaError,
    Mp4FormatError,
    SealError,
    StorageError,
    TrackerError,
    UnsupportedMediaError,
)
from audible_core.models import Asin
from audible_core.wire import BookState

from audible_server.downloads.cdn import Cdn, CutError, RefusedError
from audible_server.library.background import Background
from audible_server.library.files import part_path, size_of
from audible_server.library.patience import RETRY_WAITS_S, patiently
from audible_server.library.shelf import Shelf
from audible_server.library.shop import Shop
from audible_server.media.keys import ActivationBytes, BookKey
from audible_server.media.probe import probe_file
from audible_server.media.virtual import VirtualM4b
from audible_server.store.books import Book, BookStore, is_unusable
from audible_server.store.clock import now_ms
from audible_server.store.grants import FileKind, Grant

_LOGGER = logging.getLogger(__name__)
_AT_ONCE: Final = 2
_PROGRESS_EVERY_S: Final = 1.0
_SPARE_BYTES: Final = 64 * 1024 * 1024


class Downloader:
    """Brings titles into the library folder, two at a time.

    A license is asked for once and kept; a part file is kept whatever happens. Work
    that a stop interrupts goes on at the next start.
    """

    def __init__(
        self,
        *,
        books: BookStore,
        shelf: Shelf,
        shop: Shop,
        cdn: Cdn,
        library_dir: Path,
        background: Background,
        retry_waits_s: Sequence[float] = RETRY_WAITS_S,
    ) -> None:
        """Write to an existing folder; the background owns the work.

        ``retry_waits_s`` are the pauses between tries that brought nothing.
        """
        self._books = books
        self._shelf = shelf
        self._shop = shop
        self._cdn = cdn
        self._library_dir = library_dir
        self._background = background
        self._retry_waits_s = tuple(retry_waits_s)
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._starting = asyncio.Lock()

    async def start(self, asin: Asin) -> Book:
        """Begin a download, or go on with one; return the title at once.

        What is on disk or under way is left alone. Raises UnknownBookError.
        """
        async with self._starting:
            book = await self._shelf.load(asin)
            if self._background.is_running(_name(asin)) or book.is_playable:
                return book
            await self._clear_for_retry(book)
            await self._books.update(
                asin, state=BookState.QUEUED, error=None, error_text=None
            )
            self._background.start(_name(asin), self._run(asin))
        return await self._books.load(asin)

    async def resume(self) -> None:
        """Go on with what the last stop interrupted."""
        await self._books.requeue()
        for asin in await self._books.load_unfinished():
            self._background.start(_name(asin), self._run(asin))

    async def _clear_for_retry(self, book: Book) -> None:
        """Drop what made the last try fail although all bytes had come."""
        try:
            grant = await self._books.load_grant(book.asin)
        except SealError:
            # Its key file was lost; only a new license helps.
            await self._books.update(book.asin, voucher=None)
            return
        if grant is None:
            return
        if book.error == DecryptError.key:
            # A new license may bring the right key; the bytes may be good.
            await self._books.update(book.asin, voucher=None)
        elif book.error == Mp4FormatError.key:
            part = part_path(self._library_dir, book.asin, grant.kind)
            await asyncio.to_thread(part.unlink, missing_ok=True)

    async def download(self, asin: Asin) -> None:
        """Bring one title into the folder, from wherever the last try ended.

        What ended it is noted with the title and raised, as a TrackerError. When it is
        cancelled, what came is kept, and the title stays under way for the next call.
        """
        try:
            await self._download(await self._books.load(asin))
        except TrackerError as err:
            await self._books.fail(asin, err)
            raise
        except OSError as err:
            error = StorageError(reason=err.strerror or type(err).__name__)
            await self._books.fail(asin, error)
            raise error from err
        except Exception:
            # The state must not stay "downloading"; the log gets the rest.
            await self._books.fail(asin, TrackerError())
            raise

    async def _run(self, asin: Asin) -> None:
        try:
            async with self._slots:
                await self.download(asin)
        except TrackerError as err:
            _LOGGER.warning("The download of %s failed: %s", asin, err.key)

    async def _download(self, book: Book) -> None:
        asin = book.asin
        await self._books.update(asin, state=BookState.DOWNLOADING)
        grant = await self._grant(book)
        await self._books.update(asin, size_bytes=grant.size_bytes)
        part = part_path(self._library_dir, asin, grant.kind)
        whole = part.with_suffix("")
        # A stop may have come between the rename and the note of it.
        size_bytes = await _proven_size(whole, grant)
        if not size_bytes:
            await asyncio.to_thread(_check_space, part, grant.size_bytes)
            grant, size_bytes = await self._fetch(book, grant, part)
            await _prove(part, grant)
            await asyncio.to_thread(_keep, part, whole)
        await self._books.update(
            asin,
            state=BookState.DOWNLOADED,
            size_bytes=size_bytes,
            downloaded_bytes=size_bytes,
        )
        _LOGGER.info("%s is downloaded", asin)
        await self._shelf.load(asin)

    async def _grant(self, book: Book) -> Grant:
        """Return the grant that is kept, else a new one, kept before it is used."""
        kept = await self._books.load_grant(book.asin)
        return kept if kept is not None else await self._new_grant(book)

    async def _new_grant(self, book: Book) -> Grant:
        try:
            license_ = await self._patiently(self._shop.request_license, book)
        except LicenseFormatError:
            grant = await self._aax_grant(book)
            await self._books.save_grant(book.asin, grant, is_license=False)
        else:
            grant = Grant.of_license(license_, now_ms=now_ms())
            await self._books.save_grant(book.asin, grant, is_license=True)
        return grant

    async def _aax_grant(self, book: Book) -> Grant:
        """Return the grant for the older form, which the account's own key opens."""
        url = await self._patiently(self._shop.fetch_aax_url, book)
        key = await self._patiently(self._shop.activation_bytes, book)
        return Grant(
            kind=FileKind.AAX,
            url=url,
            key=ActivationBytes(key),
            size_bytes=None,
            codec=None,
            requested_at=now_ms(),
        )

    async def _patiently[T](self, ask: Callable[[Book], Awaitable[T]], book: Book) -> T:
        return await patiently(lambda: ask(book), self._retry_waits_s)

    async def _fetch(self, book: Book, grant: Grant, part: Path) -> tuple[Grant, int]:
        """Fetch the file; return the grant it was fetched with, and its size."""
        is_renewed = False
        waits = list(self._retry_waits_s)
        while True:
            before = await asyncio.to_thread(size_of, part)
            try:
                return grant, await self._cdn.fetch_part(
                    grant.url,
                    part,
                    size_bytes=grant.size_bytes,
                    progress=_Throttled(self._books, book.asin),
                )
            except RefusedError:
                if is_renewed or not grant.is_address_expired(now_ms()):
                    raise
                is_renewed = True
                grant = await self._renewed(book, grant, part)
            except CutError as err:
                after = await asyncio.to_thread(size_of, part)
                await self._books.update(book.asin, downloaded_bytes=after)
                if after > before:
                    waits = list(self._retry_waits_s)
                    is_renewed = False
                if not waits:
                    raise
                wait_s = waits.pop(0)
                _LOGGER.info("%s was cut (%s), again in %g s", book.asin, err, wait_s)
                await asyncio.sleep(wait_s)

    async def _renewed(self, book: Book, grant: Grant, part: Path) -> Grant:
        """Return a new grant; bytes of another file or key are not gone on with."""
        _LOGGER.info("The address of %s is too old, a new license is needed", book.asin)
        if grant.kind is FileKind.AAX:
            fresh = await self._aax_grant(book)
            await self._books.save_grant(book.asin, fresh, is_license=False)
        else:
            fresh = await self._new_grant(book)
        if not fresh.is_same_file(grant):
            await asyncio.to_thread(part.unlink, missing_ok=True)
        return fresh


class _Throttled:
    """Writes progress to the database, at most once a second."""

    def __init__(self, books: BookStore, asin: Asin) -> None:
        self._books = books
        self._asin = asin
        self._next_at = 0.0

    async def __call__(self, have: int) -> None:
        now = time.monotonic()
        if now >= self._next_at:
            self._next_at = now + _PROGRESS_EVERY_S
            await self._books.update(self._asin, downloaded_bytes=have)


def _name(asin: Asin) -> str:
    return f"download {asin}"


def _check_space(part: Path, size_bytes: int | None) -> None:
    free = shutil.disk_usage(part.parent).free
    needed = (size_bytes or 0) - size_of(part) + _SPARE_BYTES
    if free < needed:
        reason = f"{needed // 2**20} MiB are needed, {free // 2**20} MiB are free"
        raise StorageError(reason=reason)


async def _prove(part: Path, grant: Grant) -> None:
    """Raise unless the whole file opens; noise is never taken for a book."""
    if grant.kind.is_encrypted:
        await asyncio.to_thread(_read_all, part, grant.key)
        return
    info = await probe_file(part)
    if not info.duration_ms:
        raise UnsupportedMediaError(reason="there is no sound in it")


def _read_all(path: Path, key: BookKey | None) -> None:
    VirtualM4b.open(path, key).prove()


async def _proven_size(whole: Path, grant: Grant) -> int:
    """Return the size of a file that is whole and good, else 0 and put it aside."""
    size_bytes = await asyncio.to_thread(size_of, whole)
    if not size_bytes:
        return 0
    try:
        await _prove(whole, grant)
    except MediaError as err:
        if not is_unusable(err.key):
            raise
        _LOGGER.warning("%s is put aside: %s", whole.name, err.key)
        # Not deleted: it may be somebody's own.
        await asyncio.to_thread(whole.replace, whole.with_name(f"{whole.name}.bad"))
        return 0
    return size_bytes


def _keep(part: Path, whole: Path) -> None:
    """Give the file its name once its bytes are sure to be on disk."""
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.rename(whole)
    folder = os.open(whole.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
