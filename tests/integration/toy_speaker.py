"""A speaker that does what it is told, as far as it can."""

from dataclasses import dataclass, field
from typing import Any, override

from homeassistant.components.media_player import MediaPlayerEntity
from homeassistant.components.media_player.const import (
    MediaPlayerEntityFeature,
    MediaPlayerState,
)
from homeassistant.components.media_source import async_resolve_media
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.entity_component import DATA_INSTANCES
from homeassistant.util import dt as dt_util

from tests.integration.listening_house import House

SEEK = MediaPlayerEntityFeature.SEEK
PAUSE = MediaPlayerEntityFeature.PAUSE

_BASE = (
    MediaPlayerEntityFeature.PLAY_MEDIA
    | MediaPlayerEntityFeature.PLAY
    | MediaPlayerEntityFeature.STOP
)


@dataclass(slots=True)
class Told:
    """What a speaker was told, in order."""

    calls: list[tuple[str, Any]] = field(default_factory=list)

    def of(self, name: str) -> list[Any]:
        """Return what it was told of one kind."""
        return [value for known, value in self.calls if known == name]


class ToySpeaker(MediaPlayerEntity):
    """A speaker of no integration: it says where it is and changes when it is told."""

    _attr_should_poll = False

    def __init__(self, name: str, features: MediaPlayerEntityFeature) -> None:
        """Be able to do some things."""
        self._attr_name = name
        self._attr_supported_features = _BASE | features
        self._attr_state = MediaPlayerState.IDLE
        self.told = Told()
        self.is_broken = False
        self.is_deaf = False
        self.cannot_seek = False

    def show(self, **values: Any) -> None:
        """Show something else, as if somebody had done it at the speaker."""
        for name, value in values.items():
            setattr(self, f"_attr_{name}", value)
        if "media_position" in values:
            self._attr_media_position_updated_at = dt_util.utcnow()
        self.async_write_ha_state()

    @override
    async def async_play_media(
        self, media_type: str, media_id: str, **kwargs: Any
    ) -> None:
        """Ask for the address, and play it from its beginning."""
        self.told.calls.append(("play_media", media_id))
        if self.is_broken:
            message = "The speaker is broken"
            raise HomeAssistantError(message)
        media = await async_resolve_media(self.hass, media_id, self.entity_id)
        self.told.calls.append(("address", media.url.partition("?")[0]))
        if not self.is_deaf:
            self.show(
                state=MediaPlayerState.PLAYING,
                media_content_id=media.url,
                media_position=0,
            )

    @override
    async def async_media_play(self) -> None:
        """Go on."""
        self.told.calls.append(("play", None))
        self.show(state=MediaPlayerState.PLAYING)

    @override
    async def async_media_pause(self) -> None:
        """Pause."""
        self.told.calls.append(("pause", None))
        self.show(state=MediaPlayerState.PAUSED)

    @override
    async def async_media_stop(self) -> None:
        """Stop, and forget."""
        self.told.calls.append(("stop", None))
        self.show(state=MediaPlayerState.IDLE, media_content_id=None)

    @override
    async def async_set_volume_level(self, volume: float) -> None:
        """Be so loud."""
        self.told.calls.append(("volume", volume))
        self.show(volume_level=volume)

    @override
    async def async_media_seek(self, position: float) -> None:
        """Go to a place."""
        self.told.calls.append(("seek", position))
        if self.cannot_seek:
            message = "It does not seek"
            raise ValueError(message)
        self.show(media_position=position)


async def add_speaker(
    hass: HomeAssistant,
    name: str,
    features: MediaPlayerEntityFeature = _BASE,
) -> ToySpeaker:
    """Add a speaker to the house."""
    speaker = ToySpeaker(name, features)
    await put_up(hass, speaker)
    return speaker


async def put_up(hass: HomeAssistant, speaker: ToySpeaker) -> None:
    """Let a speaker be one of the house's."""
    await hass.data[DATA_INSTANCES]["media_player"].async_add_entities([speaker])
    await hass.async_block_till_done()


async def play(house: House, speaker: ToySpeaker, **data: Any) -> dict[str, Any]:
    """Let a speaker play what is being read."""
    answer: dict[str, Any] = await house.household.act(
        "play", entity_id=speaker.entity_id, **data
    )
    await house.hass.async_block_till_done()
    return answer
