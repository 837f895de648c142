"""A button that syncs the library now."""

from typing import Final, override

from homeassistant.components.button import ButtonEntity, ButtonEntityDescription
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .actions.calls import async_show
from .coordinator import AudibleConfigEntry
from .entity import AccountEntity
from .failures import translated_failures

PARALLEL_UPDATES = 0

SYNC_NOW: Final = ButtonEntityDescription(key="sync_now")


async def async_setup_entry(
    hass: HomeAssistant,  # noqa: ARG001 - Home Assistant hands it over by name
    entry: AudibleConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the account's button."""
    async_add_entities([SyncButton(entry, SYNC_NOW)])


class SyncButton(AccountEntity, ButtonEntity):
    """Syncs the library, as often as is allowed."""

    @override
    async def async_press(self) -> None:
        """Sync; who may not yet is told until when."""
        with translated_failures():
            await self.coordinator.async_sync_library()
        await async_show(self.hass)
