"""What assistants know of listening, and do: sentences, intents, tools."""

from collections.abc import Mapping
from typing import Any

import pytest
from homeassistant.components import conversation, llm
from homeassistant.components.homeassistant.exposed_entities import async_expose_entity
from homeassistant.components.media_player import MediaPlayerEntityFeature
from homeassistant.components.media_player.const import MediaPlayerState
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import Context, HomeAssistant, ServiceCall
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import area_registry as ar
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.llm import LLM_API_ASSIST, LLMContext, Tool, ToolInput
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import async_mock_service

from custom_components.audible_tracker.assist.listening import Asker
from custom_components.audible_tracker.assist.words import Request, Speech, minutes_in
from custom_components.audible_tracker.const import DOMAIN
from custom_components.audible_tracker.core.store.readers import share_account
from custom_components.audible_tracker.playing.sessions import sessions_of
from tests.integration.listening_house import House
from tests.integration.steps import Household
from tests.integration.toy_speaker import PAUSE, SEEK, add_speaker, play
from tests.simulator.catalog import OTHER_EMAIL, OTHER_PASSWORD, UNDER_WAY_ASIN

ASSISTANT = "conversation"
CONTEXT = LLMContext("test", Context(), "en", ASSISTANT, None)


@pytest.fixture
async def assistant(hass: HomeAssistant) -> None:
    """Let there be an assistant in the house."""
    assert await async_setup_component(hass, "homeassistant", {})
    assert await async_setup_component(hass, "conversation", {})


@pytest.fixture
async def entry(
    hass: HomeAssistant, assistant: None, household: Household
) -> ConfigEntry:
    """Return an account in a house with an assistant, which may know its reader."""
    entry = await household.sign_up()
    expose(household, exposed=True)
    return entry


def expose(household: Household, *, exposed: bool) -> None:
    """Let the assistant know what is read, or not."""
    for key in ("_currently_reading", "_player"):
        if (entity_id := household.entity_id(key)) is not None:
            async_expose_entity(household.hass, ASSISTANT, entity_id, exposed)


def furnish(hass: HomeAssistant, room: str, *, exposed: bool = True) -> str:
    """Put a speaker into a room; return its id."""
    area = ar.async_get(hass).async_get_or_create(room)
    registry = er.async_get(hass)
    speaker = registry.async_get_or_create(
        "media_player", "test", room, original_name=f"{room} speaker"
    )
    registry.async_update_entity(speaker.entity_id, area_id=area.id)
    features = MediaPlayerEntityFeature.PLAY_MEDIA
    hass.states.async_set(
        speaker.entity_id,
        "idle",
        {"supported_features": features, "friendly_name": f"{room} speaker"},
    )
    async_expose_entity(hass, ASSISTANT, speaker.entity_id, exposed)
    return speaker.entity_id


async def say(hass: HomeAssistant, text: str, language: str = "en") -> str:
    """Say a sentence to the local assistant; return what it answers."""
    result = await conversation.async_converse(
        hass, text, None, Context(), language=language
    )
    spoken: str = result.response.speech["plain"]["speech"]
    return spoken


async def tools(hass: HomeAssistant, context: LLMContext = CONTEXT) -> dict[str, Tool]:
    """Return our tools as a language model gets them."""
    found = await llm.async_get_tools(hass, context, LLM_API_ASSIST)
    return {
        tool.name.removeprefix(f"{DOMAIN}__"): tool
        for tool in found.tools
        if tool.name.startswith(f"{DOMAIN}__")
    }


async def use(hass: HomeAssistant, name: str, **arguments: Any) -> Mapping[str, Any]:
    """Call a tool; return what the model learns."""
    tool = (await tools(hass))[name]
    result = await tool.async_call(hass, ToolInput(tool.name, arguments), CONTEXT)
    return result.data


@pytest.mark.parametrize(
    ("language", "text", "answer"),
    [
        (
            "en",
            "What am I listening to?",
            "Pride and Prejudice by Jane Austen, Chapter 22",
        ),
        ("en", "which audiobook am I hearing", "Pride and Prejudice by Jane Austen"),
        ("de", "Was höre ich gerade?", "Pride and Prejudice von Jane Austen"),
        ("en", "how long is left of my book", "7 hours and 2"),
        ("de", "Wie lange geht mein Hörbuch noch", "Von Pride and Prejudice sind noch"),
    ],
)
async def test_sentence_is_answered(
    hass: HomeAssistant, entry: ConfigEntry, language: str, text: str, answer: str
) -> None:
    """In the language in which it was said."""
    assert answer.split(" and 2", maxsplit=1)[0] in await say(hass, text, language)


@pytest.mark.parametrize(
    ("language", "text", "answer"),
    [
        ("en", "continue my book in the kitchen", "Going on with Pride and Prejudice"),
        ("en", "play my audiobook on kitchen speaker", "Going on with"),
        ("de", "Spiel mein Buch im kitchen weiter", "Weiter mit Pride and Prejudice"),
    ],
)
async def test_book_goes_on_in_a_room(
    hass: HomeAssistant, entry: ConfigEntry, language: str, text: str, answer: str
) -> None:
    """The speaker is known by its room or its name."""
    speaker = furnish(hass, "kitchen")
    played = async_mock_service(hass, DOMAIN, "play")

    assert answer in await say(hass, text, language)

    [call] = played
    assert call.data["entity_id"] == speaker
    assert call.data["asin"] == UNDER_WAY_ASIN


async def test_speaker_that_is_not_exposed_plays_nothing(
    hass: HomeAssistant, entry: ConfigEntry
) -> None:
    """For the assistant it is not there."""
    furnish(hass, "bedroom", exposed=False)
    played = async_mock_service(hass, DOMAIN, "play")

    said = await say(hass, "continue my book in the bedroom")

    assert said == "There is no speaker called bedroom"
    assert played == []
    assert "error" in await use(hass, "continue_book", where="bedroom")


@pytest.mark.parametrize(
    ("text", "language", "action", "data"),
    [
        ("back five minutes", "en", "jump", {"seconds": -300}),
        ("go back 1 minute", "en", "jump", {"seconds": -60}),
        ("spring fünf Minuten zurück", "de", "jump", {"seconds": -300}),
        ("stop after this chapter", "en", "stop_after_chapter", {}),
        ("Stopp nach diesem Kapitel", "de", "stop_after_chapter", {}),
    ],
)
async def test_speaker_is_told(
    hass: HomeAssistant,
    entry: ConfigEntry,
    text: str,
    language: str,
    action: str,
    data: dict[str, Any],
) -> None:
    """By the integration's own actions."""
    calls: list[ServiceCall] = async_mock_service(hass, DOMAIN, action)
    await say(hass, text, language)
    [call] = calls
    assert data.items() <= call.data.items()
    assert call.data["reader"]


async def test_what_cannot_be_done_is_said(
    hass: HomeAssistant, entry: ConfigEntry
) -> None:
    """Nothing plays; a number is none."""
    assert await say(hass, "back many minutes") == (
        "I did not understand how many minutes"
    )
    said = await say(hass, "stop after this chapter")
    assert said
    assert "Stopping" not in said
    assert "error" in await use(hass, "stop_after_chapter")


async def test_reader_that_is_not_exposed_is_nobodys_business(
    hass: HomeAssistant, household: Household, entry: ConfigEntry
) -> None:
    """Neither sentences nor tools tell what is read."""
    expose(household, exposed=False)
    assert await say(hass, "what am I listening to") == (
        "Your books are not shared with this assistant"
    )
    assert await tools(hass) == {}


async def test_reader_whom_two_accounts_feed_is_one_reader(
    hass: HomeAssistant, household: Household, entry: ConfigEntry
) -> None:
    """An assistant that has to choose is not given the same name twice."""
    other = await household.sign_up(email=OTHER_EMAIL, password=OTHER_PASSWORD)
    runtime = other.runtime_data
    [anna] = entry.runtime_data.coordinator.data.readers
    async with runtime.store.transaction() as connection:
        await share_account(connection, runtime.account_id, anna.reader.reader_id)
    await household.restart(other)
    for one in er.async_entries_for_config_entry(er.async_get(hass), other.entry_id):
        async_expose_entity(hass, ASSISTANT, one.entity_id, True)

    known = Asker(hass, ASSISTANT, None, Context()).readers()
    assert 2 == len(known)
    assert 1 == known.count(anna.reader.name)


async def test_house_in_which_nothing_is_read(
    hass: HomeAssistant, household: Household
) -> None:
    """It is said, and the tool says it too."""
    assert await async_setup_component(hass, "homeassistant", {})
    assert await async_setup_component(hass, "conversation", {})
    for owned in household.simulator.shop.accounts["anna@example.com"].library.values():
        owned.positions.clear()
        owned.percent_complete = 0.0
        owned.top_percent_complete = None
    await household.sign_up()
    expose(household, exposed=True)
    assert await say(hass, "what am I listening to") == "Nothing is being read"
    assert await use(hass, "get_reading") == {"reading": None}


async def test_model_gets_tools_with_all_that_is_asked_of_them(
    hass: HomeAssistant, entry: ConfigEntry
) -> None:
    """For Assist alone, with names, titles and what they do."""
    found = await tools(hass)
    assert set(found) == {"get_reading", "continue_book", "jump", "stop_after_chapter"}
    assert all(tool.integration == DOMAIN and tool.title for tool in found.values())
    assert found["get_reading"].annotations.read_only
    assert not found["jump"].annotations.read_only


async def test_tools_tell_and_do(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """What is read, and what speakers do about it."""
    speaker = furnish(hass, "kitchen")
    played = async_mock_service(hass, DOMAIN, "play")
    jumped = async_mock_service(hass, DOMAIN, "jump")
    stopped = async_mock_service(hass, DOMAIN, "stop_after_chapter")
    [reader] = entry.runtime_data.coordinator.data.readers
    name = reader.reader.name

    reading = (await use(hass, "get_reading", reader=name))["reading"]
    assert (reading["title"], reading["chapter"]) == (
        "Pride and Prejudice",
        "Chapter 22",
    )
    assert reading["minutes_left"] > 400
    assert (await use(hass, "continue_book", where="kitchen"))["speaker"] == speaker
    assert (await use(hass, "jump", minutes=-2.5))["jumped_seconds"] == -150
    await use(hass, "stop_after_chapter")

    assert (played[0].data["entity_id"], jumped[0].data["seconds"]) == (speaker, -150)
    assert stopped[0].data["reader"] == name


async def test_speaker_that_is_not_exposed_is_left_alone(
    hass: HomeAssistant, assistant: None, house: House
) -> None:
    """Also the one that plays, or played last: it is not there, and is not named."""
    expose(house.household, exposed=True)
    speaker = await add_speaker(hass, "Bedroom", SEEK | PAUSE)
    async_expose_entity(hass, ASSISTANT, speaker.entity_id, False)
    await play(house, speaker, rewind_seconds=0)
    for _ in range(2):
        before = list(speaker.told.calls)
        for tool, arguments in (
            ("jump", {"minutes": -1}),
            ("stop_after_chapter", {}),
            ("continue_book", {}),
        ):
            said = (await use(hass, tool, **arguments))["error"]
            assert "not exposed" in said
            assert "Bedroom" not in said
        for text, language, answer in (
            ("back one minute", "en", "is not shared"),
            ("stop after this chapter", "en", "is not shared"),
            ("spiel mein Buch weiter", "de", "nicht freigegeben"),
        ):
            assert answer in await say(hass, text, language)
        assert before == speaker.told.calls
        for session in sessions_of(hass).all:
            assert session.sleep is None
            # Then it is the last one.
            await sessions_of(hass).async_end(session)

    async_expose_entity(hass, ASSISTANT, speaker.entity_id, True)
    assert speaker.entity_id == (await use(hass, "continue_book"))["speaker"]
    assert MediaPlayerState.PLAYING == speaker.state
    assert -60 == (await use(hass, "jump", minutes=-1))["jumped_seconds"]


async def test_error_of_an_action_is_told_to_the_model(
    hass: HomeAssistant, entry: ConfigEntry
) -> None:
    """It is no fault of the conversation."""

    async def fail(call: ServiceCall) -> None:
        raise HomeAssistantError("the kitchen is silent")

    hass.services.async_register(DOMAIN, "jump", fail)
    assert await use(hass, "jump", minutes=5) == {"error": "the kitchen is silent"}


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("5", 5),
        ("five", 5),
        ("Fünf", 5),
        ("10 or so", 10),
        ("a", 1),
        ("many", None),
        ("0", None),
        ("9000", None),
    ],
)
def test_number_in_words(text: str, minutes: int | None) -> None:
    """Digits and the usual words; nobody goes back for days."""
    assert minutes_in(text) == minutes


def test_language_without_words_is_spoken_to_in_english() -> None:
    """Variants are spoken to in their language."""
    assert Speech("fr").say("nothing") == "Nothing is being read"
    assert Speech("de-CH").say("stop") == "Nach diesem Kapitel ist Schluss"
    assert Speech("en").time(45) == "45 minutes"
    assert len(Request) == 5
