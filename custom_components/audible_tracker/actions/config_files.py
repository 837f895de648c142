"""Files that actions read and write: inside the configuration folder, and no others.

Everything here blocks and belongs off the event loop.
"""

from pathlib import Path
from typing import IO, Final

from ..const import DOMAIN
from ..core.errors import ImportFileTooLargeError, InvalidValueError

CONF_PATH: Final = "path"
EXPORT_FOLDER: Final = Path(DOMAIN, "exports")

IMPORT_SUFFIXES: Final = (".csv", ".tsv", ".txt", ".json")
IMPORT_BYTES_MAX: Final = 100 * 1024 * 1024


def read_import_file(folder: Path, text: str) -> bytes:
    """Return what a file to import holds; raise InvalidValueError for any other file.

    A relative path begins at the configuration folder. Links are followed first, so
    that none leads out of it. What is hidden there holds secrets.
    """
    path = _import_path(folder, text)
    try:
        if path.stat().st_size <= IMPORT_BYTES_MAX:
            return path.read_bytes()
    except OSError:
        allowed = "a file that Home Assistant may read"
        raise _wrong(text, allowed) from None
    raise ImportFileTooLargeError(limit_mib=IMPORT_BYTES_MAX // 1024**2)


def file_size(folder: Path, text: str) -> int:
    """Return how many bytes a file to import has; raise InvalidValueError as above."""
    return _import_path(folder, text).stat().st_size


def open_export_file(folder: Path, name: str) -> tuple[Path, IO[str]]:
    """Return a new file in the folder for exports, and its path from `folder` on.

    It has another name until `finish_export_file`.
    """
    path = _inside(folder, str(EXPORT_FOLDER / name))
    path.parent.mkdir(parents=True, exist_ok=True)
    number = 1
    whole = path
    while whole.exists():
        number += 1
        whole = path.with_stem(f"{path.stem}-{number}")
    # The writers of CSV end their lines themselves.
    file = _part(whole).open("w", encoding="utf-8", newline="")
    return whole, file


def finish_export_file(path: Path, file: IO[str]) -> int:
    """Give a whole file its name; return how many bytes it has."""
    file.close()
    _part(path).replace(path)
    return path.stat().st_size


def drop_export_file(path: Path, file: IO[str]) -> None:
    """Remove a file that did not become whole."""
    try:
        # What is still to be written may find no room either.
        file.close()
    finally:
        _part(path).unlink(missing_ok=True)


def shown_path(folder: Path, path: Path) -> str:
    """Return a path as `import_books` takes it."""
    return path.relative_to(folder.resolve()).as_posix()


def _import_path(folder: Path, text: str) -> Path:
    path = _inside(folder, text)
    if path.suffix.lower() not in IMPORT_SUFFIXES:
        raise _wrong(text, "a file that ends in " + ", ".join(IMPORT_SUFFIXES))
    if not path.is_file():
        raise _wrong(text, "a file that is there, in the configuration folder")
    return path


def _inside(folder: Path, text: str) -> Path:
    root = folder.resolve()
    try:
        path = (root / text).resolve()
    except OSError, ValueError, RuntimeError:
        # Too long, no text for a file system, or links that lead in a circle.
        raise _wrong(text, "the path of a file") from None
    if not path.is_relative_to(root):
        raise _wrong(text, "a file inside the configuration folder")
    if any(part.startswith(".") for part in path.relative_to(root).parts):
        raise _wrong(text, "a file that is not hidden")
    return path


def _part(path: Path) -> Path:
    return path.with_name(f"{path.name}.part")


def _wrong(text: str, allowed: str) -> InvalidValueError:
    return InvalidValueError(field=CONF_PATH, value=text, allowed=allowed)
