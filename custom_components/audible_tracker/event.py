"""An event entity for each reader: what happened last in listening."""

from collections.abc import Mapping
from typing import Any, Final, override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import EVENT_TRACKER
from .coordinator import AudibleConfigEntry
from .core.store.records import ReaderId
from .core.sync.tracker_events import EventType
from .entity import ReaderEntity, follow_readers

PARALLEL_UPDATES = 0

SHOWN: Final[Mapping[str, str]] = {
    EventType.BOOK_STARTED: "started",
    EventType.CHAPTER_REACHED: "chapter_reached",
    EventType.BOOK_FINISHED: "finished",
    EventType.TITLE_ADDED: "new_title",
    EventType.TITLE_LEAVING: "leaving_plus",
    EventType.CONFLICT_FOUND: "conflict",
}
"""What the bus tells, and what the entity calls it."""

_ATTRIBUTES: Final = (
    "title",
    "authors",
    "asin",
    "book_id",
    "chapter",
    "chapter_number",
    "leaves_on",
)
_READING_EVENT: Final = EventEntityDescription(
    key="last_event", translation_key="last_event", event_types=[*SHOWN.values()]
)


async def async_setup_entry(
    hass: HomeAssistant,  # noqa: ARG001 - Home Assistant hands it over by position
    entry: AudibleConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Give each reader an entity."""
    follow_readers(
        entry, async_add_entities, lambda reader_id: [ListeningEvent(entry, reader_id)]
    )


class ListeningEvent(ReaderEntity, EventEntity):
    """What happened last to a reader's titles."""

    _unrecorded_attributes = frozenset({"authors"})

    def __init__(self, entry: AudibleConfigEntry, reader_id: ReaderId) -> None:
        """Belong to the reader."""
        super().__init__(entry, reader_id, _READING_EVENT)
        self._entry_id = entry.entry_id

    @override
    async def async_added_to_hass(self) -> None:
        """Hear what the tracker tells."""
        await super().async_added_to_hass()
        self.async_on_remove(self.hass.bus.async_listen(EVENT_TRACKER, self._hear))

    @callback
    def _hear(self, event: Event) -> None:
        data = event.data
        shown = SHOWN.get(data["type"])
        is_ours = (data["config_entry_id"], data["reader_id"]) == (
            self._entry_id,
            self.reader_id,
        )
        if shown is None or not is_ours:
            return
        attributes: dict[str, Any] = {"id": data["id"]}
        attributes |= {name: data[name] for name in _ATTRIBUTES if name in data}
        self._trigger_event(shown, attributes)
        self.async_write_ha_state()
