"""A home whose tracker lives in PostgreSQL, and what happens when that goes away."""

import asyncio

import pytest

from tests.simulator.catalog import UNDER_WAY_ASIN

from .logs import our_warnings
from .processes import wait_until
from .tracked_home import TrackedHome
from .tracker_database import count_rows
from .walk import our_states

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(240)]


async def test_the_options_move_the_tracker_to_postgresql(home: TrackedHome) -> None:
    """With the URL in the options, the next sync fills the database there."""

    async def filled() -> int | None:
        return await home.count("audible_titles") or None

    titles = await wait_until("titles in PostgreSQL", filled, timeout_s=45)
    folder = home.house.home_process.folder
    assert count_rows(folder, "audible_titles") == titles
    assert await home.count("books") > 0
    assert (await home.progress())["attributes"]["asin"] == UNDER_WAY_ASIN


async def test_a_position_reaches_the_sensor_through_postgresql(
    home: TrackedHome,
) -> None:
    """A poll reads and writes there, and nothing of it in the old file."""
    folder = home.house.home_process.folder
    ledger = count_rows(folder, "audible_progress_history")
    before = await home.count("audible_progress_history")
    await home.move(0.5)
    await home.act("sync_book", {"asin": UNDER_WAY_ASIN})
    await home.wait_for_progress(50)
    assert await home.count("audible_progress_history") == before + 1
    assert count_rows(folder, "audible_progress_history") == ledger


async def test_a_stopped_database_is_survived_and_told_once(home: TrackedHome) -> None:
    """Entities keep their values, one warning is logged, and it recovers by itself."""
    before = await our_states(home.house)
    warnings = len(our_warnings(home.house.home_process))
    home.house.may_log(
        r"WARNING .* Account \d+: .*\(store_unavailable\)",
        r"ERROR .* audible_tracker\.get_status: The database cannot be used now",
    )
    await asyncio.to_thread(home.postgres.stop)
    try:
        await home.ask_for_update()

        async def warned() -> bool | None:
            told = our_warnings(home.house.home_process)
            return True if len(told) > warnings else None

        await wait_until("the warning", warned, timeout_s=30)
        with pytest.raises(RuntimeError, match="The database cannot be used now"):
            await home.act("get_status", {})
        assert await our_states(home.house) == before
    finally:
        await asyncio.to_thread(home.postgres.start)
    await home.move(0.6)
    await home.ask_for_update()
    await home.wait_for_progress(60)
    told = our_warnings(home.house.home_process)[warnings:]
    assert len(told) == 1
    assert "The database cannot be used now" in told[0]


async def test_a_restart_without_the_database_waits_for_it(home: TrackedHome) -> None:
    """Started while the database is away, everything is as it was once it is back."""
    before = await our_states(home.house)
    library_syncs = await home.count("audible_sync_logs WHERE sync_type = 'library'")
    await asyncio.to_thread(home.postgres.stop)
    try:
        await home.restart()
    finally:
        await asyncio.to_thread(home.postgres.start)

    async def restored() -> dict[str, str] | None:
        after = await our_states(home.house)
        return after if after == before else None

    await wait_until("the entities", restored, timeout_s=60)
    # A restart never syncs early.
    again = await home.count("audible_sync_logs WHERE sync_type = 'library'")
    assert again == library_syncs
