"""Where secrets could be left, and the search for them. Knows no product."""

import asyncio
import json
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

_RUN: Final = re.compile(r"[A-Za-z0-9_-]+")
_SHORTEST: Final = 8
_SAMPLE_S: Final = 0.02
_LOOKS: Final = 10


def needles(secret: str) -> list[bytes]:
    """Return what a secret is known by in any quoting: the longest run of each line."""
    runs = [max(_RUN.findall(line) or [""], key=len) for line in secret.splitlines()]
    return [run.encode() for run in runs if len(run) >= _SHORTEST]


def find(places: Mapping[str, bytes], secrets: Mapping[str, str]) -> list[str]:
    """Return "what in where" of each secret, by its name, that a place holds."""
    return sorted(
        f"{what} in {where}"
        for where, content in places.items()
        for what, secret in secrets.items()
        if any(needle in content for needle in needles(secret))
    )


def files_below(folder: Path, *, but: Iterable[Path] = ()) -> dict[str, bytes]:
    """Return what all files of a folder hold, by their path in it."""
    left_out = {path.resolve() for path in but}
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.resolve() not in left_out
    }


def texts(value: Any) -> bytes:
    """Return an answer as one text."""
    return json.dumps(value, ensure_ascii=False, default=str).encode()


def strings_in(value: Any) -> list[str]:
    """Return all texts in an answer, however deep."""
    match value:
        case str():
            return [value]
        case dict():
            return [text for member in value.values() for text in strings_in(member)]
        case list():
            return [text for member in value for text in strings_in(member)]
    return []


@asynccontextmanager
async def watching_arguments() -> AsyncIterator[set[bytes]]:
    """Yield a set that grows by the arguments of every process that is seen."""
    seen: set[bytes] = set()
    looks: Counter[str] = Counter()

    async def watch() -> None:
        while True:
            seen.update(_arguments(looks))
            await asyncio.sleep(_SAMPLE_S)

    watcher = asyncio.ensure_future(watch())
    try:
        yield seen
    finally:
        watcher.cancel()


def _arguments(looks: Counter[str]) -> Iterator[bytes]:
    """Read those of processes that are new, until each is surely what it will be."""
    for process in Path("/proc").iterdir():
        if not process.name.isdigit() or looks[process.name] >= _LOOKS:
            continue
        looks[process.name] += 1
        try:
            yield (process / "cmdline").read_bytes()
        except OSError:
            # It has ended meanwhile.
            continue
