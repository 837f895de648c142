"""Which files of a title lie in the library folder; the name says what is in them."""

import logging
import os
import stat
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from audible_core.audible.parse import is_asin
from audible_core.errors import MediaFileMissingError, StorageError
from audible_core.models import Asin

from audible_server.media.probe import FileStamp
from audible_server.store.grants import FileKind
from audible_server.store.made_files import Made

_LOGGER = logging.getLogger(__name__)
_CLOCKS_APART_MS: Final = 10 * 60 * 1000
"""A share has the time of its own machine."""

_ROUNDED_NS: Final = 2 * 10**9
"""So coarse is the time of a file on some disks."""


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A whole file; size and time tell whether it is still the same one."""

    path: Path
    kind: FileKind
    size_bytes: int
    mtime_ns: int

    @property
    def stamp(self) -> FileStamp:
        """Return which version of which file it is."""
        return FileStamp(str(self.path), self.size_bytes, self.mtime_ns)


def look_at(path: Path, kind: FileKind) -> LocalFile | None:
    """Return a file as it is now, or None if it is gone or empty. Blocks."""
    try:
        status = path.stat()
    except OSError:
        return None
    if not status.st_size or not stat.S_ISREG(status.st_mode):
        return None
    return LocalFile(path, kind, status.st_size, status.st_mtime_ns)


def stays_in(folder: Path, path: Path) -> bool:
    """Tell whether a path lies in a folder also when links are followed. Blocks."""
    return path.resolve().is_relative_to(folder.resolve())


def scan(
    library_dir: Path, *, follow_links: bool
) -> Mapping[Asin, frozenset[FileKind]]:
    """Return which kinds of files the folder holds of each title. Blocks.

    Links out of the folder are left alone unless they may be followed. Raises
    StorageError if the folder cannot be read.
    """
    found: defaultdict[Asin, set[FileKind]] = defaultdict(set)
    try:
        with os.scandir(library_dir) as entries:
            for entry in entries:
                name, _, suffix = entry.name.rpartition(".")
                if not is_asin(name) or suffix not in list(FileKind):
                    continue
                if entry.is_symlink() and not (
                    follow_links or stays_in(library_dir, Path(entry.path))
                ):
                    continue
                if entry.is_file() and entry.stat().st_size:
                    found[Asin(name)].add(FileKind(suffix))
    except OSError as err:
        raise StorageError(reason=type(err).__name__) from err
    return {asin: frozenset(kinds) for asin, kinds in found.items()}


def still_there(stamps: Iterable[FileStamp]) -> frozenset[FileStamp]:
    """Return the versions of files that have not been replaced or removed. Blocks."""
    return frozenset(stamp for stamp in stamps if _is_there(stamp))


def _is_there(stamp: FileStamp) -> bool:
    try:
        return FileStamp.of(Path(stamp.path)) == stamp
    except MediaFileMissingError:
        return False


def part_path(library_dir: Path, asin: Asin, kind: FileKind) -> Path:
    """Return where a download is collected until it is whole."""
    return library_dir / f"{asin}.{kind}.part"


def is_made(path: Path, made: Made) -> bool:
    """Tell whether a file is the one that was made here. Blocks.

    What somebody else wrote since, or moved there, is their own. Raises OSError.
    """
    status = path.stat()
    if made.size_bytes is None or made.mtime_ns is None:
        last_ns = (made.made_at + _CLOCKS_APART_MS) * 1_000_000
        return status.st_mtime_ns <= last_ns
    is_as_old = abs(status.st_mtime_ns - made.mtime_ns) <= _ROUNDED_NS
    return status.st_size == made.size_bytes and is_as_old


def remove_made(path: Path, made: Made) -> bool:
    """Delete a file that was made here, and no other. Blocks.

    Return whether there is none any more. Raises OSError.
    """
    try:
        if not is_made(path, made):
            _LOGGER.info("%s is somebody else's, and stays", path.name)
            return False
    except FileNotFoundError:
        return True
    path.unlink(missing_ok=True)
    return True


def move_new(path: Path, place: Path) -> None:
    """Give a file its place, never over another one there. Blocks.

    Raises FileExistsError, or another OSError.
    """
    try:
        place.hardlink_to(path)
    except FileExistsError:
        raise
    except OSError:
        # A disk without links: the name is taken first, and by nobody else.
        place.touch(exist_ok=False)
        try:
            path.replace(place)
        except OSError:
            place.unlink(missing_ok=True)
            raise
    else:
        path.unlink()


def size_of(path: Path) -> int:
    """Return a file's size, 0 where there is none. Blocks."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
