"""Encryption of what is kept at rest: MultiFernet under keys made per installation.

Knows nothing of tables: whoever keeps sealed texts seals them anew when a key changes.
"""

import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Self

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from .errors import InvalidValueError, KeyFileUnusableError, SealError

_PRIVATE: Final = 0o600


class Vault:
    """Seals texts under the newest key and opens them with any of its keys.

    The key file holds one key per line, the newest first. To rotate: `add_key`, seal
    everything anew (`resealed`), `drop_old_keys`; a crash in between loses nothing.
    """

    def __init__(self, keys: Sequence[str], path: Path | None = None) -> None:
        """Use keys that come from elsewhere; without a path nothing is written.

        Raises InvalidValueError if one is no Fernet key.
        """
        self._path = path
        self._keys = tuple(keys)
        self._fernet = _fernet(self._keys)

    @classmethod
    def open(cls, path: Path) -> Self:
        """Return the vault of a key file, which is made (0600) where there is none.

        Blocks. Raises KeyFileUnusableError if the file is no key file.
        """
        try:
            keys = _read(path)
            if keys is None:
                keys = [Fernet.generate_key().decode()]
                _write(path, keys)
            if path.stat().st_mode & 0o077:
                path.chmod(_PRIVATE)
            return cls(keys, path)
        except (OSError, UnicodeDecodeError, InvalidValueError) as err:
            raise KeyFileUnusableError(path=path.name) from err

    def moved_to(self, path: Path) -> Self:
        """Return a vault at another path that opens all that this one opens. Blocks.

        Keys of a file that is there already come first. This vault's file stays, for
        whoever still needs it. Raises InvalidValueError if the path is of no use.
        """
        try:
            theirs = _read(path) or []
            # Judged before anything is written over it.
            _fernet(theirs or self._keys)
            keys = list(dict.fromkeys((*theirs, *self._keys)))
            _write(path, keys)
        except (OSError, UnicodeDecodeError) as err:
            raise _unusable(f"{path.name} ({type(err).__name__})") from err
        except InvalidValueError:
            raise _unusable(path.name) from None
        return type(self)(keys, path)

    def __repr__(self) -> str:
        """Say how many keys there are, and nothing of them."""
        return f"<Vault of {len(self._keys)} keys>"

    def seal(self, text: str) -> str:
        """Return the text encrypted and authenticated."""
        return self._fernet.encrypt(text.encode()).decode()

    def unseal(self, sealed: str, *, what: str) -> str:
        """Return what was sealed; raise SealError if no key fits."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken, ValueError:
            raise SealError(what=what) from None

    def resealed(self, sealed: str, *, what: str) -> str:
        """Return the text sealed under the newest key; raise SealError likewise."""
        try:
            return self._fernet.rotate(sealed).decode()
        except InvalidToken, ValueError:
            raise SealError(what=what) from None

    def add_key(self) -> None:
        """Seal with a new key from now on; the old ones still open. Blocks.

        Keys that came from elsewhere are changed there, and stay as they are here.
        """
        if self._path is not None:
            self._use(self._path, (Fernet.generate_key().decode(), *self._keys))

    def take_key_back(self) -> None:
        """Forget the newest key again, with which nothing was sealed. Blocks."""
        if self._path is not None and len(self._keys) > 1:
            self._use(self._path, self._keys[1:])

    def drop_old_keys(self) -> None:
        """Forget all keys but the newest. Blocks."""
        if self._path is not None:
            self._use(self._path, self._keys[:1])

    def _use(self, path: Path, keys: tuple[str, ...]) -> None:
        _write(path, keys)
        self._keys = keys
        self._fernet = _fernet(keys)


def _fernet(keys: Sequence[str]) -> MultiFernet:
    try:
        return MultiFernet([Fernet(key) for key in keys])
    except ValueError:
        raise _unusable(f"{len(keys)} keys") from None


def _read(path: Path) -> list[str] | None:
    try:
        return path.read_text(encoding="ascii").split()
    except FileNotFoundError:
        return None


def _write(path: Path, keys: Sequence[str]) -> None:
    """Write whole or not at all: half a key file would lock everything."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write("".join(f"{key}\n" for key in keys))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Make the rename last through a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unusable(value: str) -> InvalidValueError:
    return InvalidValueError(
        field="key file",
        value=value,
        allowed="a new file in a folder that is there, or a key file of this program",
    )
