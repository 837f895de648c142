"""What an account of a thousand titles adds to a start of Home Assistant.

The same home starts with the account enabled and disabled in turn. Before either, the
same libraries are imported, Home Assistant's own included, those that a start with the
account imports: what is left is the integration's own modules, and the set-up.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

from tests.bench.figures import Figure
from tests.bench.home.large_house import LargeHouse, running_large_house
from tests.e2e.processes import wait_until
from tests.e2e.tracker_database import let_two_hours_pass
from tests.e2e.walk import expect

_ROUNDS: Final = 5
_MAX_S: Final = 0.5
_MAX_MB: Final = 40.0
_PAGE_BYTES: Final = 4096
_RESTED_AFTER_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class _Start:
    wall_s: float
    cpu_s: float
    rss_mb: float
    set_up_s: float


def measure() -> Iterator[Figure]:
    """Give the figures of starts with and without the account."""
    pairs = asyncio.run(_starts())
    n = len(pairs)

    def added(name: str) -> float:
        return median(getattr(own, name) - getattr(bare, name) for own, bare in pairs)

    bare_s = median(bare.wall_s for _, bare in pairs)
    bare_cpu_s = median(bare.cpu_s for _, bare in pairs)
    bare_mb = median(bare.rss_mb for _, bare in pairs)
    set_up_s = median(own.set_up_s for own, _ in pairs)
    yield Figure("start_without_account_s", bare_s, "s", None, n)
    yield Figure("start_added_1k_s", added("wall_s"), "s", _MAX_S, n)
    yield Figure(
        "start_without_account_cpu_s", bare_cpu_s, "s of processor time", None, n
    )
    yield Figure(
        "start_added_1k_cpu_s", added("cpu_s"), "s of processor time", _MAX_S, n
    )
    yield Figure("set_up_1k_s", set_up_s, "s, of Home Assistant's own", _MAX_S, n)
    yield Figure("rss_without_account_mb", bare_mb, "MiB", None, n)
    yield Figure("rss_added_1k_mb", added("rss_mb"), "MiB", _MAX_MB, n)


async def _starts() -> list[tuple[_Start, _Start]]:
    async with running_large_house("start") as house:
        note = await house.restart()
        house.import_first(
            [name for name in note["modules"] if not name.startswith("custom_")]
        )
        # The first start with them compiles them.
        await house.restart()
        return [await _pair(house) for _ in range(_ROUNDS)]


async def _pair(house: LargeHouse) -> tuple[_Start, _Start]:
    """Start with the account and without it; return both."""
    await house.enable_account(is_enabled=True)
    await house.house.home_process.stop()
    # So the first sync is due, whose memory counts too.
    let_two_hours_pass(house.folder)
    asked = await house.library_requests()
    own = await _start(house, syncs=asked)
    await house.enable_account(is_enabled=False)
    return own, await _start(house)


async def _start(house: LargeHouse, syncs: int | None = None) -> _Start:
    """Start and come to rest: after the sync, where so many have been before it."""
    note = await house.restart()
    if syncs is not None:
        await _is_synced(house, before=syncs)
    await asyncio.sleep(_RESTED_AFTER_S)
    return _Start(
        wall_s=note["wall_s"],
        cpu_s=note["cpu_s"],
        rss_mb=_rss_mb(note["pid"]),
        set_up_s=_set_up_s(note["phases"]),
    )


async def _is_synced(house: LargeHouse, before: int) -> None:
    async def has_asked() -> bool | None:
        return True if await house.library_requests() > before else None

    await wait_until("the sync after the start", has_asked)
    expect(await house.states(), "the account has no entities")


def _set_up_s(phases: dict[str, dict[str, float]]) -> float:
    """Return Home Assistant's own account; it has taken out what imports took."""
    return sum(sum(times.values()) for times in phases.values())


def _rss_mb(pid: Any) -> float:
    resident = Path(f"/proc/{pid}/statm").read_text().split()[1]
    return int(resident) * _PAGE_BYTES / 1024 / 1024
