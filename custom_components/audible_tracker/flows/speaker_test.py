"""The test of a speaker: whether it can reach the audio and, if not, why."""

from collections.abc import Sequence
from typing import Any, Final

import probatio
from homeassistant.components.media_player.const import DOMAIN as MEDIA_PLAYER
from homeassistant.config_entries import ConfigFlowResult
from homeassistant.const import CONF_ENTITY_ID
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.selector import (
    EntitySelector,
    EntitySelectorConfig,
    EntityWithDeviceFilterSelectorConfig,
)

from ..const import DOMAIN
from ..playing.reach import async_test
from ..playing.speaker import Speaker
from .background_steps import BackgroundSteps

_CAN_PLAY: Final = EntityWithDeviceFilterSelectorConfig(
    domain=MEDIA_PLAYER,
    supported_features=["media_player.MediaPlayerEntityFeature.PLAY_MEDIA"],
)


def speaker_schema(own: Sequence[str] = ()) -> probatio.Schema:
    """Return the field that asks which one; readers' own players are none."""
    selector = EntitySelector(
        EntitySelectorConfig(filter=_CAN_PLAY, exclude_entities=list(own))
    )
    return probatio.Schema({probatio.Required(CONF_ENTITY_ID): selector})


class SpeakerSteps(BackgroundSteps):
    """Asks for a speaker, gives it a sound, and tells what came of it."""

    _player = ""
    _found_at = ""

    async def async_step_speaker(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask which speaker."""
        if user_input is not None:
            self._player = user_input[CONF_ENTITY_ID]
            return await self.async_step_speaker_test()
        own = [
            entity.entity_id
            for entity in er.async_get(self.hass).entities.values()
            if entity.platform == DOMAIN and entity.domain == MEDIA_PLAYER
        ]
        return self.async_show_form(
            step_id="speaker",
            data_schema=self.add_suggested_values_to_schema(
                speaker_schema(own), {CONF_ENTITY_ID: self._player or None}
            ),
            errors={"base": self._error.key} if self._error else {},
            description_placeholders=self._error.placeholders if self._error else {},
        )

    async def async_step_speaker_test(
        self,
        user_input: dict[str, Any] | None = None,  # noqa: ARG002 - nothing is asked
    ) -> ConfigFlowResult:
        """Give it the sound."""
        return await self._async_progress(
            "speaker_test", self._async_test, then="speaker_heard", otherwise="speaker"
        )

    async def async_step_speaker_heard(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Tell that it was heard."""
        if user_input is not None:
            return self._unchanged()
        name = Speaker(self.hass, self._player).name
        return self._told("speaker_heard", player=name, url=self._found_at)

    async def _async_test(self) -> None:
        self._found_at = await async_test(self.hass, self._player)
