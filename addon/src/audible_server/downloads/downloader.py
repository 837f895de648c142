"""Downloads: one license, one part file, one rename; anything may end in between."""

import asyncio
import logging
import os
from collections.abc import Sequence
from contextlib import suppress
from itertools import chain, count
from pathlib import Path

from audible_core.errors import (
    DecryptError,
    Mp4FormatError,
    NoSpaceError,
    SealError,
    StorageError,
    TrackerError,
    UnsupportedMediaError,
)
from audible_core.models import Asin
from audible_core.unbroken import unbroken
from audible_core.wire import BookState

from audible_server.downloads.cdn import Cdn, CutError, OtherFileError, RefusedError
from audible_server.downloads.licensing import Licensing
from audible_server.downloads.part import PartFile, Parts
from audible_server.downloads.transfer import Transfer
from audible_server.library.files import is_made, move_new, size_of
from audible_server.library.patience import RETRY_WAITS_S, patiently
from audible_server.library.room import Room
from audible_server.library.shelf import Shelf
from audible_server.media.decoding import prove_decodes
from audible_server.media.keys import BookKey
from audible_server.media.probe import probe_file
from audible_server.media.virtual import VirtualM4b
from audible_server.store.books import Book, BookStore
from audible_server.store.clock import now_ms
from audible_server.store.grants import Grant
from audible_server.store.job import Lease
from audible_server.store.leases import LeaseEndedError
from audible_server.store.made_files import MadeFileStore
from audible_server.store.quarantine import SPOILT, Quarantine

_LOGGER = logging.getLogger(__name__)


class Downloader:
    """Brings titles into the library folder.

    A license is asked for once and kept; a part file is kept whatever happens.
    """

    def __init__(
        self,
        *,
        books: BookStore,
        shelf: Shelf,
        quarantine: Quarantine,
        made: MadeFileStore,
        room: Room,
        licensing: Licensing,
        cdn: Cdn,
        parts: Parts,
        retry_waits_s: Sequence[float] = RETRY_WAITS_S,
    ) -> None:
        """Take what that needs.

        ``retry_waits_s`` are the pauses between tries that brought nothing.
        """
        self._books = books
        self._shelf = shelf
        self._quarantine = quarantine
        self._made = made
        self._room = room
        self._licensing = licensing
        self._cdn = cdn
        self._parts = parts
        self._retry_waits_s = tuple(retry_waits_s)

    async def prepare(self, book: Book) -> None:
        """Drop what made the last try fail although all bytes had come."""
        try:
            grant = await self._books.load_grant(book.asin)
        except SealError:
            # Its key file was lost; only a new license helps.
            await self._books.update(book.asin, voucher=None)
            return
        if grant is None:
            return
        if book.error == DecryptError.key:
            # A new license may bring the right key; the bytes may be good.
            await self._books.update(book.asin, voucher=None)
        elif book.error == Mp4FormatError.key:
            await self._parts.clear(await self._parts.open(book.asin, grant.kind))

    async def download(self, asin: Asin, lease: Lease) -> None:
        """Bring one title into the folder, from wherever the last try ended.

        What ended it is noted with the title and raised, as a TrackerError. When it is
        cancelled, what came is kept, and the title stays under way for the next call.
        Notes nothing when it has to wait for room (NoSpaceError), or when another
        server does it (LeaseEndedError).
        """
        try:
            await self._download(await self._books.load(asin), lease)
        except LeaseEndedError, NoSpaceError:
            raise
        except TrackerError as err:
            await self._books.fail(asin, err)
            raise
        except OSError as err:
            error = StorageError.of(err)
            await self._books.fail(asin, error)
            raise error from err
        except Exception:
            # The state must not stay "downloading"; the log gets the rest.
            await self._books.fail(asin, TrackerError())
            raise

    async def _download(self, book: Book, lease: Lease) -> None:
        asin = book.asin
        grant = await self._books.load_grant(asin)
        # A stop may have come between the rename and the new state.
        size_bytes = 0 if grant is None else await self._kept_size(asin, grant)
        if grant is None or not size_bytes:
            await self._room.begin(book)
            grant = await self._grant(book)
            size_bytes = await self._kept_size(asin, grant)
        part = await self._parts.open(asin, grant.kind)
        whole = part.path.with_suffix("")
        if size_bytes:
            await self._parts.clear(part)
        else:
            await self._parts.refresh(part)
            await self._fit(part, grant)
            grant = await self._fetch(book, grant, part, lease)
            size_bytes = await self._finish(part, whole, grant, lease)
        await self._parts.forget(part)
        await self._books.update(
            asin,
            state=BookState.DOWNLOADED,
            size_bytes=size_bytes,
            downloaded_bytes=size_bytes,
            **await self._made_now(whole, asin),
        )
        _LOGGER.info("%s is downloaded", asin)
        await self._shelf.load(asin)

    async def _kept_size(self, asin: Asin, grant: Grant) -> int:
        """Return the size of a file that is here already, 0 for none."""
        part = await self._parts.open(asin, grant.kind)
        whole = part.path.with_suffix("")
        size_bytes = await self._proven_size(whole, grant, asin)
        # What lay there is good, or is put aside.
        await self._quarantine.lift(whole)
        return size_bytes

    async def _finish(
        self, part: PartFile, whole: Path, grant: Grant, lease: Lease
    ) -> int:
        """Prove a file whose bytes have all come and name it; return its size.

        It is noted as made here before it has its name: whoever removes the title at
        any moment removes the file, and what bears the name without a note is somebody
        else's. What bears it by now is kept, if it is good.
        """
        await asyncio.to_thread(part.cut)
        await _prove(part.path, grant)
        await self._parts.save(part, lease)
        while True:
            if size_bytes := await self._proven_size(whole, grant, part.asin):
                await self._parts.clear(part)
                return size_bytes
            # What bears the name since this look is looked at, too.
            with suppress(FileExistsError):
                await unbroken(self._keep(part, whole, grant.modified_ns))
                return part.have.end

    async def _keep(self, part: PartFile, whole: Path, modified_ns: int) -> None:
        """Give a file its time and its name; raise FileExistsError for a taken one."""
        status = await asyncio.to_thread(_ready, part.path, modified_ns)
        await self._made.note(whole.name, part.asin, status)
        await asyncio.to_thread(_move, part.path, whole)

    async def _proven_size(self, whole: Path, grant: Grant, asin: Asin) -> int:
        """Return the size of a file that is whole and good, else 0 and put it aside."""
        size_bytes = await asyncio.to_thread(size_of, whole)
        if not size_bytes:
            # An empty file, or a link to nothing, would keep the name for ever.
            if await asyncio.to_thread(os.path.lexists, whole):
                await asyncio.to_thread(_put_aside, whole)
            return 0
        try:
            await _prove(whole, grant)
        except SPOILT as err:
            # Not deleted: it may be somebody's own.
            is_ours = await self._is_ours(whole, asin)
            aside = await asyncio.to_thread(_put_aside, whole)
            _LOGGER.warning("%s was put aside: %s", aside.name, err.key)
            if is_ours:
                status = await asyncio.to_thread(aside.stat)
                await self._made.note(aside.name, asin, status)
            return 0
        return size_bytes

    async def _made_now(self, whole: Path, asin: Asin) -> dict[str, int]:
        """Return when a title was downloaded; nothing if somebody else put it there."""
        is_ours = await self._is_ours(whole, asin)
        return {"downloaded_at": now_ms()} if is_ours else {}

    async def _is_ours(self, whole: Path, asin: Asin) -> bool:
        made = (await self._made.load(asin)).get(whole.name)
        return made is not None and await asyncio.to_thread(is_made, whole, made)

    async def _fit(self, part: PartFile, grant: Grant) -> None:
        """Raise NoSpaceError unless the rest fits; start over what cannot be a part."""
        await self._books.update(part.asin, size_bytes=grant.size_bytes)
        expected = grant.size_bytes
        if expected is not None and part.size_bytes not in {None, expected}:
            await self._parts.clear(part)
        if expected is not None:
            part.size_bytes = expected
        await self._check_room(part)

    async def _check_room(self, part: PartFile) -> None:
        await self._room.check_download(
            part.asin, part.rest_bytes, part.size_bytes or 0
        )

    async def _grant(self, book: Book) -> Grant:
        return await patiently(lambda: self._licensing.grant(book), self._retry_waits_s)

    async def _fetch(
        self, book: Book, grant: Grant, part: PartFile, lease: Lease
    ) -> Grant:
        """Fetch what is missing; return the grant with which that went well."""
        transfer = Transfer(part, self._cdn, lambda: self._save(part, lease))
        is_renewed = False
        waits = list(self._retry_waits_s)
        while True:
            before = part.have.total_bytes
            try:
                await transfer.run(grant.url)
            except RefusedError:
                if is_renewed or not grant.is_address_expired(now_ms()):
                    raise
                is_renewed = True
                grant = await self._renewed(book, grant, part)
            except OtherFileError:
                await self._parts.clear(part)
                raise
            except StorageError:
                # Others may have filled the disk, which passes.
                await self._check_room(part)
                raise
            except CutError as err:
                if part.have.total_bytes > before:
                    waits = list(self._retry_waits_s)
                    is_renewed = False
                if not waits:
                    raise
                wait_s = waits.pop(0)
                _LOGGER.info("%s was cut (%s), again in %g s", book.asin, err, wait_s)
                await asyncio.sleep(wait_s)
            else:
                return grant

    async def _save(self, part: PartFile, lease: Lease) -> None:
        have_bytes = await self._parts.save(part, lease)
        await self._books.update(part.asin, downloaded_bytes=have_bytes)

    async def _renewed(self, book: Book, grant: Grant, part: PartFile) -> Grant:
        """Return a new grant; bytes of another file or key are not gone on with."""
        fresh = await patiently(
            lambda: self._licensing.renewed(book, grant), self._retry_waits_s
        )
        if not fresh.is_same_file(grant):
            await self._parts.clear(part)
        return fresh


async def _prove(part: Path, grant: Grant) -> None:
    """Raise unless the whole file opens; noise is never taken for a book."""
    if grant.kind.is_encrypted:
        await prove_decodes(await asyncio.to_thread(_read_all, part, grant.key))
        return
    info = await probe_file(part)
    if not info.duration_ms:
        raise UnsupportedMediaError(reason="there is no sound in it")


def _read_all(path: Path, key: BookKey | None) -> VirtualM4b:
    book = VirtualM4b.open(path, key)
    book.prove()
    return book


def _put_aside(whole: Path) -> Path:
    """Give a file that is of no use a free name, and return it. Blocks."""
    numbers = chain(("",), (f".{number}" for number in count(2)))
    names = (whole.with_name(f"{whole.name}{number}.bad") for number in numbers)
    aside = next(name for name in names if not os.path.lexists(name))
    return whole.rename(aside)


def _ready(part: Path, modified_ns: int) -> os.stat_result:
    """Give a file its time, and have its bytes on the disk; return what it is now."""
    os.utime(part, ns=(modified_ns, modified_ns))
    with part.open("rb") as file:
        os.fsync(file.fileno())
    return part.stat()


def _move(part: Path, whole: Path) -> None:
    """Give a file its name, for good; raise FileExistsError where that is taken."""
    move_new(part, whole)
    folder = os.open(whole.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
