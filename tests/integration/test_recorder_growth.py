"""How much Home Assistant's own database grows: what docs/entities.md says.

``pytest -s tests/integration/test_recorder_growth.py`` prints the figures.
"""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.recorder import Recorder
from homeassistant.helpers.recorder import get_instance, session_scope
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)
from sqlalchemy import text

from tests.integration.steps import Household
from tests.simulator.catalog import UNDER_WAY_ASIN

MINUTE = timedelta(minutes=1)
LISTENED_MINUTES = 60
HOURS_A_DAY = 2
IDLE_POLLS = 24
HOURS_A_YEAR = 24 * 365
# What a row of hourly statistics takes with its index, measured on 100,000 of them.
STATISTIC_BYTES = 67
MB = 1_000_000


@pytest.fixture(autouse=True)
def _custom_integrations(
    recorder_db_url: str, enable_custom_integrations: None
) -> None:
    """Let Home Assistant find the integration: the recorder has to be there first."""


async def _recorded(household: Household) -> tuple[Counter[str], int]:
    """Return rows by entity, and the bytes of the database."""
    await household.settle()
    await async_wait_recording_done(household.hass)

    def read() -> tuple[Counter[str], int]:
        with session_scope(hass=household.hass, read_only=True) as session:
            rows: Any = session.execute(
                text(
                    "SELECT meta.entity_id, count(*) FROM states "
                    "JOIN states_meta AS meta ON meta.metadata_id = states.metadata_id "
                    "GROUP BY meta.entity_id"
                )
            )
            by_entity = Counter(dict(iter(rows.tuples())))
            pages = session.execute(text("PRAGMA page_count")).scalar_one()
            unused = session.execute(text("PRAGMA freelist_count")).scalar_one()
            size = session.execute(text("PRAGMA page_size")).scalar_one()
        return by_entity, (pages - unused) * size

    return await get_instance(household.hass).async_add_executor_job(read)


async def test_listening_writes_its_own_title_and_silence_nothing(
    recorder_mock: Recorder, household: Household, freezer: FrozenDateTimeFactory
) -> None:
    """Figures of an hour that is heard, of polls that find nothing, and of a year."""
    await household.sign_up()
    before, bytes_before = await _recorded(household)

    for minute in range(1, LISTENED_MINUTES + 1):
        household.listen(UNDER_WAY_ASIN, 15_156_000 + 60_000 * minute)
        await household.pass_time(freezer, MINUTE)
    heard, bytes_heard = await _recorded(household)
    for _ in range(IDLE_POLLS):
        await household.pass_time(freezer, 5 * MINUTE)
    idle, _ = await _recorded(household)

    of_listening = heard - before
    of_silence = idle - heard
    an_hour = (bytes_heard - bytes_before) * 60 / LISTENED_MINUTES
    states_mb = an_hour * HOURS_A_DAY * 365 / MB
    counted = [
        state.entity_id
        for state in household.hass.states.async_all("sensor")
        if "state_class" in state.attributes
    ]
    statistics_mb = len(counted) * HOURS_A_YEAR * STATISTIC_BYTES / MB
    print(
        f"\n{sum(of_listening.values())} states of an hour that was heard "
        f"({an_hour / 1000:.0f} kB), {sum(of_silence.values())} of two hours without; "
        f"{states_mb:.0f} MB of states a year at {HOURS_A_DAY} h a day if none is "
        f"purged, {statistics_mb:.1f} MB of hourly statistics ({len(counted)} sensors)"
    )

    other_titles = {
        name: rows
        for name, rows in of_listening.items()
        if "progress" in name and rows > LISTENED_MINUTES // 2
    }
    assert set(other_titles) == {
        "sensor.anna_example_progress",
        "sensor.anna_example_pride_and_prejudice_progress",
    }
    often = {name for name, rows in of_silence.items() if rows > 3}
    # Nobody listens any more, ten minutes after the last move: said once by each.
    assert often == set()
    assert states_mb < 100
    assert statistics_mb < 3
