"""Numbers: when a title is finished, and how often the library is synced."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, override

from homeassistant.components.number import (
    NumberEntity,
    NumberEntityDescription,
    NumberMode,
)
from homeassistant.const import EntityCategory, UnitOfTime
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .account_entry import options_of
from .const import CONF_FINISH_REST, FINISH_REST_MINUTES, LIBRARY_INTERVAL_MINUTES
from .coordinator import AudibleConfigEntry
from .entity import AccountEntity
from .failures import translated_failures
from .settings import async_change_account

PARALLEL_UPDATES = 1


@dataclass(frozen=True, kw_only=True)
class MinutesDescription(NumberEntityDescription):
    """A number of minutes as a row of a table."""

    value: Callable[[AudibleConfigEntry], int]
    change: Callable[[HomeAssistant, AudibleConfigEntry, int], Awaitable[None]]


async def _async_set_rest(
    _hass: HomeAssistant, entry: AudibleConfigEntry, minutes: int
) -> None:
    entry.runtime_data.coordinator.async_change_option(CONF_FINISH_REST, minutes)


async def _async_set_interval(
    hass: HomeAssistant, entry: AudibleConfigEntry, minutes: int
) -> None:
    await async_change_account(hass, entry, sync_interval_minutes=minutes)


NUMBERS: Final = (
    MinutesDescription(
        key="finish_rest",
        native_min_value=FINISH_REST_MINUTES.start,
        native_max_value=FINISH_REST_MINUTES.stop - 1,
        value=lambda entry: int(options_of(entry)[CONF_FINISH_REST]),
        change=_async_set_rest,
    ),
    MinutesDescription(
        key="library_interval",
        native_min_value=LIBRARY_INTERVAL_MINUTES.start,
        native_max_value=LIBRARY_INTERVAL_MINUTES.stop - 1,
        value=lambda entry: (
            entry.runtime_data.coordinator.data.account.sync_interval_minutes
        ),
        change=_async_set_interval,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,  # noqa: ARG001 - Home Assistant hands it over by name
    entry: AudibleConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the account's numbers."""
    async_add_entities(MinutesNumber(entry, row) for row in NUMBERS)


class MinutesNumber(AccountEntity, NumberEntity):
    """A whole number of minutes."""

    entity_description: MinutesDescription
    _attr_entity_category = EntityCategory.CONFIG
    _attr_mode = NumberMode.BOX
    _attr_native_step = 1
    _attr_native_unit_of_measurement = UnitOfTime.MINUTES

    @property
    @override
    def native_value(self) -> int:
        """Return how it is set."""
        return self.entity_description.value(self.coordinator.config_entry)

    @override
    async def async_set_native_value(self, value: float) -> None:
        """Set it."""
        entry = self.coordinator.config_entry
        with translated_failures():
            await self.entity_description.change(self.hass, entry, round(value))
