"""Where a title's files lie: by their own name, or where a scan found them."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from audible_core.audible.parse import is_asin
from audible_core.models import Asin

from audible_server.library.files import LocalFile, look_at, scan, stays_in
from audible_server.store.files import FileStore
from audible_server.store.grants import FileKind


@dataclass(frozen=True, slots=True)
class NamedFile:
    """A file by its path below the library folder."""

    kind: FileKind
    path: str


class LocalFiles:
    """The library folder, with what the last scan knows of its depths."""

    def __init__(
        self, library_dir: Path, files: FileStore, *, follow_links: bool = False
    ) -> None:
        """Look into an existing folder, and out of it only where links may lead."""
        self.library_dir = library_dir
        self._files = files
        self._follow_links = follow_links

    async def of(self, asin: Asin) -> tuple[LocalFile, ...]:
        """Return the title's files as they are now, the easiest to serve first."""
        named = _ordered(asin, await self._files.paths_of(asin))
        return await asyncio.to_thread(self._look, named)

    async def all(self) -> Mapping[Asin, tuple[NamedFile, ...]]:
        """Return the files of all titles: the folder's own now, others as last found.

        Raises StorageError if the folder cannot be read.
        """
        found: defaultdict[Asin, list[str]] = defaultdict(list)
        for asin, paths in (await self._files.all_paths()).items():
            found[asin] += (path for path in paths if "/" in path or not _is_own(path))
        own = await asyncio.to_thread(
            scan, self.library_dir, follow_links=self._follow_links
        )
        for asin, kinds in own.items():
            found[asin] += (f"{asin}.{kind}" for kind in kinds)
        named = {asin: _ordered(asin, paths, own=()) for asin, paths in found.items()}
        return {asin: files for asin, files in named.items() if files}

    async def note_probed(self, path: str, probed_ms: int) -> None:
        """Keep the length that ffprobe found beside that of the header."""
        await self._files.note_probed(path, probed_ms)

    def named(self, files: Iterable[LocalFile]) -> tuple[NamedFile, ...]:
        """Return files by their paths below the folder."""
        return tuple(
            NamedFile(file.kind, file.path.relative_to(self.library_dir).as_posix())
            for file in files
        )

    def _look(self, named: Iterable[NamedFile]) -> tuple[LocalFile, ...]:
        seen = (look_at(self.library_dir / file.path, file.kind) for file in named)
        return tuple(file for file in seen if file is not None and self._may(file))

    def _may(self, file: LocalFile) -> bool:
        return self._follow_links or stays_in(self.library_dir, file.path)


_KINDS: Final = frozenset(FileKind)


def kind_of(path: str) -> FileKind | None:
    """Return what the end of a file's name says, if it is the name of audio."""
    suffix = path.rpartition(".")[2].lower()
    return FileKind(suffix) if suffix in _KINDS else None


def _is_own(path: str) -> bool:
    """Tell whether a file directly in the folder is named as the server names its."""
    name, _, suffix = path.rpartition(".")
    return suffix in _KINDS and is_asin(name)


def _ordered(
    asin: Asin, paths: Iterable[str], own: Iterable[FileKind] = tuple(FileKind)
) -> tuple[NamedFile, ...]:
    """Return each path once: by kind, then the server's own before others."""
    names = dict.fromkeys((*(f"{asin}.{kind}" for kind in own), *paths))
    files = [NamedFile(kind, path) for path in names if (kind := kind_of(path))]
    order = list(FileKind)
    return tuple(sorted(files, key=lambda file: order.index(file.kind)))
