"""Repairs: titles that need a person, two places, an account that is not synced."""

from typing import Any

from homeassistant.components.repairs import ConfirmRepairFlow, RepairsFlow
from homeassistant.core import HomeAssistant

from .flows.conflict_repair import ConflictRepair
from .flows.place_repair import PlaceRepair
from .flows.sync_repair import SyncRepair
from .issues import CONFLICTS
from .playing.questions import PLACES


async def async_create_fix_flow(
    hass: HomeAssistant, issue_id: str, data: dict[str, Any] | None
) -> RepairsFlow:
    """Return the flow of an issue."""
    known = data or {}
    entry = hass.config_entries.async_get_entry(str(known.get("entry_id")))
    if entry is None:
        # The account was removed meanwhile: to agree closes the issue.
        return ConfirmRepairFlow()
    if issue_id.startswith(CONFLICTS):
        return ConflictRepair(entry)
    if issue_id.startswith(PLACES):
        return PlaceRepair(entry)
    return SyncRepair(entry, known)
