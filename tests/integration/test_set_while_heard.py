"""A place that is set while a speaker has the title: both say the same."""

from typing import Any

import pytest
from homeassistant.components.media_player.const import MediaPlayerState
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from custom_components.audible_tracker.core.models import Chapter
from custom_components.audible_tracker.core.playing.session import Phase
from custom_components.audible_tracker.playing import sessions as sessions_module
from custom_components.audible_tracker.playing.sessions import sessions_of
from tests.integration.databases import rows
from tests.integration.listening_house import CHAPTERS, MINUTE_MS, START_MS, House
from tests.integration.toy_speaker import PAUSE, SEEK, ToySpeaker, add_speaker, play
from tests.simulator.catalog import SHORT_ASIN, UNDER_WAY_ASIN

NEAR_MS = 10_000


async def set_position(house: House, position: str, asin: str = UNDER_WAY_ASIN) -> Any:
    """Say where the reader stands."""
    answer = await house.household.act("set_position", asin=asin, position=position)
    await house.hass.async_block_till_done()
    return answer


async def place_after_a_pause(house: House, speaker: ToySpeaker) -> int:
    """Let the speaker tell its place once more; return what the tracker has then."""
    await sessions_of(house.hass).async_pause(house.session(speaker.entity_id))
    await house.household.settle()
    place_ms, _ = await house.place()
    return place_ms


def noted(house: House) -> list[int]:
    """Return all places of the title that the ledger holds, oldest first."""
    found = rows(
        house.hass,
        "SELECT history.position_ms FROM audible_progress_history AS history "
        "JOIN audible_book_mappings AS links ON links.id = history.link_id "
        f"WHERE links.asin = '{UNDER_WAY_ASIN}' ORDER BY history.id",
    )
    return [place_ms for (place_ms,) in found]


async def test_speaker_that_plays_the_title_goes_to_the_place(house: House) -> None:
    """What it tells afterwards is from there on."""
    speaker = await add_speaker(house.hass, "Radio", SEEK | PAUSE)
    await play(house, speaker)

    answer = await set_position(house, "2:00")

    assert answer["position_ms"] == 2 * MINUTE_MS
    assert speaker.told.of("seek")[-1] == 120
    assert house.session(speaker.entity_id).is_live
    place_ms = await place_after_a_pause(house, speaker)
    assert 2 * MINUTE_MS <= place_ms < 2 * MINUTE_MS + NEAR_MS


async def test_speaker_without_seeking_gets_a_stream_from_the_place(
    house: House,
) -> None:
    """It plays on from there."""
    speaker = await add_speaker(house.hass, "Radio", PAUSE)
    await play(house, speaker)

    await set_position(house, "2:00")

    assert speaker.told.of("address")[-1].endswith(f"/100-{2 * MINUTE_MS}.mp3")
    place_ms = await place_after_a_pause(house, speaker)
    assert 2 * MINUTE_MS <= place_ms < 2 * MINUTE_MS + NEAR_MS


async def test_speaker_that_fails_to_seek_is_told_of(house: House) -> None:
    """It plays on where it was, and the place stays that one."""
    speaker = await add_speaker(house.hass, "Radio", SEEK | PAUSE)
    await play(house, speaker)
    speaker.cannot_seek = True

    with pytest.raises(ServiceValidationError) as refused:
        await set_position(house, "2:00")

    assert refused.value.translation_key == "speaker_unmoved"
    assert refused.value.translation_placeholders == {"player": "Radio"}
    session = house.session(speaker.entity_id)
    assert session.is_live
    assert session.seek_ms is None
    # It went on a few seconds before its place, as after each pause.
    place_ms = await place_after_a_pause(house, speaker)
    assert abs(place_ms - START_MS) < 2 * NEAR_MS


async def test_title_at_rest_goes_on_at_the_place(house: House) -> None:
    """Also where nothing was asked of the speaker but to go on."""
    speaker = await add_speaker(house.hass, "Radio", SEEK | PAUSE)
    await play(house, speaker)
    sessions = sessions_of(house.hass)
    await sessions.async_pause(house.session(speaker.entity_id))

    await set_position(house, "5:00")

    rests = house.session(speaker.entity_id)
    assert (rests.phase, rests.place_ms) == (Phase.PAUSED, 5 * MINUTE_MS)
    assert (await house.place())[0] == 5 * MINUTE_MS
    assert speaker.state == MediaPlayerState.PAUSED


async def test_speaker_that_rests_is_looked_at_while_the_place_is_set(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It still tells the place that it leaves: nobody is there by now."""
    speaker = await add_speaker(house.hass, "Radio", SEEK | PAUSE)
    await play(house, speaker)
    rests_ms = await place_after_a_pause(house, speaker)

    async def look(*_: object) -> tuple[Chapter, ...]:
        speaker.show(media_position=rests_ms / 1000)
        return CHAPTERS

    monkeypatch.setattr(sessions_module, "async_chapters", look)
    before = len(noted(house))
    await set_position(house, "2:00")
    await house.household.settle()

    assert set(noted(house)[before:]) == {2 * MINUTE_MS}
    assert house.session(speaker.entity_id).place_ms == 2 * MINUTE_MS


async def test_title_that_ends_meanwhile_leaves_the_place_as_it_was_set(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is no speaker to bring there, and nothing to complain of."""
    speaker = await add_speaker(house.hass, "Radio", SEEK | PAUSE)
    await play(house, speaker)
    await place_after_a_pause(house, speaker)
    sessions = sessions_of(house.hass)

    async def end(*_: object) -> tuple[Chapter, ...]:
        await sessions.async_end(house.session(speaker.entity_id))
        return CHAPTERS

    monkeypatch.setattr(sessions_module, "async_chapters", end)
    answer = await set_position(house, "2:00")

    assert answer["position_ms"] == 2 * MINUTE_MS
    assert sessions.on(speaker.entity_id) is None
    await house.household.settle()
    assert (await house.place())[0] == 2 * MINUTE_MS


async def test_announcement_is_not_sought_in(house: House) -> None:
    """The title goes on at the place once that is over."""
    speaker = await add_speaker(house.hass, "Radio", SEEK | PAUSE)
    await play(house, speaker)
    sought = len(speaker.told.of("seek"))
    speaker.show(media_content_id="http://house/announcement.mp3", media_position=0)
    await house.hass.async_block_till_done()
    assert house.session(speaker.entity_id).phase is Phase.INTERRUPTED

    await set_position(house, "2:00")
    assert len(speaker.told.of("seek")) == sought
    speaker.show(state=MediaPlayerState.IDLE, media_content_id=None)
    await house.household.settle()

    assert house.session(speaker.entity_id).is_live
    assert speaker.told.of("seek")[-1] == 120


async def test_place_that_cannot_be_moves_no_speaker(house: House) -> None:
    """Nor does the place of another title."""
    speaker = await add_speaker(house.hass, "Radio", SEEK | PAUSE)
    await play(house, speaker)
    calls = list(speaker.told.calls)

    with pytest.raises(HomeAssistantError):
        await set_position(house, "999:00:00")
    await set_position(house, "0:10", SHORT_ASIN)

    assert speaker.told.calls == calls
