"""Opening a title's audio: the best source there is now, kept open for the next range.

A plain file, else an encrypted one, else what has come of a download, else the shop.
"""

import asyncio
import time
import weakref
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from audible_core.errors import (
    ActivationBytesError,
    DecryptError,
    LicenseError,
    MediaError,
    MediaFileMissingError,
    NotDownloadedError,
    SealError,
    TrackerError,
    UnknownBookError,
    UnsupportedMediaError,
)
from audible_core.models import Asin

from audible_server.downloads.licensing import denial_of
from audible_server.downloads.remote import RemoteBytes, RemoteShop
from audible_server.library.files import LocalFile, look_at
from audible_server.library.keys import Keys
from audible_server.library.local import LocalFiles
from audible_server.library.shop import Shop
from audible_server.media.decoding import prove_decodes
from audible_server.media.mp3_frames import Mp3Frames
from audible_server.media.plain import PlainFile, check_whole
from audible_server.media.virtual import VirtualM4b
from audible_server.sources.opened import Audio, Sound, mp3_of, open_remote, sound_of
from audible_server.store.books import Book, BookStore
from audible_server.store.grants import FileKind
from audible_server.store.quarantine import SPOILT, Quarantine

_MOST_OPEN: Final = 256
"""Each holds a file open; memory is what ends first where titles are long."""

_MOST_MEMORY_BYTES: Final = 128 * 1024 * 1024
_TRUSTED_S: Final = 2.0
"""For so long no look is taken whether a better file has come."""

_SEEN_S: Final = 0.1
"""For so long no look is taken whether the file itself is still the same."""

_DOWNLOAD_AGAIN_S: Final = 60.0
_PLAIN_MP4: Final = (FileKind.M4B, FileKind.M4A)
_KEY_ERRORS: Final = (ActivationBytesError, DecryptError)

type StartDownload = Callable[[Asin], Awaitable[object]]


@dataclass(slots=True)
class _Kept:
    audio: Audio
    looked_at: float = field(default_factory=time.monotonic)
    seen_at: float = field(default_factory=time.monotonic)
    asked_at: float = field(default_factory=time.monotonic)
    cut: Sound | Mp3Frames | None = None
    refused: dict[type, UnsupportedMediaError] = field(default_factory=dict)

    @property
    def memory_bytes(self) -> int:
        """Return what keeping it open costs."""
        cut_bytes = 0 if self.cut is None else self.cut.memory_bytes
        return self.audio.memory_bytes + cut_bytes


class Sources:
    """The audio that is open, least recently used first."""

    def __init__(
        self,
        *,
        books: BookStore,
        quarantine: Quarantine,
        shop: Shop,
        keys: Keys,
        remotes: RemoteShop,
        local: LocalFiles,
        start_download: StartDownload,
    ) -> None:
        """Serve from an existing folder, and begin downloads of what is not in it."""
        self._books = books
        self._quarantine = quarantine
        self._shop = shop
        self._keys = keys
        self._local = local
        self._remotes = remotes
        self._start_download = start_download
        self._kept: OrderedDict[Asin, _Kept] = OrderedDict()
        # A lock lives as long as somebody holds it or waits for it.
        self._locks: weakref.WeakValueDictionary[Asin, asyncio.Lock] = (
            weakref.WeakValueDictionary()
        )

    async def open(self, asin: Asin) -> Audio:
        """Return the title's audio, from the best source there is now.

        What is not on disk costs a license, once, and its download begins. Raises
        UnknownBookError, NotDownloadedError (nobody to ask for it), LicenseError (the
        shop denies it), or what opening the file raises.
        """
        kept = self._kept.get(asin)
        if kept is not None and await _is_fresh(kept):
            return kept.audio
        async with self._locks.setdefault(asin, asyncio.Lock()):
            # Somebody else may have looked while this one waited.
            kept = self._kept.get(asin)
            if kept is not None and time.monotonic() - kept.looked_at < _SEEN_S:
                return kept.audio
            return await self._open(asin)

    async def look(self, asin: Asin) -> Audio | None:
        """Return the audio if it is here or open; None where only the shop has it.

        That costs no license and begins no download. Raises what `open` raises.
        """
        kept = self._kept.get(asin)
        if kept is not None and await _is_fresh(kept):
            return kept.audio
        if await self._local.of(asin):
            return await self.open(asin)
        if kept is not None and kept.audio.remote is not None:
            return kept.audio
        self._check_may_fetch(await self._books.load(asin), None)
        return None

    async def open_sound(self, asin: Asin) -> Sound:
        """Return the title's samples, of an encrypted file or a plain one.

        Raises what `open` raises, and UnsupportedMediaError where the sound is no AAC.
        """
        return await self._open_cut(asin, Sound, sound_of)

    async def open_mp3(self, asin: Asin) -> Mp3Frames:
        """Return the frames of the title's MP3 file.

        Raises what `open` raises, and UnsupportedMediaError where it cannot be cut.
        """
        return await self._open_cut(asin, Mp3Frames, mp3_of)

    async def _open_cut[C: (Sound, Mp3Frames)](
        self, asin: Asin, kind: type[C], make: Callable[[Audio], Awaitable[C]]
    ) -> C:
        audio = await self.open(asin)
        # A player asks for several segments at once; one of them reads the index.
        async with self._locks.setdefault(asin, asyncio.Lock()):
            kept = self._kept.get(asin)
            if kept is not None and kept.audio is not audio:
                kept = None
            if kept is not None and isinstance(kept.cut, kind):
                return kept.cut
            if kept is not None and kind in kept.refused:
                raise kept.refused[kind].with_traceback(None)
            try:
                cut = await make(audio)
            except MediaFileMissingError:
                # It went after the look; the next look finds another source.
                self._kept.pop(asin, None)
                raise
            except UnsupportedMediaError as err:
                # All of a file may have been read to know that.
                if kept is not None:
                    kept.refused[kind] = err
                raise
            if kept is not None:
                kept.cut = cut
                # It has grown, so that others may have to go.
                self._keep(kept)
            return cut

    async def after(self, audio: Audio, error: TrackerError) -> Audio:
        """Return another source of the same bytes after one failed in the middle.

        Raises the error where there is none.
        """
        await self.note_failure(audio, error)
        try:
            other = await self.open(audio.asin)
        except TrackerError:
            raise error from None
        if other.etag != audio.etag or other.file == audio.file:
            raise error
        return other

    async def note_failure(self, audio: Audio, error: TrackerError) -> None:
        """Note that a file is of no use, so that it is not opened again.

        Nothing is noted for errors that another file would not cure.
        """
        kept = self._kept.get(audio.asin)
        if kept is not None and kept.audio is audio:
            del self._kept[audio.asin]
        if audio.file is not None and isinstance(error, SPOILT):
            await self._note_spoilt(audio.asin, audio.file, error)

    async def _note_spoilt(
        self, asin: Asin, file: LocalFile, error: MediaError
    ) -> None:
        await self._quarantine.add(file.stamp, error)
        if file.kind.is_encrypted:
            await self._note_unless_under_way(asin, error)

    async def _note_unless_under_way(self, asin: Asin, error: TrackerError) -> None:
        book = await self._books.load(asin)
        if not book.is_under_way:
            await self._books.fail(asin, error)

    async def _open(self, asin: Asin) -> Audio:
        files = await self._local.of(asin)
        noted = await self._quarantine.load([file.path for file in files])
        kept = self._kept.get(asin)
        failure: MediaError | None = None
        for file in files:
            if (error := noted.get(file.stamp)) is not None:
                failure = failure or error
                continue
            try:
                return await self._open_kept(asin, kept, file)
            except MediaFileMissingError as err:
                failure = failure or err
            except SPOILT as err:
                # Another file of the title may be good.
                failure = failure or err
                await self._note_spoilt(asin, file, err)
        try:
            return await self._open_remote(asin, kept, failure)
        except TrackerError:
            for file in files:
                # The rest of a damaged file is better than nothing.
                with suppress(MediaFileMissingError, *SPOILT):
                    return await self._open_kept(asin, kept, file, is_checked=False)
            raise

    async def _open_kept(
        self,
        asin: Asin,
        kept: _Kept | None,
        file: LocalFile,
        *,
        is_checked: bool = True,
    ) -> Audio:
        if kept is None or kept.audio.file != file:
            if is_checked and file.kind in _PLAIN_MP4:
                await asyncio.to_thread(check_whole, file.path)
            kept = _Kept(await self._open_file(asin, file))
        kept.looked_at = kept.seen_at = time.monotonic()
        return self._keep(kept)

    async def _open_file(self, asin: Asin, file: LocalFile) -> Audio:
        if not file.kind.is_encrypted:
            plain = await asyncio.to_thread(PlainFile.open, file.path)
            title, etag = await self._title(asin), plain.etag(asin)
            return Audio(asin, title, file.kind, file, plain, etag)
        book = await self._books.load(asin)
        found = await self._keys.of(book, file.kind)
        virtual = await asyncio.to_thread(VirtualM4b.open, file.path, found.key)
        if not found.is_tried:
            # A download was decoded before it got its name; this was not.
            await prove_decodes(virtual)
        return Audio(asin, book.title, file.kind, file, virtual, virtual.etag(asin))

    async def _title(self, asin: Asin) -> str:
        """Return the name of a title; a file that was just put here has none yet."""
        try:
            return (await self._books.load(asin)).title
        except UnknownBookError:
            return asin

    async def _open_remote(
        self, asin: Asin, kept: _Kept | None, failure: MediaError | None
    ) -> Audio:
        """Open what is not, or not wholly, on disk; its download begins."""
        book = await self._books.load(asin)
        self._check_may_fetch(book, failure)
        if kept is not None and kept.audio.remote is not None:
            kept.looked_at = time.monotonic()
            await self._download_again(kept, kept.audio.remote)
            return self._keep(kept)
        self._kept.pop(asin, None)
        try:
            if not book.has_voucher:
                await self._shop.check_turn()
            remote = await self._remotes.open(book)
            await self._start_download(asin)
            remote.expect_writer()
            return self._keep(_Kept(await open_remote(book, remote)))
        except (LicenseError, *_KEY_ERRORS) as err:
            await self._note_unless_under_way(asin, err)
            raise failure or err from None
        except SealError as err:
            raise DecryptError from err
        except TrackerError as err:
            raise failure or err from None

    def _check_may_fetch(self, book: Book, failure: MediaError | None) -> None:
        """Raise why the shop is not asked: only a person has it asked again."""
        if isinstance(failure, _KEY_ERRORS):
            # It would be the same key.
            raise failure
        if book.error == DecryptError.key:
            raise DecryptError
        if (denial := denial_of(book)) is not None:
            raise failure or denial
        if book.account_id is None and not book.has_voucher:
            raise failure or NotDownloadedError(asin=book.asin)

    async def _download_again(self, kept: _Kept, remote: RemoteBytes) -> None:
        """Have a download that ended tried again, now and then."""
        now = time.monotonic()
        if not remote.has_writer and now - kept.asked_at > _DOWNLOAD_AGAIN_S:
            kept.asked_at = now
            await self._start_download(kept.audio.asin)

    def _keep(self, kept: _Kept) -> Audio:
        asin = kept.audio.asin
        self._kept[asin] = kept
        self._kept.move_to_end(asin)
        while len(self._kept) > 1 and (
            len(self._kept) > _MOST_OPEN or self._memory_bytes() > _MOST_MEMORY_BYTES
        ):
            # Who still reads from it keeps it open.
            self._kept.popitem(last=False)
        return kept.audio

    def _memory_bytes(self) -> int:
        return sum(kept.memory_bytes for kept in self._kept.values())


async def _is_fresh(kept: _Kept) -> bool:
    now = time.monotonic()
    if now - kept.looked_at > _TRUSTED_S:
        return False
    if now - kept.seen_at < _SEEN_S:
        return True
    file = kept.audio.file
    kept.seen_at = now
    if file is None:
        return True
    return await asyncio.to_thread(look_at, file.path, file.kind) == file
