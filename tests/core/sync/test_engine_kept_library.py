"""A library that waits to be synced never takes back what is newer than it."""

import pytest
from audible_core.errors import (
    AudibleAuthError,
    AudibleConnectionError,
    AudibleError,
    AudibleNotFoundError,
    AudibleRateLimitError,
    AudibleResponseError,
    StoreUnavailableError,
)
from audible_core.sync import applying

from tests.core.sync.home import NAMES, Home, novel
from tests.core.sync.paper import END_MS, HOUR_MS, asin


async def test_purchase_that_was_seen_after_a_dry_run_stays(followed: Home) -> None:
    """It is told once, and is never said to be gone."""
    followed.clock.wait(minutes=50)
    await followed.engine.dry_run()
    followed.clock.wait(minutes=2)
    followed.shop.add(novel(4))
    followed.clock.wait(minutes=3)
    await followed.engine.look_for_purchases()
    followed.clock.wait(minutes=7)
    await followed.engine.sync_library(is_automatic=True)
    await followed.sync()
    assert ["title_added"] == followed.told_types


async def _hear_to_the_end(home: Home) -> None:
    home.clock.wait(minutes=6)
    home.shop.hear(END_MS)
    home.shop.change(
        1, percent_complete=99.0, is_finished=True, status_changed_at=home.clock()
    )
    await home.engine.sync_title(asin(1))


async def test_finish_that_was_asked_for_after_a_dry_run_stays(followed: Home) -> None:
    """The flag does not fall back, and the ledger has no place that never was."""
    followed.clock.wait(hours=1)
    followed.shop.hear(HOUR_MS)
    followed.shop.change(1, percent_complete=10.0, status_changed_at=followed.clock())
    await followed.engine.dry_run()
    await _hear_to_the_end(followed)
    ledger = await followed.ledger()
    followed.clock.wait(minutes=6)
    await followed.engine.sync_library(is_automatic=True)
    assert (await followed.link()).is_finished
    assert ledger == await followed.ledger()


async def test_finish_that_was_asked_for_after_a_failed_sync_stays(
    followed: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A library that could not be written is not written an hour later, either."""
    followed.clock.wait(hours=1)

    async def fail(*_: object, **__: object) -> None:
        raise StoreUnavailableError(reason="it is locked")

    with monkeypatch.context() as patch:
        patch.setattr(applying, "apply_changes", fail)
        with pytest.raises(StoreUnavailableError):
            await followed.engine.sync_library(is_automatic=True)
    await _hear_to_the_end(followed)
    await followed.engine.sync_library(is_automatic=True)
    assert (await followed.link()).is_finished
    assert ["book_started", "book_finished"] == followed.told_types


async def test_library_of_a_sign_in_gets_old(home: Home) -> None:
    """Whoever looks at the preview for a quarter of an hour gets what is there then."""
    home.shop.add(novel(1))
    library = await home.shop.fetch_library()
    home.clock.wait(minutes=15)
    home.shop.add(novel(2))
    await home.engine.sync_library(is_automatic=True, library=library)
    assert 2 == home.shop.requests["library"]
    assert 2 == (await home.logs())[0].titles_new


@pytest.mark.parametrize(
    "error",
    [
        AudibleResponseError(field="status 400"),
        AudibleNotFoundError(what="the title"),
        AudibleConnectionError(reason="a fault at Audible, status 500"),
        AudibleAuthError(),
    ],
    ids=lambda error: error.key,
)
async def test_title_that_audible_tells_nothing_of_holds_no_library_up(
    followed: Home, error: AudibleError
) -> None:
    """Its name is asked for again with the next sync; the rest is there at once."""
    followed.shop.add(novel(4), novel(5))
    followed.shop.hollow.add(asin(4))
    followed.shop.refuse("title", error)
    report = await followed.sync()
    assert 2 == report.log.titles_new
    assert None is (await followed.account()).wait_reason
    await followed.sync()
    assert NAMES[4] == (await followed.link(4)).audible_title


async def test_one_nameless_title_does_not_keep_another_from_its_name(
    followed: Home,
) -> None:
    """The next one is asked for where only one is refused."""
    followed.shop.add(novel(4), novel(5))
    followed.shop.hollow |= {asin(4), asin(5)}
    followed.shop.refuse("title", AudibleResponseError(field="status 400"))
    await followed.sync()
    assert NAMES[5] == (await followed.link(5)).audible_title


async def test_names_are_not_asked_for_where_audible_wants_a_pause(
    followed: Home,
) -> None:
    """What it asks for holds for all requests."""
    followed.clock.wait(hours=1)
    followed.shop.add(novel(4))
    followed.shop.hollow.add(asin(4))
    followed.shop.refuse("title", AudibleRateLimitError(retry_after_s=60))
    with pytest.raises(AudibleRateLimitError):
        await followed.engine.sync_library(is_automatic=True)
    assert "audible_rate_limit" == (await followed.account()).wait_reason
