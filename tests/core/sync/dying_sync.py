"""A whole sync in a process that is killed after some statement, round after round."""

import asyncio
import hashlib
import os
import signal
from pathlib import Path

from audible_core.models import AudibleTitle
from audible_core.store.records import AccountId, TrackerEvent
from audible_core.sync.engine import AccountSync
from audible_core.sync.rules import Rules
from sqlalchemy import event

from tests.core.store.dying import open_again
from tests.core.sync.paper import HOUR, HOUR_MS, MINUTE_MS, NOW, title
from tests.core.sync.paper_shop import Clock, PaperShop

RERECORDED, MOVED, BOUGHT, UNSURE = 59, 60, 100, 200

_LETTERS = str.maketrans("0123456789", "ghijklmnop")


def _unlike_any(number: int) -> AudibleTitle:
    word = hashlib.sha256(bytes([number])).hexdigest().translate(_LETTERS)
    names = {"title": word[:12].title(), "authors": (f"{word[12]}. {word[13:20]}",)}
    return title(BOUGHT + number, **names)


def shop_in_round(number: int) -> PaperShop:
    """Return what Audible says in a round: in each, a bit of everything happens."""
    shop = PaperShop(Clock(NOW + number * HOUR))
    shop.add(*(title(each) for each in range(1, MOVED)))
    shop.add(title(MOVED, percent_complete=1.0))
    for past in range(1, number + 1):
        at = NOW + past * HOUR
        shop.change(past, is_finished=True, status_changed_at=at)
        shop.change(RERECORDED, runtime_ms=(10 + past) * HOUR_MS)
        shop.hear(past * 10 * MINUTE_MS, MOVED, at=at)
        shop.add(_unlike_any(past))
        shop.add(title(UNSURE + past))
        if past > 1:
            shop.remove(BOUGHT + past - 1)
    return shop


def sync_and_die(
    target: str | Path,
    keys: Path,
    account_id: int,
    told: Path,
    statement: int,
) -> None:
    """Sync the library of a round; ``told`` gets the ids of what was told."""
    counted = 0

    def count(*_: object) -> None:
        nonlocal counted
        counted += 1
        if counted == statement:
            os.kill(os.getpid(), signal.SIGKILL)

    def tell(happened: TrackerEvent) -> None:
        with told.open("a", encoding="utf-8") as file:
            file.write(f"{happened.event_id}\n")

    async def run() -> None:
        store = await open_again(target, keys)
        event.listen(store._engine.sync_engine, "after_cursor_execute", count)
        shop = shop_in_round(statement)
        engine = AccountSync(
            store,
            AccountId(account_id),
            shop,
            rules=Rules(),
            tell=tell,
            now=shop.clock,
        )
        await engine.sync_library(is_automatic=True)
        await store.close()

    asyncio.run(run())
