"""Which files are the server's own, and how one gets its name."""

import os
from pathlib import Path
from typing import Never

import pytest

from audible_server.library.files import is_made, move_new, remove_made
from audible_server.store.made_files import Made

HOUR_NS = 3600 * 10**9


def _made(path: Path) -> Made:
    status = path.stat()
    made_at = status.st_mtime_ns // 1_000_000
    return Made(made_at, status.st_size, status.st_mtime_ns)


def test_a_made_file_is_known_by_its_size_and_time(tmp_path: Path) -> None:
    """A disk may round the time; another size or time is another file."""
    path = tmp_path / "book.m4b"
    path.write_bytes(b"made")
    made = _made(path)
    assert is_made(path, made)
    assert made.mtime_ns
    os.utime(path, ns=(0, made.mtime_ns + 10**9))
    assert is_made(path, made)
    os.utime(path, ns=(0, made.mtime_ns - HOUR_NS))
    assert not is_made(path, made)
    assert not remove_made(path, made)
    path.write_bytes(b"made by somebody")
    os.utime(path, ns=(0, made.mtime_ns))
    assert not remove_made(path, made)
    assert path.exists()


def test_a_file_of_before_is_known_by_when_it_was_noted(tmp_path: Path) -> None:
    """Older versions noted no more than that."""
    path = tmp_path / "book.m4b"
    path.write_bytes(b"made")
    made = Made(_made(path).made_at, None, None)
    later_ns = path.stat().st_mtime_ns + HOUR_NS
    os.utime(path, ns=(0, later_ns))
    assert not remove_made(path, made)
    os.utime(path, ns=(0, later_ns - 2 * HOUR_NS))
    assert remove_made(path, made)
    assert not path.exists()
    assert remove_made(path, made)


@pytest.mark.parametrize("has_links", [True, False])
def test_a_name_is_given_only_where_nobody_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, has_links: bool
) -> None:
    """Also on a disk that knows no links."""

    def refuse(*_: object) -> Never:
        raise PermissionError(1, "Operation not permitted")

    if not has_links:
        monkeypatch.setattr(Path, "hardlink_to", refuse)
    made, taken, free = (tmp_path / name for name in ("made", "taken", "free"))
    made.write_bytes(b"made")
    taken.write_bytes(b"somebody's own")
    with pytest.raises(FileExistsError):
        move_new(made, taken)
    assert (b"made", b"somebody's own") == (made.read_bytes(), taken.read_bytes())

    move_new(made, free)
    assert b"made" == free.read_bytes()
    assert not made.exists()


def test_a_name_that_could_not_be_used_is_given_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No empty file stays where a whole one was to be."""

    def refuse(*_: object) -> Never:
        raise OSError(5, "Input/output error")

    made, place = tmp_path / "made", tmp_path / "place"
    made.write_bytes(b"made")
    with monkeypatch.context() as patched:
        patched.setattr(Path, "hardlink_to", refuse)
        patched.setattr(Path, "replace", refuse)
        with pytest.raises(OSError, match="Input/output"):
            move_new(made, place)
    assert not place.exists()
    assert b"made" == made.read_bytes()
