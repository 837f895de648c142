"""Walking the library folder: which files are there, by stat alone. Blocks."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from audible_server.library.local import kind_of
from audible_server.scan.keys import KEY_SUFFIXES
from audible_server.scan.lists import LIST_NAME
from audible_server.store.grants import FileKind

_DEPTH_MAX: Final = 16
_FILES_MAX: Final = 200_000


@dataclass(frozen=True, slots=True)
class SeenFile:
    """One audio file; its path is below the library folder."""

    path: str
    kind: FileKind
    size_bytes: int
    mtime_ns: int


@dataclass(slots=True)
class Walk:
    """What one walk found.

    ``unread`` are the folders that could not be read: nothing is known of what is
    below them. ``folders`` has when each folder's entries changed last.
    """

    audio: list[SeenFile] = field(default_factory=list)
    key_files: list[str] = field(default_factory=list)
    lists: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    folders: dict[str, int] = field(default_factory=dict)

    def is_unknown(self, path: str) -> bool:
        """Tell whether nothing is known of a path."""
        return any(
            not folder or path.startswith(f"{folder}/") for folder in self.unread
        )


def walk(library_dir: Path, *, follow_links: bool) -> Walk:
    """Return what lies in the folder and below.

    Links are left alone, or followed where the owner allows it, each folder once.
    Hidden names and parts of downloads are left out.
    """
    found = Walk()
    seen_folders: set[tuple[int, int]] = set()
    waiting = [("", 0)]
    while waiting:
        folder, depth = waiting.pop()
        try:
            status = (library_dir / folder).stat()
            if (status.st_dev, status.st_ino) in seen_folders:
                continue
            seen_folders.add((status.st_dev, status.st_ino))
            inner = list(
                _entries(found, library_dir, folder, follow_links=follow_links)
            )
        except OSError:
            found.unread.append(folder)
            continue
        found.folders[folder] = status.st_mtime_ns
        if depth < _DEPTH_MAX:
            waiting += ((name, depth + 1) for name in inner)
    found.audio.sort(key=lambda file: file.path)
    return found


def changed_folders(library_dir: Path, folders: dict[str, int]) -> bool:
    """Tell whether entries came or went in any folder since a walk. Blocks."""
    for folder, mtime_ns in folders.items():
        try:
            if (library_dir / folder).stat().st_mtime_ns != mtime_ns:
                return True
        except OSError:
            return True
    return False


def _entries(
    found: Walk, library_dir: Path, folder: str, *, follow_links: bool
) -> Iterator[str]:
    """Note the files of one folder, and yield the folders in it."""
    with os.scandir(library_dir / folder) as entries:
        for entry in entries:
            if entry.name.startswith(".") or not _is_text(entry.name):
                continue
            if entry.is_symlink() and not follow_links:
                continue
            path = f"{folder}/{entry.name}" if folder else entry.name
            if entry.is_dir():
                yield path
            else:
                _note(found, path, entry)


def _note(found: Walk, path: str, entry: os.DirEntry[str]) -> None:
    kind = kind_of(path)
    if kind is not None:
        status = _status(entry)
        if status is not None and len(found.audio) < _FILES_MAX:
            found.audio.append(SeenFile(path, kind, status.st_size, status.st_mtime_ns))
    elif path.rpartition(".")[2].lower() in KEY_SUFFIXES:
        found.key_files.append(path)
    elif entry.name.lower() == LIST_NAME:
        found.lists.append(path)


def _status(entry: os.DirEntry[str]) -> os.stat_result | None:
    """Return what is known of a file; None if it is empty, gone, or no file."""
    try:
        status = entry.stat()
    except OSError:
        return None
    is_file = stat.S_ISREG(status.st_mode) and status.st_size > 0
    return status if is_file else None


def _is_text(name: str) -> bool:
    """Tell whether a name can be written to the database: not all bytes are text."""
    return name.isprintable()
