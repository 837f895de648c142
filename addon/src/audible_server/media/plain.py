"""A file that is served as it is stored."""

from pathlib import Path
from typing import Self

from audible_core.errors import Mp4FormatError

from audible_server.media.mp4.layout import read_layout
from audible_server.media.stored import FileBytes, StoredBytes, when_there
from audible_server.media.validators import entity_tag, file_digest


class PlainFile:
    """Audio that any player can read; the file closes when the last user lets go of it.

    `read` blocks, and is safe from any thread.
    """

    def __init__(self, stored: StoredBytes, digest: bytes) -> None:
        """Read from what is stored; use `open`."""
        self._stored = stored
        self._digest = digest
        self.size_bytes = stored.size_bytes

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a file and read its index. Blocks.

        Raises MediaFileMissingError, or Mp4FormatError if it cannot be read.
        """
        return cls.over(FileBytes.open(path))

    @classmethod
    def over(cls, stored: StoredBytes) -> Self:
        """Open a file wherever its bytes are stored, and read its index. Blocks."""
        return cls(stored, file_digest(stored.read_at, stored.size_bytes))

    @property
    def on_disk(self) -> FileBytes | None:
        """Return the file for the kernel to send by itself; None if it is not whole."""
        return self._stored if isinstance(self._stored, FileBytes) else None

    def etag(self, asin: str) -> str:
        """Return a strong validator, the same for every copy of the file."""
        return entity_tag(asin, self.size_bytes, self._digest)

    def read(self, start: int, end: int) -> bytearray:
        """Return the bytes from `start` to before `end`, both inside the file.

        Raises Mp4FormatError if the file has become shorter, or cannot be read.
        """
        data = self._stored.read_at(start, end - start)
        if len(data) < end - start:
            raise Mp4FormatError(reason="the file has become shorter")
        return data

    def read_now(self, start: int, end: int) -> bytearray | None:
        """Return what `read` returns if it is in memory, else None; never waits."""
        return self._stored.read_now(start, end - start)

    async def load(self, start: int, end: int) -> bytearray:
        """Return what `read` returns, once it is there; raise as it does."""
        return await when_there(self._stored, lambda: self.read(start, end))


def check_whole(path: Path) -> None:
    """Look at the boxes of an MP4 file. Blocks.

    Raises Mp4FormatError if it is cut off or none at all, or MediaFileMissingError.
    """
    file = FileBytes.open(path)
    read_layout(file.read_at, file.size_bytes)
