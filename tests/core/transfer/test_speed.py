"""Fifty thousand rows never hold the event loop for long."""

import asyncio
import gc
import random
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from audible_core.store.database import open_store
from audible_core.transfer.exporter import ExportFormat, export_books
from audible_core.transfer.importer import apply_import, preview_import
from audible_core.transfer.undo import undo_import
from audible_core.vault import Vault

from tests.core.store.heartbeat import heartbeat
from tests.core.store.household import NOW, move_in
from tests.core.transfer.library import goodreads

ROWS = 50_000
BLOCK_MAX_MS = 50
SEED = 20261120
_SYLLABLES = (
    "ka", "lo", "mi", "ren", "tor", "vel", "an", "dri", "sha", "pel", "gor", "nu",
    "bis", "hal", "ester", "wyn", "mar", "cas", "dun", "fel", "quo", "zim", "jor",
)  # fmt: skip


def large_file() -> bytes:
    """Return a file with as many rows as an import may have."""
    chance = random.Random(SEED)

    def name() -> str:
        return "".join(chance.choices(_SYLLABLES, k=chance.randint(2, 4))).title()

    words = [name() for _ in range(6_000)]
    authors = [f"{name()} {name()}" for _ in range(12_000)]
    return goodreads(
        *(
            f"{number},{' '.join(chance.choices(words, k=chance.randint(2, 4)))},"
            f"{chance.choice(authors)},,,4,Paperback,310,2020/01/02,2019/01/02,"
            "fantasy,read,Good.,,1"
            for number in range(ROWS)
        )
    )


@pytest.fixture
def quiet_heap() -> Iterator[None]:
    """Measure the import, and not the collector's walk through the whole process."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.timeout(300)
@pytest.mark.usefixtures("quiet_heap")
async def test_fifty_thousand_rows_do_not_hold_the_loop(tmp_path: Path) -> None:
    """Preview, import, export and undo leave the loop to everybody else."""
    store = await open_store(
        tmp_path / "tracker.db",
        vault=Vault.open(tmp_path / "keys"),
        owner="here",
        time_zone=ZoneInfo("Europe/Berlin"),
    )
    household = await move_in(store)
    data = await asyncio.to_thread(large_file)
    blocks: dict[str, float] = {}
    try:
        with heartbeat() as beat:
            shown = await preview_import(store, household.reader_id, data)
        blocks["preview"] = beat.longest_block_ms
        with heartbeat() as beat:
            result = await apply_import(store, shown, now=NOW)
        blocks["import"] = beat.longest_block_ms
        with heartbeat() as beat:
            pieces = 0
            async for piece in export_books(
                store, household.reader_id, ExportFormat.JSON
            ):
                pieces += len(piece) > 0
        blocks["export"] = beat.longest_block_ms
        with heartbeat() as beat:
            undone = await undo_import(store, result.sync_log_id, now=NOW)
        blocks["undo"] = beat.longest_block_ms
    finally:
        await store.close()

    assert ROWS == result.made + result.joined
    assert result.books_made == undone.books_removed == pieces - 2
    assert {} == {name: ms for name, ms in blocks.items() if ms > BLOCK_MAX_MS}
