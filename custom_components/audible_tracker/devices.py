"""Devices of an account come and go with its readers and its titles under way."""

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er

from .account_entry import account_key, account_of
from .coordinator import AudibleConfigEntry
from .core.store.records import ReaderId
from .entity import (
    account_identifier,
    reader_identifier,
    reader_ids_of,
    title_identifier,
)


@callback
def async_follow_devices(hass: HomeAssistant, entry: AudibleConfigEntry) -> None:
    """Keep the devices those of today's readers and titles, now and later."""

    @callback
    def follow() -> None:
        _move_readers(hass, entry)
        _remove_other_readers(hass, entry)
        _remove_other_devices(hass, entry)

    follow()
    coordinator = entry.runtime_data.coordinator
    entry.async_on_unload(coordinator.async_add_listener(follow))


def is_in_use(entry: AudibleConfigEntry, device: dr.AnyDeviceEntry) -> bool:
    """Tell whether a device stands for something that is there."""
    return bool(device.identifiers & _used(entry))


def _used(entry: AudibleConfigEntry) -> set[tuple[str, str]]:
    readers = reader_ids_of(entry)
    used = {account_identifier(entry)}
    if len(readers) > 1:
        used.update(reader_identifier(entry, reader_id) for reader_id in readers)
    under_way = entry.runtime_data.coordinator.data.under_way
    used.update(title_identifier(entry, heard.title.asin) for heard in under_way)
    return used


@callback
def _move_readers(hass: HomeAssistant, entry: AudibleConfigEntry) -> None:
    """Give each reader a device of their own; one alone has the account's."""
    for reader_id in reader_ids_of(entry):
        device_id = _device_id_of(hass, entry, reader_id)
        for entity in _entities_of(hass, entry, reader_id):
            if entity.device_id != device_id:
                er.async_get(hass).async_update_entity(
                    entity.entity_id, device_id=device_id
                )


@callback
def _device_id_of(
    hass: HomeAssistant, entry: AudibleConfigEntry, reader_id: ReaderId
) -> str:
    overview = entry.runtime_data.coordinator.data
    found = overview.reader(reader_id)
    if found is None or len(overview.readers) == 1:
        return entry.runtime_data.account_device_id
    device = dr.async_get(hass).async_get_or_create_child(
        config_entry_id=entry.entry_id,
        identifiers={reader_identifier(entry, reader_id)},
        name=found.reader.name,
        parent_device_id=entry.runtime_data.account_device_id,
    )
    return device.id


@callback
def _entities_of(
    hass: HomeAssistant, entry: AudibleConfigEntry, reader_id: ReaderId
) -> list[er.RegistryEntry]:
    start = f"{reader_identifier(entry, reader_id)[1]}_"
    all_of_account = er.async_entries_for_config_entry(
        er.async_get(hass), entry.entry_id
    )
    return [one for one in all_of_account if one.unique_id.startswith(start)]


@callback
def _remove_other_readers(hass: HomeAssistant, entry: AudibleConfigEntry) -> None:
    """Remove the entities of who no longer listens with the account."""
    ours = tuple(
        f"{reader_identifier(entry, reader_id)[1]}_"
        for reader_id in reader_ids_of(entry)
    )
    all_readers = f"{account_key(account_of(entry.data))}_reader_"
    registry = er.async_get(hass)
    for entity in er.async_entries_for_config_entry(registry, entry.entry_id):
        unique_id = entity.unique_id
        if unique_id.startswith(all_readers) and not unique_id.startswith(ours):
            registry.async_remove(entity.entity_id)


@callback
def _remove_other_devices(hass: HomeAssistant, entry: AudibleConfigEntry) -> None:
    """Remove the child devices of what is gone, and with them their entities."""
    registry = dr.async_get(hass)
    parent_id = entry.runtime_data.account_device_id
    used = _used(entry)
    for device in dr.async_entries_for_parent_device(registry, parent_id):
        if not device.identifiers & used:
            registry.async_remove_device(device.id)
