"""The vault: key files, other people's keys, rotation."""

import stat
from pathlib import Path

import pytest
from audible_core.errors import InvalidValueError, KeyFileUnusableError, SealError
from audible_core.vault import Vault
from cryptography.fernet import Fernet


def test_key_file_is_made_once_and_private(tmp_path: Path) -> None:
    """A second start opens what the first has sealed."""
    path = tmp_path / "keys"
    sealed = Vault.open(path).seal("text")

    assert "text" == Vault.open(path).unseal(sealed, what="thing")
    assert 0o600 == path.stat().st_mode & 0o777
    assert [path] == list(tmp_path.iterdir())


def test_key_file_that_others_can_read_is_closed(tmp_path: Path) -> None:
    """A restored backup may have lost its mode."""
    path = tmp_path / "keys"
    Vault.open(path)
    path.chmod(0o644)

    Vault.open(path)

    assert 0o600 == path.stat().st_mode & 0o777


@pytest.mark.parametrize("content", ["", "no key", "ü" * 20])
def test_file_that_is_no_key_file_is_refused(tmp_path: Path, content: str) -> None:
    """It is never overwritten: it may be a damaged key file."""
    path = tmp_path / "keys"
    path.write_text(content, encoding="utf-8")

    with pytest.raises(KeyFileUnusableError, match="The key file keys"):
        Vault.open(path)

    assert content == path.read_text(encoding="utf-8")


def test_text_of_another_key_stays_closed(tmp_path: Path) -> None:
    """The error says what could not be opened, and nothing of it."""
    sealed = Vault.open(tmp_path / "a").seal("text")

    with pytest.raises(SealError, match="sealed thing"):
        Vault.open(tmp_path / "b").unseal(sealed, what="thing")
    with pytest.raises(SealError, match="sealed thing"):
        Vault.open(tmp_path / "b").resealed("damaged", what="thing")


def test_rotation(tmp_path: Path) -> None:
    """New key first, everything sealed anew, then the old key goes."""
    path = tmp_path / "keys"
    vault = Vault.open(path)
    old = vault.seal("text")
    vault.add_key()
    resealed = vault.resealed(old, what="thing")
    both = vault.unseal(old, what="thing")
    vault.drop_old_keys()

    assert ["text", "text"] == [both, vault.unseal(resealed, what="thing")]
    with pytest.raises(SealError):
        vault.unseal(old, what="thing")
    assert "text" == Vault.open(path).unseal(resealed, what="thing")


def test_keys_from_elsewhere_are_not_changed_here() -> None:
    """Whoever gives keys by an option rotates them there."""
    new, old = (Fernet.generate_key().decode() for _ in range(2))
    sealed = Vault([old]).seal("text")
    vault = Vault([new, old])
    vault.add_key()
    resealed = vault.resealed(sealed, what="thing")
    vault.drop_old_keys()

    assert ["text", "text"] == [
        vault.unseal(sealed, what="thing"),
        Vault([new]).unseal(resealed, what="thing"),
    ]
    assert "<Vault of 2 keys>" == repr(vault)


def test_moved_vault_opens_what_was_sealed_before(tmp_path: Path) -> None:
    """The keys go along; those that are in the new file already come first."""
    vault = Vault.open(tmp_path / "old")
    sealed = vault.seal("text")
    theirs = Vault.open(tmp_path / "new")

    moved = vault.moved_to(tmp_path / "new")

    assert "text" == moved.unseal(sealed, what="thing")
    assert "text" == Vault.open(tmp_path / "new").unseal(sealed, what="thing")
    assert "new" == theirs.unseal(moved.seal("new"), what="thing")
    assert "text" == Vault.open(tmp_path / "old").unseal(sealed, what="thing")
    assert 0o600 == stat.S_IMODE((tmp_path / "new").stat().st_mode)


@pytest.mark.parametrize("place", ["poem", "nowhere/keys", "."])
def test_vault_does_not_move_where_no_keys_can_be(tmp_path: Path, place: str) -> None:
    """Another's file, a missing folder, a folder: nothing is written over."""
    (tmp_path / "poem").write_text("no keys\n")
    vault = Vault.open(tmp_path / "old")

    with pytest.raises(InvalidValueError):
        vault.moved_to(tmp_path / place)

    assert "no keys\n" == (tmp_path / "poem").read_text()
