"""The repair of titles in two places, where something came between."""

from typing import Any

import pytest
from homeassistant.components.media_player.const import (
    MediaPlayerEntityFeature,
    MediaPlayerState,
)
from homeassistant.components.repairs import ConfirmRepairFlow, RepairsFlow
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir

from custom_components.audible_tracker.const import DOMAIN
from custom_components.audible_tracker.repairs import async_create_fix_flow
from tests.integration.databases import change
from tests.integration.listening_house import MINUTE_MS, House
from tests.integration.toy_speaker import add_speaker
from tests.simulator.catalog import UNDER_WAY_ASIN


@pytest.fixture
async def asked(house: House) -> RepairsFlow:
    """Return the repair, which has asked: here a speaker, there a phone."""
    features = MediaPlayerEntityFeature.SEEK | MediaPlayerEntityFeature.PAUSE
    speaker = await add_speaker(house.hass, "Radio", features)
    await house.household.act("play", entity_id=speaker.entity_id)
    house.household.listen(UNDER_WAY_ASIN, 9 * MINUTE_MS)
    await house.entry.runtime_data.coordinator.async_refresh()
    speaker.show(media_position=7 * 60, state=MediaPlayerState.PAUSED)
    await house.household.settle()
    issue_id = f"places_{house.entry.entry_id}"
    issue = ir.async_get(house.hass).async_get_issue(DOMAIN, issue_id)
    assert issue is not None
    flow = await async_create_fix_flow(house.hass, issue_id, issue.data)
    flow.hass = house.hass
    form: Any = await flow.async_step_init()
    assert form["step_id"] == "place"
    return flow


async def answer(flow: RepairsFlow, choice: str) -> Any:
    """Fill in the form."""
    return await flow.async_step_place({"answer": choice})  # type: ignore[attr-defined]


async def test_what_was_answered_elsewhere_is_not_answered_again(
    house: House, asked: RepairsFlow
) -> None:
    """By an action, while the dialog was open: that answer stays."""
    await house.household.act(
        "answer_position_question", asin=UNDER_WAY_ASIN, answer="there"
    )

    done = await answer(asked, "here")

    assert done["type"] == "create_entry"
    assert (await house.place())[0] == 9 * MINUTE_MS


async def test_speaker_goes_to_the_place_that_was_chosen(
    house: House, asked: RepairsFlow
) -> None:
    """Else it would tell its own place, and ask again."""
    done = await answer(asked, "there")
    await house.household.settle()

    assert done["type"] == "create_entry"
    assert house.session("media_player.radio").place_ms == 9 * MINUTE_MS
    assert (await house.place())[0] == 9 * MINUTE_MS


async def test_account_that_is_unloaded_ends_the_dialog(
    house: House, asked: RepairsFlow
) -> None:
    """With the reason."""
    assert await house.hass.config_entries.async_unload(house.entry.entry_id)

    assert (await answer(asked, "here"))["reason"] == "not_loaded"


async def test_database_that_is_broken_ends_the_dialog(
    house: House, asked: RepairsFlow
) -> None:
    """With its sentence; nothing is decided."""
    change(house.hass, "DROP TABLE audible_position_questions")

    done = await answer(asked, "here")

    assert done["reason"] == "failed"
    assert done["description_placeholders"]["error"]


async def test_repair_of_an_account_that_is_gone_is_agreed_to(
    hass: HomeAssistant,
) -> None:
    """There is nothing left to mend."""
    flow = await async_create_fix_flow(hass, "places_gone", {"entry_id": "gone"})

    assert isinstance(flow, ConfirmRepairFlow)
