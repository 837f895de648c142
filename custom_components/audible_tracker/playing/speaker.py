"""One media player of Home Assistant, as a speaker of books."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any, Final

from homeassistant.components.media_player.const import (
    ATTR_MEDIA_CONTENT_ID,
    ATTR_MEDIA_CONTENT_TYPE,
    ATTR_MEDIA_POSITION,
    ATTR_MEDIA_POSITION_UPDATED_AT,
    ATTR_MEDIA_SEEK_POSITION,
    ATTR_MEDIA_VOLUME_LEVEL,
    SERVICE_PLAY_MEDIA,
    MediaPlayerEntityFeature,
    MediaType,
)
from homeassistant.components.media_player.const import DOMAIN as MEDIA_PLAYER
from homeassistant.const import (
    ATTR_ENTITY_ID,
    ATTR_SUPPORTED_FEATURES,
    SERVICE_MEDIA_PAUSE,
    SERVICE_MEDIA_PLAY,
    SERVICE_MEDIA_SEEK,
    SERVICE_MEDIA_STOP,
    SERVICE_VOLUME_SET,
    STATE_BUFFERING,
    STATE_PAUSED,
    STATE_PLAYING,
    STATE_UNAVAILABLE,
    STATE_UNKNOWN,
)
from homeassistant.core import Context, HomeAssistant, State, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity_component import async_update_entity

from ..const import DOMAIN
from ..core.errors import SpeakerAwayError, SpeakerUnfitError
from ..core.playing.following import PlayerLook, PlayerState

_STATES: Final = {
    STATE_PLAYING: PlayerState.PLAYING,
    STATE_BUFFERING: PlayerState.BUFFERING,
    STATE_PAUSED: PlayerState.PAUSED,
    STATE_UNAVAILABLE: PlayerState.AWAY,
    STATE_UNKNOWN: PlayerState.AWAY,
}
_MS_PER_S: Final = 1_000
_ASKED_BY: Final[ContextVar[Context | None]] = ContextVar(
    "audible_tracker_asked_by", default=None
)


@contextmanager
def asked_by(context: Context | None) -> Iterator[None]:
    """Ask speakers in somebody's name, also later by what is begun now.

    The logbook names them, and Home Assistant refuses what they may not do.
    """
    token = _ASKED_BY.set(context)
    try:
        yield
    finally:
        _ASKED_BY.reset(token)


def look_of(state: State | None) -> PlayerLook:
    """Return what a state of a media player says; none says that it is away."""
    if state is None:
        return PlayerLook(PlayerState.AWAY)
    position_s = state.attributes.get(ATTR_MEDIA_POSITION)
    content_id = state.attributes.get(ATTR_MEDIA_CONTENT_ID)
    at = state.attributes.get(ATTR_MEDIA_POSITION_UPDATED_AT)
    return PlayerLook(
        _STATES.get(state.state, PlayerState.IDLE),
        content_id=str(content_id) if content_id else None,
        position_ms=None if position_s is None else round(position_s * _MS_PER_S),
        position_at=at if isinstance(at, datetime) else None,
    )


@callback
def speakers(hass: HomeAssistant) -> dict[str, str]:
    """Return the media players that can play a book: their ids, and their names."""
    registry = er.async_get(hass)
    found = {}
    for state in hass.states.async_all(MEDIA_PLAYER):
        entry = registry.async_get(state.entity_id)
        is_own = entry is not None and entry.platform == DOMAIN
        features = state.attributes.get(ATTR_SUPPORTED_FEATURES, 0)
        if not is_own and features & MediaPlayerEntityFeature.PLAY_MEDIA:
            found[state.entity_id] = state.name
    return found


class Speaker:
    """What is asked of a media player, by its actions alone."""

    def __init__(self, hass: HomeAssistant, entity_id: str) -> None:
        """Mean one media player; it need not be there."""
        self._hass = hass
        self.entity_id = entity_id

    @property
    def state(self) -> State | None:
        """Return its state, if it has one."""
        return self._hass.states.get(self.entity_id)

    @property
    def look(self) -> PlayerLook:
        """Return what it says now."""
        return look_of(self.state)

    @property
    def name(self) -> str:
        """Return what people call it."""
        state = self.state
        return self.entity_id if state is None else state.name

    @property
    def platform(self) -> str:
        """Return the integration that it belongs to; "" where that is unknown."""
        entry = er.async_get(self._hass).async_get(self.entity_id)
        return "" if entry is None else entry.platform

    @property
    def volume(self) -> float | None:
        """Return how loud it is, 0.0 to 1.0."""
        state = self.state
        level = state.attributes.get(ATTR_MEDIA_VOLUME_LEVEL) if state else None
        return None if level is None else float(level)

    def can(self, feature: MediaPlayerEntityFeature) -> bool:
        """Tell whether it can do something."""
        state = self.state
        if state is None:
            return False
        return bool(state.attributes.get(ATTR_SUPPORTED_FEATURES, 0) & feature)

    @property
    def can_seek(self) -> bool:
        """Tell whether it goes to a place."""
        return self.can(MediaPlayerEntityFeature.SEEK)

    def check(self) -> None:
        """Raise SpeakerAwayError or SpeakerUnfitError if it cannot play now."""
        if self.look.state is PlayerState.AWAY:
            raise SpeakerAwayError(player=self.name)
        if self.platform == DOMAIN or not self.can(MediaPlayerEntityFeature.PLAY_MEDIA):
            raise SpeakerUnfitError(player=self.name)

    async def async_play_media(self, content_id: str) -> None:
        """Let it play something else."""
        await self._async_call(
            SERVICE_PLAY_MEDIA,
            **{
                ATTR_MEDIA_CONTENT_ID: content_id,
                ATTR_MEDIA_CONTENT_TYPE: MediaType.MUSIC,
            },
        )

    async def async_play(self) -> None:
        """Let it go on."""
        await self._async_call(SERVICE_MEDIA_PLAY)

    async def async_pause(self) -> None:
        """Let it pause, or stop where it cannot."""
        can_pause = self.can(MediaPlayerEntityFeature.PAUSE)
        await self._async_call(SERVICE_MEDIA_PAUSE if can_pause else SERVICE_MEDIA_STOP)

    async def async_seek(self, stream_ms: int) -> None:
        """Let it go to a place of the stream."""
        place_s = stream_ms / _MS_PER_S
        await self._async_call(
            SERVICE_MEDIA_SEEK, **{ATTR_MEDIA_SEEK_POSITION: place_s}
        )

    async def async_set_volume(self, level: float) -> None:
        """Make it so loud, if it can be set."""
        if self.can(MediaPlayerEntityFeature.VOLUME_SET):
            await self._async_call(
                SERVICE_VOLUME_SET, **{ATTR_MEDIA_VOLUME_LEVEL: level}
            )

    async def async_refresh(self) -> None:
        """Ask it how it stands: many are asked only every ten seconds."""
        if self.state is not None:
            await async_update_entity(self._hass, self.entity_id)

    async def _async_call(self, service: str, **data: Any) -> None:
        await self._hass.services.async_call(
            MEDIA_PLAYER,
            service,
            {ATTR_ENTITY_ID: self.entity_id, **data},
            blocking=True,
            context=_ASKED_BY.get(),
        )
