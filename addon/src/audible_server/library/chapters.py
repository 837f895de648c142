"""The chapters of a title: Audible's own names, else what the file says."""

import asyncio
import logging
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from audible_core.errors import AudibleError, MediaError, NoAccountError, SealError
from audible_core.models import Chapter, ContentMetadata

from audible_server.library.shop import Shop
from audible_server.media.probe import Prober
from audible_server.store.books import Book
from audible_server.store.chapters import ChapterStore

_LOGGER = logging.getLogger(__name__)
PATIENCE_S: Final = 15.0
"""Who waits longer for Audible's turn goes on with what is known."""

SHOP_SILENT: Final = (AudibleError, NoAccountError, SealError, TimeoutError)
"""Why Audible tells nothing now; what can do without goes on without."""


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
        name = book.local_path_converted or book.local_path_aax
        path = None if name is None else self._library_dir / name
        return await self.choose(await self.told(book), path)

    async def told(self, book: Book) -> ContentMetadata | None:
        """Return what Audible said of the recording; None if it cannot be asked now."""
        kept = await self._store.load(book.asin)
        if kept is not None:
            return kept
        try:
            async with asyncio.timeout(PATIENCE_S):
                said = await self._shop.fetch_metadata(book)
        except SHOP_SILENT as err:
            reason = getattr(err, "key", "time-out")
            _LOGGER.info("No chapters of %s from Audible: %s", book.asin, reason)
            return None
        await self._store.save(said)
        return said

    async def choose(
        self, told: ContentMetadata | None, path: Path | None
    ) -> ChapterList:
        """Return Audible's chapters, or a file's own where those are not accurate."""
        audible = ChapterList(ChapterSource.NONE, is_accurate=False, chapters=())
        if told is not None and told.chapters:
            audible = ChapterList(
                ChapterSource.AUDIBLE,
                told.is_accurate,
                told.chapters,
                told.brand_intro_ms,
                told.brand_outro_ms,
            )
        if audible.is_accurate or path is None:
            return audible
        own = await self._of_file(path)
        if own:
            return ChapterList(ChapterSource.FILE, is_accurate=True, chapters=own)
        return audible

    async def _of_file(self, path: Path) -> tuple[Chapter, ...]:
        try:
            info = await self._prober.info(path)
        except MediaError as err:
            _LOGGER.info("No chapters in %s: %s", path.name, err.key)
            return ()
        return tuple(
            Chapter(each.title, each.start_ms, each.length_ms) for each in info.chapters
        )
