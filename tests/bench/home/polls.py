"""What a poll of positions writes: rows of the tracker's database, and states.

Every write counts, also one that changes nothing: triggers in the database note rows,
the probe in Home Assistant notes states.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

from tests.bench.figures import Figure
from tests.bench.home.large_house import LargeHouse, running_large_house
from tests.e2e.processes import wait_until
from tests.e2e.tracker_database import let_two_minutes_pass, open_database
from tests.simulator.catalog import UNDER_WAY_ASIN

_ROUNDS: Final = 5
_ROWS_MAX: Final = 2
_STEP_MS: Final = 60_000
_FROM_MS: Final = 15_200_000
_SETTLED_AFTER_S: Final = 2.0
_NOTES: Final = "bench_rows"
_ERRANDS_MAX: Final = 40
_ERRAND_EVERY_S: Final = 20.0
_LAST_SYNC: Final = "_last_sync"
_OF_EACH_POLL: Final = (_LAST_SYNC, "_next_allowed_sync")


@dataclass(frozen=True, slots=True)
class _Poll:
    """What was written, without the last and the next sync; ids are unique ids."""

    rows: int
    changed: frozenset[str]
    unchanged: frozenset[str]

    @property
    def of_others(self) -> list[str]:
        """Return the entities of titles that have not moved."""
        title = f"_{UNDER_WAY_ASIN}_"
        written = self.changed | self.unchanged
        return [one for one in written if "_B" in one and title not in one]


def measure() -> Iterator[Figure]:
    """Give the figures of polls that find nothing, and of polls that find one move."""
    idle, moved = asyncio.run(_polls())
    n = len(idle)
    rows = max(poll.rows for poll in idle)
    states = max(len(poll.changed | poll.unchanged) for poll in idle)
    yield Figure("poll_idle_rows", rows, "rows", _ROWS_MAX, n)
    yield Figure(
        "poll_idle_states", states, "states written besides last and next sync", 0, n
    )
    rows = max(poll.rows for poll in moved)
    changed = median(len(poll.changed) for poll in moved)
    of_others = max(len(poll.of_others) for poll in moved)
    unchanged = max(len(poll.unchanged) for poll in moved)
    yield Figure("poll_moved_rows", rows, "rows", None, n)
    yield Figure("poll_moved_states", changed, "states", None, n)
    yield Figure(
        "poll_moved_states_of_others", of_others, "states of other titles", 0, n
    )
    yield Figure("poll_moved_states_unchanged", unchanged, "states as they were", 0, n)


async def _polls() -> tuple[list[_Poll], list[_Poll]]:
    """Return polls without and with a move."""
    async with running_large_house("polls") as house:
        _watch_rows(house.folder)
        await _first_day_is_over(house)
        idle = [await _poll(house) for _ in range(_ROUNDS)]
        moved = []
        for number in range(_ROUNDS):
            position_ms = _FROM_MS + number * _STEP_MS
            body = {"asin": UNDER_WAY_ASIN, "position_ms": position_ms}
            await house.house.shop_control("POST", "/positions", body)
            moved.append(await _poll(house))
        return idle, moved


async def _poll(house: LargeHouse) -> _Poll:
    """Have the positions asked for, as anybody may; return what that wrote."""
    entities = await house.entities()
    last_sync = next(name for name, one in entities.items() if one.endswith(_LAST_SYNC))
    let_two_minutes_pass(house.folder)
    _forget_rows(house.folder)
    await house.written()
    asked = await _requests(house)
    entity = {"entity_id": last_sync}
    await house.home.call_action("homeassistant", "update_entity", entity)

    async def has_asked() -> bool | None:
        return True if await _requests(house) > asked else None

    # Home Assistant lets ten seconds pass between updates that are asked for.
    await wait_until("the poll", has_asked)
    await asyncio.sleep(_SETTLED_AFTER_S)
    written = {
        kind: frozenset(
            entities[name]
            for name in names
            if name in entities and not entities[name].endswith(_OF_EACH_POLL)
        )
        for kind, names in (await house.written()).items()
    }
    rows = _count_rows(house.folder)
    return _Poll(rows, written["changed"], written["reported"])


async def _first_day_is_over(house: LargeHouse) -> None:
    """Poll until nothing but positions is asked for: chapters and days are known."""
    for _ in range(_ERRANDS_MAX):
        before = await _requests(house)
        await _poll(house)
        if await _requests(house) - before <= 1:
            return
        await asyncio.sleep(_ERRAND_EVERY_S)
    raise TimeoutError("errands do not end")


async def _requests(house: LargeHouse) -> int:
    return len(await house.house.shop_control("GET", "/requests"))


# --- rows -----------------------------------------------------------------------------


def _watch_rows(home_folder: Path) -> None:
    """Have the database note each row that is written to any of its tables."""
    with open_database(home_folder) as connection, connection:
        tables = connection.execute(
            "SELECT name FROM pragma_table_list "
            "WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite%'"
        ).fetchall()
        connection.execute(f"CREATE TABLE {_NOTES} (table_name TEXT)")
        for (table,) in tables:
            for verb in ("INSERT", "UPDATE", "DELETE"):
                connection.execute(
                    f"CREATE TRIGGER bench_{table}_{verb} AFTER {verb} ON {table} "
                    f"BEGIN INSERT INTO {_NOTES} VALUES ('{table}'); END"
                )


def _forget_rows(home_folder: Path) -> None:
    with open_database(home_folder) as connection, connection:
        connection.execute(f"DELETE FROM {_NOTES}")


def _count_rows(home_folder: Path) -> int:
    with open_database(home_folder) as connection:
        return int(connection.execute(f"SELECT count(*) FROM {_NOTES}").fetchone()[0])
