"""Opening a title's audio: the easiest of its files, kept open for the next range."""

import asyncio
import time
import weakref
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

from audible_core.errors import (
    ActivationBytesError,
    DecryptError,
    MediaFileMissingError,
    Mp4FormatError,
    NotDownloadedError,
    SealError,
    TrackerError,
    UnknownBookError,
    UnsupportedMediaError,
)
from audible_core.models import Asin

from audible_server.library.files import LocalFile, look_at
from audible_server.library.local import LocalFiles
from audible_server.library.shop import Shop
from audible_server.media.hls import Segments
from audible_server.media.keys import ActivationBytes, BookKey
from audible_server.media.plain import PlainFile
from audible_server.media.virtual import VirtualM4b
from audible_server.store.books import Book, BookStore, is_unusable
from audible_server.store.grants import FileKind

_MOST_OPEN: Final = 8
_MOST_MEMORY_BYTES: Final = 128 * 1024 * 1024
_TRUSTED_S: Final = 2.0
"""For so long no look is taken whether a better file has come."""

_SEEN_S: Final = 0.1
"""For so long no look is taken whether the file itself is still the same."""


@dataclass(frozen=True, slots=True)
class Audio:
    """One title's audio, open; ``etag`` is strong and in its quotes.

    ``title`` is the name of the book, or its ASIN where that is not known.
    """

    asin: Asin
    title: str
    file: LocalFile
    content: VirtualM4b | PlainFile
    etag: str

    @property
    def content_type(self) -> str:
        """Return the MIME type of what is served."""
        return self.file.kind.content_type

    @property
    def suffix(self) -> str:
        """Return the end of its name; what is decrypted on the way is an M4B."""
        return FileKind.M4B if self.file.kind.is_encrypted else self.file.kind

    @property
    def modified_s(self) -> float:
        """Return when the file was written, in epoch seconds."""
        return self.file.mtime_ns / 1e9

    @property
    def memory_bytes(self) -> int:
        """Return what keeping it open costs."""
        if isinstance(self.content, VirtualM4b):
            return self.content.samples.memory_bytes
        return 0


@dataclass(frozen=True, slots=True)
class Sound:
    """One title's AAC samples, and how they are cut into segments."""

    asin: Asin
    book: VirtualM4b
    segments: Segments
    etag: str


@dataclass(slots=True)
class _Kept:
    audio: Audio
    looked_at: float = field(default_factory=time.monotonic)
    seen_at: float = field(default_factory=time.monotonic)
    sound: Sound | None = None

    @property
    def memory_bytes(self) -> int:
        """Return what keeping it open costs."""
        if self.sound is not None:
            return self.sound.book.samples.memory_bytes
        return self.audio.memory_bytes


class Sources:
    """The audio that is open, least recently used first."""

    def __init__(self, *, books: BookStore, shop: Shop, local: LocalFiles) -> None:
        """Serve from an existing folder."""
        self._books = books
        self._shop = shop
        self._local = local
        self._kept: OrderedDict[Asin, _Kept] = OrderedDict()
        # A lock lives as long as somebody holds it or waits for it.
        self._locks: weakref.WeakValueDictionary[Asin, asyncio.Lock] = (
            weakref.WeakValueDictionary()
        )

    async def open(self, asin: Asin) -> Audio:
        """Return the title's audio, as good as it is on disk now.

        Raises UnknownBookError, NotDownloadedError, or what opening the file raises.
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

    async def open_sound(self, asin: Asin) -> Sound:
        """Return the title's samples, of an encrypted file or a plain one.

        Raises what `open` raises, and UnsupportedMediaError where the sound is no AAC.
        """
        audio = await self.open(asin)
        # A player asks for several segments at once; one of them reads the samples.
        async with self._locks.setdefault(asin, asyncio.Lock()):
            kept = self._kept.get(asin)
            if kept is not None and kept.audio is audio and kept.sound is not None:
                return kept.sound
            sound = await _sound_of(audio)
            if kept is not None and kept.audio is audio:
                kept.sound = sound
            return sound

    async def note_failure(self, asin: Asin, error: TrackerError) -> None:
        """Note that a title's encrypted file is of no use, so that it is fetched anew.

        Nothing happens for errors that another file would not cure.
        """
        if not is_unusable(error.key):
            return
        book = await self._books.load(asin)
        if not book.is_under_way:
            await self._books.fail(asin, error)

    async def _open(self, asin: Asin) -> Audio:
        files = await self._local.of(asin)
        kept = self._kept.get(asin)
        failure: TrackerError | None = None
        for file in files:
            if kept is not None and kept.audio.file == file:
                kept.looked_at = kept.seen_at = time.monotonic()
                return self._keep(kept)
            try:
                return self._keep(_Kept(await self._open_file(asin, file)))
            except (
                ActivationBytesError,
                DecryptError,
                MediaFileMissingError,
                Mp4FormatError,
                UnsupportedMediaError,
            ) as err:
                # Another file of the title may be good.
                failure = failure or err
                if file.kind.is_encrypted:
                    await self.note_failure(asin, err)
        self._kept.pop(asin, None)
        if failure is not None:
            raise failure
        await self._books.load(asin)
        raise NotDownloadedError(asin=asin)

    async def _open_file(self, asin: Asin, file: LocalFile) -> Audio:
        if not file.kind.is_encrypted:
            plain = await asyncio.to_thread(PlainFile.open, file.path)
            return Audio(asin, await self._title(asin), file, plain, plain.etag(asin))
        book = await self._books.load(asin)
        key = await self._key(book, file.kind)
        virtual = await asyncio.to_thread(VirtualM4b.open, file.path, key)
        return Audio(asin, book.title, file, virtual, virtual.etag(asin))

    async def _title(self, asin: Asin) -> str:
        """Return the name of a title; a file that was just put here has none yet."""
        try:
            return (await self._books.load(asin)).title
        except UnknownBookError:
            return asin

    async def _key(self, book: Book, kind: FileKind) -> BookKey | None:
        """Return the key to an encrypted file."""
        try:
            grant = await self._books.load_grant(book.asin)
        except SealError as err:
            raise DecryptError from err
        if grant is not None and grant.kind is kind:
            return grant.key
        if kind is FileKind.AAX and book.account_id is not None:
            return ActivationBytes(await self._shop.activation_bytes(book))
        return None

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


async def _sound_of(audio: Audio) -> Sound:
    book = audio.content
    if not isinstance(book, VirtualM4b):
        if audio.file.kind in (FileKind.MP3, FileKind.OPUS):
            raise UnsupportedMediaError(reason="its sound is not AAC")
        book = await asyncio.to_thread(VirtualM4b.open, audio.file.path, None)
    return Sound(audio.asin, book, Segments.of(book.times), audio.etag)


async def _is_fresh(kept: _Kept) -> bool:
    now = time.monotonic()
    if now - kept.looked_at > _TRUSTED_S:
        return False
    if now - kept.seen_at < _SEEN_S:
        return True
    file = kept.audio.file
    kept.seen_at = now
    return await asyncio.to_thread(look_at, file.path, file.kind) == file
