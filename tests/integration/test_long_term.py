"""Long-term statistics: the right days, all years, nothing twice."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.recorder import Recorder
from homeassistant.components.recorder.statistics import (
    list_statistic_ids,
    statistics_during_period,
)
from homeassistant.config_entries import ConfigEntry
from homeassistant.helpers.recorder import get_instance, session_scope
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)
from sqlalchemy import Engine, event, text

from custom_components.audible_tracker.core.decisions.statistics import load_listened
from custom_components.audible_tracker.core.store.listening_days import (
    add_heard_at_home,
)
from custom_components.audible_tracker.core.store.records import ReaderId
from custom_components.audible_tracker.household import household_of
from custom_components.audible_tracker.long_term import rows_of, statistic_id_of
from tests.integration.databases import change
from tests.integration.steps import Household
from tests.simulator.faults import FaultKind
from tests.simulator.shop import Heard

MINUTE_MS = 60_000
EPOCH_S = 0.0
STATISTIC = statistic_id_of(ReaderId(1))


@pytest.fixture(autouse=True)
def _custom_integrations(
    recorder_db_url: str, enable_custom_integrations: None
) -> None:
    """Let Home Assistant find the integration: the recorder has to be there first."""


async def days_in_recorder(
    household: Household, period: str = "day"
) -> list[dict[str, Any]]:
    """Return what the statistics graph would draw."""
    await household.settle()
    await async_wait_recording_done(household.hass)
    rows = await get_instance(household.hass).async_add_executor_job(
        statistics_during_period,
        household.hass,
        dt_util.utc_from_timestamp(0),
        None,
        {STATISTIC},
        period,
        None,
        {"state", "sum", "change"},
    )
    return list(rows.get(STATISTIC, []))


async def listened(household: Household) -> dict[date, int]:
    """Return the milliseconds by day that the database holds."""
    async with (
        household_of(household.hass).async_opened() as store,
        store.reading() as connection,
    ):
        days, _ = await load_listened(connection, ReaderId(1))
    return {day: amount for day, amount in days.items() if amount}


@contextmanager
def statements(engine: Engine | None) -> Iterator[list[tuple[str, Any]]]:
    """Yield what a database is asked, with the values."""
    said: list[tuple[str, Any]] = []

    def note(
        _connection: Any, _cursor: Any, statement: str, values: Any, *_more: object
    ) -> None:
        said.append((statement, values))

    event.listen(engine, "after_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(engine, "after_cursor_execute", note)


async def ask_recorder(household: Household, statement: str) -> None:
    """Change the recorder's database itself."""

    def run() -> None:
        with session_scope(hass=household.hass) as session:
            session.execute(text(statement))

    await get_instance(household.hass).async_add_executor_job(run)


async def hear_a_minute(household: Household, entry: ConfigEntry) -> None:
    """Let the reader hear a minute at home."""
    runtime, now = entry.runtime_data, dt_util.utcnow()
    zone = ZoneInfo(household.hass.config.time_zone)
    async with runtime.store.transaction() as connection:
        await add_heard_at_home(
            connection,
            runtime.account_id,
            ReaderId(1),
            now.astimezone(zone).date(),
            MINUTE_MS,
            now=now,
        )
    await runtime.coordinator.async_show()
    await household.settle()
    await async_wait_recording_done(household.hass)


async def check_days(household: Household) -> None:
    """Compare each day of the statistics with the database's."""
    expected = await listened(household)
    zone = ZoneInfo(household.hass.config.time_zone)
    shown = {
        dt_util.utc_from_timestamp(row["start"]).astimezone(zone).date(): row
        for row in await days_in_recorder(household)
    }
    heard = {day: row["change"] for day, row in shown.items() if row["change"]}
    assert set(heard) == set(expected)
    for day, minutes in heard.items():
        assert abs(minutes - expected[day] / MINUTE_MS) < 0.01, day
    total = sum(expected.values()) / MINUTE_MS
    assert abs(max(row["sum"] for row in shown.values()) - total) < 0.01


async def test_every_day_has_what_was_heard_on_it(
    recorder_mock: Recorder, household: Household, freezer: FrozenDateTimeFactory
) -> None:
    """The years before come in with the days that follow the first sync."""
    today = dt_util.now().date()
    long_ago = [today - timedelta(days=days) for days in (100, 190, 191, 300)]
    account = household.simulator.shop.accounts["anna@example.com"]
    account.heard.extend(Heard(day, 45.0 * MINUTE_MS) for day in long_ago)
    await household.sign_up()
    await check_days(household)

    for _ in range(3):
        await household.pass_time(freezer, timedelta(days=1))

    await check_days(household)
    assert {*long_ago} <= set(await listened(household))

    ids = await get_instance(household.hass).async_add_executor_job(
        list_statistic_ids, household.hass, {STATISTIC}
    )
    assert ids[0]["name"] == "Anna Example (Audible)"
    assert ids[0]["statistics_unit_of_measurement"] == "min"
    assert ids[0]["has_sum"] is True


async def test_restart_and_later_sums_double_nothing(
    recorder_mock: Recorder, household: Household, freezer: FrozenDateTimeFactory
) -> None:
    """A day that became longer changes itself and the sums after it."""
    entry = await household.sign_up()
    before = await days_in_recorder(household)

    await household.restart(entry)
    assert await days_in_recorder(household) == before

    account = household.simulator.shop.accounts["anna@example.com"]
    day = max(await listened(household)) - timedelta(days=1)
    account.heard.append(Heard(day, 30.0 * MINUTE_MS))
    await household.pass_time(freezer, timedelta(days=1))

    assert sum(row["change"] for row in await days_in_recorder(household)) > sum(
        row["change"] for row in before
    )
    await check_days(household)


async def test_what_is_there_is_read_once_a_day(
    recorder_mock: Recorder, household: Household, freezer: FrozenDateTimeFactory
) -> None:
    """While something plays they change each minute: only what changed is written."""
    entry = await household.sign_up()
    await check_days(household)

    with statements(get_instance(household.hass).engine) as told:
        for _ in range(3):
            freezer.tick(timedelta(minutes=1))
            await hear_a_minute(household, entry)

    reads = [values for one, values in told if "statistics.start_ts >=" in one]
    of_all_days = [values for values in reads if EPOCH_S in values]
    # Once anew, where it has become another day meanwhile.
    assert len(of_all_days) <= 1
    assert len(reads) == len(of_all_days) + 3
    assert [one for one, _ in told if one.startswith("UPDATE statistics ")]
    await check_days(household)


async def test_what_the_recorder_could_not_write_is_written_with_the_next_sync(
    recorder_mock: Recorder, household: Household, freezer: FrozenDateTimeFactory
) -> None:
    """It tells nobody: what it has is read."""
    await ask_recorder(
        household,
        "CREATE TRIGGER no_room BEFORE INSERT ON statistics "
        "BEGIN SELECT RAISE(ABORT, 'no room'); END",
    )
    entry = await household.sign_up()
    assert await days_in_recorder(household) == []

    await ask_recorder(household, "DROP TRIGGER no_room")
    await household.pass_time(freezer, timedelta(minutes=20))
    await household.act("sync", config_entry_id=entry.entry_id)

    await check_days(household)


async def test_statistics_that_somebody_deleted_come_back_whole(
    recorder_mock: Recorder, household: Household
) -> None:
    """With the next minute that is heard."""
    entry = await household.sign_up()
    await check_days(household)
    get_instance(household.hass).async_clear_statistics([STATISTIC])
    assert await days_in_recorder(household) == []

    await hear_a_minute(household, entry)

    await check_days(household)


async def test_day_that_is_none_any_more_goes(
    recorder_mock: Recorder, household: Household
) -> None:
    """As where another reader got what was heard on it."""
    entry = await household.sign_up()
    await check_days(household)
    day = max(await listened(household))
    change(household.hass, f"DELETE FROM listening_days WHERE day_on = '{day}'")

    await household.restart(entry)

    assert day not in await listened(household)
    await check_days(household)


async def test_other_time_zone_has_other_days(
    recorder_mock: Recorder, household: Household
) -> None:
    """What was written at the old midnight does not stay beside the new one."""
    await household.hass.config.async_set_time_zone("Europe/Berlin")
    await household.sign_up()
    count = len(await days_in_recorder(household, "hour"))

    await household.hass.config.async_set_time_zone("Asia/Tokyo")
    await household.settle()

    assert len(await days_in_recorder(household, "hour")) == count
    await check_days(household)


async def test_audible_out_of_reach_leaves_them(
    recorder_mock: Recorder, household: Household
) -> None:
    """They come from the database."""
    entry = await household.sign_up()
    before = await days_in_recorder(household)
    household.break_shop(FaultKind.UNREACHABLE)

    await household.restart(entry)

    assert await days_in_recorder(household) == before


def test_rows_are_at_midnight_and_add_up() -> None:
    """Silent days have none; summer time moves the instant, not the day."""
    berlin = ZoneInfo("Europe/Berlin")
    rows = rows_of(
        {
            date(2026, 3, 30): 90_000,
            date(2026, 3, 29): 60_000,
            date(2026, 3, 28): 0,
        },
        berlin,
    )

    assert rows == {
        datetime(2026, 3, 29, tzinfo=berlin): (1.0, 1.0),
        datetime(2026, 3, 30, tzinfo=berlin): (1.5, 2.5),
    }
