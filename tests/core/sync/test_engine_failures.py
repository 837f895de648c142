"""What Audible refuses changes nothing but the log and the pause that follows."""

from datetime import timedelta
from typing import Any

import pytest
from audible_core.errors import (
    AudibleAuthError,
    AudibleConnectionError,
    AudibleError,
    AudibleNotFoundError,
    AudibleRateLimitError,
    AudibleResponseError,
    StoreUnavailableError,
    SyncWaitingError,
)
from audible_core.kinds import SyncStatus, SyncType
from audible_core.sync import applying

from tests.core.sync.home import NAMES, Home, novel
from tests.core.sync.paper import HOUR_MS, asin

ERRORS = (
    AudibleConnectionError(reason="timeout"),
    AudibleAuthError(),
    AudibleRateLimitError(retry_after_s=5),
    AudibleNotFoundError(what="the library"),
    AudibleResponseError(field="items"),
)


async def _failing(home: Home, error: AudibleError, kind: str = "library") -> None:
    home.shop.refuse(kind, error)
    with pytest.raises(type(error)):
        await home.engine.sync_library(is_automatic=True)


async def _pause(home: Home) -> timedelta:
    until = (await home.account()).wait_until
    assert until is not None
    return until - home.clock()


def _without(tables: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: rows for name, rows in tables.items() if name not in names}


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.key)
async def test_failed_sync_changes_nothing_but_log_and_pause(
    followed: Home, error: AudibleError
) -> None:
    """Every kind of refusal, with its key in the log and at the account."""
    followed.clock.wait(hours=1)
    followed.shop.add(novel(4))
    tables, before = await followed.tables(), await followed.account()
    await _failing(followed, error)
    log, _ = await followed.logs()
    account = await followed.account()
    assert (SyncType.LIBRARY, SyncStatus.FAILED, error.key) == (
        log.sync_type,
        log.status,
        log.error_key,
    )
    assert error.key == account.wait_reason
    assert await _pause(followed) > timedelta()
    assert (before.last_sync_at, before.state_token, before.sync_count_today + 1) == (
        account.last_sync_at,
        account.state_token,
        account.sync_count_today,
    )
    own = ("audible_config", "audible_sync_logs")
    assert _without(tables, *own) == _without(await followed.tables(), *own)


async def test_pause_is_kept_also_by_polls_and_by_hand_and_after_a_restart(
    followed: Home,
) -> None:
    """Its reason and its end are told."""
    followed.shop.hear(HOUR_MS)
    await followed.sync()
    followed.clock.wait(hours=1)
    await _failing(followed, AudibleAuthError())
    asked = followed.shop.requests.total()
    await followed.restart()
    with pytest.raises(SyncWaitingError) as caught:
        await followed.engine.sync_library(is_automatic=False)
    with pytest.raises(SyncWaitingError):
        await followed.engine.sync_title(asin(1))
    assert None is await followed.engine.poll_positions()
    account = await followed.account()
    assert (account.wait_until, "audible_auth") == (
        caught.value.until,
        caught.value.cause,
    )
    assert asked == followed.shop.requests.total()


async def test_pauses_double_and_end_with_the_first_success(followed: Home) -> None:
    """Half a minute for a lost connection, at first, and up to a quarter more."""
    error = AudibleConnectionError(reason="timeout")
    followed.clock.wait(hours=1)
    for factor in (1, 2, 4, 8):
        await _failing(followed, error)
        share = await _pause(followed) / timedelta(seconds=30 * factor)
        assert 1.0 <= share <= 1.25
        followed.clock.at += await _pause(followed)
    await followed.engine.sync_library(is_automatic=True)
    account = await followed.account()
    assert (None, None) == (account.wait_until, account.wait_reason)
    followed.clock.wait(hours=1)
    await _failing(followed, error)
    assert await _pause(followed) <= timedelta(seconds=37.5)


async def test_pause_that_audible_asks_for_is_kept(followed: Home) -> None:
    """Where it is longer than ours, and at most a minute more."""
    followed.clock.wait(hours=1)
    await _failing(followed, AudibleRateLimitError(retry_after_s=7777))
    assert 7777 <= (await _pause(followed)).total_seconds() <= 7837
    followed.clock.wait(seconds=7776)
    with pytest.raises(SyncWaitingError):
        await followed.engine.sync_library(is_automatic=True)
    followed.clock.wait(seconds=61)
    await followed.engine.sync_library(is_automatic=True)


async def test_poll_that_succeeds_ends_the_pause_too(followed: Home) -> None:
    """Even if it finds nothing new."""
    followed.shop.hear(HOUR_MS)
    await followed.sync()
    followed.shop.refuse("positions", AudibleConnectionError(reason="timeout"))
    with pytest.raises(AudibleConnectionError):
        await followed.poll()
    log = (await followed.logs())[0]
    assert (SyncType.POSITIONS, SyncStatus.FAILED) == (log.sync_type, log.status)
    await followed.poll()
    assert None is (await followed.account()).wait_reason


async def test_library_is_kept_where_only_the_positions_fail(followed: Home) -> None:
    """What is bought shows at once, and the library is not asked for again."""
    followed.clock.wait(hours=1)
    followed.shop.add(novel(4))
    error = AudibleConnectionError(reason="timeout")
    await _failing(followed, error, kind="positions")
    failed, kept = sorted(
        (await followed.logs())[:2], key=lambda log: log.status == SyncStatus.SUCCESS
    )
    assert (SyncStatus.FAILED, error.key) == (failed.status, failed.error_key)
    assert (SyncStatus.SUCCESS, 1) == (kept.status, kept.titles_new)
    assert ["title_added"] == followed.told_types
    account = await followed.account()
    assert (followed.clock(), error.key) == (account.last_sync_at, account.wait_reason)
    requests = followed.shop.requests["library"]
    followed.clock.wait(minutes=14)
    with pytest.raises(Exception, match="lately"):
        await followed.engine.sync_library(is_automatic=False)
    assert requests == followed.shop.requests["library"]


async def test_library_is_kept_where_only_a_name_fails(followed: Home) -> None:
    """The next try asks for what lacks, not for all of it."""
    followed.clock.wait(hours=1)
    followed.shop.add(novel(4))
    followed.shop.hollow = {asin(4)}
    await _failing(followed, AudibleRateLimitError(retry_after_s=1), kind="title")
    followed.clock.at += await _pause(followed)
    await followed.engine.sync_library(is_automatic=True)
    assert (2, 2) == (
        followed.shop.requests["library"],
        followed.shop.requests["title"],
    )
    assert NAMES[4] == (await followed.link(4)).audible_title


async def test_library_serves_the_next_try_where_the_database_failed(
    followed: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log says what was in the way; no pause follows, for Audible did answer."""
    followed.clock.wait(hours=1)
    followed.shop.add(novel(4))

    async def fail(*_: object, **__: object) -> None:
        raise StoreUnavailableError(reason="it is locked")

    tables = await followed.tables()
    with monkeypatch.context() as patch:
        patch.setattr(applying, "apply_changes", fail)
        with pytest.raises(StoreUnavailableError):
            await followed.engine.sync_library(is_automatic=True)
    own = "audible_sync_logs"
    assert _without(tables, own) == _without(await followed.tables(), own)
    assert "store_unavailable" == (await followed.logs())[0].error_key
    followed.clock.wait(minutes=1)
    report = await followed.engine.sync_library(is_automatic=True)
    assert (2, 1) == (followed.shop.requests["library"], report.log.titles_new)


async def test_fault_of_our_own_is_in_the_log_too(
    followed: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing fails without a row that says so."""
    followed.clock.wait(hours=1)

    async def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(applying, "apply_changes", fail)
        with pytest.raises(ZeroDivisionError):
            await followed.engine.sync_library(is_automatic=True)
    log, _ = await followed.logs()
    assert (SyncStatus.FAILED, "unexpected") == (log.status, log.error_key)
