"""Sentences that the local assistant understands, also without a language model."""

from typing import Any

from homeassistant.components.conversation.agent_manager import get_agent_manager
from homeassistant.components.conversation.models import ConversationInput
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import intent

from ..const import DOMAIN
from .words import SENTENCES, Request

_ASSISTANT = "conversation"


@callback
def async_register_sentences(hass: HomeAssistant) -> None:
    """Let the sentences of all languages lead to their intents."""
    for language, requests in SENTENCES.items():
        for request, sentences in requests.items():
            get_agent_manager(hass).register_trigger(
                [*sentences], _Sentence(hass, language, request).async_answer
            )


class _Sentence:
    """One request in one language."""

    def __init__(self, hass: HomeAssistant, language: str, request: Request) -> None:
        self._hass = hass
        self._language = language
        self._request = request

    async def async_answer(self, said: ConversationInput, result: Any) -> str | None:
        """Answer in the language in which it was said."""
        slots = {
            name: {"value": str(entity.value).strip()}
            for name, entity in result.entities.items()
        }
        response = await intent.async_handle(
            self._hass,
            DOMAIN,
            self._request.value,
            slots,
            text_input=said.text,
            context=said.context,
            language=self._language,
            assistant=_ASSISTANT,
            device_id=said.device_id,
            satellite_id=said.satellite_id,
        )
        spoken: str = response.speech["plain"]["speech"]
        return spoken
