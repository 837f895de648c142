"""The logbook: what the tracker tells, in a sentence."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from homeassistant.components.logbook.const import (
    LOGBOOK_ENTRY_ICON,
    LOGBOOK_ENTRY_MESSAGE,
    LOGBOOK_ENTRY_NAME,
)
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers.translation import async_get_cached_translations

from .const import DOMAIN, EVENT_TRACKER
from .core.sync.tracker_events import EventType

_ICONS: Final[Mapping[str, str]] = {
    EventType.STREAK_AT_RISK: "mdi:fire-alert",
    EventType.GOAL_REACHED: "mdi:trophy",
    EventType.CONFLICT_FOUND: "mdi:help-box-multiple",
}
_ICON: Final = "mdi:book-music"


class _Known(dict[str, Any]):
    """What an event tells; what lacks is a question mark."""

    def __missing__(self, key: str) -> str:
        return "?"


@callback
def async_describe_events(
    hass: HomeAssistant,
    async_describe_event: Callable[[str, str, Callable[[Event], dict[str, Any]]], None],
) -> None:
    """Describe the tracker's events."""

    @callback
    def describe(event: Event) -> dict[str, Any]:
        """Return who or what it is about, and what happened."""
        data = event.data
        kind = str(data.get("type"))
        return {
            LOGBOOK_ENTRY_NAME: data.get("title") or "Audible",
            LOGBOOK_ENTRY_MESSAGE: _sentence(hass, kind, data),
            LOGBOOK_ENTRY_ICON: _ICONS.get(kind, _ICON),
        }

    async_describe_event(DOMAIN, EVENT_TRACKER, describe)


def _sentence(hass: HomeAssistant, kind: str, data: Mapping[str, Any]) -> str:
    """Return what happened, in the language of Home Assistant.

    The logbook asks for a finished sentence, whoever looks at it.
    """
    texts = async_get_cached_translations(
        hass, hass.config.language, "selector", DOMAIN
    )
    key = f"{kind}_{data.get('kind')}" if kind == EventType.GOAL_REACHED else kind
    text = texts.get(f"component.{DOMAIN}.selector.logbook.options.{key}")
    # What nobody translates, such as an event of a later version, is told by its name.
    return text.format_map(_Known(data)) if text else kind.replace("_", " ")
