"""Measure the tracker; one JSON object per line.

    scripts/bench tracker [--without-postgresql]

Each figure is the median of five runs in processes of their own, on made libraries;
``seed`` and ``rows`` repeat it. Before them stand yardsticks of the machine, measured
in the same run: compare figures of two machines by these.
"""

import argparse
import asyncio
import gc
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from audible_core.matching import Matcher
from audible_core.store.records import BookFacts, BookId, ReaderId
from audible_core.store.statements import names_of
from audible_core.sync.matchable import decide_titles

from tests.bench.machine import machine_figures
from tests.bench.matching.corpora import make_books, make_queries
from tests.bench.tracker.corpus import library_and_books
from tests.core.store.postgres import PostgresServer, running_postgres

RUNS = 5
SIZES = {100: "100", 1_000: "1k", 10_000: "10k"}
SEED = 20
QUERIES = 2_000


def line(
    name: str, value: float, unit: str, *, limit: float | None, n: int, **more: Any
) -> None:
    """Print one figure."""
    figure = {"name": name, "value": round(value, 4), "unit": unit, "limit": limit}
    print(json.dumps(figure | {"n": n, "seed": SEED} | more), flush=True)


def yardsticks() -> None:
    """Print what this machine does in a second, so that figures can be compared."""
    for figure in machine_figures():
        line(figure.name, figure.value, figure.unit, limit=None, n=figure.n)


def matching() -> None:
    """Print what matching costs by itself."""
    for size, name, limit in (
        (20_000, "match_us_per_title_20k", 400),
        (100_000, "match_us_per_title_100k", 600),
    ):
        books = make_books(size, SEED)
        queries = make_queries(books, QUERIES, SEED)
        matcher = Matcher(books)
        gc.collect()
        took = []
        for _ in range(RUNS):
            start = time.perf_counter()
            for query in queries:
                matcher.match(query)
            took.append((time.perf_counter() - start) / QUERIES * 1e6)
        line(name, median(took), "us, mean per title", limit=limit, n=RUNS, rows=size)
        del matcher, books, queries
        gc.collect()
    titles, fields = library_and_books(10_000, ReaderId(1), SEED)
    facts = names_of(BookFacts)
    tracked = [
        BookFacts(BookId(number), *(getattr(book, name) for name in facts[1:]))
        for number, book in enumerate(fields)
    ]
    took = []
    for _ in range(RUNS):
        cpu = time.process_time()
        decide_titles(tracked, titles)
        took.append(time.process_time() - cpu)
    line(
        "match_first_10k_cpu_s",
        median(took),
        "s of processor time",
        limit=4,
        n=RUNS,
        rows=10_000,
    )


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a run; ``{}`` in its name is the size of the library."""

    name: str
    key: str
    unit: str
    limit: float | None = None


PER_SIZE = (
    Figure("sync_first_{}_cpu_s", "first_cpu_s", "s of processor time", 6),
    Figure("sync_first_{}_s", "first_s", "s"),
    Figure("sync_first_{}_peak_mb", "first_peak_mb", "MiB, growth of the process", 100),
    Figure("sync_unchanged_{}_s", "unchanged_s", "s", 0.25),
    Figure("sync_100_changed_{}_s", "changed_s", "s", 0.4),
)
OF_THE_LARGEST = (
    Figure(
        "queries_unchanged_sync", "unchanged_statements", "statements besides BEGIN", 5
    ),
    Figure("queries_first_sync", "first_statements", "statements besides BEGIN"),
    Figure("link_100_then_sync_s", "link_then_sync_s", "s"),
    Figure("loop_max_block_ms", "loop_block_ms", "ms, of this process's work", 50),
    Figure("loop_max_gap_ms", "loop_gap_ms", "ms, with all that the machine did"),
)


def syncs(targets: Iterator[str], suffix: str) -> None:
    """Print what syncs cost on one kind of database, at three sizes."""
    for size, shown in SIZES.items():
        is_largest = size == max(SIZES)
        runs = [_run(next(targets), size) for _ in range(RUNS)]
        for figure in (*PER_SIZE, *(OF_THE_LARGEST if is_largest else ())):
            values = [_middle(run[figure.key]) for run in runs]
            line(
                figure.name.format(shown) + suffix,
                median(values),
                figure.unit,
                limit=figure.limit if is_largest and not suffix else None,
                n=RUNS,
                rows=size,
            )


def _middle(value: float | list[float]) -> float:
    return median(value) if isinstance(value, list) else value


def _run(target: str, size: int) -> dict[str, Any]:
    answer = subprocess.run(
        [sys.executable, "-m", "tests.bench.tracker.run", target, str(size), str(SEED)],
        check=True,
        capture_output=True,
        text=True,
    )
    found: dict[str, Any] = json.loads(answer.stdout)
    return found


def files(folder: Path) -> Iterator[str]:
    """Yield paths of databases that do not exist yet."""
    number = 0
    while True:
        number += 1
        yield str(folder / f"tracker{number}.db")


def databases(server: PostgresServer) -> Iterator[str]:
    """Yield addresses of empty databases."""
    while True:
        yield server.url(asyncio.run(server.create_database()))


def main() -> None:
    """Measure everything and print."""
    parser = argparse.ArgumentParser(prog="bench tracker")
    parser.add_argument("--without-postgresql", action="store_true")
    arguments = parser.parse_args()
    yardsticks()
    matching()
    with tempfile.TemporaryDirectory() as folder:
        syncs(files(Path(folder)), "")
    if not arguments.without_postgresql:
        with running_postgres() as server:
            syncs(databases(server), "_pg")


if __name__ == "__main__":
    main()
