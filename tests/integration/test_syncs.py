"""What Home Assistant hears of a sync: events, log lines, and how failures end."""

import logging
from datetime import timedelta
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import CoreState, Event
from homeassistant.exceptions import ServiceValidationError
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_capture_events

from custom_components.audible_tracker.const import EVENT_TRACKER
from custom_components.audible_tracker.core.errors import StoreUnavailableError
from custom_components.audible_tracker.core.sync.applying import SyncReport
from custom_components.audible_tracker.household import household_of
from tests.integration.databases import change, rows
from tests.integration.steps import POSITIONS, Household
from tests.simulator.catalog import DEMO_EMAIL, PLUS_ASIN, UNDER_WAY_ASIN
from tests.simulator.faults import FaultKind
from tests.simulator.shop import Heard

PROGRESS = f"{UNDER_WAY_ASIN}_progress"
HOUR = timedelta(minutes=67)
LOGGER = "custom_components.audible_tracker"


def told(events: list[Event], event_type: str) -> list[str]:
    """Return the ASINs of the events of a type."""
    return [event.data["asin"] for event in events if event.data["type"] == event_type]


@pytest.fixture
def morning(
    household: Household, freezer: FrozenDateTimeFactory
) -> FrozenDateTimeFactory:
    """Let it be a morning of this house: a day without listening is long."""
    go_to_hour(freezer, 9)
    return freezer


def go_to_hour(freezer: FrozenDateTimeFactory, hour: int) -> None:
    """Let it be this hour of the day in this house."""
    freezer.move_to(dt_util.as_utc(dt_util.now().replace(hour=hour, minute=0)))


@pytest.mark.parametrize("hour", [9, 21])
async def test_first_sync_tells_nothing(
    household: Household, freezer: FrozenDateTimeFactory, hour: int
) -> None:
    """Years of listening are no news: neither a streak that ends, nor what leaves."""
    events = async_capture_events(household.hass, EVENT_TRACKER)
    go_to_hour(freezer, hour)
    household.owned(PLUS_ASIN).leaves_at = dt_util.utcnow() + timedelta(days=20)

    await household.sign_up()
    await household.pass_time(freezer, timedelta(minutes=5))

    assert events == []


async def test_streak_and_what_leaves_are_told_the_day_after_the_first_sync(
    household: Household, freezer: FrozenDateTimeFactory
) -> None:
    """By then they are news, if nothing was heard meanwhile."""
    events = async_capture_events(household.hass, EVENT_TRACKER)
    account = household.simulator.shop.accounts[DEMO_EMAIL]
    go_to_hour(freezer, 9)
    today = dt_util.now().date()
    account.heard.extend(
        Heard(today - timedelta(days=days), 3_600_000.0) for days in range(3)
    )
    household.owned(PLUS_ASIN).leaves_at = dt_util.utcnow() + timedelta(days=20)
    await household.sign_up()
    assert events == []

    await household.pass_time(freezer, timedelta(hours=36))

    kinds = [event.data["type"] for event in events]
    assert sorted(kinds) == ["streak_at_risk", "title_leaving"]


async def test_finished_book_is_told_once(
    household: Household, morning: FrozenDateTimeFactory
) -> None:
    """However often it is looked at, and over a restart."""
    entry = await household.sign_up()
    events = async_capture_events(household.hass, EVENT_TRACKER)
    household.owned(UNDER_WAY_ASIN).is_finished = True

    await household.pass_time(morning, HOUR)
    await household.pass_time(morning, HOUR)
    await household.restart(entry)

    assert told(events, "book_finished") == [UNDER_WAY_ASIN]
    [event] = [event for event in events if event.data["type"] == "book_finished"]
    assert event.data["title"] == "Pride and Prejudice"
    assert event.data["config_entry_id"] == entry.entry_id
    stored = rows(household.hass, "SELECT event_id, published_at FROM tracker_events")
    assert {row[0] for row in stored} == {event.data["id"] for event in events}
    assert all(row[1] for row in stored)


async def test_event_that_a_crash_left_untold_is_told_at_the_next_start(
    household: Household, freezer: FrozenDateTimeFactory
) -> None:
    """Once, under its own id, with two accounts as with one."""
    entry = await household.sign_up()
    second = await household.sign_up(country_code="de")
    household.owned(UNDER_WAY_ASIN).is_finished = True
    await household.pass_time(freezer, HOUR)
    for each in (entry, second):
        await household.hass.config_entries.async_unload(each.entry_id)
    change(
        household.hass,
        "UPDATE tracker_events SET published_at = NULL "
        "WHERE event_type = 'book_finished'",
    )
    stored = rows(
        household.hass,
        "SELECT event_id FROM tracker_events WHERE published_at IS NULL",
    )
    events = async_capture_events(household.hass, EVENT_TRACKER)

    for each in (entry, second):
        await household.hass.config_entries.async_setup(each.entry_id)
    await household.settle()

    assert stored
    assert sorted(stored) == sorted((event.data["id"],) for event in events)


async def test_nothing_is_told_before_automations_listen(
    household: Household, freezer: FrozenDateTimeFactory
) -> None:
    """While Home Assistant starts the account is shown, and asked about afterwards."""
    entry = await household.sign_up()
    await household.hass.config_entries.async_unload(entry.entry_id)
    asked = household.count("/1.0")
    household.owned(UNDER_WAY_ASIN).is_finished = True
    freezer.tick(HOUR)
    household.hass.set_state(CoreState.starting)
    events = async_capture_events(household.hass, EVENT_TRACKER)

    await household.hass.config_entries.async_setup(entry.entry_id)
    await household.settle()
    assert household.state("_library_size").state != "unavailable"
    assert household.count("/1.0") == asked
    household.hass.set_state(CoreState.running)
    household.hass.bus.async_fire("homeassistant_started")
    await household.settle()

    assert told(events, "book_finished") == [UNDER_WAY_ASIN]


async def test_sync_is_one_line_without_titles(
    household: Household,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The account's number, counts and milliseconds."""
    await household.sign_up()
    caplog.clear()

    await household.pass_time(freezer, HOUR)

    lines = [
        record.getMessage()
        for record in caplog.records
        if record.name.startswith(LOGGER) and record.levelno >= logging.INFO
    ]
    [line] = lines
    assert line.startswith("Account 1 synced in ")
    assert " ms: " in line
    account = household.simulator.shop.accounts[DEMO_EMAIL]
    titles = [owned.title.title for owned in account.library.values()]
    assert [title for title in titles if title and title in line] == []


async def test_failure_is_one_warning_with_its_key(
    household: Household,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Told when it begins, not with each try, and told again when it is over."""
    await household.sign_up()
    household.break_shop(FaultKind.UNREACHABLE)
    caplog.clear()

    for _ in range(5):
        await household.pass_time(freezer, timedelta(minutes=6))

    warnings = [
        record.getMessage()
        for record in caplog.records
        if record.name.startswith(LOGGER) and record.levelno >= logging.WARNING
    ]
    [warning] = warnings
    assert warning.startswith("Account 1: Audible does not answer")
    assert warning.endswith("(audible_unreachable)")
    household.mend_shop()
    await household.pass_time(freezer, timedelta(minutes=40))
    assert "recovered" in caplog.text


async def test_sync_by_hand_when_the_automatic_one_is_due_is_no_failure(
    household: Household,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The one that comes second has nothing to do, and warns nobody."""
    entry = await household.sign_up()
    data = entry.runtime_data
    asked = household.count_libraries()
    caplog.clear()
    freezer.tick(HOUR)
    wait_for_turn = data.sync.sync_library

    async def sync_second(**given: Any) -> SyncReport:
        await wait_for_turn(is_automatic=False)
        report: SyncReport = await wait_for_turn(**given)
        return report

    monkeypatch.setattr(data.sync, "sync_library", sync_second)
    await data.coordinator.async_refresh()
    await household.settle()

    assert data.coordinator.last_update_success
    assert household.count_libraries() == asked + 1
    assert "WARNING" not in {record.levelname for record in caplog.records}


async def test_library_of_the_sign_in_serves_once(
    household: Household, freezer: FrozenDateTimeFactory
) -> None:
    """Also where the places failed: an hour later it is old."""
    household.break_shop(FaultKind.UNAVAILABLE, POSITIONS)
    entry = await household.sign_up()
    asked = household.count_libraries()
    account = await household.account(entry)
    assert account.last_sync_at is not None
    household.mend_shop()

    await household.pass_time(freezer, HOUR)

    assert household.count_libraries() == asked + 1
    assert entry.runtime_data.coordinator.last_update_success


async def test_pause_is_kept_over_a_restart(
    household: Household, freezer: FrozenDateTimeFactory
) -> None:
    """What Audible asked for is not forgotten by switching off and on."""
    entry = await household.sign_up()
    household.break_shop(FaultKind.RATE_LIMIT_RETRY_AFTER, retry_after_s=600)
    await household.ask_now(household.state(PROGRESS).entity_id)
    household.mend_shop()
    asked = household.count("/1.0")

    await household.restart(entry)
    assert household.count("/1.0") == asked
    cause = entry.runtime_data.coordinator.last_exception
    assert cause.translation_key == "sync_waiting"

    await household.pass_time(freezer, timedelta(minutes=16))
    assert household.count("/1.0") > asked
    assert entry.runtime_data.coordinator.last_update_success


@pytest.mark.parametrize(
    ("language", "cause"),
    [("en", "Audible does not answer"), ("de", "Audible antwortet nicht")],
)
async def test_cause_of_a_pause_is_told_in_the_language_of_the_house(
    household: Household, language: str, cause: str
) -> None:
    """As all that fills a sentence; who shows it translates the rest."""
    await household.hass.config.async_update(language=language)
    await household.sign_up()
    household.break_shop(FaultKind.UNREACHABLE)
    await household.ask_now(household.state(PROGRESS).entity_id)

    with pytest.raises(ServiceValidationError) as refused:
        await household.act("sync_book", asin=UNDER_WAY_ASIN)

    assert refused.value.translation_key == "sync_waiting"
    assert (refused.value.translation_placeholders or {})["cause"] == cause


async def test_new_sign_in_ends_the_pause_of_the_old_one(
    household: Household,
) -> None:
    """Whoever signs in again does not wait for hours."""
    entry = await household.sign_up()
    household.simulator.shop.devices[0].is_revoked = True
    await household.ask_now(household.state(PROGRESS).entity_id)
    [flow] = household.hass.config_entries.flow.async_progress()
    asked = household.count("/1.0/annotations")

    await household.finish(await household.answer(flow))
    await household.settle()

    assert entry.runtime_data.coordinator.last_update_success
    assert household.count("/1.0/annotations") > asked


async def test_listening_days_are_asked_for_once_a_day(
    household: Household, freezer: FrozenDateTimeFactory
) -> None:
    """They are in the database, each once."""
    await household.sign_up()
    path = "/1.0/stats/aggregates"
    first = household.count(path)
    assert first > 0

    await household.pass_time(freezer, timedelta(minutes=6))
    assert household.count(path) == first
    await household.pass_time(freezer, timedelta(days=1))

    assert household.count(path) > first
    days = rows(household.hass, "SELECT identifier FROM listening_days")
    assert len(days) == len(set(days)) > 0


async def test_last_values_have_an_honest_age(
    household: Household, freezer: FrozenDateTimeFactory
) -> None:
    """Out of reach, the sensor says when the library was last seen."""
    entry = await household.sign_up()
    before = household.state("_last_sync").state
    household.break_shop(FaultKind.UNREACHABLE)
    freezer.tick(timedelta(hours=5))

    await household.restart(entry)

    assert household.state("_last_sync").state == before
    assert household.state(PROGRESS).attributes["last_heard_at"]


async def test_household_goes_with_home_assistant(household: Household) -> None:
    """Stopped, it leaves the database closed and whole."""
    await household.sign_up()
    opened = household_of(household.hass)._store

    await household.hass.async_stop(force=True)

    assert opened is not None
    assert household_of(household.hass)._store is None
    assert rows(household.hass, "PRAGMA integrity_check") == [("ok",)]
    with pytest.raises(StoreUnavailableError):
        await household_of(household.hass).async_open("somebody late")
