"""Actions about places: set one, see it told to Audible, answer which one counts."""

from datetime import timedelta

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntry
from homeassistant.exceptions import ServiceValidationError
from homeassistant.util import dt as dt_util

from custom_components.audible_tracker.actions.positions import parse_position
from tests.integration.steps import Household
from tests.simulator.catalog import UNDER_WAY_ASIN

PROGRESS = f"{UNDER_WAY_ASIN}_progress"
SET_MS = 3_723_000
LATER = timedelta(minutes=6)


async def with_write_back(household: Household) -> ConfigEntry:
    """Sign up, and let Audible be told."""
    entry = await household.sign_up()
    household.hass.config_entries.async_update_entry(
        entry, options={"writes_back": True}
    )
    await household.restart(entry)
    return entry


def there(household: Household) -> int:
    """Return Audible's own place."""
    return household.owned(UNDER_WAY_ASIN).positions[-1].position_ms


async def pending(household: Household) -> tuple[int, int]:
    """Return how many places wait to be told, and how many are asked about."""
    [account] = (await household.act("get_status"))["accounts"]
    return account["pending_writes"], account["position_questions"]


async def test_place_is_shown_at_once_and_waits_to_be_told(
    household: Household, freezer: FrozenDateTimeFactory
) -> None:
    """How it is told has its own tests, with a clock that can be waited for."""
    await with_write_back(household)
    freezer.tick(LATER)

    set_to = await household.act(
        "set_position", asin=UNDER_WAY_ASIN, position="1:02:03"
    )

    assert set_to["position_ms"] == SET_MS
    assert set_to["is_queued_for_audible"]
    assert household.state(PROGRESS).attributes["position"] == "1:02:03"
    assert await pending(household) == (1, 0)


async def test_place_stays_at_home_with_the_option_off(
    household: Household, freezer: FrozenDateTimeFactory
) -> None:
    """Nothing is queued, and an older place of Audible's does not come back."""
    await household.sign_up()
    before = there(household)
    freezer.tick(LATER)
    number = (await household.act("search_books", query="Pride"))["books"][0]["book_id"]

    set_to = await household.act("set_position", book_id=number, position=3723)
    assert not set_to["is_queued_for_audible"]
    await household.pass_time(freezer, LATER)

    assert household.state(PROGRESS).attributes["position"] == "1:02:03"
    assert await pending(household) == (0, 0)
    assert there(household) == before


@pytest.mark.parametrize("answer", ["here", "there"])
async def test_two_places_are_a_question_that_is_answered(
    household: Household, freezer: FrozenDateTimeFactory, answer: str
) -> None:
    """Both are shown, one of them counts, and nobody is asked again."""
    entry = await with_write_back(household)
    freezer.tick(LATER)
    theirs_ms = 9_000_000
    household.listen(UNDER_WAY_ASIN, theirs_ms)
    freezer.tick(timedelta(seconds=1))
    await household.act("set_position", asin=UNDER_WAY_ASIN, position="1:02:03")
    await entry.runtime_data.sync.send_positions()

    [question] = (await household.act("list_position_questions"))["questions"]
    assert question["config_entry_id"] == entry.entry_id
    assert (question["asin"], question["title"]) == (
        UNDER_WAY_ASIN,
        "Pride and Prejudice",
    )
    assert question["reader"] == "Anna Example"
    assert question["here"]["position_ms"] == SET_MS
    assert question["there"]["position_ms"] == theirs_ms
    assert dt_util.parse_datetime(question["there"]["heard_at"]) is not None

    freezer.tick(LATER)
    title = await household.act(
        "answer_position_question", asin=UNDER_WAY_ASIN, answer=answer
    )

    is_here = answer == "here"
    assert title["position_ms"] == (SET_MS if is_here else theirs_ms)
    assert title["is_queued_for_audible"] is is_here
    assert await pending(household) == (int(is_here), 0)
    with pytest.raises(ServiceValidationError) as told:
        await household.act(
            "answer_position_question", asin=UNDER_WAY_ASIN, answer=answer
        )
    assert told.value.translation_key == "not_in_store"


@pytest.mark.parametrize("position", ["-1", "1:60:00", "1:00:60", "later", "", "99999"])
async def test_place_that_cannot_be_is_refused(
    household: Household, position: str
) -> None:
    """Neither what is no time nor what is beyond the end."""
    await household.sign_up()

    with pytest.raises(ServiceValidationError) as told:
        await household.act("set_position", asin=UNDER_WAY_ASIN, position=position)

    placeholders = told.value.translation_placeholders
    assert told.value.translation_key == "invalid_value"
    assert placeholders is not None
    assert placeholders["field"] == "position"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0", 0), ("3723", 3723), ("62:03", None), ("2:03", 123), (" 1:02:03 ", 3723)],
)
def test_position_is_read_as_people_write_it(text: str, seconds: int | None) -> None:
    """Minutes of more than an hour are a slip, not a guess."""
    if seconds is None:
        with pytest.raises(Exception, match="h:mm:ss"):
            parse_position(text)
    else:
        assert parse_position(text) == seconds * 1000
