"""What is asked of speakers where little is known, or too much is meant."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from homeassistant.components.media_player.const import (
    MediaPlayerEntityFeature,
    MediaPlayerState,
)
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.util import dt as dt_util
from sqlalchemy import update

from custom_components.audible_tracker.assist.listening import Asker, Reading
from custom_components.audible_tracker.core.playing.session import SleepTimer
from custom_components.audible_tracker.core.store.schema import LINKS, TITLES
from custom_components.audible_tracker.playing import sleeping
from custom_components.audible_tracker.playing.kept import KeptSessions
from custom_components.audible_tracker.playing.sessions import sessions_of
from tests.integration.listening_house import MINUTE_MS, House
from tests.integration.toy_speaker import ToySpeaker, add_speaker
from tests.simulator.catalog import SHORT_ASIN, UNDER_WAY_ASIN, UNSTARTED_ASIN
from tests.simulator.faults import FaultKind

FEATURES = MediaPlayerEntityFeature.SEEK | MediaPlayerEntityFeature.PAUSE
READER = "reader_1_player"
BEN = "Ben"


async def refusal(house: House, action: str, **data: Any) -> str | None:
    """Return the key of the error that an action ends with."""
    with pytest.raises(ServiceValidationError) as refused:
        await house.household.act(action, **data)
    return refused.value.translation_key


async def ask(house: House, service: str, **data: Any) -> None:
    """Ask something of the reader's own player."""
    entity_id = house.household.entity_id(READER)
    await house.hass.services.async_call(
        "media_player", service, {"entity_id": entity_id, **data}, blocking=True
    )


async def change(house: House, statement: Any) -> None:
    """Let the database say something else."""
    async with house.entry.runtime_data.store.transaction() as connection:
        await connection.execute(statement)


async def until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(10):
        while not is_so():
            await asyncio.sleep(0.02)


async def speaker_of(house: House, name: str = "Radio") -> ToySpeaker:
    """Add a speaker that can do what most can."""
    return await add_speaker(house.hass, name, FEATURES)


# --- chapters -------------------------------------------------------------------------


async def test_title_without_chapters_says_so(house: House) -> None:
    """Where neither the tracker nor the server knows any."""
    speaker = await speaker_of(house)
    await house.household.act("play", entity_id=speaker.entity_id)
    await change(house, update(TITLES).values(chapters=None))
    house.server.books.clear()

    assert await refusal(house, "jump", chapters=1) == "no_chapters"
    assert await refusal(house, "stop_after_chapter") == "no_chapters"
    assert await refusal(house, "jump", chapter=2) == "no_chapters"
    with pytest.raises(HomeAssistantError):
        await ask(house, "media_next_track")


async def test_chapters_are_turned_both_ways(house: House) -> None:
    """By the action, from the one that is heard."""
    speaker = await speaker_of(house)
    await house.household.act("play", entity_id=speaker.entity_id, chapter=4)

    ahead = await house.household.act("jump", chapters=2)
    back = await house.household.act("jump", chapters=-1)

    assert ahead["position_ms"] // MINUTE_MS == 5
    assert back["position_ms"] // MINUTE_MS == 4


# --- timers ---------------------------------------------------------------------------


async def test_timer_is_set_while_the_title_begins(house: House) -> None:
    """In one action, for whoever is in bed already."""
    speaker = await speaker_of(house)

    await house.household.act("play", entity_id=speaker.entity_id, sleep_minutes=20)

    timer = house.session(speaker.entity_id).sleep
    assert timer is not None
    assert timer.ends_at is not None
    assert abs(timer.ends_at - dt_util.utcnow() - timedelta(minutes=20)) < timedelta(
        minutes=1
    )


async def test_speaker_that_has_not_begun_yet_does_not_when_it_is_ended(
    house: House,
) -> None:
    """Nobody would follow it."""
    speaker = await speaker_of(house)
    speaker.is_deaf = True
    sessions = sessions_of(house.hass)
    playing = asyncio.create_task(
        house.household.act("play", entity_id=speaker.entity_id)
    )
    await until(lambda: bool(speaker.told.of("address")))

    await sessions.async_end(house.session(speaker.entity_id))

    assert speaker.told.of("pause") == [None]
    assert sessions.on(speaker.entity_id) is None
    with pytest.raises(HomeAssistantError):
        await playing


@pytest.mark.parametrize("room", ["Radio", "Kitchen"])
async def test_title_that_cannot_be_played_ends_nothing(
    house: House, room: str
) -> None:
    """What is heard goes on, on the same speaker or on another one."""
    speakers = {name: await speaker_of(house, name) for name in ("Radio", "Kitchen")}
    radio, other = speakers["Radio"], speakers[room]
    await house.household.act("play", entity_id=radio.entity_id)

    with pytest.raises(HomeAssistantError):
        await house.household.act(
            "play", entity_id=other.entity_id, asin=UNSTARTED_ASIN
        )

    assert house.session(radio.entity_id).is_live
    assert house.session(radio.entity_id).asin == UNDER_WAY_ASIN
    assert radio.told.of("pause") == []


async def test_timer_waits_for_a_speaker_that_rests_and_ends_with_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A chapter that is not going on has no end; a title that is let go needs none."""
    monkeypatch.setattr(sleeping, "_LOOKS_EVERY_S", 0.05)
    speaker = await speaker_of(house)
    await house.household.act("play", entity_id=speaker.entity_id)
    await house.household.act("stop_after_chapter")
    sessions = sessions_of(house.hass)
    rests = await sessions.async_pause(house.session(speaker.entity_id))
    waiting = asyncio.create_task(
        sleeping.async_sleep(house.hass, sessions, speaker.entity_id)
    )
    await asyncio.sleep(0.2)
    assert not waiting.done()

    await sessions.async_end(rests)

    await asyncio.wait_for(waiting, 5)
    assert MediaPlayerState.PAUSED == speaker.state


async def test_speaker_that_does_not_pause_is_told_in_the_log(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing else can be done about it at night."""
    speaker = await speaker_of(house)
    await house.household.act("play", entity_id=speaker.entity_id)

    async def refuse(_self: ToySpeaker) -> None:
        message = "It does not pause"
        raise HomeAssistantError(message)

    monkeypatch.setattr(ToySpeaker, "async_media_pause", refuse)
    soon = dt_util.utcnow() + timedelta(seconds=0.2)
    sessions_of(house.hass).change(
        house.session(speaker.entity_id), sleep=SleepTimer(soon, None, 0)
    )

    await until(lambda: "The sleep timer could not end" in caplog.text)
    assert MediaPlayerState.PLAYING == speaker.state


# --- where it begins ------------------------------------------------------------------


async def test_title_that_was_heard_out_begins_anew(house: House) -> None:
    """Some seconds of the end are nothing to go on with."""
    speaker = await speaker_of(house)
    await house.household.act("set_position", asin=UNDER_WAY_ASIN, position="9:58")

    answer = await house.household.act("play", entity_id=speaker.entity_id)

    assert answer["position_ms"] < 5_000


async def test_nobody_waits_for_a_shop_that_is_away(house: House) -> None:
    """What is known counts where Audible cannot say more."""
    speaker = await speaker_of(house)
    long_ago = dt_util.utcnow() - timedelta(hours=3)
    await change(house, update(LINKS).values(last_position_at=long_ago))
    house.household.break_shop(FaultKind.UNREACHABLE)

    answer = await house.household.act(
        "play", entity_id=speaker.entity_id, rewind_seconds=0
    )

    assert 330_000 <= answer["position_ms"] < 335_000


async def test_reader_who_reads_nothing_plays_nothing(house: House) -> None:
    """Neither by the action nor by their own player."""
    speaker = await speaker_of(house)
    await house.household.act("add_reader", name=BEN)

    key = await refusal(house, "play", entity_id=speaker.entity_id, reader=BEN)

    assert key == "nothing_under_way"


# --- which one is meant ---------------------------------------------------------------


async def test_one_of_two_listeners_is_named(house: House) -> None:
    """Two readers hear on two speakers: an action for one of them has to say whose."""
    one, two = await speaker_of(house, "Radio"), await speaker_of(house, "Radio two")
    third = await speaker_of(house, "Radio three")
    await house.household.act("add_reader", name=BEN)
    await house.household.act("take_title", reader=BEN, asin=SHORT_ASIN)
    await house.household.act("play", entity_id=one.entity_id)
    await house.household.act(
        "play", entity_id=two.entity_id, asin=SHORT_ASIN, reader=BEN
    )

    assert await refusal(house, "bookmark") == "value_missing"
    key = await refusal(house, "move_to", entity_id=third.entity_id)
    assert key == "value_missing"
    moved = await house.household.act("move_to", entity_id=third.entity_id, reader=BEN)

    assert (moved["player"], moved["asin"]) == (third.entity_id, SHORT_ASIN)
    assert MediaPlayerState.PLAYING == one.state


async def test_own_player_is_asked_twice_or_for_what_is_not_there(
    house: House,
) -> None:
    """To play what plays changes nothing; another speaker takes it over."""
    one, two = await speaker_of(house, "Radio"), await speaker_of(house, "Radio two")
    await ask(house, "select_source", source="Radio")
    told = len(one.told.calls)

    await ask(house, "media_play")
    assert len(one.told.calls) == told
    await ask(house, "select_source", source="Radio two")
    assert house.session(two.entity_id).asin == UNDER_WAY_ASIN
    for service, data in (
        ("select_source", {"source": "Nowhere"}),
        ("play_media", {"media_content_id": "library", "media_content_type": "music"}),
        (
            "play_media",
            {
                "media_content_id": f"library/{UNDER_WAY_ASIN}/99",
                "media_content_type": "music",
            },
        ),
    ):
        with pytest.raises(HomeAssistantError):
            await ask(house, service, **data)


# --- what is kept ---------------------------------------------------------------------


async def test_session_that_cannot_be_read_is_left_out(
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A file of another version, or one that somebody edited, ends nothing."""
    hass_storage["audible_tracker.sessions"] = {
        "version": 1,
        "data": {
            "sessions": {"one": [{"player": "media_player.radio"}, {}]},
            "last_players": {"1": "media_player.radio"},
        },
    }
    kept = KeptSessions(hass)

    assert await kept.async_take("one") == []
    assert kept.last_players == {1: "media_player.radio"}
    assert "cannot be read any more" in caplog.text


# --- who asks -------------------------------------------------------------------------


async def test_who_asks_from_nowhere_names_no_speaker(house: House) -> None:
    """And a title whose length nobody knows has no rest."""
    asker = Asker(house.hass, None, None, None)
    assert asker.speaker(None) is None
    reading = asker.reading()
    assert reading is not None
    assert reading.minutes_left is not None
    heard = replace(reading.heard, title=replace(reading.heard.title, runtime_ms=None))

    assert Reading(reading.reader, heard).minutes_left is None
    assert not asker._is_exposed(None)
    assert len(asker.readers()) == 1
