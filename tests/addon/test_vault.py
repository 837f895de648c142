"""The vault: its key file, rotation, what does not open."""

import stat
from pathlib import Path

import pytest
from audible_core.errors import KeyFileUnusableError, SealError
from audible_core.vault import Vault
from cryptography.fernet import Fernet


def test_key_file_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    """What was sealed opens after a restart; others cannot read the key."""
    path = tmp_path / "keys"
    sealed = Vault.open(path).seal("voucher")

    assert "voucher" == Vault.open(path).unseal(sealed, what="license")
    assert 0o600 == stat.S_IMODE(path.stat().st_mode)
    assert ["keys"] == [file.name for file in tmp_path.iterdir()]


def test_older_key_still_opens_after_rotation(tmp_path: Path) -> None:
    """A new key as the first line seals; the old one below it still opens."""
    path = tmp_path / "keys"
    sealed = Vault.open(path).seal("voucher")
    path.write_text(Fernet.generate_key().decode() + "\n" + path.read_text())

    assert "voucher" == Vault.open(path).unseal(sealed, what="license")


def test_other_key_does_not_open(tmp_path: Path) -> None:
    """A database without its key file is worthless."""
    sealed = Vault.open(tmp_path / "keys").seal("voucher")

    with pytest.raises(SealError, match="license"):
        Vault.open(tmp_path / "other").unseal(sealed, what="license")


@pytest.mark.parametrize("content", ["", "no key\n", "\xff"])
def test_damaged_key_file_is_named(tmp_path: Path, content: str) -> None:
    """A damaged key file is never replaced: everything would be lost."""
    path = tmp_path / "keys"
    path.write_text(content)

    with pytest.raises(KeyFileUnusableError, match="keys"):
        Vault.open(path)
    assert content == path.read_text()
