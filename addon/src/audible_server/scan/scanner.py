"""Scans: which files lie in the library folder, and which titles they are."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import batched
from pathlib import Path
from typing import Final

from audible_core.models import Asin, AudibleTitle

from audible_server.scan.beside import Beside
from audible_server.scan.folder import SeenFile, Walk, changed_folders, walk
from audible_server.scan.headers import read_header
from audible_server.scan.names import base_of
from audible_server.scan.recognize import recognized
from audible_server.store.books import Book, BookStore
from audible_server.store.files import FileStore, Reason, RecognizedBy, ScannedFile

_LOGGER = logging.getLogger(__name__)
SETTLE_S: Final = 10.0
"""A file that changed within this time may still be being written."""

_NS_PER_S: Final = 1_000_000_000
_HEADERS_AT_ONCE: Final = 64
_BY_HAND: Final = (RecognizedBy.PERSON, RecognizedBy.SERVER)
_CLOSED: Final = (Reason.SETTLING, Reason.UNREADABLE)

type Stored = Mapping[str, ScannedFile]
type Tell = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class ScanResult:
    """What a scan found, in numbers of files; ``took_ms`` in milliseconds."""

    files: int
    changed: int
    gone: int
    unrecognized: int
    settling: int
    took_ms: int


class Scanner:
    """Looks through the library folder; one scan at a time."""

    def __init__(
        self,
        *,
        library_dir: Path,
        files: FileStore,
        books: BookStore,
        follow_links: bool = False,
        settle_s: float = SETTLE_S,
    ) -> None:
        """Look into an existing folder; links are followed if the owner allows it."""
        self._library_dir = library_dir
        self._files = files
        self._books = books
        self._follow_links = follow_links
        self.settle_s = settle_s
        self._lock = asyncio.Lock()
        self._walk = Walk()
        self._library_seen = 0
        self.last: ScanResult | None = None

    @property
    def is_running(self) -> bool:
        """Tell whether a scan is under way."""
        return self._lock.locked()

    async def has_changed(self) -> bool:
        """Tell whether entries came or went in any folder since the last scan."""
        folders = self._walk.folders
        return await asyncio.to_thread(changed_folders, self._library_dir, folders)

    async def look(self) -> bool:
        """Remember how the folders are now, for `has_changed`; tell what it would."""
        async with self._lock:
            has_changed = await self.has_changed()
            await self._look()
        return has_changed

    async def _look(self) -> None:
        self._walk = await asyncio.to_thread(
            walk, self._library_dir, follow_links=self._follow_links
        )

    async def scan(self, tell: Tell | None = None) -> ScanResult:
        """Bring the table of files to what the folder holds; return what was found.

        ``tell`` is called with the share of the new files that was read.
        """
        async with self._lock:
            begun = time.monotonic()
            await self._look()
            stored = {file.path: file for file in await self._files.load_all()}
            read = await self._read(self._walk, stored, tell)
            changed, files = await self._note(self._walk, stored, read)
            here = {file.path for file in self._walk.audio}
            self.last = ScanResult(
                files=len(here),
                changed=changed,
                gone=sum(1 for path in _gone(stored, here, self._walk)),
                unrecognized=sum(file.asin is None for file in files),
                settling=sum(file.reason is Reason.SETTLING for file in files),
                took_ms=round((time.monotonic() - begun) * 1000),
            )
        _log(self.last)
        return self.last

    async def assign(self, path: str, asin: Asin | None) -> ScannedFile | None:
        """Note a person's word on which title a file is; None: of none.

        Returns the file as it is now, or None if no scan has found it.
        """
        async with self._lock:
            file = await self._files.load(path)
            if file is None:
                return None
            by = None if asin is None else RecognizedBy.PERSON
            reason = Reason.REFUSED if asin is None else None
            assigned = replace(file, asin=asin, recognized_by=by, reason=reason)
            await self._books.add_titles(_titles([assigned]))
            await self._files.save([assigned])
        return assigned

    # --- reading ----------------------------------------------------------------------

    async def _read(
        self, found: Walk, stored: Stored, tell: Tell | None
    ) -> list[ScannedFile]:
        """Return the files that are new or have changed, with their headers."""
        fresh = [file for file in found.audio if not _is_same(file, stored)]
        moved = _by_stamp(stored, found)
        read: list[ScannedFile] = []
        for batch in batched(fresh, _HEADERS_AT_ONCE, strict=False):
            read += await asyncio.to_thread(self._headers, batch, moved, stored)
            if tell is not None:
                await tell(len(read) / len(fresh))
        return read

    def _headers(
        self,
        batch: Sequence[SeenFile],
        moved: Mapping[tuple[int, int], ScannedFile],
        stored: Stored,
    ) -> list[ScannedFile]:
        return [self._header(seen, moved, stored.get(seen.path)) for seen in batch]

    def _header(
        self,
        seen: SeenFile,
        moved: Mapping[tuple[int, int], ScannedFile],
        before: ScannedFile | None,
    ) -> ScannedFile:
        """Return one file with its header; what may still grow is left for later."""
        was = moved.get(_stamp(seen))
        if was is not None:
            return replace(was, path=seen.path, kind=seen.kind)
        file = ScannedFile(seen.path, seen.kind, seen.size_bytes, seen.mtime_ns)
        if before is not None and _is_by_hand(before):
            by, reason = before.recognized_by, before.reason
            file = replace(file, asin=before.asin, recognized_by=by, reason=reason)
        has_stayed = before is not None and _stamp(before) == _stamp(seen)
        age_s = (time.time_ns() - seen.mtime_ns) / _NS_PER_S
        if 0 <= age_s < self.settle_s and not has_stayed and not _is_by_hand(file):
            return replace(file, reason=Reason.SETTLING)
        header = read_header(self._library_dir / seen.path, seen.kind)
        if header is None:
            return replace(file, reason=Reason.UNREADABLE)
        return replace(file, header=header[0], duration_ms=header[1])

    # --- deciding ---------------------------------------------------------------------

    async def _note(
        self, found: Walk, stored: Stored, read: Iterable[ScannedFile]
    ) -> tuple[int, list[ScannedFile]]:
        """Decide what the files are and write what is new; return how many, and all."""
        here = {file.path for file in found.audio}
        kept = {path: file for path, file in stored.items() if path in here}
        books = await self._books.load_all()
        beside = Beside(self._library_dir, found)
        latest = kept | {file.path: file for file in read}
        files = await self._decided(tuple(latest.values()), books, beside)
        different = [file for file in files if kept.get(file.path) != file]
        gone = [stored[path] for path in _gone(stored, here, found)]
        if different or gone:
            await self._books.add_titles(_titles(different))
            # What a person said is remembered until the file is there again.
            said = [_as_gone(file) for file in gone if _is_by_hand(file)]
            lost = [file.path for file in gone if not _is_by_hand(file)]
            await self._files.save([*different, *said], gone=lost)
        await self._keep_keys(beside, files, books)
        return len(different), files

    async def _decided(
        self, files: Sequence[ScannedFile], books: Sequence[Book], beside: Beside
    ) -> list[ScannedFile]:
        """Return each file as the title it is; only what is open takes time."""
        open_ = [file for file in files if not _is_closed(file)]
        listed = (book for book in books if book.account_id is not None)
        seen = hash(tuple((book.asin, book.title) for book in listed))
        is_same_library, self._library_seen = seen == self._library_seen, seen
        is_new = any(file.asin is None and file.reason is None for file in open_)
        if is_same_library and not is_new:
            return list(files)
        hints = await asyncio.to_thread(beside.hints)
        closed = [file for file in files if _is_closed(file)]
        return closed + await asyncio.to_thread(recognized, open_, hints, books)

    async def _keep_keys(
        self, beside: Beside, files: Iterable[ScannedFile], books: Iterable[Book]
    ) -> None:
        """Seal the keys that lie beside encrypted files; a key that is kept stays."""
        key_files = beside.key_files()
        if not key_files:
            return
        has_key = {book.asin for book in books if book.has_voucher}
        for file in files:
            path = key_files.get(base_of(file.path))
            if path is None or file.asin is None or file.asin in has_key:
                continue
            grant = await asyncio.to_thread(beside.grant, path, file)
            if grant is not None:
                await self._books.save_grant(file.asin, grant, is_license=False)


def _log(result: ScanResult) -> None:
    if result.changed or result.gone:
        _LOGGER.info(
            "Scan: %d files, %d changed, %d gone, %d not recognized",
            *(result.files, result.changed, result.gone, result.unrecognized),
        )


def _gone(stored: Stored, here: set[str], found: Walk) -> list[str]:
    """Return the files that were there and are not, as far as that can be known."""
    return [
        path
        for path, file in stored.items()
        if path not in here and file.size_bytes and not found.is_unknown(path)
    ]


def _as_gone(file: ScannedFile) -> ScannedFile:
    return replace(file, size_bytes=0, mtime_ns=0)


def _is_by_hand(file: ScannedFile) -> bool:
    return file.recognized_by in _BY_HAND or file.reason is Reason.REFUSED


def _is_closed(file: ScannedFile) -> bool:
    return file.reason in _CLOSED or _is_by_hand(file)


def _stamp(file: SeenFile | ScannedFile) -> tuple[int, int]:
    return (file.size_bytes, file.mtime_ns)


def _is_same(file: SeenFile, stored: Stored) -> bool:
    before = stored.get(file.path)
    is_settled = before is not None and before.reason is not Reason.SETTLING
    return is_settled and before is not None and _stamp(before) == _stamp(file)


def _by_stamp(stored: Stored, found: Walk) -> dict[tuple[int, int], ScannedFile]:
    """Return the files that are not where they were, to know them elsewhere again."""
    here = {file.path for file in found.audio}
    return {
        _stamp(file): file
        for path, file in stored.items()
        if path not in here and file.size_bytes and file.reason is not Reason.SETTLING
    }


def _titles(files: Iterable[ScannedFile]) -> list[AudibleTitle]:
    """Return the titles of files, as far as the files themselves tell."""
    return [
        AudibleTitle(
            asin=file.asin,
            title=file.header.title,
            authors=file.header.authors,
            narrators=file.header.narrators,
            runtime_ms=file.duration_ms,
        )
        for file in files
        if file.asin is not None
    ]
