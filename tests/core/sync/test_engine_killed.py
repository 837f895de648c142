"""A process that is killed in the middle of a sync loses and doubles nothing."""

import asyncio
import multiprocessing
import signal
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from audible_core.store.records import TrackerEvent
from audible_core.store.schema import EVENTS, HISTORY

from tests.core.sync.dying_sync import shop_in_round, sync_and_die
from tests.core.sync.home import Home

type Tables = dict[str, list[tuple[Any, ...]]]

EACH_ROUND = {
    "book_started": 1,
    "progressed": 1,
    "book_finished": 1,
    "title_added": 2,
    "title_rerecorded": 1,
    "title_unavailable": 1,
    "conflict_found": 1,
}


def _new_rows(before: Tables, after: Tables, name: str) -> list[tuple[Any, ...]]:
    known = set(map(repr, before[name]))
    return [row for row in after[name] if repr(row) not in known]


def _column(table: Any, rows: Iterable[tuple[Any, ...]], name: str) -> list[Any]:
    place = list(table.c.keys()).index(name)
    return [row[place] for row in rows]


async def _start_again(home: Home, number: int) -> None:
    """Start the household anew: tell what waits, then sync what Audible says."""
    home.shop = shop_in_round(number)
    home.clock = home.shop.clock
    home.clock.wait(minutes=20)
    home.told.clear()
    home.moves.clear()
    home.engine = home.new_engine()
    await home.engine.tell_waiting()
    await home.engine.sync_library(is_automatic=True)


@pytest.mark.timeout(300)
async def test_sync_killed_at_any_statement_loses_and_doubles_nothing(
    home: Home, tmp_path: Path
) -> None:
    """SIGKILL after each statement, a start after each, then all rows are looked at."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.core.sync.dying_sync"])
    await _start_again(home, 0)
    await _start_again(home, 1)
    was_kept = []
    for number in range(2, 58):
        before = await home.tables()
        told = tmp_path / f"told-{number}"
        told.touch()
        arguments = (home.place.target, home.place.keys, home.account_id, told, number)
        process = context.Process(target=sync_and_die, args=arguments)
        process.start()
        await asyncio.to_thread(process.join)
        after = await home.tables()
        was_kept.append(after != before)
        logs = _new_rows(before, after, "audible_sync_logs")
        assert was_kept[-1] == len(logs)
        await _start_again(home, number)
        told_before_death = told.read_text().split()
        _check_round(before, await home.tables(), home, told_before_death)
        again = _told_and_not_marked(after, told_before_death)
        assert again <= Counter(told_before_death)
        assert _told_by(home) + Counter(told_before_death) == again + Counter(
            _new_ids(before, await home.tables())
        )
        assert process.exitcode or not again
        if process.exitcode == 0:
            break
        assert -signal.SIGKILL == process.exitcode

    assert 0 == process.exitcode
    assert len(was_kept) > 20
    first_kept = was_kept.index(True)
    assert first_kept > 15
    assert all(was_kept[first_kept:])


def _heard(home: Home) -> list[TrackerEvent]:
    return [*home.told, *home.moves]


def _told_by(home: Home) -> Counter[str]:
    return Counter(str(event.event_id) for event in _heard(home))


def _new_ids(before: Tables, after: Tables) -> list[str]:
    return _column(EVENTS, _new_rows(before, after, "tracker_events"), "event_id")


def _told_and_not_marked(tables: Tables, told: list[str]) -> Counter[str]:
    """Return what was told right before the death: only that is told again."""
    waiting = {
        row[list(EVENTS.c.keys()).index("event_id")]
        for row in tables["tracker_events"]
        if row[list(EVENTS.c.keys()).index("published_at")] is None
    }
    return Counter(event_id for event_id in told if event_id in waiting)


def _check_round(
    before: Tables, after: Tables, home: Home, told_before_death: list[str]
) -> None:
    events = _new_rows(before, after, "tracker_events")
    ids = _column(EVENTS, events, "event_id")
    told = told_before_death + [str(event.event_id) for event in _heard(home)]
    assert EACH_ROUND == Counter(_column(EVENTS, events, "event_type"))
    assert None not in _column(EVENTS, events, "published_at")
    assert set(ids) == set(told)
    ledger = _new_rows(before, after, "audible_progress_history")
    positions = _column(HISTORY, ledger, "position_ms")
    # The title that moved and the one whose flag rose.
    assert 2 == len(ledger)
    assert 2 == len(set(positions))
