"""A title that rests on a speaker, while its reader goes on elsewhere."""

from datetime import timedelta
from typing import Any

from freezegun.api import TickingDateTimeFactory
from homeassistant.components.media_player.const import MediaPlayerState
from homeassistant.const import STATE_OFF, STATE_ON
from homeassistant.helpers import condition
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component

from custom_components.audible_tracker.const import DOMAIN
from custom_components.audible_tracker.core.playing.session import Phase
from custom_components.audible_tracker.playing.sessions import sessions_of
from tests.integration.listening_house import MINUTE_MS, House
from tests.integration.toy_speaker import PAUSE, SEEK, ToySpeaker, add_speaker, play
from tests.simulator.catalog import UNDER_WAY_ASIN

READER = "reader_1_player"
LISTENING = "reader_1_listening"


async def pause_at(house: House, speaker: ToySpeaker, place_s: float) -> None:
    """Press pause at a speaker."""
    speaker.show(media_position=place_s, state=MediaPlayerState.PAUSED)
    await house.household.settle()


async def go_on_by_phone(
    house: House, clock: TickingDateTimeFactory, place_ms: int
) -> None:
    """Listen at Audible some minutes later, and let the tracker see it."""
    clock.tick(timedelta(minutes=3))
    house.household.listen(UNDER_WAY_ASIN, place_ms)
    await house.entry.runtime_data.coordinator.async_refresh()
    await house.household.settle()
    assert place_ms == (await house.place())[0]


async def press(house: House, service: str, **data: Any) -> None:
    """Press something on the reader's player."""
    entity_id = house.household.entity_id(READER)
    await house.hass.services.async_call(
        "media_player", service, {"entity_id": entity_id, **data}, blocking=True
    )
    await house.household.settle()


async def is_listening(house: House) -> bool:
    """Return what the sensor says, and what a condition of an automation says."""
    assert await async_setup_component(house.hass, "homeassistant", {})
    config = {"condition": f"{DOMAIN}.is_listening", "options": {}}
    valid = await condition.async_validate_condition_config(house.hass, config)
    check = await condition.async_from_config(house.hass, valid)
    try:
        holds = check.async_check()
    finally:
        check.async_unload()
    shown = house.household.state(LISTENING).state
    assert shown == (STATE_ON if holds else STATE_OFF)
    return bool(holds)


async def test_place_at_rest_is_of_when_it_came_to_rest(
    house: House, clock: TickingDateTimeFactory
) -> None:
    """Neither a reload nor another speaker writes it over a newer one."""
    speaker = await add_speaker(house.hass, "Radio", SEEK | PAUSE)
    await play(house, speaker)
    await pause_at(house, speaker, 7 * 60)
    speaker.show(media_position=7 * 60 + 0.4)
    await go_on_by_phone(house, clock, 9 * MINUTE_MS)

    await house.household.restart(house.entry)
    assert 9 * MINUTE_MS == (await house.place())[0]
    registry = ir.async_get(house.hass)
    assert registry.async_get_issue(DOMAIN, f"places_{house.entry.entry_id}") is None

    bath = await add_speaker(house.hass, "Bath", SEEK | PAUSE)
    answer = await play(house, bath, rewind_seconds=0)
    assert 9 * MINUTE_MS <= answer["position_ms"] < 9 * MINUTE_MS + 10_000


async def test_play_goes_on_where_the_phone_was(
    house: House, clock: TickingDateTimeFactory
) -> None:
    """The player shows that place already, and Audible is asked for a newer one."""
    speaker = await add_speaker(house.hass, "Radio", SEEK | PAUSE)
    await play(house, speaker, speed=1.5)
    await pause_at(house, speaker, 60)
    assert "paused" == house.household.state(READER).state
    await go_on_by_phone(house, clock, 8 * MINUTE_MS)
    assert 8 * 60 == house.household.state(READER).attributes["media_position"]
    assert "playing" == house.household.state(READER).state

    # Not seen by the tracker before somebody presses play.
    clock.tick(timedelta(minutes=3))
    house.household.listen(UNDER_WAY_ASIN, 9 * MINUTE_MS)
    await press(house, "media_play")

    session = house.session(speaker.entity_id)
    assert (Phase.PLAYING, 1.5) == (session.phase, session.form.speed)
    assert 9 * MINUTE_MS - 10_000 <= session.place_ms < 9 * MINUTE_MS + 10_000


async def test_move_goes_on_where_the_phone_was(
    house: House, clock: TickingDateTimeFactory
) -> None:
    """And with no phone, where it rested."""
    speaker = await add_speaker(house.hass, "Radio", SEEK | PAUSE)
    bath = await add_speaker(house.hass, "Bath", SEEK | PAUSE)
    await play(house, speaker)
    await pause_at(house, speaker, 7 * 60)
    await press(house, "select_source", source="Bath")
    assert 7 * MINUTE_MS <= house.session(bath.entity_id).place_ms < 8 * MINUTE_MS

    await pause_at(house, bath, 7 * 60 + 30)
    await go_on_by_phone(house, clock, 9 * MINUTE_MS)
    await press(house, "select_source", source="Radio")
    place_ms = house.session(speaker.entity_id).place_ms
    assert 9 * MINUTE_MS - 10_000 <= place_ms < 9 * MINUTE_MS + 10_000


async def test_song_on_a_nameless_speaker_is_no_book(house: House) -> None:
    """The place stays; play brings the book back, and not the song."""
    speaker = await add_speaker(house.hass, "Radio", SEEK | PAUSE)
    await play(house, speaker)
    speaker.show(media_content_id=None)
    await pause_at(house, speaker, 7 * 60)

    speaker.show(media_position=20, state=MediaPlayerState.PLAYING)
    assert Phase.INTERRUPTED is house.session(speaker.entity_id).phase
    await pause_at(house, speaker, 90)
    assert 7 * MINUTE_MS == (await house.place())[0]

    await press(house, "media_play")
    assert 2 == len(speaker.told.of("play_media"))
    assert [] == speaker.told.of("play")
    session = house.session(speaker.entity_id)
    assert 7 * MINUTE_MS <= session.place_ms < 7 * MINUTE_MS + 10_000


async def test_speaker_that_tells_nothing_goes_on_when_it_is_asked(
    house: House,
) -> None:
    """A group of Home Assistant's own names neither title nor place."""
    speaker = await add_speaker(house.hass, "All", SEEK | PAUSE)
    await play(house, speaker)
    speaker.show(
        media_content_id=None, media_position=7 * 60, state=MediaPlayerState.PAUSED
    )
    values = {"media_position": None, "media_position_updated_at": None}
    for name, value in values.items():
        setattr(speaker, f"_attr_{name}", value)
    speaker.async_write_ha_state()
    await house.household.settle()

    await press(house, "media_play")
    assert ["play"] == [name for name, _ in speaker.told.calls if name == "play"]
    session = house.session(speaker.entity_id)
    assert (Phase.PLAYING, 7) == (session.phase, session.place_ms // MINUTE_MS)
    await press(house, "media_pause")

    speaker.show(state=MediaPlayerState.PLAYING)
    assert Phase.INTERRUPTED is house.session(speaker.entity_id).phase


async def test_listening_is_what_a_speaker_does(
    house: House, clock: TickingDateTimeFactory
) -> None:
    """At once on, and at once off; then a phone alone tells it."""
    speaker = await add_speaker(house.hass, "Radio", SEEK | PAUSE)
    clock.tick(timedelta(minutes=20))
    await house.entry.runtime_data.coordinator.async_refresh()
    await house.household.settle()
    assert not await is_listening(house)

    await play(house, speaker)
    assert await is_listening(house)
    speaker.show(media_content_id="radio", media_position=0)
    assert await is_listening(house), "an announcement is no end"
    speaker.show(state=MediaPlayerState.IDLE, media_content_id=None)
    await house.household.settle()
    assert Phase.PLAYING is house.session(speaker.entity_id).phase

    await pause_at(house, speaker, 7 * 60)
    assert not await is_listening(house)
    await house.household.act("jump", entity_id=speaker.entity_id, position="7:30")
    await house.household.settle()
    assert not await is_listening(house)
    await press(house, "media_play")
    assert await is_listening(house)
    await press(house, "media_stop")
    assert () == sessions_of(house.hass).all
    assert not await is_listening(house)
    assert "idle" == house.household.state(READER).state
    place_ms, _ = await house.place()
    house.household.listen(UNDER_WAY_ASIN, place_ms)
    await house.entry.runtime_data.coordinator.async_refresh()
    await house.household.settle()
    assert not await is_listening(house), "Audible has it from here"

    await go_on_by_phone(house, clock, 9 * MINUTE_MS)
    assert await is_listening(house)
