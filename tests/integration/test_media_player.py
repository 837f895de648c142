"""The player of a reader: what they hear, and what they can do with it."""

from datetime import timedelta
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.media_player.const import DATA_COMPONENT
from homeassistant.config_entries import ConfigEntry
from homeassistant.exceptions import ServiceValidationError
from pytest_homeassistant_custom_component.typing import (
    ClientSessionGenerator,
    WebSocketGenerator,
)

from custom_components.audible_tracker.core.playing.session import Phase
from custom_components.audible_tracker.playing.sessions import sessions_of
from tests.integration.listening_house import MINUTE_MS, House
from tests.integration.mpd import Mpd
from tests.integration.steps import Household
from tests.simulator.catalog import SHORT_ASIN, UNDER_WAY_ASIN

READER = "reader_1_player"


async def ask(household: Household, service: str, **data: Any) -> None:
    """Press something on the reader's player."""
    entity_id = household.entity_id(READER)
    await household.hass.services.async_call(
        "media_player", service, {"entity_id": entity_id, **data}, blocking=True
    )


async def test_what_moves_at_audible_is_heard(
    household: Household,
    freezer: FrozenDateTimeFactory,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    """A phone plays; some minutes after its last sign of life nobody listens."""
    await household.sign_up()
    state = household.state(READER)
    # The picture comes from this house, and is the one that the reader's image has.
    browser = await hass_client_no_auth()
    async with browser.get(state.attributes["entity_picture"]) as picture:
        assert ("image/jpeg", 200) == (picture.content_type, picture.status)
    assert 1 == household.count("/images/")
    player = household.hass.data[DATA_COMPONENT].get_entity(state.entity_id)
    assert player is not None
    address = str(player.media_image_url)
    assert address.startswith("/api/audible_tracker/cover/")
    assert address.endswith(UNDER_WAY_ASIN)
    assert ("idle", "Pride and Prejudice") == (
        state.state,
        state.attributes["media_title"],
    )

    household.listen(UNDER_WAY_ASIN, 5 * 3600 * 1000)
    await household.pass_time(freezer, timedelta(minutes=6))
    state = household.state(READER)
    assert "playing" == state.state
    assert 5 * 3600 == state.attributes["media_position"]
    assert "Jane Austen" in state.attributes["media_artist"]
    assert state.attributes["chapter"]
    assert state.attributes["speaker"] is None

    with pytest.raises(ServiceValidationError) as told:
        await ask(household, "media_pause")
    assert "nothing_playing" == told.value.translation_key
    await household.pass_time(freezer, timedelta(minutes=40))
    assert "idle" == household.state(READER).state


async def test_play_needs_a_speaker_once(
    household: Household, linked_entry: ConfigEntry
) -> None:
    """Nobody knows where until one was chosen."""
    with pytest.raises(ServiceValidationError) as told:
        await ask(household, "media_play")
    assert "value_missing" == told.value.translation_key
    with pytest.raises(ServiceValidationError) as told:
        await ask(household, "select_source", source="The attic")
    assert "invalid_value" == told.value.translation_key


async def test_it_acts_on_the_speaker_that_plays(
    house: House, kitchen: str, mpd: Mpd
) -> None:
    """Choose it, pause, go on, turn chapters, seek, set the volume, stop."""
    household = house.household
    assert ["Kitchen"] == household.state(READER).attributes["source_list"]

    await ask(household, "select_source", source="Kitchen")
    await house.until(kitchen, lambda: house.session(kitchen).seek_ms is None)
    await household.settle()
    state = household.state(READER)
    shown = {
        name: state.attributes[name]
        for name in ("media_title", "chapter", "speaker", "speed", "source")
    }
    assert "playing" == state.state
    assert shown == {
        "media_title": "Pride and Prejudice",
        "chapter": "Chapter 6",
        "speaker": kitchen,
        "speed": 1.0,
        "source": "Kitchen",
    }

    await ask(household, "media_pause")
    assert "paused" == household.state(READER).state
    assert "pause" == (await mpd.ask())["state"]
    await ask(household, "media_play")
    assert "play" == (await mpd.ask())["state"]
    await ask(household, "media_next_track")
    assert 6 * MINUTE_MS <= house.session(kitchen).place_ms < 6 * MINUTE_MS + 5_000
    await ask(household, "media_previous_track")
    assert 5 * MINUTE_MS <= house.session(kitchen).place_ms < 5 * MINUTE_MS + 5_000
    await ask(household, "media_seek", seek_position=120)
    assert abs(household.state(READER).attributes["media_position"] - 120) < 5
    await ask(household, "volume_set", volume_level=0.3)
    assert "30" == (await mpd.ask())["volume"]

    await ask(household, "media_stop")
    await household.settle()
    assert () == sessions_of(house.hass).all
    assert abs((await house.place())[0] - 2 * MINUTE_MS) < 10_000
    await ask(household, "media_play")
    assert Phase.PLAYING is house.session(kitchen).phase


async def test_books_are_browsed_searched_and_played(
    house: House, kitchen: str, hass_ws_client: WebSocketGenerator
) -> None:
    """As in the media browser; it plays where the reader heard something last."""
    household = house.household
    await ask(household, "select_source", source="Kitchen")
    client = await hass_ws_client()
    entity_id = household.entity_id(READER)

    await client.send_json_auto_id(
        {"type": "media_player/browse_media", "entity_id": entity_id}
    )
    shelves = (await client.receive_json())["result"]["children"]
    assert "Under way" == shelves[0]["title"]
    await client.send_json_auto_id(
        {
            "type": "media_player/search_media",
            "entity_id": entity_id,
            "search_query": "pride",
        }
    )
    [found] = (await client.receive_json())["result"]["result"]

    await ask(
        household,
        "play_media",
        media_content_type="audio/mp4",
        media_content_id=f"{found['media_content_id']}/4",
    )
    assert (UNDER_WAY_ASIN, 3 * MINUTE_MS) == (
        house.session(kitchen).asin,
        house.session(kitchen).place_ms,
    )
    for wrong, key in (("attic", "invalid_value"), (f"title/{SHORT_ASIN}/99", None)):
        with pytest.raises(ServiceValidationError) as told:
            await ask(
                household,
                "play_media",
                media_content_type="music",
                media_content_id=(
                    f"media-source://audible_tracker/{house.entry.entry_id}/{wrong}"
                ),
            )
        assert told.value.translation_key == (key or "no_chapters")
