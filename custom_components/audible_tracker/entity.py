"""What all entities of an account share."""

from typing import override

from homeassistant.const import CONF_NAME
from homeassistant.helpers.device_registry import (
    ChildDeviceInfo,
    DeviceEntryType,
    DeviceInfo,
)
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.update_coordinator import CoordinatorEntity

from .account_entry import account_key, account_of
from .const import DOMAIN, MANUFACTURER
from .coordinator import AudibleConfigEntry, AudibleCoordinator
from .core.models import Asin, AudibleTitle
from .core.store.overview import UnderWay


def account_identifier(entry: AudibleConfigEntry) -> tuple[str, str]:
    """Return how the account's device is known."""
    return DOMAIN, account_key(account_of(entry.data))


def title_identifier(entry: AudibleConfigEntry, asin: Asin) -> tuple[str, str]:
    """Return how a title's child device is known."""
    return DOMAIN, f"{account_key(account_of(entry.data))}_{asin}"


def account_device_info(entry: AudibleConfigEntry) -> DeviceInfo:
    """Return the account's device: a service, not a thing."""
    return DeviceInfo(
        identifiers={account_identifier(entry)},
        entry_type=DeviceEntryType.SERVICE,
        manufacturer=MANUFACTURER,
        name=entry.data[CONF_NAME],
    )


class AudibleEntity(CoordinatorEntity[AudibleCoordinator]):
    """An entity that shows the last values also while Audible is out of reach."""

    _attr_has_entity_name = True

    @property
    @override
    def available(self) -> bool:
        """Return True as long as there is something to show."""
        return self.coordinator.data is not None


class AccountEntity(AudibleEntity):
    """An entity of the account itself."""

    def __init__(
        self, entry: AudibleConfigEntry, description: EntityDescription
    ) -> None:
        """Belong to the account's device."""
        super().__init__(entry.runtime_data.coordinator)
        self.entity_description = description
        _, identifier = account_identifier(entry)
        self._attr_unique_id = f"{identifier}_{description.key}"
        self._attr_device_info = account_device_info(entry)


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
