"""A choice for each title: how often its position is asked for."""

from typing import Final, override

from homeassistant.components.select import SelectEntity, SelectEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import AudibleConfigEntry
from .entity import TitleEntity, follow_titles
from .failures import translated_failures
from .settings import async_set_title_interval

PARALLEL_UPDATES = 1

_MINUTES: Final = {
    "as_account": None,
    "minutes_15": 15,
    "minutes_30": 30,
    "hour": 60,
    "hours_3": 180,
    "hours_12": 720,
    "day": 1440,
}
TITLE_INTERVAL: Final = SelectEntityDescription(
    key="title_interval",
    entity_category=EntityCategory.CONFIG,
    entity_registry_enabled_default=False,
    options=list(_MINUTES),
)


async def async_setup_entry(
    hass: HomeAssistant,  # noqa: ARG001 - Home Assistant hands it over by name
    entry: AudibleConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add a choice for each title as they come."""
    follow_titles(
        entry,
        async_add_entities,
        lambda title: [TitleIntervalSelect(entry, title, TITLE_INTERVAL)],
    )


class TitleIntervalSelect(TitleEntity, SelectEntity):
    """How often a title's position is asked for at most.

    An interval that the action set and the list does not have is unknown.
    """

    @property
    @override
    def current_option(self) -> str | None:
        """Return how it is set."""
        heard = self.under_way
        if heard is None:
            return None
        wanted = heard.setting.sync_interval_minutes
        return next((name for name, each in _MINUTES.items() if each == wanted), None)

    @override
    async def async_select_option(self, option: str) -> None:
        """Set it."""
        heard = self.under_way
        if heard is None:
            return
        with translated_failures():
            await async_set_title_interval(
                self.hass,
                self.coordinator.config_entry,
                heard,
                minutes=_MINUTES[option],
                context=self._context,
            )
