"""What files are, with the real ffprobe."""

import asyncio
import os
from pathlib import Path

import pytest
from audible_core.errors import (
    MediaFileMissingError,
    MediaToolError,
    UnsupportedMediaError,
)

from audible_server.media.probe import (
    FileStamp,
    MediaInfo,
    ProbedChapter,
    Prober,
    parse_probe,
    probe_file,
)
from tests.addon.media.conftest import RUNTIME_MS, EncryptedBook
from tests.simulator.audio import synthesize_mp3


class MemoryProbeStore:
    """Keeps results for the life of a test, one for each path."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[FileStamp, MediaInfo]] = {}

    async def load(self, stamp: FileStamp) -> MediaInfo | None:
        kept, info = self._kept.get(stamp.path, (None, None))
        return info if kept == stamp else None

    async def save(self, stamp: FileStamp, info: MediaInfo) -> None:
        self._kept[stamp.path] = (stamp, info)


class CountingStore(MemoryProbeStore):
    """Counts what is saved: each is one run of ffprobe."""

    def __init__(self) -> None:
        super().__init__()
        self.saved = 0

    async def save(self, stamp: FileStamp, info: MediaInfo) -> None:
        self.saved += 1
        await super().save(stamp, info)


async def test_an_encrypted_book_is_described_without_its_key(
    encrypted_book: EncryptedBook,
) -> None:
    """Length, coding and bit rate stand in the clear header."""
    info = await probe_file(encrypted_book.path)

    assert abs(RUNTIME_MS - info.duration_ms) < 50
    assert "aac" == info.codec
    assert info.bit_rate_bps is not None
    assert 25_000 < info.bit_rate_bps < 40_000


async def test_chapters_are_read(aaxc: Path) -> None:
    """Titles, starts and lengths as the file has them."""
    info = await probe_file(aaxc)

    expected = (ProbedChapter("One", 0, 30_000), ProbedChapter("Two", 30_000, 45_000))
    assert expected == tuple(
        ProbedChapter(c.title, round(c.start_ms, -2), round(c.length_ms, -2))
        for c in info.chapters
    )


async def test_an_mp3_is_described(tmp_path: Path) -> None:
    """Other files are no different."""
    path = tmp_path / "book.mp3"
    synthesize_mp3(path, runtime_ms=10_000, title="Ten seconds")
    info = await probe_file(path)

    assert ("mp3", 32_000, ()) == (info.codec, info.bit_rate_bps, info.chapters)
    assert abs(10_000 - info.duration_ms) < 100


async def test_each_version_is_probed_once(aaxc: Path, tmp_path: Path) -> None:
    """Who asks meanwhile waits for the one probe; a changed file is probed again."""
    path = tmp_path / "book.aaxc"
    path.write_bytes(aaxc.read_bytes())
    store = CountingStore()
    prober = Prober(store)
    first, *others = await asyncio.gather(*(prober.info(path) for _ in range(5)))

    assert [first] * 4 == others
    assert first == await prober.info(path)
    assert 1 == store.saved
    os.utime(path, ns=(1, 1))
    await prober.info(path)
    assert 2 == store.saved


async def test_files_that_cannot_be_described(tmp_path: Path) -> None:
    """Gone, not sound, or not even media: each has its error."""
    prober = Prober(MemoryProbeStore())
    path = tmp_path / "book.m4b"
    with pytest.raises(MediaFileMissingError, match=r"book\.m4b is gone"):
        await prober.info(path)
    path.write_text("nothing")
    with pytest.raises(UnsupportedMediaError, match="ffprobe cannot read it"):
        await prober.info(path)


async def test_an_unreadable_answer_is_an_error(
    aaxc: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An ffprobe of another kind is named."""
    tool = tmp_path / "ffprobe"
    tool.write_text("#!/bin/sh\necho nonsense\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(MediaToolError, match="ffprobe failed: its answer is unread"):
        await probe_file(aaxc)


def test_answers_without_sound_or_length_are_refused() -> None:
    """A picture is no book, and neither is a stream without end."""
    with pytest.raises(UnsupportedMediaError, match="no sound"):
        parse_probe({"streams": [{"codec_type": "video"}], "format": {}})
    with pytest.raises(UnsupportedMediaError, match="length is unknown"):
        parse_probe({"streams": [{"codec_type": "audio"}], "format": {}})


def test_missing_details_are_missing() -> None:
    """No bit rate, no codec name, a chapter without title."""
    answer = {
        "streams": [{"codec_type": "audio"}],
        "format": {"duration": "1.5"},
        "chapters": [{"start_time": "0.0", "end_time": "1.0"}],
    }
    expected = MediaInfo(1_500, "unknown", None, (ProbedChapter("", 0, 1_000),))

    assert expected == parse_probe(answer)
