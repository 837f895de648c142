"""Encryption of what the server keeps: one key file per installation."""

import os
import secrets
from pathlib import Path
from typing import Self

from audible_core.errors import InvalidValueError, SealError
from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class Vault:
    """Seals texts under the newest key and opens them with any key of the file.

    To rotate, write a new key as the first line of the file.
    """

    def __init__(self, fernet: MultiFernet) -> None:
        """Use `open` instead."""
        self._fernet = fernet

    @classmethod
    def open(cls, path: Path) -> Self:
        """Return the vault of a key file, which is made (0600) where there is none.

        Blocks. Raises InvalidValueError if the file is no key file.
        """
        try:
            lines = path.read_text(encoding="ascii").split()
        except FileNotFoundError:
            lines = [_new_key(path)]
        except (OSError, UnicodeDecodeError) as err:
            raise _unusable(type(err).__name__) from err
        try:
            return cls(MultiFernet([Fernet(line) for line in lines]))
        except ValueError:
            raise _unusable(f"{len(lines)} lines") from None

    def seal(self, text: str) -> str:
        """Return the text encrypted and authenticated."""
        return self._fernet.encrypt(text.encode()).decode()

    def unseal(self, sealed: str, *, what: str) -> str:
        """Return what was sealed; raise SealError if no key fits."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken, ValueError:
            raise SealError(what=what) from None


def _new_key(path: Path) -> str:
    """Write a new key whole or not at all: half a key file would lock everything."""
    key = Fernet.generate_key().decode()
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(key + "\n")
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
    return key


def _unusable(value: str) -> InvalidValueError:
    return InvalidValueError(
        field="keys", value=value, allowed="the key file that this server wrote"
    )
