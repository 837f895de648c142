"""Settings that entities change: the same rows and options as the dialog's."""

from dataclasses import replace
from typing import Any

from homeassistant.core import Context, HomeAssistant
from homeassistant.util import dt as dt_util

from .accounts import settings_of
from .actions.caller import Caller
from .actions.calls import async_show
from .coordinator import AudibleConfigEntry
from .core.decisions.links import set_sync_enabled, set_sync_interval
from .core.store.accounts import change_settings, load_account
from .core.store.overview import UnderWay


async def async_change_account(
    hass: HomeAssistant, entry: AudibleConfigEntry, **changed: Any
) -> None:
    """Change what the store keeps of an account (AccountSettings)."""
    data = entry.runtime_data
    async with data.store.transaction() as connection:
        account = await load_account(connection, data.account_id)
        settings = replace(settings_of(account), **changed)
        await change_settings(connection, data.account_id, settings)
    await async_show(hass)


async def async_set_title_sync(
    hass: HomeAssistant,
    entry: AudibleConfigEntry,
    heard: UnderWay,
    *,
    enabled: bool,
    context: Context | None,
) -> None:
    """Switch the sync of one reader's title on or off."""
    actor = await Caller.of(hass, context).async_name()
    async with entry.runtime_data.store.transaction() as connection:
        await set_sync_enabled(
            connection,
            heard.reader_id,
            heard.title.asin,
            enabled,
            actor=actor,
            now=dt_util.utcnow(),
        )
    await async_show(hass)


async def async_set_title_interval(
    hass: HomeAssistant,
    entry: AudibleConfigEntry,
    heard: UnderWay,
    *,
    minutes: int | None,
    context: Context | None,
) -> None:
    """Give one reader's title an interval of its own; None is the account's."""
    actor = await Caller.of(hass, context).async_name()
    async with entry.runtime_data.store.transaction() as connection:
        await set_sync_interval(
            connection,
            heard.reader_id,
            heard.title.asin,
            minutes,
            actor=actor,
            now=dt_util.utcnow(),
        )
    await async_show(hass)
