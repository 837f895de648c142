"""What a title is converted from: the shop's own file before any other."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

from audible_core.errors import MediaError, NotDownloadedError

from audible_server.library.files import LocalFile
from audible_server.library.keys import Keys
from audible_server.library.local import LocalFiles
from audible_server.media.virtual import VirtualM4b
from audible_server.store.books import Book
from audible_server.store.files import FileStore, RecognizedBy
from audible_server.store.grants import FileKind


@dataclass(frozen=True, slots=True)
class Source:
    """One file of a title; ``book`` are its samples, None where they are no AAC."""

    file: LocalFile
    book: VirtualM4b | None

    @property
    def path(self) -> Path:
        """Return where it lies."""
        return self.file.path


class ConversionSources:
    """Opens the files that titles are converted from."""

    def __init__(self, *, local: LocalFiles, files: FileStore, keys: Keys) -> None:
        """Look where the local files lie."""
        self._local = local
        self._files = files
        self._keys = keys

    async def open(self, book: Book) -> Source:
        """Return the title's best source, but none that a conversion made.

        Raises NotDownloadedError where there is none, or why the best cannot be opened.
        """
        files = await self._local.of(book.asin)
        named = self._local.named(files)
        failure: MediaError | None = None
        pairs = zip(files, named, strict=True)
        for file, name in sorted(pairs, key=lambda pair: not pair[0].kind.is_encrypted):
            if await self._is_made(name.path):
                continue
            try:
                return await self._opened(book, file)
            except MediaError as err:
                # Another file of the title may be good.
                failure = failure or err
        raise failure or NotDownloadedError(asin=book.asin)

    async def _opened(self, book: Book, file: LocalFile) -> Source:
        if file.kind in (FileKind.MP3, FileKind.OPUS):
            return Source(file, None)
        found = await self._keys.of(book, file.kind)
        opened = await asyncio.to_thread(VirtualM4b.open, file.path, found.key)
        return Source(file, opened)

    async def _is_made(self, path: str) -> bool:
        found = await self._files.load(path)
        return found is not None and found.recognized_by is RecognizedBy.SERVER
