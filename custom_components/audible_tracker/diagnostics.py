"""What helps to find a fault, without anything that tells who listens to what."""

from datetime import datetime
from typing import Any

from homeassistant.components.diagnostics import async_redact_data
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import CONF_NAME
from homeassistant.core import HomeAssistant
from yarl import URL

from .const import (
    CONF_CREDENTIALS,
    CONF_CUSTOMER_ID,
    CONF_MEDIA_SERVER,
)
from .coordinator import AudibleConfigEntry
from .core.errors import TrackerError
from .core.store.records import SyncLogFields
from .core.store.sync_logs import load_sync_logs
from .household_settings import ServerLink
from .issues import issues_of
from .server_link import client_of, link_of

# The last two are in entries alone that could not be brought into today's form yet.
_REDACTED = {CONF_CUSTOMER_ID, CONF_NAME, CONF_CREDENTIALS, CONF_MEDIA_SERVER}


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: AudibleConfigEntry
) -> dict[str, Any]:
    """Return counts and settings; titles are counted, never listed."""
    link = link_of(hass)
    is_loaded = entry.state is ConfigEntryState.LOADED
    return {
        "entry": async_redact_data(dict(entry.data), _REDACTED),
        "options": dict(entry.options),
        "state": entry.state.value,
        "reason": entry.reason,
        "account": await _async_account(entry) if is_loaded else None,
        "repairs": _repairs(hass, entry),
        "media_server": await _async_media_server(hass, link) if link else None,
    }


async def _async_account(entry: AudibleConfigEntry) -> dict[str, Any]:
    runtime = entry.runtime_data
    coordinator = runtime.coordinator
    overview, cause = coordinator.data, coordinator.last_exception
    account = overview.account
    async with runtime.store.reading() as connection:
        logs = await load_sync_logs(connection, runtime.account_id)
    return {
        "database": "sqlite" if runtime.store.is_file else "postgresql",
        "titles": overview.titles,
        "finished": overview.finished,
        "without_runtime": overview.without_runtime,
        "unmatched": overview.unmatched,
        "conflicts_open": overview.conflicts_open,
        "under_way": len(overview.under_way),
        "with_chapters": sum(bool(heard.chapters) for heard in overview.under_way),
        "auto_sync": account.auto_sync_progress,
        "sync_interval_minutes": account.sync_interval_minutes,
        "last_sync_at": _text(account.last_sync_at),
        "requests_today": account.sync_count_today,
        "health": overview.health.value,
        "success_share_24h": overview.syncs.success_share_24h,
        "mean_duration_ms_7d": overview.syncs.mean_duration_ms_7d,
        "mean_confidence": overview.syncs.mean_confidence,
        "readers": len(overview.readers),
        "wait_until": _text(account.wait_until),
        "wait_reason": account.wait_reason,
        "last_update_success": coordinator.last_update_success,
        "last_error": getattr(cause, "translation_key", None) or _name_of(cause),
        "update_interval": str(coordinator.update_interval),
        "sync_logs": [_log(log.fields) for log in logs],
    }


def _log(log: SyncLogFields) -> dict[str, Any]:
    """Return a row without its details, which may name titles."""
    return {
        "type": log.sync_type,
        "status": log.status,
        "started_at": log.started_at.isoformat(),
        "duration_ms": log.duration_ms,
        "error": log.error_key,
        "titles": log.titles_seen,
        "new": log.titles_new,
        "changed": log.titles_changed,
        "removed": log.titles_removed,
        "positions": log.positions_moved,
        "links": log.links_made,
        "conflicts": log.conflicts_made,
        "books": log.books_made,
    }


def _repairs(hass: HomeAssistant, entry: AudibleConfigEntry) -> list[str | None]:
    """Return what kinds of repairs are open."""
    return [issue.translation_key for issue in issues_of(hass, entry.entry_id)]


def _text(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None


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
