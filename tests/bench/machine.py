"""Yardsticks of a machine, so that figures of two machines can be compared."""

import os
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from statistics import median
from typing import Final

from tests.bench.figures import Figure

_RUNS: Final = 5


def machine_figures() -> Iterator[Figure]:
    """Yield the yardsticks."""
    cpu_count = os.cpu_count() or 1
    yield Figure("machine_cpus", cpu_count, "processors", None, 1)
    block = bytes(16 * 1024 * 1024)
    for name, work, unit in (
        ("machine_sha256_s", lambda: sha256(block).digest(), "s for 16 MiB"),
        ("machine_python_loop_s", _count_up, "s for 1,000,000 additions"),
        ("machine_sqlite_insert_s", _fill_sqlite, "s for 10,000 rows"),
    ):
        yield Figure(name, _median(work), unit, None, _RUNS)


def _median(work: Callable[[], object]) -> float:
    took = []
    for _ in range(_RUNS):
        start = time.perf_counter()
        work()
        took.append(time.perf_counter() - start)
    return median(took)


def _count_up() -> int:
    total = 0
    for number in range(1_000_000):
        total += number
    return total


def _fill_sqlite() -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(sqlite3.connect(Path(folder) / "yardstick.db")) as connection,
        connection,
    ):
        connection.execute("CREATE TABLE rows (number INTEGER PRIMARY KEY, text TEXT)")
        rows = ((number, "x" * 200) for number in range(10_000))
        connection.executemany("INSERT INTO rows VALUES (?, ?)", rows)
