"""The logbook: what the tracker tells, in a sentence."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from homeassistant.components.logbook.const import (
    LOGBOOK_ENTRY_ICON,
    LOGBOOK_ENTRY_MESSAGE,
    LOGBOOK_ENTRY_NAME,
)
from homeassistant.core import Event, HomeAssistant, callback

from .const import DOMAIN, EVENT_TRACKER
from .core.sync.tracker_events import EventType

_SENTENCES: Final[Mapping[str, str]] = {
    EventType.BOOK_STARTED: "was started",
    EventType.BOOK_FINISHED: "was finished",
    EventType.CHAPTER_REACHED: "has reached chapter {chapter_number}: {chapter}",
    EventType.TITLE_ADDED: "was added to the library",
    EventType.TITLE_UNAVAILABLE: "cannot be heard any more",
    EventType.TITLE_AVAILABLE: "can be heard again",
    EventType.TITLE_RERECORDED: "is another recording now",
    EventType.TITLE_LEAVING: "leaves Plus on {leaves_on}",
    EventType.CONFLICT_FOUND: "needs you to say which book it is",
    EventType.STREAK_AT_RISK: "A streak of {streak_days} days ends today",
    EventType.GOAL_REACHED: "A goal was reached: {target} {kind}",
}
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
    hass: HomeAssistant,  # noqa: ARG001 - Home Assistant hands it over by position
    async_describe_event: Callable[[str, str, Callable[[Event], dict[str, Any]]], None],
) -> None:
    """Describe the tracker's events."""

    @callback
    def describe(event: Event) -> dict[str, Any]:
        """Return who or what it is about, and what happened."""
        data = event.data
        kind = str(data.get("type"))
        sentence = _SENTENCES.get(kind, kind.replace("_", " "))
        return {
            LOGBOOK_ENTRY_NAME: data.get("title") or "Audible",
            LOGBOOK_ENTRY_MESSAGE: sentence.format_map(_Known(data)),
            LOGBOOK_ENTRY_ICON: _ICONS.get(kind, _ICON),
        }

    async_describe_event(DOMAIN, EVENT_TRACKER, describe)
