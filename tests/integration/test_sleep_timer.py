"""Sleep timers: with the title, by an action, and over a restart."""

from datetime import timedelta
from typing import Any

import pytest
from homeassistant.components.media_player.const import (
    MediaPlayerEntityFeature,
    MediaPlayerState,
)
from homeassistant.exceptions import ServiceValidationError
from homeassistant.util import dt as dt_util

from custom_components.audible_tracker.actions import playing as actions_module
from custom_components.audible_tracker.core.models import Chapter
from custom_components.audible_tracker.core.playing.session import SleepTimer
from custom_components.audible_tracker.playing.sessions import sessions_of
from tests.integration.listening_house import MINUTE_MS, START_MS, House
from tests.integration.toy_speaker import PAUSE, SEEK, ToySpeaker, add_speaker, play

LOUDNESS = MediaPlayerEntityFeature.VOLUME_SET


def shorten(house: House, speaker: ToySpeaker, seconds: float) -> None:
    """Let the timer of a speaker end in some seconds."""
    session = house.session(speaker.entity_id)
    assert session.sleep is not None
    timer = SleepTimer(
        dt_util.utcnow() + timedelta(seconds=seconds), None, session.sleep.fade_s
    )
    assert sessions_of(house.hass).change(session, sleep=timer)


async def until_paused(house: House, speaker: ToySpeaker) -> None:
    """Wait for the end of a timer."""
    await house.until(
        speaker.entity_id,
        lambda: house.session(speaker.entity_id).sleep is None,
    )
    await house.household.settle()
    assert MediaPlayerState.PAUSED == speaker.state


async def test_title_begins_with_a_timer(house: House) -> None:
    """By minutes or by chapters; it fades, pauses, and is as loud as before."""
    speaker = await add_speaker(house.hass, "Radio", SEEK | PAUSE | LOUDNESS)
    speaker.show(volume_level=0.8)
    answer = await play(house, speaker, sleep_chapters=2, rewind_seconds=0)
    assert answer["sleeps_at"] is None
    assert START_MS < answer["sleeps_at_position_ms"] == 7 * MINUTE_MS
    sleep = house.session(speaker.entity_id).sleep
    assert sleep == SleepTimer(None, 7 * MINUTE_MS, 0)

    answer = await play(house, speaker, sleep_minutes=30, fade_seconds=60)
    assert answer["sleeps_at_position_ms"] is None
    left = dt_util.parse_datetime(answer["sleeps_at"]) - dt_util.utcnow()
    assert timedelta(minutes=29) < left <= timedelta(minutes=30)
    shorten(house, speaker, 2)
    await until_paused(house, speaker)

    levels = speaker.told.of("volume")
    assert min(levels) < 0.1
    assert (
        0.8 == levels[-1] == house.state(speaker.entity_id).attributes["volume_level"]
    )


async def test_timer_outlives_a_restart(house: House) -> None:
    """It is kept with the title, and runs on."""
    speaker = await add_speaker(house.hass, "Radio", SEEK | PAUSE)
    await play(house, speaker, sleep_minutes=30, fade_seconds=1)
    timer = house.session(speaker.entity_id).sleep

    # Not by household.restart, which waits for what runs in the background.
    entries, entry_id = house.hass.config_entries, house.entry.entry_id
    assert await entries.async_unload(entry_id)
    assert () == sessions_of(house.hass).all
    assert await entries.async_setup(entry_id)
    await house.hass.async_block_till_done()
    session = house.session(speaker.entity_id)
    assert (True, timer) == (session.is_live, session.sleep)
    shorten(house, speaker, 1)
    await until_paused(house, speaker)


async def test_speaker_that_has_ended_gets_no_timer(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody stops it while its chapters are asked for: it stays stopped."""
    speaker = await add_speaker(house.hass, "Radio", SEEK | PAUSE)
    known = actions_module.async_chapters
    count = 0

    async def end_meanwhile(*args: Any) -> tuple[Chapter, ...]:
        nonlocal count
        count += 1
        for session in sessions_of(house.hass).all:
            await sessions_of(house.hass).async_end(session)
        return await known(*args)

    with monkeypatch.context() as patch:
        patch.setattr(actions_module, "async_chapters", end_meanwhile)
        answer = await play(house, speaker, sleep_chapters=1)
    assert (2, None) == (count, answer["sleeps_at_position_ms"])
    assert () == sessions_of(house.hass).all

    for action, data in (
        ("sleep_timer", {"chapters": 1}),
        ("stop_after_chapter", {}),
        ("jump", {"chapters": 1}),
    ):
        await play(house, speaker)
        with monkeypatch.context() as patch:
            patch.setattr(actions_module, "async_chapters", end_meanwhile)
            with pytest.raises(ServiceValidationError) as refused:
                await house.household.act(action, **data)
        assert "nothing_playing" == refused.value.translation_key
        assert () == sessions_of(house.hass).all
