"""What other programs leave beside their files: keys and lists. Blocks."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from audible_core.models import Asin

from audible_server.media.keys import ActivationBytes
from audible_server.scan.folder import Walk
from audible_server.scan.keys import (
    KEY_FILE_BYTES_MAX,
    FoundKey,
    parse_key_file,
)
from audible_server.scan.lists import LIST_BYTES_MAX, parse_list
from audible_server.scan.names import base_of
from audible_server.scan.recognize import Hints
from audible_server.store.files import ScannedFile
from audible_server.store.grants import FileKind, Grant


@dataclass(frozen=True, slots=True)
class Beside:
    """What lies beside the audio files of one walk; read when it is needed."""

    library_dir: Path
    walk: Walk

    def hints(self) -> Hints:
        """Return which titles the lists and keys name."""
        listed: dict[str, Asin] = {}
        for path in self.walk.lists:
            listed |= parse_list(self._content(path, LIST_BYTES_MAX))
        keys = ((path, self._key(path)) for path in self.walk.key_files)
        keyed = {base_of(path): key.asin for path, key in keys if key and key.asin}
        return Hints(of_keys=keyed, of_lists=listed)

    def key_files(self) -> Mapping[str, str]:
        """Return the path of each key's file by that of its audio without the end."""
        return {base_of(path): path for path in self.walk.key_files}

    def grant(self, path: str, file: ScannedFile) -> Grant | None:
        """Return the key in a file as the grant of an audio file, if it may fit.

        The address of the grant has expired long ago.
        """
        found = self._key(path)
        is_aax = found is not None and isinstance(found.key, ActivationBytes)
        if found is None or is_aax != (file.kind is FileKind.AAX):
            return None
        return Grant(
            kind=file.kind,
            url="",
            key=found.key,
            size_bytes=file.size_bytes,
            codec=None,
            requested_at=0,
        )

    def _key(self, path: str) -> FoundKey | None:
        return parse_key_file(self._content(path, KEY_FILE_BYTES_MAX))

    def _content(self, path: str, most_bytes: int) -> bytes:
        """Return a small file; nothing of one that is larger or cannot be read."""
        try:
            with (self.library_dir / path).open("rb") as file:
                content = file.read(most_bytes + 1)
        except OSError:
            return b""
        return content if len(content) <= most_bytes else b""
