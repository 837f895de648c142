"""What a reader's sensors and the account's say, and who pushes the button."""

from datetime import timedelta

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util

from tests.integration.steps import Household
from tests.simulator.catalog import UNDER_WAY_ASIN
from tests.simulator.faults import FaultKind

MINUTES_15 = timedelta(minutes=15, seconds=2)


async def press(household: Household) -> None:
    """Push the button."""
    await household.hass.services.async_call(
        "button",
        "press",
        {"entity_id": household.state("_sync_now").entity_id},
        blocking=True,
    )
    await household.settle()


async def enable(household: Household, key: str) -> None:
    """Switch an entity on that is off by default."""
    entity_id = household.entity_id(key)
    assert entity_id is not None
    registry = er.async_get(household.hass)
    assert household.hass.states.get(entity_id) is None
    registry.async_update_entity(entity_id, disabled_by=None)


async def test_what_is_read_now_has_values_of_its_own(household: Household) -> None:
    """Progress, rest and chapter are those of the title that was heard last."""
    await household.sign_up()

    progress = household.state("_reader_1_progress")
    title = household.state(f"{UNDER_WAY_ASIN}_progress")

    assert progress.state == title.state
    assert household.state("_reader_1_chapter").state == "Chapter 22"
    assert household.state("_reader_1_chapter").attributes["number"] == 23
    left = int(household.state("_reader_1_time_left").state)
    assert left == title.attributes["time_left"]
    assert "position" not in progress.attributes


async def test_position_and_its_pace_are_there_for_who_wants_them(
    household: Household,
) -> None:
    """What changes with every minute is off until somebody switches it on."""
    entry = await household.sign_up()
    await enable(household, "_reader_1_position")
    await enable(household, f"{UNDER_WAY_ASIN}_time_left_at_pace")
    await enable(household, "_sync_success")
    await enable(household, "_sync_duration")
    await enable(household, "_match_confidence")

    await household.restart(entry)

    position = household.state("_reader_1_position")
    assert int(float(position.state)) == 4 * 3600 + 12 * 60 + 36
    assert household.state("_sync_success").state == "100.0"
    assert float(household.state("_sync_duration").state) >= 0
    # All books were made from their titles: nothing was matched.
    assert household.state("_match_confidence").state == "unknown"
    assert float(household.state(f"{UNDER_WAY_ASIN}_time_left_at_pace").state) > 0


async def test_figures_are_those_of_the_statistics(household: Household) -> None:
    """What the action says the sensors show."""
    await household.sign_up()
    today = dt_util.now().date()

    figures = await household.act(
        "get_statistics", start_date=today.replace(month=1, day=1), end_date=today
    )

    year_ms = figures["totals"]["year_ms"]
    assert household.state("_listened_this_year").state == str(round(year_ms / 60_000))
    assert int(household.state("_listened_this_year").state) > 0
    streak = household.state("_streak")
    assert streak.state == str(figures["streaks"]["current_days"])
    assert streak.attributes["longest_days"] == figures["streaks"]["longest_days"]
    assert household.state("_finished_this_year").state == str(len(figures["finished"]))
    in_all = int(household.state("_finished_in_all").state)
    assert in_all >= len(figures["finished"])
    pace = household.state("_reader_1_time_left_at_pace")
    assert float(pace.state) > 0
    assert pace.attributes["finishes_on"] > dt_util.now().date()


async def test_finished_book_is_counted_at_once(
    household: Household, freezer: FrozenDateTimeFactory
) -> None:
    """A year's number grows with the sync that sees the end."""
    await household.sign_up()
    before = int(household.state("_finished_this_year").state)
    household.owned(UNDER_WAY_ASIN).is_finished = True

    await household.pass_time(freezer, timedelta(minutes=67))

    assert int(household.state("_finished_this_year").state) == before + 1


async def test_goal_has_a_sensor_while_there_is_one(household: Household) -> None:
    """It comes with the goal, says where the reader stands, and goes with it."""
    await household.sign_up()
    year = dt_util.now().year
    assert household.entity_id("_goal_books") is None

    await household.act("set_goal", kind="books", year=year, target=200)
    await household.settle()

    goal = household.state("_goal_books")
    done = int(household.state("_finished_this_year").state)
    assert float(goal.state) == round(100 * done / 200, 1)
    assert goal.attributes["target"] == 200
    assert goal.attributes["done"] == done
    await household.act("set_goal", kind="books", year=year, clear=True)
    await household.settle()
    assert household.entity_id("_goal_books") is None


async def test_listening_ends_by_itself(
    household: Household, freezer: FrozenDateTimeFactory
) -> None:
    """Ten minutes after the last move nobody listens, whatever polls find."""
    await household.sign_up()
    assert household.state("_listening").state == "off"
    household.listen(UNDER_WAY_ASIN, 100_000)
    await household.ask_now(household.state("_last_sync").entity_id)
    assert household.state("_listening").state == "on"
    household.break_shop(FaultKind.UNREACHABLE)

    await household.pass_time(freezer, timedelta(minutes=9))
    assert household.state("_listening").state == "on"
    await household.pass_time(freezer, timedelta(minutes=1, seconds=5))

    assert household.state("_listening").state == "off"


@pytest.mark.parametrize(
    ("fault", "health"),
    [
        (FaultKind.UNREACHABLE, "offline"),
        (FaultKind.HTML, "offline"),
        (FaultKind.RATE_LIMIT, "throttled"),
    ],
)
async def test_health_says_what_is_wrong(
    household: Household, fault: FaultKind, health: str
) -> None:
    """The values stay; the cause is said, and gone with it."""
    await household.sign_up()
    assert household.state("_sync_health").state == "ok"
    assert household.state("_problem").state == "off"
    title = household.state("_currently_reading").state
    household.break_shop(fault)

    await household.ask_now(household.state("_last_sync").entity_id)

    problem = household.state("_problem")
    assert household.state("_sync_health").state == health
    assert problem.state == "on"
    assert problem.attributes["cause"]
    assert household.state("_currently_reading").state == title


async def test_other_cause_is_shown_while_it_still_fails(
    household: Household, freezer: FrozenDateTimeFactory
) -> None:
    """From one failure to another there is no success in between."""
    await household.sign_up()
    household.break_shop(FaultKind.UNREACHABLE)
    await household.ask_now(household.state("_last_sync").entity_id)
    assert household.state("_sync_health").state == "offline"
    household.mend_shop()
    household.simulator.shop.devices[0].is_revoked = True

    await household.pass_time(freezer, timedelta(minutes=6))

    assert household.state("_sync_health").state == "sign_in_needed"


async def test_button_syncs_once_it_is_allowed(
    household: Household, freezer: FrozenDateTimeFactory
) -> None:
    """Before that it says until when, which the sensor shows too."""
    await household.sign_up()
    allowed = dt_util.parse_datetime(household.state("_next_allowed_sync").state)
    assert allowed is not None
    assert timedelta(minutes=14) < allowed - dt_util.utcnow() <= timedelta(minutes=15)
    with pytest.raises(ServiceValidationError) as refused:
        await press(household)
    assert refused.value.translation_key == "sync_too_soon"
    before = household.count_libraries()

    freezer.tick(MINUTES_15)
    await press(household)

    assert household.count_libraries() == before + 1


async def test_everything_is_there_after_a_restart_without_audible(
    household: Household,
) -> None:
    """Entities come from the database: none is unavailable, none has changed."""
    entry = await household.sign_up()
    ours = [
        entity.entity_id
        for entity in er.async_entries_for_config_entry(
            er.async_get(household.hass), entry.entry_id
        )
        if entity.disabled_by is None
    ]
    before = {one: household.hass.states.get(one) for one in ours}
    household.break_shop(FaultKind.UNREACHABLE)

    await household.restart(entry)

    # What is about Audible says that it is away; an image is shown since now.
    changed = ("sync_health", "sync_problem", "next_sync_allowed_from", "_cover")
    for entity_id, state in before.items():
        now = household.hass.states.get(entity_id)
        assert state is not None
        assert now is not None
        assert now.state != "unavailable"
        if not entity_id.endswith(changed):
            assert now.state == state.state, entity_id


async def test_house_without_history_has_sensors(household: Household) -> None:
    """Long-term statistics need the recorder; nothing else does."""
    await household.sign_up()

    assert "recorder" not in household.hass.config.components
    assert household.state("_listened_this_year").state != "unknown"
