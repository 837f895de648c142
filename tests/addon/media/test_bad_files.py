"""Damaged and hostile files: an error with a sentence, or the right bytes.

Never a crash, a hang, or more than 200 MB.
"""

import json
import os
import struct
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from audible_core.errors import Mp4FormatError, TrackerError, UnsupportedMediaError

from audible_server.media.virtual import VirtualM4b
from tests.addon.media.damage import BOOKS, SIZES, damaged, truncated
from tests.addon.media.mp4_maker import KEY, box, ftyp, make_book, make_fragments, moov
from tests.addon.media.trial import GROWTH_BYTES, trial
from tests.repo.tree import ROOT

DAMAGED, UNSUPPORTED = Mp4FormatError.key, UnsupportedMediaError.key
_MOST_CPU_S = 15


def words(*values: int) -> bytes:
    return struct.pack(f">{len(values)}I", *values)


@pytest.mark.parametrize("kind", BOOKS)
def test_small_files_are_whole_to_begin_with(kind: str, tmp_path: Path) -> None:
    """Otherwise their damage would prove nothing."""
    path = tmp_path / "book.aaxc"
    path.write_bytes(BOOKS[kind])

    assert "served" == trial(path)


@pytest.mark.parametrize("kind", BOOKS)
def test_no_damage_is_more_than_an_error(kind: str, tmp_path: Path) -> None:
    """Cut at every byte, sizes and numbers that lie, boxes gone, twice, elsewhere."""
    path = tmp_path / "book.aaxc"
    outcomes: dict[str, int] = {}
    slowest = 0.0
    for data in damaged(BOOKS[kind]):
        path.write_bytes(data)
        started = time.process_time()
        outcome = trial(path)
        slowest = max(slowest, time.process_time() - started)
        outcomes[outcome] = outcomes.get(outcome, 0) + 1

    expected = {"served", DAMAGED, UNSUPPORTED}
    assert set(outcomes) <= expected, outcomes
    assert 500 < outcomes[DAMAGED]
    assert slowest < 2


@pytest.mark.parametrize("kind", BOOKS)
def test_a_file_that_was_cut_is_never_served(kind: str, tmp_path: Path) -> None:
    """Wherever it ends: a listener must not take a part for the whole.

    Fragments are whole by themselves, so a cut between two of them cannot be seen.
    """
    path = tmp_path / "book.aaxc"
    borders = set()
    if kind == "fragments":
        sound = BOOKS[kind]
        at = sound.find(b"moof")
        while at > 0:
            borders.add(at - 4)
            at = sound.find(b"moof", at + 4)
    for data in truncated(BOOKS[kind]):
        path.write_bytes(data)
        is_served = trial(path) == "served"
        assert not is_served or len(data) in borders, len(data)


def test_what_is_served_of_a_damaged_file_is_what_is_stored(tmp_path: Path) -> None:
    """Outside of the sound and of the four names, not a byte is another."""
    path = tmp_path / "book.aaxc"
    served = 0
    for data in damaged(BOOKS["index first"]):
        path.write_bytes(data)
        try:
            book = VirtualM4b.open(path, KEY)
            found = book.read(0, book.size_bytes)
        except TrackerError:
            continue
        served += 1
        low, high = book.samples.extent
        stored = data[:low].replace(b"aaxc", b"M4A ").replace(b"aavd", b"mp4a")
        assert stored == found[:low].replace(b"aaxc", b"M4A ").replace(b"aavd", b"mp4a")
        assert data[high:] == found[high:]

    assert 100 < served


# --- large and hostile ----------------------------------------------------------------


def stbl_with(*tables: bytes) -> bytes:
    """Return an index like a small book's, with other tables."""
    index = moov("aavd", [40], 1, [0])
    description = index[index.index(b"stsd") - 4 :]
    stsd = description[: int.from_bytes(description[:4])]
    mdhd = box("mdhd", bytes(12), words(22_050, 0), bytes(4))
    stbl = box("stbl", stsd, *tables)
    return box("moov", box("trak", box("mdia", mdhd, box("minf", stbl))))


def stts(*rows: int) -> bytes:
    return box("stts", bytes(4), words(len(rows) // 2, *rows))


def stsc(*rows: int) -> bytes:
    return box("stsc", bytes(4), words(len(rows) // 3, *rows))


def big(values: Sequence[int] | np.ndarray) -> bytes:
    return np.asarray(values, ">u4").tobytes()


def write(path: Path, index: bytes, media_bytes: int, *, data: bytes = b"") -> None:
    """Write a file with its index first and a hole for most of its sound."""
    head = ftyp("aaxc") + index
    with path.open("wb") as file:
        file.write(head + struct.pack(">I4sQ", 1, b"mdat", media_bytes + 16) + data)
        file.truncate(len(head) + 16 + media_bytes)


def start_of(index: bytes) -> int:
    return len(ftyp("aaxc")) + len(index) + 16


def one_chunk(
    path: Path, size: int, count: int, *, times: bytes, step: int = 1
) -> None:
    """Write a book of equal samples in one chunk."""

    def index(at: int) -> bytes:
        return stbl_with(
            times,
            stsc(1, count, 1),
            box("stsz", bytes(4), words(size, count)),
            box("stco", bytes(4), words(1, at)),
        )

    write(path, index(start_of(index(0))), size * count)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of files that want to take all memory or all time."""
    folder = tmp_path_factory.mktemp("hostile")
    many = 1 << 25
    one_chunk(folder / "all samples it may have", 1, many, times=stts(many, 1_024))
    one_chunk(folder / "one sample more", 1, many + 1, times=stts(many + 1, 1_024))
    one_chunk(folder / "billions of samples", 1, 2**32 - 1, times=stts(2**32 - 1, 1))
    one_chunk(folder / "no time passes", 1, 1 << 22, times=stts(1 << 22, 0))
    one_chunk(folder / "a second takes 136 years", 9, 9, times=stts(9, 2**32 - 1))
    one_chunk(folder / "a day per sample", 9, 9, times=stts(9, 22_050 * 86_400))
    one_chunk(
        folder / "64 KiB in every moment", 65_535, 1 << 16, times=stts(1 << 16, 1)
    )
    first = stts(1, 22_050 * 86_400, many - 1, 1)
    one_chunk(folder / "a first sample of a day", 1, many, times=first)
    count = 1 << 22
    deltas = np.stack([np.ones(count), 1_000 + np.arange(count) % 50], axis=1)
    clock = box("stts", bytes(4), words(count), big(deltas))
    one_chunk(folder / "a clock that always changes", 1, count, times=clock)
    clock = box(
        "stts", bytes(4), words(2 * count), big(np.concatenate((deltas, deltas)))
    )
    one_chunk(folder / "a clock of more changes", 1, 2 * count, times=clock)
    _write_nothing_but_empty(folder / "empty samples", many)
    _write_scattered(folder / "as many pieces as it may have", (1 << 21) - 8)
    _write_scattered(folder / "more pieces", 1 << 22)
    _write_boxes(folder)
    _write_fragments(folder / "fragments without an end", 70_000)
    return folder


def _write_nothing_but_empty(path: Path, count: int) -> None:
    """Write a table of sizes that is a hole: samples of no bytes."""

    def index(at: int) -> bytes:
        # The table stands last, so that it can be a hole.
        return stbl_with(
            stts(count, 1_024), stsc(1, count, 1), box("stco", bytes(4), words(1, at))
        )

    size = box("stsz", bytes(4), words(0, count))
    body = bytearray(index(len(ftyp("aaxc")) + 16) + size)
    hole = count * 4
    # All boxes around the table grow by it.
    for kind in (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsz"):
        at = body.rindex(kind) - 4
        grown = int.from_bytes(body[at : at + 4]) + hole
        grown += 0 if kind == b"stsz" else len(size)
        body[at : at + 4] = grown.to_bytes(4)
    with path.open("wb") as file:
        file.write(ftyp("aaxc") + struct.pack(">I4sQ", 1, b"mdat", 32) + bytes(16))
        file.write(body)
        file.truncate(file.tell() + hole)


def _write_scattered(path: Path, count: int) -> None:
    """Write a book of which each sample lies by itself."""

    def index(at: int) -> bytes:
        return stbl_with(
            stts(count, 1_024),
            stsc(1, 1, 1),
            box("stsz", bytes(4), words(15, count)),
            box("stco", bytes(4), words(count), big(at + np.arange(count) * 17)),
        )

    write(path, index(start_of(index(0))), count * 17)


def _write_boxes(folder: Path) -> None:
    """Write files of nothing but boxes, beside and inside of each other."""
    tiny = box("free")
    (folder / "boxes without an end").write_bytes(ftyp("aaxc") + tiny * (1 << 19))
    inside = ftyp("aaxc") + box("moov", tiny * (1 << 19)) + box("mdat", bytes(9))
    (folder / "an index of boxes").write_bytes(inside)
    tracks = box("moov", moov("text", [9], 1, [0])[8:] * 4_000)
    (folder / "tracks without an end").write_bytes(
        ftyp("aaxc") + tracks + box("mdat", bytes(9))
    )
    depth = 50_000
    nested = b"".join((8 * (depth - n)).to_bytes(4) + b"moov" for n in range(depth))
    (folder / "boxes in boxes").write_bytes(ftyp("aaxc") + nested)
    whole = make_book(SIZES).encrypted
    (folder / "a description of zeros").write_bytes(
        whole.replace(b"esds" + bytes(4), b"esds" + b"\x80" * 4)
    )


def _write_fragments(path: Path, count: int) -> None:
    made = make_fragments([40] * 2, per_fragment=1, has_clock=False)
    at = made.encrypted.index(b"moof") - 4
    head, rest = made.encrypted[:at], made.encrypted[at:]
    fragment = rest[: len(rest) // 2]
    path.write_bytes(head + fragment * count)


EXPECTED = {
    "a clock of more changes": UNSUPPORTED,
    "a day per sample": "served",
    "a second takes 136 years": DAMAGED,
    "64 KiB in every moment": DAMAGED,
    "all samples it may have": "served",
    "a clock that always changes": "served",
    "an index of boxes": DAMAGED,
    "as many pieces as it may have": "served",
    "billions of samples": DAMAGED,
    "boxes in boxes": DAMAGED,
    "boxes without an end": DAMAGED,
    "empty samples": DAMAGED,
    "fragments without an end": UNSUPPORTED,
    "more pieces": UNSUPPORTED,
    "no time passes": DAMAGED,
    "one sample more": DAMAGED,
    "tracks without an end": DAMAGED,
}


def test_no_file_takes_all_memory_or_all_time(hostile: Path) -> None:
    """In a process that may not grow by more than 200 MB, however large they are."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.addon.media.trial", str(hostile)],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]

    assert 0 == done.returncode, done.stdout + done.stderr
    outcomes = {line["name"]: line["outcome"] for line in lines}
    assert sorted(path.name for path in hostile.iterdir()) == sorted(outcomes)
    assert outcomes == outcomes | EXPECTED
    assert max(line["cpu_s"] for line in lines) < _MOST_CPU_S, lines
    assert lines[-1]["grown_bytes"] < GROWTH_BYTES, lines
