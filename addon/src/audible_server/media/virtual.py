"""Encrypted books as if they were plain M4B files of the same size.

In the index, `aavd` becomes `mp4a`, `adrm` becomes `free` and the brand `M4A `; in the
sound, the samples that a range touches are decrypted. Nothing moves, so any byte range
can be served by itself.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from audible_core.errors import DecryptError, Mp4FormatError

from audible_server.media.decrypting import DECRYPTING
from audible_server.media.keys import ActivationBytes, BookKey, ContentKey
from audible_server.media.mp4.aax_key import content_key
from audible_server.media.mp4.audio_config import AudioConfig
from audible_server.media.mp4.decrypt import BLOCK_BYTES, SampleCipher
from audible_server.media.mp4.header import Header, Patch, read_header
from audible_server.media.mp4.plausible import (
    HEAD_BYTES,
    Flags,
    Heads,
    Verdict,
    are_suspicious,
    is_plausible,
    judge,
)
from audible_server.media.mp4.samples import SampleIndex, SampleSpans
from audible_server.media.mp4.tables import Ints
from audible_server.media.mp4.times import TimeTable
from audible_server.media.stored import FileBytes, StoredBytes, when_there
from audible_server.media.validators import entity_tag

# Decryption is fastest in pieces that stay in the processor's cache.
_PIECE_BYTES = 256 * 1024
_PROBED_SAMPLES = 48
# A random frame passes for sound once in twenty.
_NOISE_IN_A_ROW = 3
_MOST_CLOSE_LOOKS = 16
# More than eight channels can hold in the longest segment; a damaged file claims more.
_MOST_SAMPLES_AT_ONCE = 1 << 20
_MOST_BYTES_AT_ONCE = 64 * 1024 * 1024
# Pictures may lie between two samples; then both sides are read by themselves.
_MOST_GAP_BYTES = 16 * 1024


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
        self, stored: StoredBytes, header: Header, cipher: SampleCipher | None
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
        header = read_header(stored.read_at, stored.size_bytes)
        book = cls(stored, header, _cipher(header, key))
        book._check_key()
        return book

    @property
    def duration_ms(self) -> int:
        """Return the length of the sound that is to be heard."""
        return self.times.duration_ms

    @property
    def memory_bytes(self) -> int:
        """Return what keeping it open costs."""
        return self._header.track.memory_bytes

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

        At most 64 MiB, which is an hour of any book. Raises as `read` does.
        """
        if min(stop, len(self.samples)) - first > _MOST_SAMPLES_AT_ONCE:
            raise Mp4FormatError(reason="too many samples play in one place")
        spans = self.samples.spans(first, stop)
        if int(spans.sizes.sum()) > _MOST_BYTES_AT_ONCE:
            raise Mp4FormatError(reason="too much sound plays in one place")
        parts = spans.close_together(_MOST_GAP_BYTES)
        return [sample for part in parts for sample in self._cut(part)]

    def _cut(self, spans: SampleSpans) -> Iterator[bytes]:
        base = int(spans.offsets[0])
        clear = memoryview(self._piece(base, spans.end))
        starts = (spans.offsets - base).tolist()
        sizes = spans.sizes.tolist()
        for at, size in zip(starts, sizes, strict=True):
            yield bytes(clear[at : at + size])

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
            is_locked = touched.sizes >= BLOCK_BYTES
            locked = offsets[is_locked]
            _check_written(_heads(window, locked))
            began = time.perf_counter()
            self._cipher.decrypt(window, offsets, touched.sizes)
            DECRYPTING.add(time.perf_counter() - began)
            self._check_sound(window, locked, touched.sizes[is_locked])
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
    if count <= 0 or np.count_nonzero(suspects) < _NOISE_IN_A_ROW:
        return iter(())
    rows = suspects[:count].copy()
    for further in range(1, _NOISE_IN_A_ROW):
        rows &= suspects[further : further + count]
    found = np.flatnonzero(rows)
    return iter(found[:: 1 + len(found) // _MOST_CLOSE_LOOKS].tolist())


def _overlay(window: bytearray, base: int, patch: Patch) -> None:
    """Put the part of a patch that lies in a window at its place."""
    start = patch.offset - base
    if not -len(patch.content) < start < len(window):
        return
    for at, octet in enumerate(patch.content, start=start):
        if 0 <= at < len(window):
            window[at] = octet


def _cipher(header: Header, key: BookKey | None) -> SampleCipher | None:
    if not header.track.is_encrypted:
        return None
    match key:
        case ContentKey():
            return SampleCipher(key)
        case ActivationBytes() if header.adrm is not None:
            return SampleCipher(content_key(header.adrm, key))
        case _:
            raise DecryptError
