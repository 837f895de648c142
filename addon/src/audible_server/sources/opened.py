"""A title's audio once it is open: what is served, and the samples it is cut from."""

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from audible_core.errors import UnsupportedMediaError
from audible_core.models import Asin

from audible_server.downloads.remote import RemoteBytes
from audible_server.library.files import LocalFile
from audible_server.media.adts import check_can_say
from audible_server.media.hls import Segments
from audible_server.media.mp3_frames import Mp3Frames, open_mp3
from audible_server.media.plain import PlainFile
from audible_server.media.stored import FileBytes, when_there
from audible_server.media.virtual import VirtualM4b
from audible_server.store.books import Book
from audible_server.store.grants import FileKind


@dataclass(frozen=True, slots=True)
class Audio:
    """One title's audio, open; ``etag`` is strong and in its quotes.

    ``title`` is the name of the book, or its ASIN where that is not known. ``file`` is
    None as long as there is no whole file, and ``remote`` is where its bytes come from
    then.
    """

    asin: Asin
    title: str
    kind: FileKind
    file: LocalFile | None
    content: VirtualM4b | PlainFile
    etag: str
    remote: RemoteBytes | None = None

    @property
    def content_type(self) -> str:
        """Return the MIME type of what is served."""
        return self.kind.content_type

    @property
    def suffix(self) -> str:
        """Return the end of its name; what is decrypted on the way is an M4B."""
        return FileKind.M4B if self.kind.is_encrypted else self.kind

    @property
    def modified_s(self) -> float:
        """Return when the file was written, in epoch seconds."""
        if self.file is not None:
            return self.file.mtime_ns / 1e9
        # What is downloaded gets the time of its license.
        return self.remote.grant.modified_ns / 1e9 if self.remote is not None else 0.0

    @property
    def memory_bytes(self) -> int:
        """Return what keeping it open costs."""
        if isinstance(self.content, VirtualM4b):
            return self.content.memory_bytes
        return 0


@dataclass(frozen=True, slots=True)
class Sound:
    """One title's AAC samples, and how they are cut into segments."""

    audio: Audio
    book: VirtualM4b
    segments: Segments

    @property
    def etag(self) -> str:
        """Return the validator of what the samples are cut from."""
        return self.audio.etag

    @property
    def memory_bytes(self) -> int:
        """Return what keeping it costs, besides the audio."""
        is_own = self.book is not self.audio.content
        own_bytes = self.book.memory_bytes if is_own else 0
        return self.segments.memory_bytes + own_bytes


async def open_remote(book: Book, remote: RemoteBytes) -> Audio:
    """Return a title that is not, or not wholly, on disk; raise TrackerError."""
    asin, kind = book.asin, remote.grant.kind
    content: VirtualM4b | PlainFile
    if kind.is_encrypted:
        over = partial(VirtualM4b.over, remote, remote.grant.key)
        content = await when_there(remote, over)
    else:
        content = await when_there(remote, partial(PlainFile.over, remote))
    # The index may be large.
    remote.let_go()
    return Audio(asin, book.title, kind, None, content, content.etag(asin), remote)


async def sound_of(audio: Audio) -> Sound:
    """Return the samples of a title.

    Raises UnsupportedMediaError if it is no AAC, or AAC that is only itself in a file.
    """
    book = audio.content
    if isinstance(book, PlainFile):
        if audio.kind in {FileKind.MP3, FileKind.OPUS}:
            raise UnsupportedMediaError(reason="its sound is not AAC")
        book = await _plain_book(audio)
    check_can_say(book.config)
    return Sound(audio, book, Segments.of(book.times))


async def mp3_of(audio: Audio) -> Mp3Frames:
    """Return the frames of an MP3 file; raise UnsupportedMediaError if it has none."""
    if audio.kind is not FileKind.MP3:
        raise UnsupportedMediaError(reason="it is no MP3 file")
    if audio.file is not None:
        stored = await asyncio.to_thread(FileBytes.open, audio.file.path)
        return await asyncio.to_thread(open_mp3, stored)
    if TYPE_CHECKING:
        assert audio.remote
    return await when_there(audio.remote, partial(open_mp3, audio.remote))


async def _plain_book(audio: Audio) -> VirtualM4b:
    if audio.file is not None:
        return await asyncio.to_thread(VirtualM4b.open, audio.file.path, None)
    if TYPE_CHECKING:
        assert audio.remote
    over = partial(VirtualM4b.over, audio.remote, None)
    return await when_there(audio.remote, over)
