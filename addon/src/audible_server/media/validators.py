"""Entity tags that follow from what a file holds, not from where or when it was put.

A strong tag must change with any byte (RFC 9110, 8.8.1). Size and modification time
would do on one shared folder, but not for a copy of it: a restored backup or a second
share has other times, and a program that writes tags into a file may keep the old one.
To read the whole of a file costs seconds. So the tag follows from the title, the size
and the index: that holds the size of every sample, and no two codings of AAC have
millions of equal ones. A file without such an index is known by three pieces of it.
"""

from hashlib import blake2b
from typing import Final

from audible_core.errors import Mp4FormatError

from audible_server.media.mp4.boxes import ReadAt
from audible_server.media.mp4.layout import read_layout

_PIECE_BYTES: Final = 64 * 1024


def entity_tag(asin: str, size_bytes: int, digest: bytes) -> str:
    """Return the strong tag of a title's file, in its quotes."""
    found = blake2b(digest_size=16)
    found.update(f"{asin}\0{size_bytes}\0".encode())
    found.update(digest)
    return f'"{found.hexdigest()}"'


def file_digest(read_at: ReadAt, size_bytes: int) -> bytes:
    """Return the digest of any audio file: of its index if it has one. Blocks.

    Else of its first, middle and last 64 KiB. Raises what `read_at` raises.
    """
    try:
        return read_layout(read_at, size_bytes).digest(read_at)
    except Mp4FormatError:
        # No MP4 file, or a damaged one, which is still served as it is.
        digest = blake2b(digest_size=32)
    last = max(0, size_bytes - _PIECE_BYTES)
    for start in (0, last // 2, last):
        digest.update(read_at(start, min(_PIECE_BYTES, size_bytes)))
    return digest.digest()
