"""Audible Tracker: what is being listened to, and the owned books on any speaker."""

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ConfigEntryAuthFailed
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.typing import ConfigType

from .account_entry import account_of, credentials_of
from .const import DEVICES_PAGE, DOMAIN, LOGGER, PLATFORMS
from .coordinator import (
    AudibleConfigEntry,
    AudibleCoordinator,
    AudibleRuntimeData,
    account_store,
)
from .core.audible.auth import sign_out
from .core.audible.client import AudibleClient
from .core.audible.marketplaces import DOMAINS
from .core.errors import AudibleAuthError, AudibleError
from .entity import account_device_info
from .failures import translation_of
from .server_link import async_hand_over, async_take_back, link_of
from .services import async_setup_services
from .views import CoverView, StreamView

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)


async def async_setup(
    hass: HomeAssistant,
    config: ConfigType,  # noqa: ARG001 - Home Assistant hands it over by name
) -> bool:
    """Set up what all accounts share: actions and views."""
    async_setup_services(hass)
    hass.http.register_view(StreamView)
    hass.http.register_view(CoverView)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: AudibleConfigEntry) -> bool:
    """Set up one account: from its file if there is one, else from Audible."""
    try:
        client = await AudibleClient.open(credentials_of(entry.data))
    except AudibleAuthError as err:
        raise ConfigEntryAuthFailed(**translation_of(err)) from err
    entry.async_on_unload(client.close)
    coordinator = AudibleCoordinator(hass, entry, client)
    if await coordinator.async_restore():
        entry.async_create_background_task(
            hass, coordinator.async_refresh(), f"{DOMAIN} first poll"
        )
    else:
        await coordinator.async_config_entry_first_refresh()
    device = dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id, **account_device_info(entry)
    )
    entry.runtime_data = AudibleRuntimeData(coordinator, device.id)
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    entry.async_create_background_task(
        hass, async_hand_over(hass, entry), f"{DOMAIN} hand over"
    )
    return True


async def async_unload_entry(hass: HomeAssistant, entry: AudibleConfigEntry) -> bool:
    """Unload one account; what it knew stays in its file."""
    if not await hass.config_entries.async_unload_platforms(entry, PLATFORMS):
        return False
    await entry.runtime_data.coordinator.async_close()
    return True


async def async_remove_entry(hass: HomeAssistant, entry: AudibleConfigEntry) -> None:
    """Leave nothing behind: at Amazon, on the server, on disk."""
    await account_store(hass, entry.entry_id).async_remove()
    try:
        await sign_out(credentials_of(entry.data))
    except AudibleError as err:
        domain = DOMAINS[account_of(entry.data).country_code]
        LOGGER.warning(
            "The virtual device could not be removed from the account (%s). Remove it "
            "by hand at %s",
            err,
            DEVICES_PAGE.format(domain=domain),
        )
    if link := link_of(entry.data):
        await async_take_back(hass, entry.data, link)
