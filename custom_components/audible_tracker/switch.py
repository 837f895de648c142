"""Switches: sync by itself, writing back to Audible, and the sync of one title."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, override

from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .account_entry import options_of
from .const import CONF_WRITES_BACK
from .coordinator import AudibleConfigEntry
from .entity import AccountEntity, TitleEntity, follow_titles
from .failures import translated_failures
from .settings import async_change_account, async_set_title_sync

PARALLEL_UPDATES = 1


@dataclass(frozen=True, kw_only=True)
class AccountSwitchDescription(SwitchEntityDescription):
    """A switch of an account as a row of a table."""

    is_on: Callable[[AudibleConfigEntry], bool]
    change: Callable[[HomeAssistant, AudibleConfigEntry, bool], Awaitable[None]]


async def _async_set_auto_sync(
    hass: HomeAssistant, entry: AudibleConfigEntry, is_on: bool
) -> None:
    await async_change_account(hass, entry, auto_sync_progress=is_on)


async def _async_set_write_back(
    _hass: HomeAssistant, entry: AudibleConfigEntry, is_on: bool
) -> None:
    entry.runtime_data.coordinator.async_change_option(CONF_WRITES_BACK, is_on)


ACCOUNT_SWITCHES: Final = (
    AccountSwitchDescription(
        key="auto_sync",
        is_on=lambda entry: (
            entry.runtime_data.coordinator.data.account.auto_sync_progress
        ),
        change=_async_set_auto_sync,
    ),
    AccountSwitchDescription(
        key="write_back",
        is_on=lambda entry: bool(options_of(entry)[CONF_WRITES_BACK]),
        change=_async_set_write_back,
    ),
)
TITLE_SYNC: Final = SwitchEntityDescription(
    key="title_sync", entity_category=EntityCategory.CONFIG
)


async def async_setup_entry(
    hass: HomeAssistant,  # noqa: ARG001 - Home Assistant hands it over by name
    entry: AudibleConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the account's switches, and one for each title as they come."""
    async_add_entities(AccountSwitch(entry, row) for row in ACCOUNT_SWITCHES)
    follow_titles(
        entry,
        async_add_entities,
        lambda title: [TitleSyncSwitch(entry, title, TITLE_SYNC)],
    )


class AccountSwitch(AccountEntity, SwitchEntity):
    """Something that an account does, or does not."""

    entity_description: AccountSwitchDescription
    _attr_entity_category = EntityCategory.CONFIG

    @property
    @override
    def is_on(self) -> bool:
        """Return how it is set."""
        return self.entity_description.is_on(self.coordinator.config_entry)

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Do it."""
        await self._async_change(is_on=True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Do it no longer."""
        await self._async_change(is_on=False)

    async def _async_change(self, *, is_on: bool) -> None:
        entry = self.coordinator.config_entry
        with translated_failures():
            await self.entity_description.change(self.hass, entry, is_on)


class TitleSyncSwitch(TitleEntity, SwitchEntity):
    """Whether a title's position is asked for."""

    @property
    @override
    def is_on(self) -> bool | None:
        """Return how it is set."""
        heard = self.under_way
        return heard.setting.sync_enabled if heard else None

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Ask for it."""
        await self._async_change(enabled=True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Ask for it no longer."""
        await self._async_change(enabled=False)

    async def _async_change(self, *, enabled: bool) -> None:
        heard = self.under_way
        if heard is None:
            return
        with translated_failures():
            await async_set_title_sync(
                self.hass,
                self.coordinator.config_entry,
                heard,
                enabled=enabled,
                context=self._context,
            )
