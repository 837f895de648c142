"""A title that goes from room to room is heard all the way."""

import asyncio
from typing import Any, override

import pytest
from homeassistant.const import EVENT_STATE_CHANGED, STATE_OFF, STATE_ON
from homeassistant.core import Event, EventStateChangedData
from homeassistant.exceptions import HomeAssistantError
from pytest_homeassistant_custom_component.common import async_capture_events

from custom_components.audible_tracker.playing.sessions import sessions_of
from tests.integration.listening_house import House
from tests.integration.toy_speaker import (
    PAUSE,
    SEEK,
    ToySpeaker,
    add_speaker,
    play,
    put_up,
)

LISTENING = "reader_1_listening"


def shown(house: House, events: list[Event[EventStateChangedData]]) -> list[str]:
    """Return what *Listening* has shown, in order."""
    entity_id = house.household.entity_id(LISTENING)
    return [
        event.data["new_state"].state
        for event in events
        if event.data["entity_id"] == entity_id and event.data["new_state"] is not None
    ]


async def test_somebody_listens_all_the_way_to_another_room(house: House) -> None:
    """The one speaker pauses, the other begins; lights that follow stay as they are."""
    one = await add_speaker(house.hass, "Radio", SEEK | PAUSE)
    two = await add_speaker(house.hass, "Radio two", SEEK | PAUSE)
    await play(house, one)
    assert house.household.state(LISTENING).state == STATE_ON
    events = async_capture_events(house.hass, EVENT_STATE_CHANGED)

    await house.household.act("move_to", entity_id=two.entity_id)
    await house.hass.async_block_till_done()

    assert one.told.of("pause") == [None]
    assert house.session(two.entity_id).is_live
    assert shown(house, events) == []
    assert house.household.state(LISTENING).state == STATE_ON

    await sessions_of(house.hass).async_end(house.session(two.entity_id))
    await house.hass.async_block_till_done()
    assert shown(house, events) == [STATE_OFF]


class SlowSpeaker(ToySpeaker):
    """A speaker that plays what it is given only once it may."""

    def __init__(self, name: str) -> None:
        """Wait."""
        super().__init__(name, SEEK | PAUSE)
        self.is_asked = asyncio.Event()
        self.may_play = asyncio.Event()

    @override
    async def async_play_media(
        self, media_type: str, media_id: str, **kwargs: Any
    ) -> None:
        """Wait, and play it."""
        self.is_asked.set()
        await self.may_play.wait()
        await super().async_play_media(media_type, media_id, **kwargs)


async def test_somebody_listens_who_moves_on_before_the_other_room_is_heard(
    house: House,
) -> None:
    """The first move fails while the second is still under way."""
    hass, household = house.hass, house.household
    one = await add_speaker(hass, "Radio", SEEK | PAUSE)
    two, three = SlowSpeaker("Radio two"), SlowSpeaker("Radio three")
    two.is_broken = True
    for speaker in (two, three):
        await put_up(hass, speaker)
    await play(house, one)
    events = async_capture_events(hass, EVENT_STATE_CHANGED)

    first = asyncio.create_task(household.act("move_to", entity_id=two.entity_id))
    await two.is_asked.wait()
    second = asyncio.create_task(household.act("move_to", entity_id=three.entity_id))
    await three.is_asked.wait()
    two.may_play.set()
    with pytest.raises(HomeAssistantError, match="broken"):
        await first
    assert shown(house, events) == []
    three.may_play.set()
    await second
    await hass.async_block_till_done()

    assert house.session(three.entity_id).is_live
    assert shown(house, events) == []
    await sessions_of(hass).async_end(house.session(three.entity_id))
    await hass.async_block_till_done()
    assert shown(house, events) == [STATE_OFF]


async def test_nobody_listens_where_the_other_room_stays_silent(house: House) -> None:
    """The title was taken from the one speaker, and the other refuses it."""
    one = await add_speaker(house.hass, "Radio", SEEK | PAUSE)
    two = await add_speaker(house.hass, "Radio two", SEEK | PAUSE)
    await play(house, one)
    two.is_broken = True

    with pytest.raises(HomeAssistantError, match="broken"):
        await house.household.act("move_to", entity_id=two.entity_id)
    await house.hass.async_block_till_done()

    assert house.household.state(LISTENING).state == STATE_OFF


async def test_title_at_rest_is_heard_from_when_it_plays(house: House) -> None:
    """To move it is to go on."""
    one = await add_speaker(house.hass, "Radio", SEEK | PAUSE)
    two = await add_speaker(house.hass, "Radio two", SEEK | PAUSE)
    await play(house, one)
    await sessions_of(house.hass).async_pause(house.session(one.entity_id))
    await house.hass.async_block_till_done()
    events = async_capture_events(house.hass, EVENT_STATE_CHANGED)

    await house.household.act("move_to", entity_id=two.entity_id)
    await house.hass.async_block_till_done()

    assert shown(house, events) == [STATE_ON]
