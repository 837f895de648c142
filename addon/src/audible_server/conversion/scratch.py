"""Hidden folders in the library folder, where files are made until they are proven.

A folder is locked as long as its maker lives, by whatever process on whatever machine
shares the disk; what a killed one left is swept away. The lock is a file beside it that
is open for writing: a lock on anything else, NFS keeps to the machine itself.
"""

import asyncio
import fcntl
import os
import secrets
import shutil
from collections.abc import AsyncGenerator, Generator
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Final

from audible_core.errors import StorageError
from audible_core.models import Asin
from audible_core.unbroken import unbroken

from audible_server.library.files import move_new

_PREFIX: Final = ".converting-"
_LOCK_SUFFIX: Final = ".lock"
_NAMES_MAX: Final = 100


@asynccontextmanager
async def scratch_folder(library_dir: Path, asin: Asin) -> AsyncGenerator[Path]:
    """Make a folder of one's own, and remove it at the end; raise StorageError."""
    held = ExitStack()
    folder = _locked_folder(library_dir, asin)
    try:
        # Who is cancelled meanwhile waits until there is something to remove.
        yield await unbroken(asyncio.to_thread(held.enter_context, folder))
    finally:
        await asyncio.to_thread(held.close)


@contextmanager
def _locked_folder(library_dir: Path, asin: Asin) -> Generator[Path]:
    folder = library_dir / f"{_PREFIX}{asin}-{secrets.token_hex(4)}"
    with ExitStack() as held:
        try:
            held.enter_context(_locked(_lock_of(folder)))
            folder.mkdir()
        except OSError as err:
            raise StorageError.of(err) from err
        held.callback(shutil.rmtree, folder, ignore_errors=True)
        yield folder


@contextmanager
def _locked(path: Path) -> Generator[None]:
    """Hold a lock, made before what it guards and removed after it; raise OSError."""
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(lock)


def sweep(library_dir: Path) -> frozenset[Asin]:
    """Remove what nobody works in any more; return the titles under work. Blocks."""
    busy: set[Asin] = set()
    for folder in library_dir.glob(f"{_PREFIX}*"):
        if not folder.is_dir() or folder.is_symlink():
            continue
        if _is_locked(folder):
            busy.add(Asin(folder.name.removeprefix(_PREFIX).partition("-")[0]))
        else:
            shutil.rmtree(folder, ignore_errors=True)
            _lock_of(folder).unlink(missing_ok=True)
    return frozenset(busy)


def put(made: Path, library_dir: Path, name: str, *, asin: Asin) -> Path:
    """Move a file or folder to its place, never over another one. Blocks.

    The name is below the library folder, with its end. What is taken already gets the
    ASIN, then a number. Raises StorageError.
    """
    try:
        _flush(made)
        wanted = library_dir / name
        wanted.parent.mkdir(parents=True, exist_ok=True)
        for place in _places(wanted, asin, is_folder=made.is_dir()):
            with suppress(FileExistsError):
                _move(made, place)
                return place
    except OSError as err:
        raise StorageError.of(err) from err
    raise StorageError(reason="too many files of that name")


def _move(made: Path, place: Path) -> None:
    if not made.is_dir():
        move_new(made, place)
        return
    # An empty one is nobody's by then: a folder takes no other folder's place.
    place.mkdir()
    made.rename(place)


def _places(wanted: Path, asin: Asin, *, is_folder: bool) -> Generator[Path]:
    stem, suffix = (wanted.name, "") if is_folder else (wanted.stem, wanted.suffix)
    yield wanted
    if asin not in stem:
        stem = f"{stem} [{asin}]"
        yield wanted.with_name(f"{stem}{suffix}")
    for number in range(2, _NAMES_MAX):
        yield wanted.with_name(f"{stem} ({number}){suffix}")


def _flush(made: Path) -> None:
    """Have the bytes on the disk before a name says that they are."""
    files = sorted(made.iterdir()) if made.is_dir() else [made]
    for path in files:
        with path.open("rb") as file:
            os.fsync(file.fileno())


def _lock_of(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}{_LOCK_SUFFIX}")


def _is_locked(folder: Path) -> bool:
    """Tell whether somebody works in a folder, or that cannot be told."""
    try:
        lock = os.open(_lock_of(folder), os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(lock)
    return False
