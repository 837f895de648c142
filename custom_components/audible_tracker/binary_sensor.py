"""Binary sensors: whether somebody is listening now, and whether a sync goes wrong."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, override

from homeassistant.components.binary_sensor import (
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.components.binary_sensor.const import BinarySensorDeviceClass
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import AudibleConfigEntry
from .core.store.records import ReaderId
from .entity import AccountEntity, ListeningEnd, ReaderEntity, follow_readers
from .playing.hearing import is_hearing
from .playing.sessions import sessions_of

PARALLEL_UPDATES = 0

LISTENING_NOW: Final = BinarySensorEntityDescription(key="listening")
PROBLEM: Final = BinarySensorEntityDescription(
    key="problem",
    device_class=BinarySensorDeviceClass.PROBLEM,
    entity_category=EntityCategory.DIAGNOSTIC,
)


async def async_setup_entry(
    hass: HomeAssistant,  # noqa: ARG001 - Home Assistant hands it over by name
    entry: AudibleConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the account's sensor, and one for each reader."""
    async_add_entities([ProblemSensor(entry, PROBLEM)])
    follow_readers(
        entry,
        async_add_entities,
        lambda reader_id: [ListeningSensor(entry, reader_id)],
    )


class ProblemSensor(AccountEntity, BinarySensorEntity):
    """Whether the account cannot be synced."""

    @property
    @override
    def is_on(self) -> bool:
        """Return whether something is wrong."""
        return self.coordinator.data.health.is_problem

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        """Return what it is: a key of docs/troubleshooting.md."""
        return {"cause": self.coordinator.data.account.wait_reason}


class ListeningSensor(ReaderEntity, BinarySensorEntity):
    """Whether a reader listens: on a speaker, or by a place that moves at Audible."""

    def __init__(self, entry: AudibleConfigEntry, reader_id: ReaderId) -> None:
        """Belong to the reader's device."""
        super().__init__(entry, reader_id, LISTENING_NOW)
        self._end = ListeningEnd(self._handle_coordinator_update)

    @property
    def _moved_at(self) -> datetime | None:
        now = self.shown.reading_now if self.shown else None
        return now.moved_at if now else None

    @property
    @override
    def is_on(self) -> bool:
        """Return whether somebody listens."""
        shown = self.shown
        account_id = self.coordinator.data.account.account_id
        return shown is not None and is_hearing(self.hass, account_id, shown)

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the speakers as well, and begin to wait for the end."""
        await super().async_added_to_hass()
        sessions = sessions_of(self.hass)
        self.async_on_remove(sessions.listen(self._handle_coordinator_update))
        self._end.wait(self.hass, self._moved_at)
        self.async_on_remove(self._end.stop)

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        """Show it, and wait for the end anew."""
        super()._handle_coordinator_update()
        self._end.wait(self.hass, self._moved_at)
