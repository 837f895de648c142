"""Actions that sync, set syncs, and tell how they go."""

import json
from datetime import timedelta

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import SOURCE_REAUTH
from homeassistant.exceptions import ServiceValidationError, Unauthorized
from homeassistant.util import dt as dt_util

from custom_components.audible_tracker.const import DOMAIN
from tests.integration.steps import LIBRARY, POSITIONS, Household
from tests.simulator.catalog import (
    OTHER_EMAIL,
    OTHER_PASSWORD,
    UNDER_WAY_ASIN,
    UNSTARTED_ASIN,
)
from tests.simulator.faults import FaultKind

LATER = timedelta(minutes=16)


def libraries(household: Household) -> int:
    """Return how often the whole library was asked for."""
    asked = household.simulator.requests(LIBRARY)
    return sum(request.path == LIBRARY for request in asked)


async def test_sync_asks_audible_once_and_counts(
    household: Household, freezer: FrozenDateTimeFactory
) -> None:
    """What a sync has done is answered; a second one has to wait, and says how long."""
    entry = await household.sign_up()
    freezer.tick(LATER)
    household.listen(UNSTARTED_ASIN, 600_000)
    before = libraries(household)

    answer = await household.act("sync")

    [account] = answer["accounts"]
    assert account["config_entry_id"] == entry.entry_id
    assert account["status"] == "success"
    assert account["positions_moved"] == 1
    assert account["titles_new"] == 0
    events = [event["type"] for event in account["events"]]
    assert events == ["book_started", "progressed"]
    assert libraries(household) == before + 1
    assert household.state("_currently_reading").state == "Moby-Dick"

    await household.hass.config.async_set_time_zone("Asia/Tokyo")
    with pytest.raises(ServiceValidationError) as told:
        await household.act("sync", config_entry_id=entry.entry_id)

    until = dt_util.utcnow() + timedelta(minutes=15)
    assert told.value.translation_key == "sync_too_soon"
    assert told.value.translation_placeholders == {
        "until": f"{dt_util.as_local(until):%Y-%m-%d %H:%M}"
    }
    assert libraries(household) == before + 1


async def test_dry_run_changes_nothing_and_serves_the_sync_after(
    household: Household, freezer: FrozenDateTimeFactory
) -> None:
    """What would change is told in text and lists; the library is asked for once."""
    await household.sign_up()
    freezer.tick(LATER)
    household.listen(UNSTARTED_ASIN, 600_000)
    before = libraries(household)

    answer = await household.act("sync", dry_run=True)

    [account] = answer["accounts"]
    assert answer["dry_run"] is True
    assert account["is_empty"] is False
    assert account["positions_moved"] == 1
    assert "place: Moby-Dick" in account["text"]
    assert [moved["asin"] for moved in account["moved_positions"]] == [UNSTARTED_ASIN]
    assert account["new_books"] == []
    assert json.dumps(answer)
    assert household.state("_currently_reading").state != "Moby-Dick"

    await household.act("sync")

    assert household.state("_currently_reading").state == "Moby-Dick"
    assert libraries(household) == before + 1


async def test_account_that_fails_keeps_no_other_from_its_sync(
    household: Household, freezer: FrozenDateTimeFactory
) -> None:
    """Each account answers for itself; where none may sync, the call fails."""
    anna = await household.sign_up()
    freezer.tick(timedelta(minutes=10))
    ben = await household.sign_up(email=OTHER_EMAIL, password=OTHER_PASSWORD)
    freezer.tick(timedelta(minutes=6))

    answer = await household.act("sync")

    found = {account["config_entry_id"]: account for account in answer["accounts"]}
    assert found[anna.entry_id]["status"] == "success"
    assert found[ben.entry_id]["status"] == "refused"
    assert found[ben.entry_id]["error"] == "sync_too_soon"
    assert dt_util.utcnow().isoformat() < found[ben.entry_id]["until"]
    assert found[ben.entry_id]["message"].startswith("The library was synced lately.")
    with pytest.raises(ServiceValidationError):
        await household.act("sync")


async def test_refused_sign_in_is_told_to_the_user(
    household: Household, freezer: FrozenDateTimeFactory
) -> None:
    """Home Assistant asks to sign in again, as it does after a poll."""
    entry = await household.sign_up()
    freezer.tick(LATER)
    household.simulator.shop.devices[0].is_revoked = True

    with pytest.raises(Exception, match="Sign in again"):
        await household.act("sync")
    await household.settle()

    [flow] = household.hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    assert flow["context"]["source"] == SOURCE_REAUTH
    assert flow["context"]["entry_id"] == entry.entry_id


async def test_one_title_is_synced_by_asin_or_book(household: Household) -> None:
    """Its place is known at once; a title of nobody's is refused by name."""
    await household.sign_up()
    household.listen(UNDER_WAY_ASIN, 3_723_000)
    asked = libraries(household)
    before = household.count(POSITIONS)

    answer = await household.act("sync_book", asin=UNDER_WAY_ASIN.lower())

    [title] = answer["titles"]
    assert title["reader"] == "Anna Example"
    assert title["position_ms"] == 3_723_000
    assert title["title"] == "Pride and Prejudice"
    assert household.count(POSITIONS) == before + 1
    assert libraries(household) == asked

    with pytest.raises(ServiceValidationError) as told:
        await household.act("sync_book", book_id=title["book_id"])
    assert told.value.translation_key == "sync_too_soon"
    with pytest.raises(ServiceValidationError) as told:
        await household.act("sync_book", asin="B0NOTTHERE")
    assert str(told.value) == "There is no title B0NOTTHERE"
    with pytest.raises(ServiceValidationError) as told:
        await household.act("sync_book")
    assert told.value.translation_key == "value_missing"


async def test_status_tells_of_syncs_without_asking_audible(
    household: Household, freezer: FrozenDateTimeFactory
) -> None:
    """Figures, times and reasons are those of the database."""
    entry = await household.sign_up()
    asked = len(household.simulator.requests("/"))
    now = dt_util.utcnow()

    answer = await household.act("get_status")

    [account] = answer["accounts"]
    assert account["config_entry_id"] == entry.entry_id
    assert account["marketplace"] == "us"
    assert account["last_sync_at"][:16] == now.isoformat()[:16]
    assert account["next_sync_reason"] == "too_soon"
    assert now.isoformat() < account["next_sync_at"]
    assert account["success_share_24h"] == 1.0
    assert account["mean_duration_ms_7d"] >= 0
    assert account["titles_active"] == int(household.state("_library_size").state)
    assert account["links"] == account["confidence"]["created"] > 0
    assert account["active_readers"] == 1
    assert account["readers"] == [
        {"reader": "Anna Example", "person": None, "is_default": True}
    ]
    assert account["pending_writes"] == 0
    assert account["requests_today"] >= 2
    assert account["waiting_for"] is None
    assert answer["imports"] == []
    assert answer["database"] == "sqlite"
    assert json.dumps(answer)
    assert len(household.simulator.requests("/")) == asked

    freezer.tick(LATER)
    household.break_shop(FaultKind.UNREACHABLE)
    with pytest.raises(Exception, match="does not answer"):
        await household.act("sync")
    [account] = (await household.act("get_status"))["accounts"]

    assert account["success_share_24h"] < 1.0
    assert account["last_log"]["error"] == "audible_unreachable"
    assert account["next_sync_reason"] == "waiting"
    assert account["waiting_for"] == "audible_unreachable"


async def test_sync_of_titles_and_accounts_is_switched_and_timed(
    household: Household,
) -> None:
    """A title has its own switch and interval, the account another one."""
    entry = await household.sign_up()

    off = await household.act("set_sync_enabled", asin=UNDER_WAY_ASIN, enabled=False)
    slow = await household.act("set_sync_interval", asin=UNDER_WAY_ASIN, minutes=120)
    again = await household.act("set_sync_interval", asin=UNDER_WAY_ASIN, clear=True)
    account = await household.act("set_sync_interval", minutes=30)
    disabled = await household.act("set_sync_enabled", enabled=False)

    assert off["sync_enabled"] is False
    assert slow["sync_interval_minutes"] == 120
    assert again["sync_interval_minutes"] is None
    assert account["sync_interval_minutes"] == 30
    assert account["config_entry_id"] == entry.entry_id
    assert disabled["enabled"] is False
    assert (await household.account(entry)).sync_interval_minutes == 30
    with pytest.raises(ServiceValidationError) as told:
        await household.act("sync")
    assert told.value.translation_key == "sync_disabled"
    await household.act("set_sync_enabled", enabled=True)
    with pytest.raises(ServiceValidationError) as told:
        await household.act("sync_book", asin=UNDER_WAY_ASIN)
    assert told.value.translation_key == "title_not_followed"
    with pytest.raises(ServiceValidationError) as told:
        await household.act("set_sync_interval", minutes=14)
    assert told.value.translation_placeholders["allowed"] == "15 to 1440 minutes"


async def test_keys_are_rotated_and_the_account_goes_on(
    household: Household,
) -> None:
    """Everything that is sealed can be opened with the new key."""
    entry = await household.sign_up()
    credentials = await household.credentials(entry)

    answer = await household.act("rotate_keys")
    await household.hass.auth.async_create_user("The owner comes first")
    guest = await household.hass.auth.async_create_user("A guest")
    for action in ("rotate_keys", "import_books", "export_books"):
        with pytest.raises(Unauthorized):
            await household.act(action, guest.id)

    assert answer == {"accounts": 1, "unreadable": 0}
    assert await household.credentials(entry) == credentials
    await household.restart(entry)
    assert await household.credentials(entry) == credentials
