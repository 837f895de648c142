"""The files of this repository as git sees them: committed, or new and not ignored."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
CORE: Final = ROOT / "custom_components/audible_tracker/core"
INTEGRATION: Final = ROOT / "custom_components/audible_tracker"
SERVER: Final = ROOT / "addon/src/audible_server"
OWNER: Final = "audible-tracker"
TRANSLATIONS: Final = (INTEGRATION / "translations", ROOT / "addon/translations")
LANGUAGES: Final = ("de", "fr", "it", "es", "pt-BR", "ja")
REPOSITORY: Final = f"https://github.com/{OWNER}/{OWNER}"


@cache
def repository_files() -> tuple[Path, ...]:
    """Return all files, sorted; what git ignores is not among them."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    names = {name for name in listed.split("\0") if name}
    return tuple(sorted(path for name in names if (path := ROOT / name).is_file()))


def files_with(*suffixes: str) -> tuple[Path, ...]:
    """Return the files whose names end in one of the suffixes."""
    return tuple(path for path in repository_files() if path.name.endswith(suffixes))


def name_of(path: Path) -> str:
    """Return a file's name as people write it: from the root, with slashes."""
    return path.relative_to(ROOT).as_posix()


def text_files() -> Iterator[tuple[str, str]]:
    """Yield name and text of every file that is text."""
    for path in repository_files():
        content = path.read_bytes()
        if b"\0" in content:
            continue
        yield name_of(path), content.decode("utf-8", errors="replace")


def parsed(path: Path) -> ast.Module:
    """Return a Python file's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
