"""Encrypted books served as plain ones, beside plain files and ffmpeg."""

import random
import subprocess
import time
from collections.abc import Iterator
from statistics import median
from typing import Final

from audible_server.media.virtual import VirtualM4b
from tests.bench.figures import Figure, in_turn
from tests.bench.stream.books import KEY, locked_book
from tests.bench.stream.load import KIB, MIB, Client, children_cpu_s, first_byte_ms
from tests.bench.stream.running import (
    COLD_PATHS,
    HEADERS,
    LOCKED_PATH,
    PLAIN_PATH,
    running_server,
    stocked_folder,
)

_FIRST_BYTES: Final = 200
_WINDOWS: Final = 64


def measure() -> Iterator[Figure]:
    """Give the figures of the virtual M4B."""
    yield from _first_bytes()
    found = in_turn(_own_speed, _ffmpeg_speed)
    name = "virtual_mb_per_cpu_s"
    yield Figure(f"{name}_here", found.ours, "MB per CPU s", None, found.n)
    yield Figure(f"{name}_ffmpeg_copy", found.base, "MB per CPU s", None, found.n)
    yield Figure(f"{name}_vs_ffmpeg_copy", found.ratio, "x", 4, found.n, is_least=True)


def _first_bytes() -> Iterator[Figure]:
    most = locked_book().stat().st_size
    load = {"most": most, "size": 64 * KIB, "n": _FIRST_BYTES}
    with stocked_folder() as folder, running_server(folder) as server:
        server.settle()
        found = in_turn(
            lambda: first_byte_ms(server.port, LOCKED_PATH, HEADERS, **load),
            lambda: first_byte_ms(server.port, PLAIN_PATH, HEADERS, **load),
        )
        cold = []
        for path in COLD_PATHS:
            with Client(server.port, path, HEADERS) as client:
                cold.append(client.first_byte_ms(most // 2, 64 * KIB))
    name = "virtual_range64k_first_byte"
    yield Figure(f"{name}_ms", found.ours, "ms", None, found.n)
    yield Figure(f"{name}_vs_plain", found.ratio, "x", 2, found.n)
    yield Figure(f"{name}_cold", median(cold), "ms", 60, len(cold))


def _own_speed() -> float:
    """Return MB per second of processor time, in windows of 1 MiB from all over."""
    book = VirtualM4b.open(locked_book(), KEY)
    low, high = book.samples.extent
    rng = random.Random(1)
    starts = [rng.randrange(low, high - MIB) for _ in range(_WINDOWS)]
    began = time.process_time()
    for start in starts:
        book.read(start, start + MIB)
    return _WINDOWS * MIB / 1e6 / (time.process_time() - began)


def _ffmpeg_speed() -> float:
    """Return the same for ffmpeg, which copies the decrypted book to ADTS."""
    key = ["-audible_key", KEY.key.hex(), "-audible_iv", KEY.iv.hex()]
    output = ["-map", "0:a", "-c", "copy", "-f", "adts", "-y", "/dev/null"]
    before = children_cpu_s()
    subprocess.run(
        ["ffmpeg", "-nostdin", "-v", "error", *key, "-i", str(locked_book()), *output],
        check=True,
    )
    return locked_book().stat().st_size / 1e6 / (children_cpu_s() - before)
