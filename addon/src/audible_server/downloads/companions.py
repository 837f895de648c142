"""Companion PDFs: fetched once, kept beside the audio."""

import asyncio
import logging
import os
from pathlib import Path
from typing import Final

from audible_core.errors import (
    DownloadError,
    NoAccountError,
    PdfError,
    StorageError,
    TrackerError,
)
from audible_core.unbroken import unbroken

from audible_server.downloads.cdn import Cdn
from audible_server.library.files import move_new
from audible_server.library.shop import Shop
from audible_server.store.books import Book
from audible_server.store.made_files import MadeFileStore

_LOGGER = logging.getLogger(__name__)
_MOST_BYTES: Final = 64 * 1024 * 1024
_SIGN: Final = b"%PDF-"


class Companions:
    """The PDFs in the library folder, each named by its ASIN."""

    def __init__(
        self, cdn: Cdn, shop: Shop, made: MadeFileStore, library_dir: Path
    ) -> None:
        """Keep them in an existing folder; they are deleted with their titles."""
        self._cdn = cdn
        self._shop = shop
        self._made = made
        self._library_dir = library_dir
        self._turn = asyncio.Lock()

    async def bring(self, book: Book) -> None:
        """Fetch what belongs to a download; what keeps it from coming is no failure."""
        if not book.details.has_pdf:
            return
        try:
            await self.load(book)
        except TrackerError as err:
            _LOGGER.warning("The PDF of %s is not here: %s", book.asin, err.key)

    async def load(self, book: Book) -> Path:
        """Return the path of a title's PDF, fetched if it is not here yet.

        Raises PdfError where there is none, AudibleError, StorageError.
        """
        path = self._library_dir / f"{book.asin}.pdf"
        async with self._turn:
            if not await asyncio.to_thread(path.is_file):
                await unbroken(self._keep(book, path, await self._fetch(book)))
        return path

    async def _fetch(self, book: Book) -> bytes:
        if not book.details.has_pdf:
            raise PdfError(asin=book.asin)
        try:
            url = await self._shop.fetch_pdf_url(book)
            if url is None:
                raise PdfError(asin=book.asin)
            body = await self._cdn.fetch_small(url, most_bytes=_MOST_BYTES)
        except (DownloadError, NoAccountError) as err:
            raise PdfError(asin=book.asin) from err
        # A page may call itself anything.
        if not body.startswith(_SIGN):
            raise PdfError(asin=book.asin)
        return body

    async def _keep(self, book: Book, path: Path, body: bytes) -> None:
        """Put a PDF in its place, unless somebody's own has come there."""
        draft = path.with_suffix(".pdf.part")
        try:
            written = await asyncio.to_thread(_written, draft, body)
            await self._made.note(path.name, book.asin, written)
            await asyncio.to_thread(move_new, draft, path)
        except FileExistsError:
            await self._made.forget_file(path.name)
        except OSError as err:
            raise StorageError.of(err) from err
        finally:
            await asyncio.to_thread(draft.unlink, missing_ok=True)


def _written(draft: Path, body: bytes) -> os.stat_result:
    draft.write_bytes(body)
    return draft.stat()
