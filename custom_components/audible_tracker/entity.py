"""What all entities of an account share."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, override

from homeassistant.const import CONF_NAME
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.device_registry import (
    ChildDeviceInfo,
    DeviceEntryType,
    DeviceInfo,
)
from homeassistant.helpers.entity import Entity, EntityDescription
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.event import async_track_point_in_utc_time
from homeassistant.helpers.update_coordinator import CoordinatorEntity
from homeassistant.util import dt as dt_util

from .account_entry import account_key, account_of
from .const import DOMAIN, MANUFACTURER
from .coordinator import AudibleConfigEntry, AudibleCoordinator
from .core.decisions.overview import ReaderOverview
from .core.models import Asin, AudibleTitle
from .core.store.overview import UnderWay
from .core.store.records import ReaderId
from .core.sync.schedule import LISTENING, is_listening

_MOMENT: Final = timedelta(seconds=1)


def account_identifier(entry: AudibleConfigEntry) -> tuple[str, str]:
    """Return how the account's device is known."""
    return DOMAIN, account_key(account_of(entry.data))


def title_identifier(entry: AudibleConfigEntry, asin: Asin) -> tuple[str, str]:
    """Return how a title's child device is known."""
    return DOMAIN, f"{account_key(account_of(entry.data))}_{asin}"


def reader_identifier(
    entry: AudibleConfigEntry, reader_id: ReaderId
) -> tuple[str, str]:
    """Return how a reader's child device is known, where there are several readers."""
    return DOMAIN, f"{account_key(account_of(entry.data))}_reader_{reader_id}"


def account_device_info(entry: AudibleConfigEntry) -> DeviceInfo:
    """Return the account's device: a service, not a thing."""
    return DeviceInfo(
        identifiers={account_identifier(entry)},
        entry_type=DeviceEntryType.SERVICE,
        manufacturer=MANUFACTURER,
        name=entry.data[CONF_NAME],
    )


def reader_device_info(
    entry: AudibleConfigEntry, reader_id: ReaderId
) -> DeviceInfo | ChildDeviceInfo:
    """Return a reader's own device; the account's, where there is one reader alone."""
    overview = entry.runtime_data.coordinator.data
    found = overview.reader(reader_id)
    if found is None or len(overview.readers) == 1:
        return account_device_info(entry)
    return ChildDeviceInfo(
        identifiers={reader_identifier(entry, reader_id)},
        name=found.reader.name,
        parent_device_id=entry.runtime_data.account_device_id,
    )


class AudibleEntity(CoordinatorEntity[AudibleCoordinator]):
    """An entity that shows the last values also while Audible is out of reach."""

    _attr_has_entity_name = True
    _written: tuple[Any, ...] | None = None

    @property
    @override
    def available(self) -> bool:
        """Return True as long as there is something to show."""
        return self.coordinator.data is not None

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        """Write the state if it is another one: most updates are about others."""
        shown = self._shown()
        if shown != self._written:
            self._written = shown
            super()._handle_coordinator_update()

    def _shown(self) -> tuple[Any, ...]:
        """Return what makes the state."""
        if not self.available:
            return (False,)
        return True, self.state, self.state_attributes, self.extra_state_attributes


class AccountEntity(AudibleEntity):
    """An entity of the account itself."""

    def __init__(
        self, entry: AudibleConfigEntry, description: EntityDescription
    ) -> None:
        """Belong to the account's device."""
        super().__init__(entry.runtime_data.coordinator)
        self.entity_description = description
        self._attr_translation_key = description.key
        _, identifier = account_identifier(entry)
        self._attr_unique_id = f"{identifier}_{description.key}"
        self._attr_device_info = account_device_info(entry)


class ReaderEntity(AudibleEntity):
    """An entity of one reader, who has a device where an account has several."""

    def __init__(
        self,
        entry: AudibleConfigEntry,
        reader_id: ReaderId,
        description: EntityDescription,
    ) -> None:
        """Belong to the reader's device."""
        super().__init__(entry.runtime_data.coordinator)
        self.reader_id = reader_id
        self.entity_description = description
        self._attr_translation_key = description.key
        _, identifier = reader_identifier(entry, reader_id)
        self._attr_unique_id = f"{identifier}_{description.key}"
        self._attr_device_info = reader_device_info(entry, reader_id)

    @property
    def shown(self) -> ReaderOverview | None:
        """Return what is known of the reader, None once the account has others."""
        return self.coordinator.data.reader(self.reader_id)

    @property
    @override
    def available(self) -> bool:
        """Return whether the reader still listens with the account."""
        return super().available and self.shown is not None


class TitleEntity(AudibleEntity):
    """An entity of one title under way, on a child device of its own."""

    def __init__(
        self,
        entry: AudibleConfigEntry,
        title: AudibleTitle,
        description: EntityDescription,
    ) -> None:
        """Belong to the title's child device."""
        super().__init__(entry.runtime_data.coordinator)
        self.asin = title.asin
        self.entity_description = description
        self._attr_translation_key = description.key
        _, identifier = title_identifier(entry, title.asin)
        self._attr_unique_id = f"{identifier}_{description.key}"
        self._attr_device_info = ChildDeviceInfo(
            identifiers={(DOMAIN, identifier)},
            name=title.name,
            parent_device_id=entry.runtime_data.account_device_id,
        )

    @property
    def under_way(self) -> UnderWay | None:
        """Return how far the title was heard, None once it is not under way."""
        return next(
            (
                heard
                for heard in self.coordinator.data.under_way
                if heard.title.asin == self.asin
            ),
            None,
        )

    @property
    @override
    def available(self) -> bool:
        """Return whether the title is still under way."""
        return super().available and self.under_way is not None


class ListeningEnd:
    """Lets an entity show at its time that nobody listens any more, without a poll."""

    def __init__(self, show: Callable[[], None]) -> None:
        """Wait for nothing yet."""
        self._show = show
        self._timer: CALLBACK_TYPE | None = None

    @callback
    def wait(self, hass: HomeAssistant, moved_at: datetime | None) -> None:
        """Wait anew, by when the place moved last."""
        self.stop()
        if moved_at is not None and is_listening(
            now=dt_util.utcnow(), moved_at=moved_at
        ):
            self._timer = async_track_point_in_utc_time(
                hass, self._end, moved_at + LISTENING + _MOMENT
            )

    @callback
    def stop(self) -> None:
        """Wait no longer."""
        if self._timer is not None:
            self._timer()
            self._timer = None

    @callback
    def _end(self, _now: datetime) -> None:
        self._timer = None
        self._show()


@callback
def follow_titles(
    entry: AudibleConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    entities_of: Callable[[AudibleTitle], Iterable[Entity]],
) -> None:
    """Add entities of the titles under way, now and as they come.

    Those of what is no longer under way go with its device (devices.py).
    """
    coordinator = entry.runtime_data.coordinator

    def under_way() -> dict[Asin, AudibleTitle]:
        return {item.title.asin: item.title for item in coordinator.data.under_way}

    _follow(entry, async_add_entities, under_way, entities_of)


def reader_ids_of(entry: AudibleConfigEntry) -> tuple[ReaderId, ...]:
    """Return the readers of a loaded account, the default one first."""
    readers = entry.runtime_data.coordinator.data.readers
    return tuple(one.reader.reader_id for one in readers)


@callback
def follow_readers(
    entry: AudibleConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    entities_of: Callable[[ReaderId], Iterable[Entity]],
) -> None:
    """Add entities of the account's readers, now and as they come (devices.py)."""

    def readers() -> dict[ReaderId, ReaderId]:
        return {reader_id: reader_id for reader_id in reader_ids_of(entry)}

    _follow(entry, async_add_entities, readers, entities_of)


@callback
def _follow[T](
    entry: AudibleConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    present: Callable[[], Mapping[Any, T]],
    entities_of: Callable[[T], Iterable[Entity]],
) -> None:
    """Add entities of what is present, now and of what comes, by its key."""
    known: set[Any] = set()

    @callback
    def add_new() -> None:
        found = present()
        new = [one for key, one in found.items() if key not in known]
        known.clear()
        known.update(found)
        async_add_entities(entity for one in new for entity in entities_of(one))

    add_new()
    coordinator = entry.runtime_data.coordinator
    entry.async_on_unload(coordinator.async_add_listener(add_new))
