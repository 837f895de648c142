"""The blueprints, made into automations of a real Home Assistant."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory, TickingDateTimeFactory
from homeassistant.components import automation
from homeassistant.components.media_player.const import MediaPlayerState
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from homeassistant.util.yaml import parse_yaml
from pytest_homeassistant_custom_component.common import (
    async_fire_time_changed,
    async_mock_service,
)

from custom_components.audible_tracker.const import DOMAIN, EVENT_TRACKER
from custom_components.audible_tracker.core.playing.session import SleepTimer
from custom_components.audible_tracker.core.wire import BookState, ServerBook
from tests.integration.listening_house import MINUTE_MS, RUNTIME_MS, House
from tests.integration.steps import Household
from tests.integration.toy_speaker import PAUSE, SEEK, add_speaker, play
from tests.simulator.catalog import UNDER_WAY_ASIN

BLUEPRINTS = Path("blueprints") / automation.DOMAIN / DOMAIN
NAMES = sorted(path.name for path in BLUEPRINTS.glob("*.yaml"))
LISTENING = "binary_sensor.anna_listening"
ANNA = "Anna Example"
KITCHEN = "media_player.test_kitchen"
BEDROOM = "media_player.test_bedroom"
PHONE = "notify.mobile_app_phone"
FIRST_ASIN = "B0STUDYSCA"
SECOND_ASIN = "B0SIGNFOUR"


@pytest.fixture(autouse=True)
async def _automations_end(hass: HomeAssistant) -> AsyncIterator[None]:
    """Leave no automation that waits for a time."""
    yield
    if hass.services.has_service(automation.DOMAIN, "turn_off"):
        await hass.services.async_call(
            automation.DOMAIN, "turn_off", {"entity_id": "all"}, blocking=True
        )


@pytest.fixture
async def entry(household: Household) -> ConfigEntry:
    """Return an account that is set up."""
    return await household.sign_up()


@pytest.fixture
def told(hass: HomeAssistant) -> list[ServiceCall]:
    """Return what comes to the phone."""
    return async_mock_service(hass, "notify", "mobile_app_phone")


async def instantiate(hass: HomeAssistant, name: str, **inputs: Any) -> None:
    """Import a blueprint, and make an automation of it."""
    folder = Path(hass.config.path("blueprints", automation.DOMAIN, DOMAIN))
    await hass.async_add_executor_job(
        lambda: (
            folder.mkdir(parents=True, exist_ok=True),
            shutil.copy(BLUEPRINTS / name, folder / name),
        )
    )
    config = {
        "id": name.removesuffix(".yaml"),
        "alias": name.removesuffix(".yaml"),
        "use_blueprint": {"path": f"{DOMAIN}/{name}", "input": inputs},
    }
    assert await async_setup_component(
        hass, automation.DOMAIN, {automation.DOMAIN: [config]}
    )
    await hass.async_block_till_done()
    [state] = hass.states.async_all(automation.DOMAIN)
    assert state.state == "on", state


async def until(calls: list[ServiceCall]) -> None:
    """Wait for an action that is followed by waiting for a person."""
    async with asyncio.timeout(20):
        while not calls:
            await asyncio.sleep(0.01)
    # The automation begins to wait in the next moment.
    await asyncio.sleep(0.05)


def finish(hass: HomeAssistant, entry: ConfigEntry, asin: str = UNDER_WAY_ASIN) -> None:
    """Tell that a book was finished."""
    reader = entry.runtime_data.coordinator.data.readers[0].reader
    data = {
        "id": "an-id",
        "type": "book_finished",
        "asin": asin,
        "title": "Pride and Prejudice",
        "reader_id": reader.reader_id,
        "config_entry_id": entry.entry_id,
    }
    hass.bus.async_fire(EVENT_TRACKER, data)


async def press(
    hass: HomeAssistant, notice: ServiceCall, button: int, **more: str
) -> None:
    """Press a button of the notification, the first being 0."""
    data = {"action": notice.data["data"]["actions"][button]["action"], **more}
    hass.bus.async_fire("mobile_app_notification_action", data)
    await hass.async_block_till_done()


@pytest.mark.parametrize("name", NAMES)
def test_blueprint_can_be_imported_from_its_address(name: str) -> None:
    """It says where it is, and for which Home Assistant."""
    text = (BLUEPRINTS / name).read_text(encoding="utf-8")
    head: Mapping[str, Any] = parse_yaml(text)["blueprint"]
    assert head["domain"] == automation.DOMAIN
    assert head["source_url"].endswith(f"/blob/main/{BLUEPRINTS}/{name}")
    assert head["homeassistant"]["min_version"] == "2026.10.0"
    assert all(one.get("name") for one in head["input"].values())


async def test_finished_book_is_rated_from_the_notification(
    hass: HomeAssistant,
    household: Household,
    entry: ConfigEntry,
    told: list[ServiceCall],
) -> None:
    """One notification with three buttons; what is answered becomes the rating."""
    await instantiate(hass, "finished.yaml", notify_action=PHONE)
    finish(hass, entry)
    await until(told)
    [notice] = told
    assert notice.data["message"] == "Pride and Prejudice"
    assert [one["title"] for one in notice.data["data"]["actions"]] == [
        "Rate (0 to 5)",
        "Next in series",
        "Not yet",
    ]

    await press(hass, notice, 0, reply_text="4,5")
    await household.settle()

    found = await household.act("search_books", query="Pride and Prejudice")
    assert found["books"][0]["rating"] == 4.5


async def test_finished_book_was_not_finished_yet(
    hass: HomeAssistant,
    household: Household,
    entry: ConfigEntry,
    told: list[ServiceCall],
) -> None:
    """It is being read again."""
    await household.act("set_book_status", asin=UNDER_WAY_ASIN, status="finished")
    await instantiate(hass, "finished.yaml", notify_action=PHONE)
    finish(hass, entry)
    await until(told)

    await press(hass, told[0], 2)
    await household.settle()

    found = await household.act("search_books", query="Pride and Prejudice")
    assert found["books"][0]["status"] == "reading"


async def test_buttons_outlive_a_restart(
    hass: HomeAssistant,
    household: Household,
    entry: ConfigEntry,
    told: list[ServiceCall],
) -> None:
    """Nothing waits for them; those of other notifications are none of ours."""
    await instantiate(hass, "finished.yaml", notify_action=PHONE)
    finish(hass, entry)
    await until(told)
    for step in ("turn_off", "turn_on"):
        await hass.services.async_call(
            automation.DOMAIN, step, {"entity_id": "all"}, blocking=True
        )

    for action in ("", "RATE", "RATE_other_B0PRIDEPRJ_", "OPEN_THE_DOOR_NOW"):
        data = {"action": action, "reply_text": "1"}
        hass.bus.async_fire("mobile_app_notification_action", data)
    await press(hass, told[0], 0, reply_text="3")
    await household.settle()

    found = await household.act("search_books", query="Pride and Prejudice")
    assert found["books"][0]["rating"] == 3
    assert len(told) == 1


async def test_next_of_the_series_is_named_or_played(
    hass: HomeAssistant, entry: ConfigEntry, told: list[ServiceCall]
) -> None:
    """This book has none."""
    await instantiate(hass, "finished.yaml", notify_action=PHONE)
    finish(hass, entry)
    await until(told)

    await press(hass, told[0], 1)

    assert told[-1].data["message"].startswith("Your library has no later book")


async def test_next_of_the_series_goes_on_a_speaker(
    hass: HomeAssistant, house: House, told: list[ServiceCall]
) -> None:
    """Where one was chosen; without one it is named."""
    book = ServerBook(SECOND_ASIN, "The Sign of the Four", (), BookState.DOWNLOADED)
    house.server.books[SECOND_ASIN] = replace(
        book, is_playable=True, runtime_ms=RUNTIME_MS
    )
    speaker = await add_speaker(hass, "Radio", SEEK | PAUSE)
    found = await house.household.act("next_in_series", asin=FIRST_ASIN)
    assert (SECOND_ASIN, "The Sign of the Four") == (
        found["next"]["asin"],
        found["next"]["title"],
    )
    await instantiate(
        hass, "finished.yaml", notify_action=PHONE, speaker=speaker.entity_id
    )
    finish(hass, house.entry, FIRST_ASIN)
    await until(told)
    await press(hass, told[0], 1)
    await house.household.settle()

    assert SECOND_ASIN == house.session(speaker.entity_id).asin
    assert 1 == len(told)
    assert (
        None
        is (await house.household.act("next_in_series", asin=UNDER_WAY_ASIN))["next"]
    )


async def test_book_of_another_reader_is_not_told(
    hass: HomeAssistant, entry: ConfigEntry, told: list[ServiceCall]
) -> None:
    """Who chose a reader hears of that one alone."""
    await instantiate(hass, "finished.yaml", notify_action=PHONE, reader="Ben")
    finish(hass, entry)
    await hass.async_block_till_done()
    assert told == []


async def test_lights_are_dimmed_and_put_back(
    hass: HomeAssistant, entry: ConfigEntry
) -> None:
    """As they were before."""
    assert await async_setup_component(hass, "scene", {})
    hass.states.async_set(LISTENING, "off")
    hass.states.async_set("light.sofa", "on", {"brightness": 255})
    dimmed = async_mock_service(hass, "light", "turn_on")
    await instantiate(
        hass,
        "lights.yaml",
        listening=LISTENING,
        lights=["light.sofa"],
        brightness=15,
        only_after_sunset=False,
    )

    hass.states.async_set(LISTENING, "on")
    await until(dimmed)
    assert (dimmed[0].data["brightness_pct"], dimmed[0].data["entity_id"]) == (
        15,
        ["light.sofa"],
    )
    hass.states.async_set("light.sofa", "on", {"brightness": 38})
    hass.states.async_set(LISTENING, "off")
    await hass.async_block_till_done()

    assert dimmed[-1].data["brightness"] == 255


async def test_child_that_still_listens_is_told_once_a_night(
    hass: HomeAssistant, entry: ConfigEntry, told: list[ServiceCall], freezer: Any
) -> None:
    """After bedtime; the speaker stops at the end of the chapter."""
    freezer.move_to(dt_util.as_utc(dt_util.now().replace(hour=20, minute=30)))
    stopped = async_mock_service(hass, DOMAIN, "stop_after_chapter")
    hass.states.async_set(LISTENING, "on")
    await instantiate(
        hass,
        "night.yaml",
        listening=LISTENING,
        notify_action=PHONE,
        speaker="media_player.bed",
    )
    hass.states.async_set(LISTENING, "off")
    hass.states.async_set(LISTENING, "on")
    await hass.async_block_till_done()
    assert told == []

    bedtime = dt_util.now().replace(hour=21, minute=0, second=1, microsecond=0)
    freezer.move_to(dt_util.as_utc(bedtime))
    async_fire_time_changed(hass, dt_util.utcnow())
    await hass.async_block_till_done()
    hass.states.async_set(LISTENING, "off")
    hass.states.async_set(LISTENING, "on")
    await hass.async_block_till_done()

    assert len(told) == 1
    assert "21:00" in told[0].data["message"]
    [stop] = stopped
    assert stop.data["entity_id"] == ["media_player.bed"]


async def test_week_is_summed_up(
    hass: HomeAssistant,
    entry: ConfigEntry,
    told: list[ServiceCall],
    freezer: FrozenDateTimeFactory,
) -> None:
    """Once, on its day."""
    now = dt_util.now().replace(hour=18, minute=0, second=0, microsecond=0)
    friday = now + timedelta(days=(4 - now.weekday()) % 7)
    freezer.move_to(dt_util.as_utc(friday))
    await instantiate(
        hass, "week.yaml", notify_action=PHONE, weekday="fri", at="19:00:00"
    )
    for day in range(2):
        moment = friday + timedelta(days=day, hours=1, seconds=1)
        freezer.move_to(dt_util.as_utc(moment))
        async_fire_time_changed(hass, dt_util.utcnow())
        await hass.async_block_till_done()

    [summary] = told
    assert "hours heard" in summary.data["message"]
    assert "days in a row" in summary.data["message"]


def rooms_with_somebody_in_the_bedroom(hass: HomeAssistant) -> None:
    """Furnish two rooms with presence and speakers; be in one of them."""
    registry, areas = er.async_get(hass), ar.async_get(hass)
    for room in ("kitchen", "bedroom"):
        area = areas.async_create(room)
        for domain in ("binary_sensor", "media_player"):
            made = registry.async_get_or_create(domain, "test", room)
            registry.async_update_entity(made.entity_id, area_id=area.id)
            hass.states.async_set(made.entity_id, "off")
    hass.states.async_set("input_button.go_on", "unknown")
    hass.states.async_set("binary_sensor.test_bedroom", "on")


@pytest.mark.parametrize(
    ("state", "speaker", "reader", "action"),
    [
        ("idle", None, ANNA, "play"),
        ("paused", KITCHEN, ANNA, "play"),
        ("playing", None, ANNA, "play"),
        ("playing", KITCHEN, " anna example ", "move_to"),
        ("buffering", KITCHEN, "", "move_to"),
        ("playing", KITCHEN, "Ben", "play"),
        ("playing", BEDROOM, ANNA, None),
    ],
)
async def test_book_goes_on_in_the_room_with_somebody_in_it(
    hass: HomeAssistant,
    household: Household,
    entry: ConfigEntry,
    state: str,
    speaker: str | None,
    reader: str,
    action: str | None,
) -> None:
    """What plays elsewhere moves there; the rest is played; what is there stays."""
    rooms_with_somebody_in_the_bedroom(hass)
    called = {
        name: async_mock_service(hass, DOMAIN, name) for name in ("play", "move_to")
    }
    player = household.state("reader_1_player")
    assert player.attributes["reader"] == ANNA
    heard = {**player.attributes, "speaker": speaker}
    hass.states.async_set(player.entity_id, state, heard)
    await instantiate(
        hass,
        "follow_me.yaml",
        button="input_button.go_on",
        presence=["binary_sensor.test_kitchen", "binary_sensor.test_bedroom"],
        speakers=[KITCHEN, BEDROOM],
        reader=reader,
    )

    hass.states.async_set("input_button.go_on", "2026-11-20T20:00:00+00:00")
    await hass.async_block_till_done()

    assert {name: len(calls) for name, calls in called.items()} == {
        name: int(name == action) for name in called
    }
    for call in called[action] if action else ():
        assert call.data["entity_id"] in (BEDROOM, [BEDROOM])
        assert call.data.get("reader", "") == reader.strip()


async def quiet_house(house: House, clock: TickingDateTimeFactory, hour: int) -> str:
    """Let it be some hour, and nobody listen for long; return the sensor."""
    now = dt_util.now()
    then = now.replace(hour=hour, minute=30)
    if then < now + timedelta(hours=2):
        then += timedelta(days=1)
    clock.move_to(dt_util.as_utc(then))
    await house.entry.runtime_data.coordinator.async_refresh()
    await house.household.settle()
    sensor = house.household.state("reader_1_listening")
    assert sensor.state == "off"
    return sensor.entity_id


async def test_lights_follow_a_speaker(
    hass: HomeAssistant, house: House, clock: TickingDateTimeFactory
) -> None:
    """Our own sensor lets them go down at once, and come back at once."""
    assert await async_setup_component(hass, "scene", {})
    sensor = await quiet_house(house, clock, 20)
    speaker = await add_speaker(hass, "Radio", SEEK | PAUSE)
    hass.states.async_set("light.sofa", "on", {"brightness": 255})
    dimmed = async_mock_service(hass, "light", "turn_on")
    await instantiate(
        hass,
        "lights.yaml",
        listening=sensor,
        lights=["light.sofa"],
        only_after_sunset=False,
    )

    await house.household.act("play", entity_id=speaker.entity_id)
    await until(dimmed)
    assert dimmed[0].data["brightness_pct"] == 20
    hass.states.async_set("light.sofa", "on", {"brightness": 51})
    speaker.show(state=MediaPlayerState.PAUSED)
    await hass.async_block_till_done()

    assert dimmed[-1].data["brightness"] == 255


async def test_speaker_stops_for_a_child_at_night(
    hass: HomeAssistant,
    house: House,
    clock: TickingDateTimeFactory,
    told: list[ServiceCall],
) -> None:
    """Our own sensor tells, and our own action ends it with the chapter."""
    sensor = await quiet_house(house, clock, 21)
    speaker = await add_speaker(hass, "Bed", SEEK | PAUSE)
    await instantiate(
        hass,
        "night.yaml",
        listening=sensor,
        notify_action=PHONE,
        speaker=speaker.entity_id,
    )

    await play(house, speaker, rewind_seconds=0)

    [message] = told
    assert "21:30" in message.data["message"]
    timer = house.session(speaker.entity_id).sleep
    assert timer == SleepTimer(None, 6 * MINUTE_MS, 30)
