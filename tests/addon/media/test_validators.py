"""A tag follows from what a file holds, wherever and whenever it was put."""

import os
import shutil
from pathlib import Path

import pytest

from audible_server.media.plain import PlainFile
from audible_server.media.virtual import VirtualM4b

from .conftest import ffmpeg

ASIN = "B0TAG00001"


def tag_of(path: Path) -> str:
    return PlainFile.open(path).etag(ASIN)


def test_copy_has_the_same_tag(plain_book: Path, tmp_path: Path) -> None:
    """Another replica or a restored backup: the same bytes have the same tag."""
    copy = tmp_path / "copy.m4b"
    shutil.copy(plain_book, copy)
    os.utime(copy, (1, 1))

    assert tag_of(plain_book) == tag_of(copy)
    assert tag_of(plain_book) == VirtualM4b.open(copy, None).etag(ASIN)


def test_other_title_has_another_tag(plain_book: Path) -> None:
    """A tag is of one address."""
    assert tag_of(plain_book) != PlainFile.open(plain_book).etag("B0TAG00002")


def test_same_size_with_other_words_has_another_tag(
    plain_book: Path, tmp_path: Path
) -> None:
    """A program that writes tags in place, and keeps size and time, is seen."""
    edited = tmp_path / "edited.m4b"
    content = plain_book.read_bytes()
    assert content.count(b"A book") > 0
    edited.write_bytes(content.replace(b"A book", b"B book"))
    shutil.copystat(plain_book, edited)

    assert edited.stat().st_size == plain_book.stat().st_size
    assert tag_of(plain_book) != tag_of(edited)


@pytest.mark.parametrize("at", [10, 150_000, -10])
def test_file_without_an_index_is_known_by_its_pieces(tmp_path: Path, at: int) -> None:
    """A change in front, in the middle or at the end of an MP3 changes its tag."""
    path = tmp_path / "episode.mp3"
    source = "sine=frequency=300:duration=60"
    ffmpeg("-f", "lavfi", "-i", source, "-ac", "1", "-b:a", "40k", path)
    before = tag_of(path)
    content = bytearray(path.read_bytes())
    content[at] ^= 0xFF
    path.write_bytes(content)

    assert before != tag_of(path)
