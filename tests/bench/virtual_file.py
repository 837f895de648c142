"""Measure decrypted reading: windows at once against one CBC object per sample.

Run with the server's Python: python tests/bench/virtual_file.py
"""

import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from audible_server.media.keys import ContentKey
from audible_server.media.virtual import VirtualM4b
from tests.simulator.audio import ChapterMark, encrypt_aaxc, synthesize_book

KEY = ContentKey(bytes(range(16)), bytes(range(16)))
ROUNDS = 9
HOUR_MS = 3_600_000
LENGTH_MS = 10 * HOUR_MS


def main() -> None:
    """Print one line for each window size."""
    with tempfile.TemporaryDirectory() as folder:
        plain, locked = Path(folder, "book.m4b"), Path(folder, "book.aaxc")
        hours = [ChapterMark(f"Hour {n}", n * HOUR_MS, HOUR_MS) for n in range(10)]
        synthesize_book(
            plain, runtime_ms=LENGTH_MS, chapters=hours, title="Bench", author="Nobody"
        )
        encrypt_aaxc(plain, locked, key=KEY.key, iv=KEY.iv)
        opening_s = timed(lambda: VirtualM4b.open(locked, KEY))
        book = VirtualM4b.open(locked, KEY)
        print(f"{book.size_bytes / 1e6:.0f} MB, {len(book.samples)} samples")
        print(
            f"open {opening_s * 1e3:.1f} ms, tables {book.samples.memory_bytes} bytes"
        )
        for kib in (16, 64, 256, 1024):
            compare(book, locked.read_bytes(), kib * 1024)


def compare(book: VirtualM4b, stored: bytes, window_bytes: int) -> None:
    """Read the same places both ways in turn, and print the medians."""
    rng = random.Random(1)
    low, high = book.samples.extent
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(ROUNDS):
        at = rng.randrange(low, high - window_bytes)
        fast = book.read(at, at + window_bytes)
        assert fast == by_sample(book, stored, at, at + window_bytes)
        ours.append(timed(lambda at=at: book.read(at, at + window_bytes)))  # type: ignore[misc]
        theirs.append(
            timed(lambda at=at: by_sample(book, stored, at, at + window_bytes))  # type: ignore[misc]
        )
    ratio = median(slow / fast for slow, fast in zip(theirs, ours, strict=True))
    print(
        f"{window_bytes // 1024:5} KiB: windows {speed(window_bytes, ours)} MB/s, "
        f"by sample {speed(window_bytes, theirs)} MB/s, x{ratio:.1f}"
    )


def by_sample(book: VirtualM4b, stored: bytes, start: int, end: int) -> bytes:
    """Decrypt the obvious way."""
    spans = book.samples.touching(start, end)
    base, stop = int(spans.offsets[0]), spans.end
    window = bytearray(stored[base:stop])
    for offset, size in zip(spans.offsets - base, spans.sizes, strict=True):
        whole = size - size % 16
        cipher = Cipher(algorithms.AES128(KEY.key), modes.CBC(KEY.iv)).decryptor()
        window[offset : offset + whole] = cipher.update(
            bytes(window[offset : offset + whole])
        )
    return bytes(window[start - base : end - base])


def timed(work: Callable[[], object]) -> float:
    """Return how many seconds something takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def speed(window_bytes: int, times_s: list[float]) -> str:
    """Return the median in MB per second."""
    return f"{window_bytes / median(times_s) / 1e6:.0f}"


if __name__ == "__main__":
    main()
