"""What a file is, as ffprobe sees it; each version of a file is probed once."""

import asyncio
import json
import weakref
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, Self

from audible_core.errors import (
    MediaFileMissingError,
    MediaToolError,
    UnsupportedMediaError,
)

from audible_server.media.ffmpeg import probe_args
from audible_server.media.process import ToolExitError, run

_TIMEOUT_S = 60.0
# ffprobe reads the whole index; a scan must leave the machine to the listeners.
_AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class ProbedChapter:
    """A chapter as the file itself has it, often coarser than Audible's own list."""

    title: str
    start_ms: int
    length_ms: int


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """A file's length and coding; what needs the sound decoded is left out."""

    duration_ms: int
    codec: str
    bit_rate_bps: int | None
    chapters: tuple[ProbedChapter, ...]


@dataclass(frozen=True, slots=True)
class FileStamp:
    """One version of one file."""

    path: str
    size_bytes: int
    mtime_ns: int

    @classmethod
    def of(cls, path: Path) -> Self:
        """Return the present version (blocking); raise MediaFileMissingError."""
        try:
            found = path.stat()
        except OSError as err:
            raise MediaFileMissingError(name=path.name) from err
        return cls(str(path), found.st_size, found.st_mtime_ns)


class ProbeStore(Protocol):
    """Where results are kept."""

    async def load(self, stamp: FileStamp) -> MediaInfo | None:
        """Return the result for a version of a file, if there is one."""

    async def save(self, stamp: FileStamp, info: MediaInfo) -> None:
        """Keep a result; it may replace those of older versions of the file."""


class Prober:
    """Probes files, two at a time and each version once."""

    def __init__(self, store: ProbeStore) -> None:
        """Keep results in a store."""
        self._store = store
        self._slots = asyncio.Semaphore(_AT_ONCE)
        # A lock lives as long as somebody holds it or waits for it.
        self._locks: weakref.WeakValueDictionary[FileStamp, asyncio.Lock] = (
            weakref.WeakValueDictionary()
        )

    async def info(self, path: Path) -> MediaInfo:
        """Return what a file is, encrypted or not.

        Raises MediaFileMissingError, MediaToolError, or UnsupportedMediaError if there
        is no sound in it.
        """
        stamp = await asyncio.to_thread(FileStamp.of, path)
        # Who asks for the same file meanwhile waits for the one probe.
        async with self._locks.setdefault(stamp, asyncio.Lock()):
            return await self._info(path, stamp)

    async def _info(self, path: Path, stamp: FileStamp) -> MediaInfo:
        known = await self._store.load(stamp)
        if known is None:
            async with self._slots:
                known = await probe_file(path)
            await self._store.save(stamp, known)
        return known


async def probe_file(path: Path) -> MediaInfo:
    """Run ffprobe on a file, behind everybody else; raises as `Prober.info` does."""
    argv = probe_args(path)
    try:
        answer = await run(argv, timeout_s=_TIMEOUT_S, is_idle=True)
    except ToolExitError as err:
        raise UnsupportedMediaError(reason=f"{argv[0]} cannot read it") from err
    try:
        return parse_probe(json.loads(answer))
    except (ValueError, KeyError, TypeError, AttributeError) as err:
        raise MediaToolError(tool=argv[0], reason="its answer is unreadable") from err


def parse_probe(answer: dict[str, Any]) -> MediaInfo:
    """Build the result from ffprobe's JSON.

    Raises UnsupportedMediaError if there is no sound or no known length, and ValueError
    or KeyError if the shape is not ffprobe's.
    """
    streams = answer.get("streams", ())
    sound = next((s for s in streams if s.get("codec_type") == "audio"), None)
    if sound is None:
        raise UnsupportedMediaError(reason="there is no sound in it")
    form = answer["format"]
    if "duration" not in form:
        raise UnsupportedMediaError(reason="its length is unknown")
    rate = sound.get("bit_rate", form.get("bit_rate"))
    return MediaInfo(
        duration_ms=_ms(form["duration"]),
        codec=sound.get("codec_name", "unknown"),
        bit_rate_bps=None if rate is None else int(rate),
        chapters=tuple(_chapter(entry) for entry in answer.get("chapters", ())),
    )


def _chapter(entry: dict[str, Any]) -> ProbedChapter:
    start_ms, end_ms = _ms(entry["start_time"]), _ms(entry["end_time"])
    title = entry.get("tags", {}).get("title", "")
    return ProbedChapter(title, start_ms, max(0, end_ms - start_ms))


def _ms(seconds: str) -> int:
    return round(float(seconds) * 1000)
