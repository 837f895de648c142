"""Sensors and devices, as titles come and go."""

from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
from homeassistant.helpers import device_registry as dr

from custom_components.audible_tracker.const import DOMAIN
from tests.integration.steps import POSITIONS, Household
from tests.simulator.catalog import (
    LONG_AGO_ASIN,
    MISMATCH_ASIN,
    UNDER_WAY_ASIN,
    UNSTARTED_ASIN,
    WIDEVINE_ASIN,
)
from tests.simulator.faults import FaultKind

PROGRESS = f"{UNDER_WAY_ASIN}_progress"
METADATA = "/1.0/content/"
# An interval is longer by up to a tenth, so that homes do not ask all at once.
HOUR = timedelta(minutes=67)


async def test_progress_sensor_shows_the_shops_numbers(household: Household) -> None:
    """State and attributes are those of the position at Audible."""
    await household.sign_up()

    owned = household.owned(UNDER_WAY_ASIN)
    position_ms = owned.positions[-1].position_ms
    state = household.state(PROGRESS)
    # The library's runtime is in whole minutes.
    expected = 100 * position_ms / owned.title.runtime_ms
    assert abs(float(state.state) - expected) < 0.1
    left_ms = owned.title.runtime_ms - position_ms
    assert abs(state.attributes["time_left"] - left_ms / 60_000) <= 1
    assert state.attributes["position"] == "4:12:36"
    assert state.attributes["author"] == "Jane Austen"
    assert state.attributes["narrator"] == "Clara Whitfield"
    assert state.attributes["chapter"] == "Chapter 22"
    assert state.attributes["asin"] == UNDER_WAY_ASIN
    assert state.attributes["unit_of_measurement"] == "%"


async def test_series_is_named_with_the_place_in_it(household: Household) -> None:
    """Of a title in a series one sees which part it is."""
    await household.sign_up()

    assert household.state("B0STUDYSCA_progress").attributes["series"] == (
        "Sherlock Holmes 1"
    )


async def test_title_without_position_shows_the_percentage(
    household: Household,
) -> None:
    """What is not known is None, never zero."""
    await household.sign_up()

    state = household.state(f"{MISMATCH_ASIN}_progress")
    assert state.state == "10.0"
    assert state.attributes["position"] is None
    assert state.attributes["chapter"] is None


async def test_account_sensors(household: Household) -> None:
    """The account knows what is read now, how many titles there are, and since when."""
    await household.sign_up()

    reading = household.state("_currently_reading")
    owned = household.owned(UNDER_WAY_ASIN)
    assert reading.state == owned.title.title
    assert reading.attributes["progress"] == 36.3
    assert reading.attributes["chapter"] == "Chapter 22"
    assert int(household.state("_library_size").state) > 30
    assert household.state("_last_sync").state.endswith("+00:00")


async def test_account_that_hears_nothing_reads_nothing(household: Household) -> None:
    """Unknown is not an error."""
    for owned in household.simulator.shop.accounts["anna@example.com"].library.values():
        owned.positions.clear()
        owned.percent_complete = 0.0
        owned.top_percent_complete = None
    await household.sign_up()

    assert household.state("_currently_reading").state == "unknown"
    assert household.title_devices() == set()


async def test_account_is_a_service_and_titles_are_its_children(
    household: Household,
) -> None:
    """Each title under way has a device of its own below the account's."""
    entry = await household.sign_up()
    registry = dr.async_get(household.hass)

    [account] = dr.async_entries_for_config_entry(registry, entry.entry_id)
    titles = dr.async_entries_for_parent_device(registry, account.id)

    assert account.entry_type is dr.DeviceEntryType.SERVICE
    assert account.identifiers == {(DOMAIN, entry.unique_id)}
    assert account.manufacturer == "Audible"
    assert {device.name for device in titles} >= {"Pride and Prejudice"}
    assert len(titles) == 10


async def test_moved_position_arrives_when_asked_for(household: Household) -> None:
    """One request for positions is enough, none for the library is made."""
    await household.sign_up()
    household.listen(UNDER_WAY_ASIN, 3_723_000)
    before = household.count(POSITIONS)

    await household.ask_now(household.state(PROGRESS).entity_id)

    assert household.state(PROGRESS).attributes["position"] == "1:02:03"
    assert household.state(PROGRESS).attributes["chapter"] != "Chapter 22"
    assert household.count(POSITIONS) == before + 1
    assert household.count_libraries() == 1


async def test_other_title_becomes_the_one_being_read(household: Household) -> None:
    """The most recently moved title is the one that is read."""
    await household.sign_up()
    household.listen("B0VERWANDL", 100_000)

    await household.ask_now(household.state("_currently_reading").entity_id)

    assert household.state("_currently_reading").state == "Die Verwandlung"


async def test_positions_are_asked_for_more_often_while_somebody_listens(
    household: Household, freezer: FrozenDateTimeFactory
) -> None:
    """Every five minutes, every minute while something moved lately."""
    entry = await household.sign_up()
    coordinator = entry.runtime_data.coordinator
    assert coordinator.update_interval == timedelta(minutes=5)
    household.listen(UNDER_WAY_ASIN, 100_000)

    await household.pass_time(freezer, timedelta(minutes=5, seconds=2))
    assert household.state(PROGRESS).attributes["position"] == "0:01:40"
    assert coordinator.update_interval == timedelta(minutes=1)

    await household.pass_time(freezer, timedelta(minutes=11))
    assert coordinator.update_interval == timedelta(minutes=5)


async def test_library_is_not_fetched_before_it_is_due(
    household: Household, freezer: FrozenDateTimeFactory
) -> None:
    """Polls between two library syncs ask for positions alone."""
    await household.sign_up()
    for _ in range(5):
        await household.pass_time(freezer, timedelta(minutes=6))
        await household.ask_now(household.state(PROGRESS).entity_id)
    assert household.count_libraries() == 1

    await household.pass_time(freezer, HOUR)

    assert household.count_libraries() == 2


async def test_restart_does_not_fetch_the_library_early(
    household: Household, freezer: FrozenDateTimeFactory
) -> None:
    """The instant of the last library sync survives."""
    entry = await household.sign_up()
    freezer.tick(timedelta(minutes=30))

    await household.restart(entry)

    assert household.count_libraries() == 1


async def test_finished_title_loses_its_device(
    household: Household, freezer: FrozenDateTimeFactory
) -> None:
    """What was finished goes without a reload, and its entity with it."""
    await household.sign_up()
    assert "Pride and Prejudice" in household.title_devices()
    household.owned(UNDER_WAY_ASIN).is_finished = True

    await household.pass_time(freezer, HOUR)

    assert "Pride and Prejudice" not in household.title_devices()
    assert household.entity_id(PROGRESS) is None
    assert household.state("_currently_reading").state == "Die Verwandlung"


async def test_begun_title_gets_a_device(
    household: Household, freezer: FrozenDateTimeFactory
) -> None:
    """What is begun, or taken up again, comes without a reload."""
    await household.sign_up()
    assert household.entity_id(f"{LONG_AGO_ASIN}_progress") is None
    household.listen(LONG_AGO_ASIN, 14_000_000)
    household.listen(UNSTARTED_ASIN, 60_000)

    await household.pass_time(freezer, HOUR)

    assert household.entity_id(f"{LONG_AGO_ASIN}_progress")
    assert household.state(f"{UNSTARTED_ASIN}_progress").attributes["position"] == (
        "0:01:00"
    )


async def test_title_that_comes_back_has_its_sensor_again(
    household: Household, freezer: FrozenDateTimeFactory
) -> None:
    """Finished and heard again from its start: the same entity."""
    await household.sign_up()
    household.owned(UNDER_WAY_ASIN).is_finished = True
    await household.pass_time(freezer, HOUR)
    household.owned(UNDER_WAY_ASIN).is_finished = False
    household.listen(UNDER_WAY_ASIN, 60_000)
    await household.pass_time(freezer, HOUR)
    household.listen(UNDER_WAY_ASIN, 1_200_000)

    await household.pass_time(freezer, HOUR)

    assert household.state(PROGRESS).attributes["position"] == "0:20:00"


async def test_title_that_ended_while_unloaded_is_gone(household: Household) -> None:
    """Devices of an earlier run are removed, too."""
    entry = await household.sign_up()
    await household.hass.config_entries.async_unload(entry.entry_id)
    household.hass.config_entries.async_update_entry(
        entry, options={"under_way_days": 5}
    )

    await household.hass.config_entries.async_setup(entry.entry_id)
    await household.settle()

    assert len(household.title_devices()) == 4


async def test_chapters_are_asked_for_once_per_title(
    household: Household, freezer: FrozenDateTimeFactory
) -> None:
    """Three titles at each poll until all are known, then never again."""
    entry = await household.sign_up()
    assert household.count(METADATA) == 3
    for _ in range(6):
        await household.pass_time(freezer, timedelta(minutes=6))
    assert household.count(METADATA) == 10

    await household.restart(entry)

    assert household.count(METADATA) == 10


async def test_chapters_that_fail_do_not_keep_positions_away(
    household: Household, freezer: FrozenDateTimeFactory
) -> None:
    """Chapters only add a name; they are tried again while Audible has a fault."""
    household.break_shop(FaultKind.SERVER_ERROR_HTML, METADATA)
    await household.sign_up()
    assert household.state(PROGRESS).attributes["position"] == "4:12:36"
    assert household.state(PROGRESS).attributes["chapter"] is None
    household.mend_shop()

    await household.pass_time(freezer, timedelta(minutes=6))

    assert household.state(PROGRESS).attributes["chapter"] == "Chapter 22"


async def test_chapters_in_an_unexpected_form_are_left_out(
    household: Household, freezer: FrozenDateTimeFactory
) -> None:
    """A title whose chapters cannot be read is not asked for again in this run."""
    household.break_shop(FaultKind.HTML, f"{METADATA}{UNDER_WAY_ASIN}")
    await household.sign_up()

    await household.pass_time(freezer, timedelta(minutes=6))

    assert household.count(f"{METADATA}{UNDER_WAY_ASIN}") == 1
    assert household.state("B0VERWANDL_progress").attributes["chapter"]


async def test_title_without_chapters_is_asked_for_once(
    household: Household, freezer: FrozenDateTimeFactory
) -> None:
    """That Audible has none is remembered, also over a restart."""
    household.listen(WIDEVINE_ASIN, 60_000)
    entry = await household.sign_up()
    path = f"{METADATA}{WIDEVINE_ASIN}"
    asked = household.simulator.requests(path)
    assert asked[0].status == 404

    await household.pass_time(freezer, timedelta(minutes=6))
    await household.restart(entry)

    assert household.simulator.requests(path) == asked
    assert household.state(f"{WIDEVINE_ASIN}_progress").attributes["chapter"] is None
