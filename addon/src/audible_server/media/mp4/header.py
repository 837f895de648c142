"""All that stands around the sound of a file, and what of it a plain file has instead.

In the index, `aavd` becomes `mp4a`, `adrm` becomes `free` and the brand `M4A `. Nothing
changes its size. Fragments list samples alone, so nothing changes in them.
"""

from dataclasses import dataclass

from audible_server.media.mp4.boxes import Box, ReadAt, body_of, loaded
from audible_server.media.mp4.layout import read_layout
from audible_server.media.mp4.track import AudioTrack, audio_track

_BRAND = b"M4A "
_ENCRYPTED_BRANDS = (b"aaxc", b"aax ")
_MOST_ADRM_BYTES = 4_096


@dataclass(frozen=True, slots=True)
class Patch:
    """Bytes that stand in the plain file at an offset."""

    offset: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Header:
    """What the boxes around the sound say; `digest` is of all of them."""

    track: AudioTrack
    adrm: bytes | None
    patches: tuple[Patch, ...]
    digest: bytes


def read_header(read_at: ReadAt, size_bytes: int) -> Header:
    """Read all boxes around the sound.

    Raises Mp4FormatError if they are damaged, UnsupportedMediaError if the file is of a
    kind that cannot be served.
    """
    layout = read_layout(read_at, size_bytes)
    # First, because it asks for the index from its beginning to its end.
    digest = layout.digest(read_at)
    track = audio_track(
        loaded(read_at, layout.moov),
        layout.moov,
        media=layout.media,
        fragments=layout.fragments(read_at),
    )
    adrm = track.adrm
    return Header(
        track=track,
        adrm=body_of(read_at, adrm, _MOST_ADRM_BYTES) if adrm else None,
        patches=_patches(read_at, layout.ftyp, track) if track.is_encrypted else (),
        digest=digest,
    )


def _patches(read_at: ReadAt, ftyp: Box, track: AudioTrack) -> tuple[Patch, ...]:
    """Return what names a plain M4A wherever the file names itself encrypted."""
    brands = read_at(ftyp.start, ftyp.end - ftyp.start)
    body = ftyp.body - ftyp.start
    # The version after the major brand is not a brand.
    places = (body, *range(body + 8, len(brands) - 3, 4))
    named = [
        Patch(ftyp.start + at, _BRAND)
        for at in places
        if at == body or brands[at : at + 4] in _ENCRYPTED_BRANDS
    ]
    entry = Patch(track.entry.start + 4, b"mp4a")
    if track.adrm is None:
        return (*named, entry)
    return (*named, entry, Patch(track.adrm.start + 4, b"free"))
