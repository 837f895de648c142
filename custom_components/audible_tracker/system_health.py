"""System health: accounts, syncs, database and server on Home Assistant's own page."""

from typing import Any

from homeassistant.components import system_health
from homeassistant.core import HomeAssistant, callback

from .account_entry import account_of
from .const import DOMAIN
from .coordinator import AudibleConfigEntry
from .core.audible.marketplaces import DOMAINS
from .core.errors import TrackerError
from .server_link import client_of, link_of


@callback
def async_register(
    hass: HomeAssistant,  # noqa: ARG001 - Home Assistant hands it over by position
    register: system_health.SystemHealthRegistration,
) -> None:
    """Register what is shown."""
    register.async_register_info(_async_info)


async def _async_info(hass: HomeAssistant) -> dict[str, Any]:
    """Return it; no name and no title is in it."""
    entries: list[AudibleConfigEntry] = hass.config_entries.async_entries(DOMAIN)
    loaded = hass.config_entries.async_loaded_entries(DOMAIN)
    info: dict[str, Any] = {
        "accounts": len(entries),
        "accounts_loaded": len(loaded),
        "problems": sum(
            entry.runtime_data.coordinator.data.health.is_problem for entry in loaded
        ),
        "conflicts_open": sum(
            entry.runtime_data.coordinator.data.conflicts_open for entry in loaded
        ),
        "requests_today": sum(
            entry.runtime_data.coordinator.data.account.sync_count_today
            for entry in loaded
        ),
        "database": _database(loaded),
        "media_server": _async_server(hass),
    }
    shops = {DOMAINS[account_of(entry.data).country_code] for entry in entries}
    for shop in sorted(shops):
        address = f"https://api.audible.{shop}/"
        info[f"audible.{shop}"] = system_health.async_check_can_reach_url(hass, address)
    return info


def _database(loaded: list[AudibleConfigEntry]) -> str:
    if not loaded:
        return "closed"
    return "SQLite" if loaded[0].runtime_data.store.is_file else "PostgreSQL"


async def _async_server(hass: HomeAssistant) -> str | dict[str, str]:
    """Return the version of the server, or why it does not answer."""
    link = link_of(hass)
    if link is None:
        return "none"
    try:
        health = await client_of(hass, link).check()
    except TrackerError as err:
        return {"type": "failed", "error": err.key}
    return health.version
