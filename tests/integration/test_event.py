"""The event entity of a reader."""

from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory

from custom_components.audible_tracker.const import EVENT_TRACKER
from tests.integration.steps import Household
from tests.simulator.catalog import UNDER_WAY_ASIN

FIVE_MINUTES = timedelta(minutes=5, seconds=2)


async def test_event_entity_says_what_happened_last(
    household: Household, freezer: FrozenDateTimeFactory
) -> None:
    """A chapter, the end; each with what tells which book it was."""
    await household.sign_up()
    assert household.state("_last_event").state == "unknown"
    runtime_ms = household.owned(UNDER_WAY_ASIN).title.runtime_ms
    household.listen(UNDER_WAY_ASIN, runtime_ms // 2)
    await household.pass_time(freezer, FIVE_MINUTES)

    reached = household.state("_last_event").attributes
    assert reached["event_type"] == "chapter_reached"
    assert reached["chapter"]

    household.listen(UNDER_WAY_ASIN, runtime_ms - 30_000)
    await household.pass_time(freezer, FIVE_MINUTES)

    finished = household.state("_last_event").attributes
    assert finished["event_type"] == "finished"
    assert (finished["title"], finished["asin"]) == (
        "Pride and Prejudice",
        UNDER_WAY_ASIN,
    )
    assert "chapter" not in finished


async def test_what_is_anothers_or_no_news_changes_nothing(
    household: Household,
) -> None:
    """Such as another account's book."""
    entry = await household.sign_up()
    reader_id = entry.runtime_data.coordinator.data.readers[0].reader.reader_id
    ours = {"id": "1", "config_entry_id": entry.entry_id, "reader_id": reader_id}
    for other in (
        {"type": "book_finished", "config_entry_id": "another"},
        {"type": "book_finished", "reader_id": reader_id + 1},
        {"type": "progressed"},
    ):
        household.hass.bus.async_fire(EVENT_TRACKER, ours | other)
    await household.settle()

    assert household.state("_last_event").state == "unknown"
