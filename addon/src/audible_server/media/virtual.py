"""Encrypted books as if they were plain M4B files of the same size.

In the index, `aavd` becomes `mp4a`, `adrm` becomes `free` and the brand `M4A `; in the
sound, the samples that a range touches are decrypted. Nothing moves, so any byte range
can be served by itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from audible_core.errors import DecryptError, Mp4FormatError, UnsupportedMediaError

from audible_server.media.keys import ActivationBytes, BookKey, ContentKey
from audible_server.media.mp4.aax_key import content_key
from audible_server.media.mp4.audio_config import AudioConfig
from audible_server.media.mp4.boxes import Box, ReadAt, top_level_boxes
from audible_server.media.mp4.decrypt import BLOCK_BYTES, SampleCipher
from audible_server.media.mp4.plausible import (
    HEAD_BYTES,
    Flags,
    Heads,
    Verdict,
    are_suspicious,
    is_plausible,
    judge,
)
from audible_server.media.mp4.samples import Ints, SampleIndex, SampleSpans, TimeTable
from audible_server.media.mp4.track import AudioTrack, audio_track
from audible_server.media.stored import FileBytes, StoredBytes, when_there
from audible_server.media.validators import entity_tag, index_digest

# Decryption is fastest in pieces that stay in the processor's cache.
_PIECE_BYTES = 256 * 1024
_PROBED_SAMPLES = 48
# A random frame passes for sound once in twenty.
_NOISE_IN_A_ROW = 3
_MOST_CLOSE_LOOKS = 16
_BRAND = b"M4A "
_ENCRYPTED_BRANDS = (b"aaxc", b"aax ")
# 50 hours at 44.1 kHz have an index of 31 MB.
_MOST_INDEX_BYTES = 512 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Patch:
    """Bytes that stand in the plain file at an offset."""

    offset: int
    content: bytes


@dataclass(frozen=True, slots=True)
class _Header:
    """What the boxes around the sound say."""

    track: AudioTrack
    adrm: bytes | None
    patches: tuple[_Patch, ...]
    digest: bytes


@dataclass(frozen=True, slots=True)
class _Place:
    """A piece, and the stored bytes around it: whole samples, if it touches any."""

    start: int
    end: int
    base: int
    stop: int
    touched: SampleSpans | None


class VirtualM4b:
    """A book as a plain M4B; `read` and its like block, and are safe from any thread.

    The file closes when the last user lets go of the object, so that a reader is never
    left with a closed file. Of a file that has not come whole, the blocking methods
    raise BytesMissingError where bytes are missing; `load` and its like wait for them.
    """

    def __init__(
        self, stored: StoredBytes, header: _Header, cipher: SampleCipher | None
    ) -> None:
        """Read from what is stored; use `open`."""
        self._stored = stored
        self._header = header
        self._cipher = cipher
        self.size_bytes = stored.size_bytes

    @classmethod
    def open(cls, path: Path, key: BookKey | None) -> Self:
        """Open a book: AAXC or AAX with a key, a plain M4B with or without one.

        Raises MediaFileMissingError and what `over` raises.
        """
        return cls.over(FileBytes.open(path), key)

    @classmethod
    def over(cls, stored: StoredBytes, key: BookKey | None) -> Self:
        """Open a book wherever its bytes are stored.

        Reads the index and a few dozen samples. Raises Mp4FormatError (damaged, cut
        off), UnsupportedMediaError, DecryptError (no key or a wrong one) or
        ActivationBytesError.
        """
        header = _read_header(_reader(stored), stored.size_bytes)
        book = cls(stored, header, _cipher(header, key))
        book._check_key()
        return book

    @property
    def duration_ms(self) -> int:
        """Return the length of the sound."""
        return self.times.start_ms(len(self.samples))

    @property
    def config(self) -> AudioConfig:
        """Return how the sound is coded."""
        return self._header.track.config

    @property
    def samples(self) -> SampleIndex:
        """Return where the samples lie."""
        return self._header.track.samples

    @property
    def times(self) -> TimeTable:
        """Return when the samples play."""
        return self._header.track.times

    def etag(self, asin: str) -> str:
        """Return a strong validator, the same wherever and whenever the file was put.

        It follows from the title, the size and the whole index, which holds the size of
        every sample.
        """
        return entity_tag(asin, self.size_bytes, self._header.digest)

    def read(self, start: int, end: int) -> bytes:
        """Return the bytes from `start` to before `end` of the plain file.

        Both are cut to the file. Raises Mp4FormatError if the file has become shorter,
        cannot be read, or holds noise there: three samples in a row.
        """
        end = min(end, self.size_bytes)
        starts = range(max(0, start), end, _PIECE_BYTES)
        return b"".join(self._piece(at, min(at + _PIECE_BYTES, end)) for at in starts)

    def read_now(self, start: int, end: int) -> bytes | None:
        """Return what `read` returns if the stored bytes are in memory, else None.

        Never waits. 64 KiB take a quarter of a millisecond; `end` must lie in the file.
        """
        place = self._place(start, end)
        window = self._stored.read_now(place.base, place.stop - place.base)
        return None if window is None else self._clear(place, window)

    async def load(self, start: int, end: int) -> bytes:
        """Return what `read` returns, once it is there; raise as it does."""
        return await when_there(self._stored, lambda: self.read(start, end))

    async def load_samples(self, first: int, stop: int) -> list[bytes]:
        """Return what `read_samples` returns, once it is there; raise as it does."""
        return await when_there(self._stored, lambda: self.read_samples(first, stop))

    def prove(self) -> None:
        """Read all of it and raise Mp4FormatError if any of its sound is damaged.

        Takes seconds for a long book.
        """
        for start in range(0, self.size_bytes, _PIECE_BYTES):
            self._piece(start, min(start + _PIECE_BYTES, self.size_bytes))

    def read_samples(self, first: int, stop: int) -> list[bytes]:
        """Return the decrypted samples from number `first` to before `stop`.

        Raises as `read` does.
        """
        spans = self.samples.spans(first, stop)
        if not len(spans):
            return []
        base = int(spans.offsets[0])
        clear = memoryview(self._piece(base, spans.end))
        starts = (spans.offsets - base).tolist()
        sizes = spans.sizes.tolist()
        return [
            bytes(clear[at : at + size]) for at, size in zip(starts, sizes, strict=True)
        ]

    def _piece(self, start: int, end: int) -> bytes:
        place = self._place(start, end)
        window = self._stored.read_at(place.base, place.stop - place.base)
        return self._clear(place, window)

    def _place(self, start: int, end: int) -> _Place:
        touched = self.samples.touching(start, end) if self._cipher else None
        if not touched:
            return _Place(start, end, start, end, None)
        base, stop = min(start, int(touched.offsets[0])), max(end, touched.end)
        return _Place(start, end, base, stop, touched)

    def _clear(self, place: _Place, window: bytearray) -> bytes:
        """Return the plain bytes of a piece, of the stored ones around it."""
        base, touched = place.base, place.touched
        if len(window) < place.stop - base:
            raise Mp4FormatError(reason="the file has become shorter")
        if self._cipher and touched:
            offsets = touched.offsets - base
            locked = touched.sizes >= BLOCK_BYTES
            _check_written(_heads(window, offsets[locked]))
            self._cipher.decrypt(window, offsets, touched.sizes)
            self._check_sound(window, offsets[locked], touched.sizes[locked])
        for patch in self._header.patches:
            _overlay(window, base, patch)
        return bytes(memoryview(window)[place.start - base : place.end - base])

    def _check_key(self) -> None:
        """Raise unless samples look like sound: from all over a whole file.

        Of a file that still comes the first ones must do.
        """
        if self._cipher is None:
            return
        frames: list[bytes] = []
        count = len(self.samples)
        if not self._stored.is_whole:
            count = min(count, _PROBED_SAMPLES)
        step = max(1, count // _PROBED_SAMPLES)
        for number in range(0, count, step):
            spans = self.samples.spans(number, number + 1)
            # Shorter samples are clear in the encrypted file too.
            if int(spans.sizes[0]) >= BLOCK_BYTES:
                frames += self.read_samples(number, number + 1)
        match judge(frames, self.config):
            case Verdict.NOISE:
                raise DecryptError
            case Verdict.DAMAGED:
                raise Mp4FormatError(reason="parts of its sound are not readable")
            case Verdict.SOUND:
                return

    def _check_sound(self, window: bytearray, offsets: Ints, sizes: Ints) -> None:
        """Raise if decrypted samples that follow each other are noise."""
        suspects = are_suspicious(_heads(window, offsets), self.config)
        for number in _rows(suspects):
            row = range(number, number + _NOISE_IN_A_ROW)
            frames = (window[offsets[at] : offsets[at] + sizes[at]] for at in row)
            if not any(is_plausible(bytes(frame), self.config) for frame in frames):
                raise Mp4FormatError(reason="parts of its sound are not readable")


def _heads(window: bytearray, offsets: Ints) -> Heads:
    """Return the first bytes of samples, each as one number."""
    if not len(offsets):
        return np.empty(0, np.uint64)
    # Every byte of the window is seen as the start of a number.
    places = len(window) - HEAD_BYTES + 1
    return np.ndarray((places,), ">u8", window, strides=(1,))[offsets].astype(np.uint64)


def _check_written(stored: Heads) -> None:
    """Raise if encrypted samples are a hole: no key makes zeros of sound."""
    if not stored.all():
        raise Mp4FormatError(reason="parts of its sound were never written")


def _rows(suspects: Flags) -> Iterator[int]:
    """Return where rows of suspects begin; of very many, some from all over."""
    count = len(suspects) - _NOISE_IN_A_ROW + 1
    if count <= 0:
        return iter(())
    rows = suspects[:count].copy()
    for further in range(1, _NOISE_IN_A_ROW):
        rows &= suspects[further : further + count]
    found = np.flatnonzero(rows)
    return iter(found[:: 1 + len(found) // _MOST_CLOSE_LOOKS].tolist())


def _reader(stored: StoredBytes) -> ReadAt:
    def read_at(offset: int, length: int) -> bytes:
        return bytes(stored.read_at(offset, length))

    return read_at


def _overlay(window: bytearray, base: int, patch: _Patch) -> None:
    """Put the part of a patch that lies in a window at its place."""
    for at, octet in enumerate(patch.content, start=patch.offset - base):
        if 0 <= at < len(window):
            window[at] = octet


def _cipher(header: _Header, key: BookKey | None) -> SampleCipher | None:
    if not header.track.is_encrypted:
        return None
    match key:
        case ContentKey():
            return SampleCipher(key)
        case ActivationBytes() if header.adrm is not None:
            return SampleCipher(content_key(header.adrm, key))
        case _:
            raise DecryptError


def _read_header(read_at: ReadAt, size_bytes: int) -> _Header:
    """Read all boxes around the sound."""
    boxes = top_level_boxes(read_at, size_bytes)
    if any(box.kind == b"moof" for box in boxes):
        raise UnsupportedMediaError(reason="it is a fragmented MP4 file")
    ftyp, moov = _only(boxes, b"ftyp"), _only(boxes, b"moov")
    if moov.end - moov.start > _MOST_INDEX_BYTES:
        raise Mp4FormatError(reason="its index is too large")
    brands = read_at(ftyp.start, ftyp.end - ftyp.start)
    data = read_at(moov.start, moov.end - moov.start)
    inside = Box(moov.kind, 0, moov.body - moov.start, len(data))
    track = audio_track(data, inside)
    _check_place(track.samples, boxes)
    patches = _brand_patches(brands, ftyp) if track.is_encrypted else ()
    return _Header(
        track=track,
        adrm=data[track.adrm.body : track.adrm.end] if track.adrm else None,
        patches=patches + _index_patches(track, moov),
        digest=index_digest(brands, data),
    )


def _only(boxes: tuple[Box, ...], kind: bytes) -> Box:
    found = [box for box in boxes if box.kind == kind]
    if len(found) != 1:
        reason = f"it has {len(found)} {kind.decode()} boxes instead of one"
        raise Mp4FormatError(reason=reason)
    return found[0]


def _check_place(samples: SampleIndex, boxes: tuple[Box, ...]) -> None:
    """Raise unless the samples lie in media data: a range must not decrypt an index."""
    for box in boxes:
        forbidden_end = box.body if box.kind == b"mdat" else box.end
        if samples.touching(box.start, forbidden_end).sizes.any():
            reason = f"its sound is said to lie in the {box.name} box"
            raise Mp4FormatError(reason=reason)
    _, end = samples.extent
    if end > boxes[-1].end:
        missing = end - boxes[-1].end
        raise Mp4FormatError(reason=f"the last {missing} bytes of sound are missing")


def _brand_patches(brands: bytes, ftyp: Box) -> tuple[_Patch, ...]:
    """Return the patches that name a plain M4A wherever an encrypted brand stands."""
    body = ftyp.body - ftyp.start
    # The version after the major brand is not a brand.
    places = (body, *range(body + 8, len(brands) - 3, 4))
    return tuple(
        _Patch(ftyp.start + at, _BRAND)
        for at in places
        if at == body or brands[at : at + 4] in _ENCRYPTED_BRANDS
    )


def _index_patches(track: AudioTrack, moov: Box) -> tuple[_Patch, ...]:
    if not track.is_encrypted:
        return ()
    entry = _Patch(moov.start + track.entry.start + 4, b"mp4a")
    if track.adrm is None:
        return (entry,)
    return (entry, _Patch(moov.start + track.adrm.start + 4, b"free"))
