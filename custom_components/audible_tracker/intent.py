"""Intents: what somebody says, answered in their language."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, override

import probatio
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers import intent

from .assist.listening import Asker, Reading, SpeakerNotExposedError
from .assist.words import Request, Speech, minutes_in

_S_PER_MINUTE = 60


async def async_setup_intents(hass: HomeAssistant) -> None:
    """Register the intents."""
    for request in Request:
        intent.async_register(hass, _HANDLERS[request](request))


class _Handler(intent.IntentHandler):
    """Answers one kind of request; what cannot be done is said, too."""

    description = "About the audiobook that is being listened to."

    def __init__(self, request: Request) -> None:
        """Take the name of the intent."""
        self.intent_type = request.value

    @override
    async def async_handle(self, intent_obj: intent.Intent) -> intent.IntentResponse:
        """Do it, and say so."""
        asker = Asker(
            intent_obj.hass,
            intent_obj.assistant,
            intent_obj.device_id,
            intent_obj.context,
        )
        speech = Speech(intent_obj.language)
        response = intent_obj.create_response()
        slots = self.async_validate_slots(intent_obj.slots)
        words = {name: str(slot["value"]) for name, slot in slots.items()}
        try:
            response.async_set_speech(await self._async_answer(asker, speech, words))
        except HomeAssistantError as err:
            response.async_set_error(
                intent.IntentResponseErrorCode.FAILED_TO_HANDLE, str(err)
            )
        return response

    async def _async_answer(
        self, asker: Asker, speech: Speech, words: Mapping[str, str]
    ) -> str:
        """Return what is said of what is read now."""
        if not asker.readers():
            return speech.say("not_exposed")
        reading = asker.reading()
        if reading is None:
            return speech.say("nothing")
        try:
            return await self._async_answer_about(asker, speech, reading, words)
        except SpeakerNotExposedError:
            return speech.say("speaker_not_exposed")

    @abstractmethod
    async def _async_answer_about(
        self,
        asker: Asker,
        speech: Speech,
        reading: Reading,
        words: Mapping[str, str],
    ) -> str:
        """Return what is said of it."""


class _ReadingHandler(_Handler):
    @override
    async def _async_answer_about(
        self,
        asker: Asker,
        speech: Speech,
        reading: Reading,
        words: Mapping[str, str],
    ) -> str:
        title = reading.heard.title.name
        said = speech.say("reading", title=title, authors=reading.authors)
        if reading.chapter:
            said += speech.say("chapter", chapter=reading.chapter)
        return said


class _TimeLeftHandler(_Handler):
    @override
    async def _async_answer_about(
        self,
        asker: Asker,
        speech: Speech,
        reading: Reading,
        words: Mapping[str, str],
    ) -> str:
        title = reading.heard.title.name
        if reading.minutes_left is None:
            return speech.say("left_unknown", title=title)
        time = speech.time(reading.minutes_left)
        return speech.say("left", title=title, time=time)


class _ContinueHandler(_Handler):
    @property
    @override
    def slot_schema(self) -> dict[Any, Any]:
        """Return what may be said: where."""
        return {probatio.Optional("where"): cv.string}

    @override
    async def _async_answer_about(
        self,
        asker: Asker,
        speech: Speech,
        reading: Reading,
        words: Mapping[str, str],
    ) -> str:
        where = words.get("where")
        speaker = asker.speaker(where)
        if where is not None and speaker is None:
            return speech.say("no_speaker", where=where)
        await asker.go_on(reading, speaker)
        return speech.say("continue", title=reading.heard.title.name)


class _BackHandler(_Handler):
    @property
    @override
    def slot_schema(self) -> dict[Any, Any]:
        """Return what has to be said: how far."""
        return {probatio.Required("amount"): cv.string}

    @override
    async def _async_answer_about(
        self,
        asker: Asker,
        speech: Speech,
        reading: Reading,
        words: Mapping[str, str],
    ) -> str:
        minutes = minutes_in(words["amount"])
        if minutes is None:
            return speech.say("no_number")
        seconds = -minutes * _S_PER_MINUTE
        await asker.act("jump", reading, seconds=seconds)
        return speech.say("back", minutes=minutes)


class _StopHandler(_Handler):
    @override
    async def _async_answer_about(
        self,
        asker: Asker,
        speech: Speech,
        reading: Reading,
        words: Mapping[str, str],
    ) -> str:
        await asker.act("stop_after_chapter", reading)
        return speech.say("stop")


_HANDLERS: Mapping[Request, type[_Handler]] = {
    Request.READING: _ReadingHandler,
    Request.TIME_LEFT: _TimeLeftHandler,
    Request.CONTINUE: _ContinueHandler,
    Request.BACK: _BackHandler,
    Request.STOP_AFTER_CHAPTER: _StopHandler,
}
