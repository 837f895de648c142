"""What helps to find a fault, without anything that tells who listens to what."""

from typing import Any

from homeassistant.components.diagnostics import async_redact_data
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_NAME
from homeassistant.core import HomeAssistant
from yarl import URL

from .const import (
    CONF_ACCOUNT_ID,
    CONF_CREDENTIALS,
    CONF_MEDIA_SERVER,
    CONF_SECRET,
)
from .coordinator import AudibleConfigEntry, AudibleCoordinator
from .core.errors import TrackerError
from .server_link import ServerLink, client_of, link_of

_REDACTED = {CONF_ACCOUNT_ID, CONF_CREDENTIALS, CONF_NAME, CONF_SECRET}


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: AudibleConfigEntry
) -> dict[str, Any]:
    """Return counts and settings; titles are counted, never listed."""
    data = {k: v for k, v in entry.data.items() if k != CONF_MEDIA_SERVER}
    link = link_of(entry.data)
    is_loaded = entry.state is ConfigEntryState.LOADED
    return {
        "entry": async_redact_data(data, _REDACTED),
        "options": dict(entry.options),
        "state": entry.state.value,
        "reason": entry.reason,
        "account": _account(entry.runtime_data.coordinator) if is_loaded else None,
        "media_server": await _async_media_server(hass, link) if link else None,
    }


def _account(coordinator: AudibleCoordinator) -> dict[str, Any]:
    state = coordinator.data
    cause = coordinator.last_exception
    return {
        "titles": len(state.titles),
        "finished": sum(title.is_finished is True for title in state.titles),
        "without_runtime": sum(title.runtime_ms is None for title in state.titles),
        "positions": len(state.positions),
        "under_way": len(state.under_way),
        "with_chapters": sum(bool(known.chapters) for known in state.chapters.values()),
        "library_synced_at": state.library_synced_at.isoformat(),
        "last_update_success": coordinator.last_update_success,
        "last_error": getattr(cause, "translation_key", None) or _name_of(cause),
        "update_interval": str(coordinator.update_interval),
    }


def _name_of(cause: BaseException | None) -> str | None:
    return type(cause).__name__ if cause else None


async def _async_media_server(hass: HomeAssistant, link: ServerLink) -> dict[str, Any]:
    url = URL(link.url)
    # The host may be a public name of the user's house.
    reduced: dict[str, Any] = {"scheme": url.scheme, "port": url.port}
    try:
        health = await client_of(hass, link).check()
    except TrackerError as err:
        return {**reduced, "error": err.key}
    return {**reduced, "version": health.version, "status": health.status}
