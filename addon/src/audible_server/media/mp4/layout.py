"""Where the boxes of a whole MP4 file lie: index, fragments and media data."""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from audible_core.errors import Mp4FormatError

from audible_server.media.mp4.boxes import Box, ReadAt, box_at, iter_boxes
from audible_server.media.mp4.samples import MediaData

# A fragment has two boxes: 72 hours in fragments of two seconds.
_MOST_BOXES = 1 << 18
# 50 hours at 44.1 kHz have an index of 31 MB.
_MOST_INDEX_BYTES = 256 * 1024 * 1024
_MOST_FTYP_BYTES = 4_096
_PIECE_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Layout:
    """The boxes of a file; of those that may be many it holds only the places."""

    ftyp: Box
    moov: Box
    _fragments: array[int]
    _media: array[int]

    @property
    def media(self) -> MediaData:
        """Return where samples may lie."""
        pairs = np.frombuffer(self._media, np.int64).reshape(-1, 2)
        return MediaData(pairs[:, 0].copy(), pairs[:, 1].copy())

    def fragments(self, read_at: ReadAt) -> Iterator[Box]:
        """Yield the `moof` boxes, in file order."""
        for start, end in self._fragment_spans():
            yield box_at(read_at, start, end)

    def digest(self, read_at: ReadAt) -> bytes:
        """Return a digest of the whole index; raise Mp4FormatError if it is too large.

        In it is the size of every sample. Reads from beginning to end, in pieces.
        """
        digest = blake2b(digest_size=32)
        left = _MOST_INDEX_BYTES
        for start, end in self._index_spans():
            left -= end - start
            if left < 0:
                raise Mp4FormatError(reason="its index is too large")
            for at in range(start, end, _PIECE_BYTES):
                digest.update(read_at(at, min(_PIECE_BYTES, end - at)))
        return digest.digest()

    def _index_spans(self) -> Iterator[tuple[int, int]]:
        yield self.ftyp.start, self.ftyp.end
        yield self.moov.start, self.moov.end
        yield from self._fragment_spans()

    def _fragment_spans(self) -> Iterator[tuple[int, int]]:
        places = iter(self._fragments)
        return zip(places, places, strict=True)


def read_layout(read_at: ReadAt, size_bytes: int) -> Layout:
    """Find the boxes of a file, reading only their headers; raise Mp4FormatError."""
    single: dict[bytes, list[Box]] = {b"ftyp": [], b"moov": []}
    fragments, media = array("q"), array("q")
    for box in iter_boxes(read_at, 0, size_bytes, most=_MOST_BOXES):
        match box.kind:
            case b"ftyp" | b"moov":
                single[box.kind].append(box)
            case b"moof":
                fragments.extend((box.start, box.end))
            case b"mdat":
                media.extend((box.body, box.end))
    ftyp = _only(single[b"ftyp"], "ftyp")
    if ftyp.end - ftyp.start > _MOST_FTYP_BYTES:
        raise Mp4FormatError(reason="its ftyp box is too large")
    moov = _only(single[b"moov"], "moov")
    if moov.end - moov.start > _MOST_INDEX_BYTES:
        raise Mp4FormatError(reason="its index is too large")
    if not media:
        raise Mp4FormatError(reason="there is no sound in it")
    return Layout(ftyp, moov, fragments, media)


def _only(found: list[Box], kind: str) -> Box:
    if len(found) != 1:
        reason = f"it has {len(found)} {kind} boxes instead of one"
        raise Mp4FormatError(reason=reason)
    return found[0]
