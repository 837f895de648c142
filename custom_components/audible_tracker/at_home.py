"""What happens in the house and not at Audible: how it is judged, and who is told."""

from typing import Final

from homeassistant.util import dt as dt_util

from .account_entry import rules_of
from .coordinator import AudibleConfigEntry
from .core.store.records import TrackerEvent
from .core.sync.event_ids import EventIds
from .core.sync.event_teller import EventTeller
from .core.sync.hearing import Judge
from .core.sync.tracker_events import EventMaker

_NEW_EVENT_ID: Final = EventIds()


def judge_of(entry: AudibleConfigEntry) -> Judge:
    """Return by what it is judged now what an account's readers do at home."""
    runtime = entry.runtime_data
    events = EventMaker(runtime.account_id, dt_util.utcnow(), _NEW_EVENT_ID)
    return Judge(rules_of(entry), runtime.store.time_zone, events)


async def async_tell(entry: AudibleConfigEntry, told: tuple[TrackerEvent, ...]) -> None:
    """Tell what was just stored, and show it. Raises TrackerError."""
    runtime = entry.runtime_data
    teller = EventTeller(
        runtime.store, runtime.account_id, runtime.household.tell, dt_util.utcnow
    )
    await teller.tell(told)
    await runtime.coordinator.async_show()
