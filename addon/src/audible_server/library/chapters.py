"""The chapters of a title: Audible's own names, else what the file says."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from audible_core.errors import AudibleError, MediaError, NoAccountError, SealError
from audible_core.models import Chapter

from audible_server.library.shop import Shop
from audible_server.media.probe import Prober
from audible_server.store.books import Book
from audible_server.store.chapters import ChapterStore

_LOGGER = logging.getLogger(__name__)
_PATIENCE_S: Final = 15.0
"""Who waits longer for Audible's turn is shown the file's own chapters."""


class ChapterSource(StrEnum):
    """Where chapters come from."""

    AUDIBLE = "audible"
    FILE = "file"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class ChapterList:
    """A title's chapters, flat and in order; offsets are of the whole file."""

    source: ChapterSource
    is_accurate: bool
    chapters: tuple[Chapter, ...]
    brand_intro_ms: int = 0
    brand_outro_ms: int = 0


class Chapters:
    """Asks Audible once per title, at no cost of a license."""

    def __init__(
        self, store: ChapterStore, shop: Shop, prober: Prober, library_dir: Path
    ) -> None:
        """Keep what came in the store."""
        self._store = store
        self._shop = shop
        self._prober = prober
        self._library_dir = library_dir

    async def load(self, book: Book) -> ChapterList:
        """Return the chapters, as good as they can be had now; maybe none."""
        kept = await self._store.load(book.asin)
        if kept is None:
            try:
                async with asyncio.timeout(_PATIENCE_S):
                    kept = await self._shop.fetch_metadata(book)
                await self._store.save(kept)
            except (AudibleError, NoAccountError, SealError, TimeoutError) as err:
                reason = getattr(err, "key", "time-out")
                _LOGGER.info("No chapters of %s from Audible: %s", book.asin, reason)
        if kept is None or not kept.chapters:
            return await self._of_file(book)
        return ChapterList(
            ChapterSource.AUDIBLE,
            kept.is_accurate,
            kept.chapters,
            kept.brand_intro_ms,
            kept.brand_outro_ms,
        )

    async def _of_file(self, book: Book) -> ChapterList:
        chapters: Sequence[Chapter] = ()
        name = book.local_path_converted or book.local_path_aax
        if name is not None:
            try:
                info = await self._prober.info(self._library_dir / name)
            except MediaError as err:
                _LOGGER.info("No chapters of %s in its file: %s", book.asin, err.key)
            else:
                chapters = [
                    Chapter(each.title, each.start_ms, each.length_ms)
                    for each in info.chapters
                ]
        source = ChapterSource.FILE if chapters else ChapterSource.NONE
        return ChapterList(source, bool(chapters), tuple(chapters))
