"""What speakers of all kinds are told, and what is followed of them."""

from typing import Any

import pytest
from homeassistant.components.media_player.const import MediaPlayerState
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import Event
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import issue_registry as ir
from pytest_homeassistant_custom_component.common import async_capture_events

from custom_components.audible_tracker.const import (
    DOMAIN,
    EVENT_PROGRESS,
    EVENT_TRACKER,
)
from custom_components.audible_tracker.core.playing.session import Phase
from custom_components.audible_tracker.playing import sessions as sessions_module
from custom_components.audible_tracker.playing.sessions import sessions_of
from custom_components.audible_tracker.repairs import async_create_fix_flow
from tests.integration.databases import rows
from tests.integration.listening_house import MINUTE_MS, START_MS, House
from tests.integration.toy_speaker import PAUSE, SEEK, ToySpeaker, add_speaker, play
from tests.simulator.catalog import SHORT_ASIN, UNDER_WAY_ASIN


def told(events: list[Event], kind: str) -> list[Event]:
    """Return the events of one kind."""
    return [event for event in events if event.data["type"] == kind]


async def test_speaker_that_cannot_seek_begins_at_the_place(house: House) -> None:
    """It gets an MP3 from there on; a jump gives it another one."""
    speaker = await add_speaker(house.hass, "Radio")
    answer = await play(house, speaker, rewind_seconds=0)

    stream = f"/api/audible_tracker/stream/{house.entry.entry_id}/{UNDER_WAY_ASIN}"
    assert [f"{stream}/100-{START_MS}.mp3"] == speaker.told.of("address")
    assert [] == speaker.told.of("seek")
    assert ("mp3", "playing") == (answer["format"], answer["state"])
    assert START_MS <= answer["position_ms"] < START_MS + 5_000

    await house.household.act("jump", entity_id=speaker.entity_id, position="2:00")
    assert f"{stream}/100-{2 * MINUTE_MS}.mp3" == speaker.told.of("address")[-1]
    await house.household.act("sleep_timer", entity_id=speaker.entity_id, minutes=30)
    assert house.session(speaker.entity_id).sleep is not None
    await house.household.act("sleep_timer", entity_id=speaker.entity_id, minutes=0)
    assert house.session(speaker.entity_id).sleep is None


async def test_speaker_that_forgets_is_given_the_title_again(house: House) -> None:
    """One without a pause stops; to go on is to begin there."""
    speaker = await add_speaker(house.hass, "Radio", SEEK)
    await play(house, speaker)
    sessions = sessions_of(house.hass)
    rests = await sessions.async_pause(house.session(speaker.entity_id))
    assert ["stop"] == [name for name, _ in speaker.told.calls if name == "stop"]
    assert Phase.PAUSED is rests.phase

    moved = await sessions.async_jump(rests, 3 * MINUTE_MS)
    assert 3 * MINUTE_MS == (await house.place())[0]
    await sessions.async_resume(moved, 0)
    await house.hass.async_block_till_done()

    assert 2 == len(speaker.told.of("play_media"))
    assert 180 == speaker.told.of("seek")[-1]


async def test_speaker_that_does_not_play_is_told(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Away, unfit, broken, deaf, and not there at all; nothing is followed then."""
    monkeypatch.setattr(sessions_module, "_HEARD_WITHIN", 2)
    speaker = await add_speaker(house.hass, "Radio", SEEK)
    speaker.is_broken = True
    with pytest.raises(HomeAssistantError, match="broken"):
        await play(house, speaker)
    speaker.is_broken, speaker.is_deaf = False, True
    with pytest.raises(HomeAssistantError) as shown:
        await play(house, speaker)
    assert "speaker_silent" == shown.value.translation_key
    assert () == sessions_of(house.hass).all

    house.hass.states.async_set("media_player.lamp", "on")
    house.hass.states.async_set("media_player.attic", "unavailable")
    for entity_id, key in (
        ("media_player.lamp", "speaker_unfit"),
        ("media_player.attic", "speaker_away"),
        ("media_player.nowhere", "speaker_away"),
        (house.household.entity_id("reader_1_player"), "value_missing"),
    ):
        with pytest.raises(ServiceValidationError) as refused:
            await house.household.act("play", entity_id=entity_id)
        assert key == refused.value.translation_key


async def test_what_is_heard_is_told_to_automations(house: House) -> None:
    """Progress, each chapter once, and the end of the book."""
    events = async_capture_events(house.hass, EVENT_TRACKER)
    progress = async_capture_events(house.hass, EVENT_PROGRESS)
    speaker = await add_speaker(house.hass, "Radio", SEEK | PAUSE)
    await play(house, speaker)
    speaker.show(media_position=6 * 60 + 10, state=MediaPlayerState.PAUSED)
    await house.household.settle()

    [reached] = told(events, "chapter_reached")
    assert ("Chapter 7", 7, 10) == tuple(
        reached.data[name] for name in ("chapter", "chapter_number", "chapters")
    )
    [moved] = told(progress, "progressed")
    assert moved.data["position_ms"] // 1_000 == 6 * 60 + 10

    speaker.show(media_position=6 * 60 + 5)
    speaker.show(media_position=6 * 60 + 20, state=MediaPlayerState.PLAYING)
    speaker.show(media_position=9 * 60 + 59)
    speaker.show(state=MediaPlayerState.IDLE, media_content_id=None)
    await house.household.settle()

    assert 1 == len(told(events, "book_finished"))
    # That it is finished says enough of the last chapter.
    assert 1 == len(told(events, "chapter_reached"))
    assert () == sessions_of(house.hass).all


async def test_pause_in_the_credits_finishes_and_one_before_them_does_not(
    house: House,
) -> None:
    """What may be left is two minutes, but no more than a twentieth of the title."""
    events = async_capture_events(house.hass, EVENT_TRACKER)
    speaker = await add_speaker(house.hass, "Radio", SEEK | PAUSE)
    await play(house, speaker)
    speaker.show(media_position=9 * 60 + 25, state=MediaPlayerState.PAUSED)
    await house.household.settle()
    assert [] == told(events, "book_finished")

    speaker.show(state=MediaPlayerState.PLAYING)
    speaker.show(media_position=9 * 60 + 35, state=MediaPlayerState.PAUSED)
    await house.household.settle()

    assert 1 == len(told(events, "book_finished"))


async def test_chapter_is_told_once_however_often_it_is_played(house: House) -> None:
    """Another evening is not another pass through the book."""
    events = async_capture_events(house.hass, EVENT_TRACKER)
    speaker = await add_speaker(house.hass, "Radio", SEEK | PAUSE)
    for _ in range(2):
        await play(house, speaker, position="0:05:30")
        for place_s in (5 * 60 + 35, 6 * 60 + 10):
            speaker.show(media_position=place_s, state=MediaPlayerState.PAUSED)
            await house.household.settle()
            speaker.show(state=MediaPlayerState.PLAYING)
        speaker.show(state=MediaPlayerState.IDLE, media_content_id=None)
        await house.household.settle()

    assert [7] == [
        event.data["chapter_number"] for event in told(events, "chapter_reached")
    ]


async def test_second_book_is_begun(house: House) -> None:
    """A book that was to be read is being read; the first one's place is kept."""
    events = async_capture_events(house.hass, EVENT_TRACKER)
    speaker = await add_speaker(house.hass, "Radio", SEEK | PAUSE)
    await play(house, speaker)
    speaker.show(media_position=400)
    await play(house, speaker, asin=SHORT_ASIN, **{"from": "start"})
    speaker.show(media_position=30, state=MediaPlayerState.PAUSED)
    await house.household.settle()

    [begun] = told(events, "book_started")
    assert SHORT_ASIN == begun.data["asin"]
    assert 400_000 <= (await house.place())[0] < 405_000
    [heard] = sessions_of(house.hass).all
    assert (SHORT_ASIN, 30_000) == (heard.asin, heard.place_ms)


async def test_bookmark_is_made_where_it_is_heard(house: House) -> None:
    """And the title is finished by a word."""
    speaker = await add_speaker(house.hass, "Radio", SEEK | PAUSE)
    with pytest.raises(ServiceValidationError) as refused:
        await house.household.act("bookmark")
    assert "nothing_playing" == refused.value.translation_key
    await play(house, speaker, chapter=4)

    made = await house.household.act("bookmark", note="Darcy!")
    [listed] = (await house.household.act("list_bookmarks"))["bookmarks"]
    assert made["position_ms"] == listed["position_ms"]
    assert "Darcy!" == listed["note"]
    assert 3 * MINUTE_MS <= listed["position_ms"] < 3 * MINUTE_MS + 5_000

    book = await house.household.act("mark_finished")
    assert "finished" == book["status"]
    assert MediaPlayerState.PAUSED == speaker.state
    assert () == sessions_of(house.hass).all


async def test_wrong_places_are_refused(house: House) -> None:
    """Chapters that are not there, and more or less than one way to say it."""
    speaker = await add_speaker(house.hass, "Radio", SEEK | PAUSE)
    for data, key in (
        ({"chapter": 11}, "invalid_value"),
        ({"from": "chapter"}, "value_missing"),
        ({"asin": "B0NOTHERE1"}, "not_in_store"),
        ({"sleep_minutes": 5, "sleep_chapters": 1}, "value_missing"),
        ({"fade_seconds": 10}, "value_missing"),
        ({"from": "start", "position": "2:00"}, "value_missing"),
        ({"from": "place", "chapter": 2}, "value_missing"),
        ({"from": "chapter", "position": "2:00"}, "value_missing"),
        ({"position": "2:00", "chapter": 2}, "value_missing"),
    ):
        with pytest.raises(ServiceValidationError) as refused:
            await play(house, speaker, **data)
        assert key == refused.value.translation_key
    assert [] == speaker.told.calls
    await play(house, speaker)
    for action, data in (
        ("jump", {}),
        ("jump", {"seconds": 3, "chapters": 1}),
        ("sleep_timer", {}),
    ):
        with pytest.raises(ServiceValidationError) as refused:
            await house.household.act(action, **data)
        assert "value_missing" == refused.value.translation_key
    answer = await house.household.act("jump", seconds=-60)
    assert answer["position_ms"] < START_MS - 30_000


async def test_title_in_two_places_is_one_question(house: House) -> None:
    """A phone goes on while a speaker plays: a repair asks, here or there."""
    speaker = await add_speaker(house.hass, "Radio", SEEK | PAUSE)
    await play(house, speaker)
    issue_id = f"places_{house.entry.entry_id}"
    registry = ir.async_get(house.hass)
    assert registry.async_get_issue(DOMAIN, issue_id) is None

    house.household.listen(UNDER_WAY_ASIN, 9 * MINUTE_MS)
    await house.entry.runtime_data.coordinator.async_refresh()
    assert 9 * MINUTE_MS == (await house.place())[0]
    speaker.show(media_position=7 * 60, state=MediaPlayerState.PAUSED)
    await house.household.settle()

    issue = registry.async_get_issue(DOMAIN, issue_id)
    assert issue is not None
    assert {"number": "1", "title": "Pride and Prejudice"} == (
        issue.translation_placeholders
    )
    flow = await async_create_fix_flow(house.hass, issue_id, issue.data)
    flow.hass = house.hass
    form = await flow.async_step_init()
    words = form["description_placeholders"]
    assert ("0:07:00", "0:09:00", "0") == (words["here"], words["there"], words["left"])
    done = await flow.async_step_place({"answer": "here"})
    assert "create_entry" == done["type"]
    await house.household.settle()
    assert 7 * MINUTE_MS == (await house.place())[0]
    assert registry.async_get_issue(DOMAIN, issue_id) is None


async def test_places_go_to_audible_with_the_option_on(house: House) -> None:
    """At once where the title rests, so that the phone has them."""
    options = {**house.entry.options, "writes_back": True}
    house.hass.config_entries.async_update_entry(house.entry, options=options)
    speaker = await add_speaker(house.hass, "Radio", SEEK | PAUSE)
    await play(house, speaker)
    speaker.show(media_position=8 * 60, state=MediaPlayerState.PAUSED)
    await house.household.settle()

    owned = house.household.owned(UNDER_WAY_ASIN)
    assert 8 * MINUTE_MS == owned.positions[-1].position_ms


async def test_title_goes_out_in_pieces_where_that_is_asked(house: House) -> None:
    """HLS: the whole title, sought as any other."""
    speaker = await add_speaker(house.hass, "Radio", SEEK | PAUSE)
    answer = await play(house, speaker, format="hls", rewind_seconds=0)

    assert "hls" == answer["format"]
    [address] = speaker.told.of("address")
    assert address.endswith(f"/stream/{UNDER_WAY_ASIN}/hls/index.m3u8")
    assert [START_MS // 1_000] == speaker.told.of("seek")


async def test_speaker_that_never_seeks_gets_a_stream_from_the_place(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says that it can; the reader's place is not lost to the beginning."""
    monkeypatch.setattr(sessions_module, "_SOUGHT_TIMES", 1)
    speaker = await add_speaker(house.hass, "Radio", SEEK | PAUSE)
    speaker.cannot_seek = True
    await play(house, speaker, rewind_seconds=0)
    await house.household.settle()

    stream = f"/api/audible_tracker/stream/{house.entry.entry_id}/{UNDER_WAY_ASIN}"
    assert f"{stream}/100-{START_MS}.mp3" == speaker.told.of("address")[-1]
    assert START_MS <= house.session(speaker.entity_id).place_ms


async def test_one_speaker_is_meant(house: House) -> None:
    """Two at once are refused; a label or an area names the one that can play."""
    one = await add_speaker(house.hass, "Radio", SEEK | PAUSE)
    two = await add_speaker(house.hass, "Radio two", SEEK | PAUSE)
    with pytest.raises(ServiceValidationError) as refused:
        await house.household.act("play", entity_id=[one.entity_id, two.entity_id])
    assert "invalid_value" == refused.value.translation_key

    await play(house, one)
    with pytest.raises(ServiceValidationError) as refused:
        await house.household.act("move_to", entity_id=one.entity_id)
    assert "nothing_playing" == refused.value.translation_key
    reader = house.household.entity_id("reader_1_player")
    answer = await house.household.act("jump", entity_id=reader, chapter=2)
    assert one.entity_id == answer["player"]
    moved = await house.household.act("move_to", entity_id=two.entity_id)
    assert two.entity_id == moved["player"]
    assert MediaPlayerState.PAUSED == one.state
    finished = await house.household.act("mark_finished", asin=UNDER_WAY_ASIN)
    assert "finished" == finished["status"]


async def test_place_outlives_the_end_of_home_assistant(
    house: House, hass_storage: dict[str, Any]
) -> None:
    """It is written down while the database is still open, with where it was heard."""
    speaker = await add_speaker(house.hass, "Radio", SEEK | PAUSE)
    await play(house, speaker)
    speaker.show(media_position=8 * 60)

    house.hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await house.household.settle()

    place_ms, _ = await house.place()
    assert 8 * MINUTE_MS <= place_ms < 8 * MINUTE_MS + 10_000
    kept = hass_storage["audible_tracker.sessions"]["data"]
    [session] = kept["sessions"][house.entry.entry_id]
    assert (speaker.entity_id, "playing") == (session["player"], session["phase"])
    assert {"1": speaker.entity_id} == kept["last_players"]


async def hear_out(house: House, speaker: ToySpeaker) -> None:
    """Hear what plays to its end."""
    speaker.show(media_position=9 * 60 + 59, state=MediaPlayerState.PLAYING)
    speaker.show(state=MediaPlayerState.IDLE, media_content_id=None)
    await house.household.settle()


async def test_finished_book_is_read_again_on_a_speaker(house: House) -> None:
    """Both ends are told, the shelf shows it meanwhile, and it counts twice."""
    events = async_capture_events(house.hass, EVENT_TRACKER)
    speaker = await add_speaker(house.hass, "Radio", SEEK | PAUSE)
    await play(house, speaker)
    await hear_out(house, speaker)
    assert 1 == len(told(events, "book_finished"))
    events.clear()

    await play(house, speaker, asin=UNDER_WAY_ASIN, **{"from": "start"})
    for minute in range(1, 10):
        speaker.show(media_position=minute * 60, state=MediaPlayerState.PAUSED)
        await house.household.settle()
        speaker.show(state=MediaPlayerState.PLAYING)
    data = house.entry.runtime_data.coordinator.data
    assert UNDER_WAY_ASIN in [one.title.asin for one in data.under_way]
    await hear_out(house, speaker)

    [begun], [ended] = told(events, "book_started"), told(events, "book_finished")
    assert begun.data["id"] < ended.data["id"]
    sql = (
        "SELECT outcome FROM reads r JOIN audible_book_mappings l ON l.id = r.link_id "
        f"WHERE l.asin = '{UNDER_WAY_ASIN}'"
    )
    assert [("finished",), ("finished",)] == rows(house.hass, sql)


async def test_end_of_a_title_without_a_book_is_told(house: House) -> None:
    """Events never wait for a link."""
    await house.household.act("unlink_book", asin=UNDER_WAY_ASIN)
    events = async_capture_events(house.hass, EVENT_TRACKER)
    speaker = await add_speaker(house.hass, "Radio", SEEK | PAUSE)
    await play(house, speaker)
    await hear_out(house, speaker)
    [ended] = told(events, "book_finished")
    assert (UNDER_WAY_ASIN, None) == (ended.data["asin"], ended.data["book_id"])


async def test_book_that_is_called_finished_is_told_so_once(house: House) -> None:
    """Whoever says it again, and what Audible says of it later, tells nothing."""
    events = async_capture_events(house.hass, EVENT_TRACKER)
    speaker = await add_speaker(house.hass, "Radio", SEEK | PAUSE)
    await play(house, speaker)
    book = await house.household.act("mark_finished")
    await house.household.act("mark_finished", asin=UNDER_WAY_ASIN)
    house.household.owned(UNDER_WAY_ASIN).is_finished = True
    house.household.listen(UNDER_WAY_ASIN, 10 * MINUTE_MS)
    await house.entry.runtime_data.coordinator.async_refresh()
    await house.household.settle()

    [ended] = told(events, "book_finished")
    assert (UNDER_WAY_ASIN, book["book_id"]) == (
        ended.data["asin"],
        ended.data["book_id"],
    )
    assert book["finished_on"] == ended.data["finished_on"]


async def test_title_without_a_book_is_not_called_finished(house: House) -> None:
    """Its speaker goes on: nothing was done."""
    await house.household.act("unlink_book", asin=UNDER_WAY_ASIN)
    speaker = await add_speaker(house.hass, "Radio", SEEK | PAUSE)
    await play(house, speaker)
    with pytest.raises(ServiceValidationError) as refused:
        await house.household.act("mark_finished")
    assert "invalid_value" == refused.value.translation_key
    assert MediaPlayerState.PLAYING == speaker.state
    assert house.session(speaker.entity_id).is_live
