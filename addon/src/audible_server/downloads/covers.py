"""Cover images: fetched from the shop once, then served from disk."""

import asyncio
from collections import defaultdict
from pathlib import Path
from typing import Final

from audible_core.errors import CoverError, DownloadError
from audible_core.models import Asin

from audible_server.downloads.cdn import Cdn
from audible_server.store.books import Book

_MOST_BYTES: Final = 8 * 1024 * 1024
_SIGNS: Final = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"GIF8": "image/gif",
}


class Covers:
    """A folder of images, each named by its ASIN."""

    def __init__(self, cdn: Cdn, folder: Path) -> None:
        """Keep images in a folder, which is made when the first one comes."""
        self._cdn = cdn
        self._folder = folder
        self._locks: defaultdict[Asin, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def load(self, book: Book) -> tuple[bytes, str]:
        """Return the image and its type; raise CoverError if there is none."""
        path = self._folder / book.asin
        async with self._locks[book.asin]:
            try:
                image = await asyncio.to_thread(path.read_bytes)
            except FileNotFoundError:
                image = await self._fetch(book)
                await asyncio.to_thread(_write, path, image)
        return image, _type(image, book)

    async def _fetch(self, book: Book) -> bytes:
        if book.cover_url is None or not book.cover_url.startswith("https://"):
            raise CoverError(asin=book.asin)
        try:
            image = await self._cdn.fetch_small(book.cover_url, most_bytes=_MOST_BYTES)
        except DownloadError as err:
            raise CoverError(asin=book.asin) from err
        _type(image, book)
        return image


def _type(image: bytes, book: Book) -> str:
    """Return the type by the first bytes: a page may call itself an image."""
    for sign, content_type in _SIGNS.items():
        if image.startswith(sign):
            return content_type
    if image[:4] == b"RIFF" and image[8:12] == b"WEBP":
        return "image/webp"
    raise CoverError(asin=book.asin)


def _write(path: Path, image: bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    draft = path.with_suffix(".part")
    draft.write_bytes(image)
    draft.replace(path)
