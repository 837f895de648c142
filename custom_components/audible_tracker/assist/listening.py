"""What an assistant may know of listening, and what it lets speakers do.

It knows readers one of whose entities is exposed to it, and speakers that are.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from homeassistant.components.homeassistant.exposed_entities import (
    async_should_expose,
)
from homeassistant.components.media_player.const import DOMAIN as MEDIA_PLAYER
from homeassistant.const import ATTR_ENTITY_ID, Platform
from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers import intent

from ..const import CONF_READER, DOMAIN
from ..core.matching.persons import written_by
from ..core.store.overview import UnderWay
from ..core.store.records import ReaderId
from ..entity import reader_identifier
from ..persons import readers_of_user
from ..playing.sessions import sessions_of
from ..playing.speaker import speakers

_MS_PER_MINUTE: Final = 60_000
_SHOWN: Final = {Platform.SENSOR: "currently_reading", MEDIA_PLAYER: "player"}
"""The entities of a reader that say what is read."""


class SpeakerNotExposedError(HomeAssistantError):
    """What is asked for is about a speaker that the assistant may not know."""

    def __init__(self) -> None:
        """Say it in English; it is not named, either."""
        super().__init__("The speaker that is meant is not exposed to this assistant")


@dataclass(frozen=True, slots=True)
class Reading:
    """What one reader hears now."""

    reader: str
    heard: UnderWay

    @property
    def authors(self) -> str:
        """Return who wrote it."""
        return ", ".join(written_by(self.heard.title.authors)) or "?"

    @property
    def chapter(self) -> str | None:
        """Return the chapter of the place, if it is known."""
        found = self.heard.chapter
        return found.title if found else None

    @property
    def minutes_left(self) -> int | None:
        """Return what is left at normal speed, if it is known."""
        runtime_ms, position_ms = self.heard.title.runtime_ms, self.heard.position_ms
        if runtime_ms is None or position_ms is None:
            return None
        return max(0, runtime_ms - position_ms) // _MS_PER_MINUTE


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks: through which assistant, near which device."""

    hass: HomeAssistant
    assistant: str | None
    device_id: str | None
    context: Context | None

    @callback
    def readers(self) -> list[str]:
        """Return who may be known, each once: several accounts may feed one reader."""
        return list(dict.fromkeys(name for name, _ in self._known()))

    @callback
    def reading(self, reader: str | None = None) -> Reading | None:
        """Return what is heard now: by the named reader, else the asker, else the last.

        Whoever asks without a name means themselves, where their person is known.
        """
        found = [
            Reading(name, heard)
            for name, heard in self._known()
            if heard is not None and reader in (None, name)
        ]
        own = [one for one in found if one.heard.reader_id in self._own_readers()]
        return max(own or found, key=lambda one: one.heard.moved_at, default=None)

    @callback
    def speaker(self, where: str | None) -> str | None:
        """Return the exposed speaker of a name or area, or of the asker's own room."""
        if where is None and (where := self._own_area()) is None:
            return None
        fit = speakers(self.hass).keys()
        for area, name in ((where, None), (None, where)):
            constraints = intent.MatchTargetsConstraints(
                name=name,
                area_name=area,
                domains={MEDIA_PLAYER},
                assistant=self.assistant,
            )
            found = intent.async_match_targets(self.hass, constraints)
            named = sorted(fit & {state.entity_id for state in found.states})
            if found.is_match and named:
                return named[0]
        return None

    async def act(self, action: str, reading: Reading, **data: Any) -> None:
        """Let the speaker of a reader do something; raise HomeAssistantError.

        One that is not exposed does nothing: SpeakerNotExposedError.
        """
        await self._act(action, reading, self._exposed_speaker_of(reading), **data)

    async def go_on(self, reading: Reading, speaker: str | None) -> str | None:
        """Play what a reader hears where they stand; return the speaker.

        Without one that is named it is the reader's last. Raises as ``act`` does.
        """
        player = speaker or self._exposed_speaker_of(reading)
        await self._act("play", reading, player, asin=reading.heard.title.asin)
        return player

    async def _act(
        self, action: str, reading: Reading, player: str | None, **data: Any
    ) -> None:
        given = {**data, CONF_READER: reading.reader}
        if player is not None:
            given[ATTR_ENTITY_ID] = player
        await self.hass.services.async_call(
            DOMAIN, action, given, blocking=True, context=self.context
        )

    @callback
    def _exposed_speaker_of(self, reading: Reading) -> str | None:
        """Return where a reader hears something, or did last; None for nowhere."""
        sessions, reader_id = sessions_of(self.hass), reading.heard.reader_id
        session = sessions.of_reader(reader_id)
        player = session.player if session else sessions.last_player(reader_id)
        if player is not None and not self._is_exposed(player):
            raise SpeakerNotExposedError
        return player

    @callback
    def _own_readers(self) -> frozenset[ReaderId]:
        context = self.context
        return readers_of_user(self.hass, context.user_id if context else None)

    @callback
    def _own_area(self) -> str | None:
        device = dr.async_get(self.hass).async_get(self.device_id or "")
        return device.area_id if device else None

    def _known(self) -> Iterator[tuple[str, UnderWay | None]]:
        registry = er.async_get(self.hass)
        for entry in self.hass.config_entries.async_loaded_entries(DOMAIN):
            for one in entry.runtime_data.coordinator.data.readers:
                _, start = reader_identifier(entry, one.reader.reader_id)
                if any(
                    self._is_exposed(
                        registry.async_get_entity_id(domain, DOMAIN, f"{start}_{key}")
                    )
                    for domain, key in _SHOWN.items()
                ):
                    yield one.reader.name, one.reading_now

    def _is_exposed(self, entity_id: str | None) -> bool:
        if entity_id is None:
            return False
        if self.assistant is None:
            return True
        return async_should_expose(self.hass, self.assistant, entity_id)
