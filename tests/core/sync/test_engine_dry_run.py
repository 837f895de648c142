"""A dry run says what a sync would change, and changes nothing."""

import pytest
from audible_core.errors import AudibleConnectionError, SyncTooSoonError
from audible_core.store.schema import ACCOUNTS

from tests.core.sync.home import NAMES, Home, novel
from tests.core.sync.paper import HOUR_MS


async def _news(home: Home) -> None:
    home.clock.wait(hours=1)
    home.shop.add(novel(4))
    home.shop.hear(HOUR_MS)


async def test_dry_run_writes_nothing(followed: Home) -> None:
    """No row is another afterwards but for the count of requests; nothing is told."""
    await _news(followed)
    before, account = await followed.tables(), await followed.account()
    await followed.engine.dry_run()
    after = await followed.tables()
    assert account.sync_count_today + 2 == (await followed.account()).sync_count_today
    for tables in (before, after):
        del tables[ACCOUNTS.name]
    assert before == after
    assert [] == followed.told


async def test_dry_runs_in_a_row_ask_for_places_once_a_minute(followed: Home) -> None:
    """The library is kept, and so is what stands beside it; a sync costs no more."""
    await _news(followed)
    counts = []
    for seconds in (0, 59, 1):
        followed.clock.wait(seconds=seconds)
        await followed.engine.dry_run()
        counts.append((await followed.account()).sync_count_today)
    assert (2, 3) == (
        followed.shop.requests["library"],
        followed.shop.requests["positions"],
    )
    assert [0, 0, 1] == [count - counts[0] for count in counts]
    followed.clock.wait(minutes=2)
    await followed.engine.sync_library(is_automatic=False)
    assert counts[-1] + 1 == (await followed.account()).sync_count_today


async def test_failed_sync_counts_what_was_asked(followed: Home) -> None:
    """Also where the library came and the places did not."""
    followed.clock.wait(hours=1)
    count = (await followed.account()).sync_count_today
    followed.shop.refuse("positions", AudibleConnectionError(reason="timeout"))
    with pytest.raises(AudibleConnectionError):
        await followed.engine.dry_run()
    assert count + 2 == (await followed.account()).sync_count_today


async def test_dry_run_says_what_would_change(followed: Home) -> None:
    """In words, with the names of the books."""
    await _news(followed)
    text = str(await followed.engine.dry_run())
    lines = text.splitlines()
    assert lines[0].startswith("4 titles seen: 1 new, 0 changed, 0 removed; 1 places")
    assert f"make book: {NAMES[4]} (to_read)" in lines
    assert f"change book: {NAMES[1]} (reading)" in lines
    assert f"place: {NAMES[1]}: 1:00 h, 10.0 %" in lines


async def test_sync_after_a_dry_run_costs_no_library_request(followed: Home) -> None:
    """And does what was said."""
    await _news(followed)
    plan = await followed.engine.dry_run()
    followed.clock.wait(minutes=5)
    report = await followed.engine.sync_library(is_automatic=False)
    assert 2 == followed.shop.requests["library"]
    assert (plan.changes.log.titles_new, plan.changes.log.positions_moved) == (
        report.log.titles_new,
        report.log.positions_moved,
    )
    followed.clock.wait(minutes=15)
    await followed.engine.sync_library(is_automatic=False)
    assert 3 == followed.shop.requests["library"]


async def test_what_a_dry_run_fetched_gets_old(followed: Home) -> None:
    """After 15 minutes the library is asked for anew."""
    await _news(followed)
    await followed.engine.dry_run()
    followed.clock.wait(minutes=15)
    await followed.engine.sync_library(is_automatic=False)
    assert 3 == followed.shop.requests["library"]


async def test_dry_run_keeps_the_limits(followed: Home) -> None:
    """It asks Audible like a sync does."""
    followed.clock.wait(minutes=5)
    with pytest.raises(SyncTooSoonError):
        await followed.engine.dry_run()
    assert 1 == followed.shop.requests["library"]


async def test_dry_run_that_fails_is_followed_by_a_pause(followed: Home) -> None:
    """As is a sync."""
    await _news(followed)
    followed.shop.refuse("library", AudibleConnectionError(reason="timeout"))
    with pytest.raises(AudibleConnectionError):
        await followed.engine.dry_run()
    assert "audible_unreachable" == (await followed.account()).wait_reason
