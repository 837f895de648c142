"""Books that the tests share: made once, encrypted both ways, index first and last."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from audible_server.media.keys import ActivationBytes, BookKey, ContentKey
from audible_server.media.virtual import VirtualM4b
from tests.simulator.audio import (
    ChapterMark,
    encrypt_aax,
    encrypt_aaxc,
    synthesize_book,
)

RUNTIME_MS = 75_000
KEY = ContentKey(bytes.fromhex("00112233445566778899aabbccddeeff"), bytes(range(16)))
ACTIVATION = ActivationBytes(bytes.fromhex("1a2b3c4d"))


@dataclass(frozen=True, slots=True)
class EncryptedBook:
    """An encrypted file, the plain one it was made from, and what opens it."""

    path: Path
    plain: Path
    key: BookKey

    @property
    def ffmpeg_key(self) -> list[str]:
        """Return how ffmpeg, the judge, is told the key."""
        match self.key:
            case ContentKey(key, iv):
                return ["-audible_key", key.hex(), "-audible_iv", iv.hex()]
            case ActivationBytes(value):
                return ["-activation_bytes", value.hex()]


@pytest.fixture(scope="session")
def plain_book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plain M4B of 75 seconds with two chapters, index first."""
    path = tmp_path_factory.mktemp("plain") / "book.m4b"
    chapters = (ChapterMark("One", 0, 30_000), ChapterMark("Two", 30_000, 45_000))
    synthesize_book(
        path, runtime_ms=RUNTIME_MS, chapters=chapters, title="A book", author="Someone"
    )
    return path


@pytest.fixture(scope="session")
def plain_book_index_last(plain_book: Path) -> Path:
    """The same sound with the index behind it, as the shop's files have it."""
    path = plain_book.with_name("last.m4b")
    ffmpeg("-i", plain_book, "-map", "0:a", "-c", "copy", "-f", "ipod", path)
    return path


@pytest.fixture(
    scope="session", params=["aaxc", "aax", "aaxc-index-last", "aax-index-last"]
)
def encrypted_book(
    request: pytest.FixtureRequest, plain_book: Path, plain_book_index_last: Path
) -> EncryptedBook:
    """A book encrypted in each of the shop's ways."""
    kind, _, is_last = request.param.partition("-")
    plain = plain_book_index_last if is_last else plain_book
    path = plain.with_name(f"{request.param}.{kind}")
    if kind == "aax":
        encrypt_aax(plain, path, activation_bytes=ACTIVATION.value)
        return EncryptedBook(path, plain, ACTIVATION)
    encrypt_aaxc(plain, path, key=KEY.key, iv=KEY.iv)
    return EncryptedBook(path, plain, KEY)


@pytest.fixture(scope="session")
def aaxc(plain_book: Path) -> Path:
    """One AAXC for tests that need no variety."""
    path = plain_book.with_name("one.aaxc")
    encrypt_aaxc(plain_book, path, key=KEY.key, iv=KEY.iv)
    return path


@pytest.fixture
def book(aaxc: Path) -> VirtualM4b:
    """The AAXC, open."""
    return VirtualM4b.open(aaxc, KEY)


def ffmpeg(*args: str | Path) -> str:
    """Run ffmpeg and return what it printed."""
    argv = ["ffmpeg", "-nostdin", "-v", "error", "-y", *map(str, args)]
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout
