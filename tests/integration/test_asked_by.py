"""In whose name a speaker is asked, and who may ask it."""

import pytest
from homeassistant.auth.models import User
from homeassistant.components.media_player.const import MediaPlayerState
from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.core import Context
from homeassistant.exceptions import Unauthorized
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.audible_tracker.playing.sessions import sessions_of
from tests.integration.listening_house import House
from tests.integration.toy_speaker import PAUSE, SEEK, add_speaker


def user_of(house: House, *players: str) -> User:
    """Add a user who may use some media players alone."""
    user = MockUser(name="Ben").add_to_hass(house.hass)
    entities = dict.fromkeys(players, True)
    user.mock_policy({"entities": {"entity_ids": entities}})
    return user


async def test_logbook_names_who_let_it_play(house: House) -> None:
    """By an action, and by the reader's player."""
    speaker = await add_speaker(house.hass, "Radio", SEEK | PAUSE)
    reader = house.household.entity_id("reader_1_player")
    ben = user_of(house, speaker.entity_id, reader)

    await house.household.act("play", ben.id, entity_id=speaker.entity_id)
    assert ben.id == house.state(speaker.entity_id).context.user_id
    house.hass.bus.async_fire("whatever")
    await house.hass.services.async_call(
        "media_player",
        "media_pause",
        {ATTR_ENTITY_ID: reader},
        blocking=True,
        context=Context(user_id=ben.id),
    )
    state = house.state(speaker.entity_id)
    assert (MediaPlayerState.PAUSED, ben.id) == (state.state, state.context.user_id)

    await house.household.act("play", entity_id=speaker.entity_id)
    assert house.state(speaker.entity_id).context.user_id is None


async def test_speaker_that_is_not_a_users_is_not_played_through_us(
    house: House,
) -> None:
    """Neither by an action nor by a player that is the user's; nor moved away from."""
    speaker = await add_speaker(house.hass, "Radio", SEEK | PAUSE)
    own = await add_speaker(house.hass, "Own", SEEK | PAUSE)
    reader = house.household.entity_id("reader_1_player")
    ben = user_of(house, own.entity_id, reader)

    with pytest.raises(Unauthorized):
        await house.household.act("play", ben.id, entity_id=speaker.entity_id)
    assert ([], ()) == (speaker.told.calls, sessions_of(house.hass).all)

    await house.household.act("play", entity_id=speaker.entity_id)
    before = list(speaker.told.calls)
    for action, data in (
        ("jump", {"seconds": -60}),
        ("move_to", {"entity_id": own.entity_id}),
    ):
        with pytest.raises(Unauthorized):
            await house.household.act(action, ben.id, **data)
    with pytest.raises(Unauthorized):
        await house.hass.services.async_call(
            "media_player",
            "media_pause",
            {ATTR_ENTITY_ID: reader},
            blocking=True,
            context=Context(user_id=ben.id),
        )
    assert before == speaker.told.calls
    assert MediaPlayerState.PLAYING == speaker.state
