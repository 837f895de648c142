"""The processes that somebody has started, as the kernel counts them."""

from contextlib import suppress
from pathlib import Path


def children(parent: int | str = "self") -> set[int]:
    """Return the processes that one has started and not collected."""
    found: set[int] = set()
    for task in Path(f"/proc/{parent}/task").iterdir():
        # A thread may end while this looks.
        with suppress(FileNotFoundError, ProcessLookupError):
            found.update(map(int, (task / "children").read_text().split()))
    return found


def ffmpegs(parent: int | str = "self") -> set[int]:
    """Return those of them that are ffmpeg, living or not collected."""
    return {pid for pid in children(parent) if "ffmpeg" in _name(pid)}


def _name(pid: int) -> str:
    with suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/comm").read_text()
    return ""
