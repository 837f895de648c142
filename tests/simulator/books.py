"""The audio files of the titles: made when first needed, kept in one folder."""

import asyncio
import json
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Final

from .covers import cover_image
from .titles import Form, Title, flat_chapters

# Part of every recipe: to be raised when the way books are made changes.
RECIPE_VERSION: Final = 1
_ESTIMATED_BYTES_PER_S: Final = 4_102

type _Make = Callable[[Path], None]


class Books:
    """Finds the file of a title, making it under a lock of its own if it is missing.

    Files are named by their recipe and moved into place whole, so several simulators
    may share the folder.
    """

    def __init__(self, folder: Path) -> None:
        """Keep the files in the folder."""
        self._folder = folder
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def content(self, title: Title) -> Path:
        """Return the file a license leads to: AAXC, or MP3 for an episode."""
        if title.form is Form.MPEG:
            return await self._file(title, ".mp3", lambda path: _make_mp3(title, path))
        plain = await self.plain(title)
        return await self._file(
            title, ".aaxc", lambda path: _make_aaxc(title, plain, path)
        )

    async def aax(self, title: Title, activation_bytes: bytes) -> Path:
        """Return the AAX file for the customer with these activation bytes."""
        plain = await self.plain(title)
        return await self._file(
            title,
            f"-{activation_bytes.hex()}.aax",
            lambda path: _make_aax(plain, path, activation_bytes),
        )

    async def plain(self, title: Title) -> Path:
        """Return the file before encryption, to compare a decrypted one with."""
        return await self._file(title, ".m4b", lambda path: _make_plain(title, path))

    def size_bytes(self, title: Title) -> int:
        """Return the size of the licensed file; an estimate while there is none."""
        suffix = ".mp3" if title.form is Form.MPEG else ".aaxc"
        path = self._path(title, suffix)
        if path.exists():
            return path.stat().st_size
        return (title.runtime_ms or 0) // 1000 * _ESTIMATED_BYTES_PER_S

    async def _file(self, title: Title, suffix: str, make: _Make) -> Path:
        path = self._path(title, suffix)
        async with self._locks[path.name]:
            if not await asyncio.to_thread(path.exists):
                await asyncio.to_thread(_make_whole, path, make)
        return path

    def _path(self, title: Title, suffix: str) -> Path:
        chapters = [
            (chapter.title, chapter.start_ms, chapter.length_ms)
            for chapter in flat_chapters(title.chapters)
        ]
        recipe = json.dumps(
            [RECIPE_VERSION, title.title, title.authors, title.runtime_ms, chapters]
        )
        digest = sha256(recipe.encode()).hexdigest()[:16]
        return self._folder / f"{title.asin}-{digest}{suffix}"


def _make_whole(path: Path, make: _Make) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=".making-", dir=path.parent))
    try:
        make(folder / path.name)
        (folder / path.name).replace(path)
    finally:
        shutil.rmtree(folder)


def _make_plain(title: Title, path: Path) -> None:
    from .audio import ChapterMark, synthesize_book

    synthesize_book(
        path,
        runtime_ms=title.runtime_ms or 0,
        chapters=[
            ChapterMark(chapter.title, chapter.start_ms, chapter.length_ms)
            for chapter in flat_chapters(title.chapters)
        ],
        title=title.title or title.asin,
        author=", ".join(title.authors or ("Unknown",)),
        cover_png=cover_image(title, 500, "PNG"),
    )


def _make_mp3(title: Title, path: Path) -> None:
    from .audio import synthesize_mp3

    runtime_ms = title.runtime_ms or 0
    synthesize_mp3(path, runtime_ms=runtime_ms, title=title.title or title.asin)


def _make_aaxc(title: Title, plain: Path, path: Path) -> None:
    from .audio import encrypt_aaxc

    encrypt_aaxc(plain, path, key=title.content_key, iv=title.content_iv)


def _make_aax(plain: Path, path: Path, activation_bytes: bytes) -> None:
    from .audio import encrypt_aax

    encrypt_aax(plain, path, activation_bytes=activation_bytes)
