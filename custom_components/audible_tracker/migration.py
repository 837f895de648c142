"""Entries of earlier versions, and accounts whose key changes; no history is lost."""

from dataclasses import replace
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_NAME, CONF_URL, Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.storage import Store as File

from .account_entry import account_key, account_of, entry_data
from .accounts import async_keep_account, async_known_account, settings_of
from .const import (
    CONF_ACCOUNT_ID,
    CONF_COUNTRY_CODE,
    CONF_CREDENTIALS,
    CONF_CUSTOMER_ID,
    CONF_LIBRARY_INTERVAL,
    CONF_MEDIA_SERVER,
    CONF_SECRET,
    DOMAIN,
)
from .coordinator import AudibleConfigEntry
from .core.models import Account, Credentials
from .core.store.accounts import change_settings
from .core.store.database import Store
from .entity import account_identifier, reader_identifier, reader_ids_of
from .household import Household
from .household_settings import ServerLink

VERSION = 2
_OF_READER: Final = "currently_reading"
"""It was the account's before readers had entities."""


@callback
def async_upgrade(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    """Bring an entry of version 1 into today's form.

    Its secrets stay in it until `async_move_secrets` has stored them safely.
    """
    data = dict(entry.data)
    account = Account(
        data.pop(CONF_ACCOUNT_ID), data[CONF_NAME], data[CONF_COUNTRY_CODE]
    )
    async_rekey(hass, entry, account.account_id, account_key(account))
    hass.config_entries.async_update_entry(
        entry,
        data={**data, CONF_CUSTOMER_ID: account.account_id},
        unique_id=account_key(account),
        version=VERSION,
        minor_version=1,
    )


def unmoved_credentials(entry: ConfigEntry[Any]) -> Credentials | None:
    """Return what an entry of version 1 still holds itself."""
    text = entry.data.get(CONF_CREDENTIALS)
    return Credentials(text) if text else None


async def async_move_secrets(
    hass: HomeAssistant, entry: ConfigEntry[Any], household: Household, store: Store
) -> bool:
    """Move what an entry of version 1 holds into the database; return if it did.

    Raises TrackerError, and nothing is lost then. Killed in between, it is done again.
    """
    credentials = unmoved_credentials(entry)
    if credentials is None:
        return False
    account = account_of(entry.data)
    account_id = await async_keep_account(store, account, credentials)
    await _async_move_interval(entry, store, account)
    if household.link is None and (old := entry.data.get(CONF_MEDIA_SERVER)):
        await household.async_use_server(ServerLink(old[CONF_URL], old[CONF_SECRET]))
    await async_remove_state(hass, entry)
    options = {k: v for k, v in entry.options.items() if k != CONF_LIBRARY_INTERVAL}
    hass.config_entries.async_update_entry(
        entry, data=entry_data(account, account_id), options=options
    )
    return True


async def _async_move_interval(
    entry: ConfigEntry[Any], store: Store, account: Account
) -> None:
    minutes = entry.options.get(CONF_LIBRARY_INTERVAL)
    known = await async_known_account(store, account)
    if minutes is None or known is None:
        return
    settings = replace(settings_of(known), sync_interval_minutes=int(minutes))
    async with store.transaction() as connection:
        await change_settings(connection, known.account_id, settings)


async def async_remove_state(hass: HomeAssistant, entry: ConfigEntry[Any]) -> None:
    """Remove the file in which version 1 kept what it knew."""
    await File[dict[str, Any]](hass, 1, f"{DOMAIN}.{entry.entry_id}").async_remove()


@callback
def async_rekey(
    hass: HomeAssistant, entry: ConfigEntry[Any], old_key: str, new_key: str
) -> None:
    """Let an entry's entities and devices stay what they are under another key."""
    entities = er.async_get(hass)
    for entity in er.async_entries_for_config_entry(entities, entry.entry_id):
        if entity.unique_id.startswith(f"{old_key}_"):
            unique_id = new_key + entity.unique_id.removeprefix(old_key)
            entities.async_update_entity(entity.entity_id, new_unique_id=unique_id)
    devices = dr.async_get(hass)
    for device in dr.async_entries_for_config_entry(devices, entry.entry_id):
        for child in dr.async_entries_for_parent_device(devices, device.id):
            devices.async_update_child_device(
                child.id, new_identifiers=_rekeyed(child.identifiers, old_key, new_key)
            )
        devices.async_update_device(
            device.id, new_identifiers=_rekeyed(device.identifiers, old_key, new_key)
        )


@callback
def async_give_to_reader(hass: HomeAssistant, entry: AudibleConfigEntry) -> None:
    """Let what the account showed of its own reader be that reader's."""
    entities = er.async_get(hass)
    _, account = account_identifier(entry)
    _, reader = reader_identifier(entry, reader_ids_of(entry)[0])
    entity_id = entities.async_get_entity_id(
        Platform.SENSOR, DOMAIN, f"{account}_{_OF_READER}"
    )
    if entity_id is not None:
        entities.async_update_entity(entity_id, new_unique_id=f"{reader}_{_OF_READER}")


def _rekeyed(
    identifiers: set[tuple[str, str]], old_key: str, new_key: str
) -> set[tuple[str, str]]:
    return {
        (domain, new_key + key.removeprefix(old_key))
        if key == old_key or key.startswith(f"{old_key}_")
        else (domain, key)
        for domain, key in identifiers
    }
