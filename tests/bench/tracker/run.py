"""One run in a process of its own: prints its figures as one JSON object.

    python -m tests.bench.tracker.run TARGET SIZE SEED

TARGET is the path or URL of an empty database.
"""

import asyncio
import gc
import json
import random
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from audible_core.decisions.links import link_title
from audible_core.models import AudibleTitle, Credentials
from audible_core.store.accounts import save_account
from audible_core.store.books import add_books
from audible_core.store.database import Store, open_store
from audible_core.store.readers import add_reader
from audible_core.store.records import AccountId, BookFields, BookId, ReaderId
from audible_core.sync.engine import AccountSync
from audible_core.sync.rules import Rules
from audible_core.vault import Vault
from sqlalchemy import event

from tests.bench.tracker.corpus import NOW, library_and_books, with_changed
from tests.bench.tracker.shop import InstantShop

HOUR = timedelta(hours=1)
REPEATS = 5
CHANGED = 100
LINKED = 100
BEAT_S = 0.001


@dataclass(slots=True)
class Loop:
    """The longest time for which the event loop did not get its turn.

    ``block_ms`` is what this process did meanwhile, in any of its threads, but no more
    than the gap itself (``gap_ms``): what else runs on the machine is not ours.
    """

    block_ms: float = 0.0
    gap_ms: float = 0.0


@asynccontextmanager
async def watched_loop(loop: Loop) -> AsyncIterator[None]:
    """Beat every millisecond and note the longest gap between two beats."""

    async def beat() -> None:
        wall, cpu = time.perf_counter(), time.process_time()
        while True:
            await asyncio.sleep(BEAT_S)
            now, now_cpu = time.perf_counter(), time.process_time()
            gap_ms = max(0.0, now - wall - BEAT_S) * 1000
            loop.gap_ms = max(loop.gap_ms, gap_ms)
            loop.block_ms = max(loop.block_ms, min(gap_ms, (now_cpu - cpu) * 1000))
            wall, cpu = now, now_cpu

    task = asyncio.create_task(beat())
    try:
        yield
    finally:
        task.cancel()


@dataclass(slots=True)
class Clock:
    """Time goes on by an hour with each sync."""

    at: datetime = NOW

    def now(self) -> datetime:
        return self.at


@dataclass(slots=True)
class Bench:
    """One reader with an account, and what was measured of it."""

    store: Store
    reader_id: ReaderId
    account_id: AccountId
    shop: InstantShop
    clock: Clock = field(default_factory=Clock)
    statements: int = 0
    loop: Loop = field(default_factory=Loop)

    def sync(self) -> AccountSync:
        return AccountSync(
            self.store,
            self.account_id,
            self.shop,
            rules=Rules(),
            tell=lambda _: None,
            now=self.clock.now,
        )

    async def timed(self, work: Callable[[], Awaitable[object]]) -> float:
        """Return how many seconds the work took; the loop is watched meanwhile."""
        self.clock.at += HOUR
        self.statements = 0
        gc.collect()
        async with watched_loop(self.loop):
            start = time.perf_counter()
            await work()
            return time.perf_counter() - start

    async def sync_once(self) -> None:
        await self.sync().sync_library(is_automatic=True)


async def prepare(target: str, size: int, seed: int, keys: Path) -> Bench:
    """Open a store with a reader's books and an account that was never synced."""
    store = await open_store(
        target if "://" in target else Path(target),
        vault=Vault.open(keys),
        owner="bench",
        time_zone=ZoneInfo("Europe/Berlin"),
    )
    async with store.transaction() as connection:
        reader_id = await add_reader(connection, "Anna", person=None, now=NOW)
        account_id = await save_account(
            connection,
            store.vault,
            Credentials("a registration"),
            customer_id="bench",
            marketplace="de",
            name="Anna",
            email=None,
            reader_id=reader_id,
            now=NOW,
        )
    titles, books = library_and_books(size, reader_id, seed)
    await add_all(store, books)
    bench = Bench(store, reader_id, account_id, InstantShop(titles))

    def count(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith("BEGIN"):
            bench.statements += 1

    event.listen(store._engine.sync_engine, "after_cursor_execute", count)
    return bench


async def add_all(store: Store, books: list[BookFields]) -> list[BookId]:
    async with store.transaction() as connection:
        return list(await add_books(connection, books, now=NOW))


def peak_mb() -> float:
    """Return the most memory that this process has held since `forget_peak`."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("no VmHWM")


def forget_peak() -> float:
    """Begin to note the peak anew; return what is held now."""
    Path("/proc/self/clear_refs").write_text("5")
    return peak_mb()


async def measure(target: str, size: int, seed: int, keys: Path) -> dict[str, object]:
    """Return all figures of one run."""
    bench = await prepare(target, size, seed, keys)
    gc.collect()
    held_mb = forget_peak()
    cpu = time.process_time()
    first_s = await bench.timed(bench.sync_once)
    found: dict[str, object] = {
        "first_cpu_s": time.process_time() - cpu,
        "first_s": first_s,
        "first_peak_mb": peak_mb() - held_mb,
        "first_statements": bench.statements,
    }
    found["unchanged_s"] = [await bench.timed(bench.sync_once) for _ in range(REPEATS)]
    found["unchanged_statements"] = bench.statements
    found["changed_s"] = await changed_syncs(bench, seed)
    try:
        found["link_then_sync_s"] = await link_then_sync(bench)
    except ImportError:
        found["link_then_sync_s"] = 0
    found["loop_block_ms"] = bench.loop.block_ms
    found["loop_gap_ms"] = bench.loop.gap_ms
    await bench.store.close()
    return found


async def changed_syncs(bench: Bench, seed: int) -> list[float]:
    """Return how long syncs take in which a hundred titles were heard."""
    rng = random.Random(seed)
    took: list[float] = []
    for _ in range(REPEATS):
        at = bench.clock.at + HOUR
        titles: tuple[AudibleTitle, ...] = bench.shop.titles
        bench.shop.titles = with_changed(titles, CHANGED, rng, at)
        took.append(await bench.timed(bench.sync_once))
    return took


async def link_then_sync(bench: Bench) -> float:
    """Return how long a hundred links by hand take, and the sync after them."""
    books = await add_all(
        bench.store,
        [BookFields(bench.reader_id, f"By hand {number}") for number in range(LINKED)],
    )
    titles = bench.shop.titles[:LINKED]

    async def work() -> None:
        for title, book_id in zip(titles, books, strict=False):
            async with bench.store.transaction() as connection:
                await link_title(
                    connection,
                    bench.reader_id,
                    title.asin,
                    book_id,
                    actor="bench",
                    now=bench.clock.now(),
                )
        await bench.sync_once()

    return await bench.timed(work)


def main() -> None:
    """Measure once and print."""
    target, size, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(measure(target, size, seed, Path(folder) / "keys"))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
