"""Triggers: what the tracker tells, as somebody who writes automations looks for it."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final, override

import probatio
from homeassistant.core import CALLBACK_TYPE, Event, HomeAssistant, callback
from homeassistant.helpers.trigger import (
    Trigger,
    TriggerActionRunner,
    TriggerConfig,
    TriggerNotTriggeredReporter,
)
from homeassistant.helpers.typing import ConfigType

from .const import CONF_ASIN, EVENT_PROGRESS, EVENT_TRACKER
from .core.sync.rules import MS_PER_MINUTE
from .core.sync.time_left import left_when_passed
from .core.sync.tracker_events import EventType
from .whose import CONF_ENTRY, WHOSE, checked_options, is_of, one_asin, reader_name

CONF_MINUTES: Final = "minutes"
MINUTES_MAX: Final = 6000

_TITLE: Final[Mapping[probatio.Marker, Any]] = {
    **WHOSE,
    probatio.Optional(CONF_ASIN): one_asin,
}


class TrackerTrigger(Trigger):
    """Runs once for each event of one kind: the tracker tells none of them twice."""

    bus_event: ClassVar[str] = EVENT_TRACKER
    event_type: ClassVar[EventType]
    options: ClassVar[Mapping[probatio.Marker, Any]] = _TITLE

    @classmethod
    @override
    async def async_validate_config(
        cls, hass: HomeAssistant, config: ConfigType
    ) -> ConfigType:
        """Validate what an automation says."""
        return checked_options(config, cls.options)

    def __init__(self, hass: HomeAssistant, config: TriggerConfig) -> None:
        """Take the options."""
        super().__init__(hass, config)
        self._wanted: Mapping[str, Any] = config.options or {}

    @override
    async def async_attach_runner(
        self,
        run_action: TriggerActionRunner,
        did_not_trigger: TriggerNotTriggeredReporter | None = None,
    ) -> CALLBACK_TYPE:
        """Listen to the tracker."""

        @callback
        def hear(event: Event) -> None:
            if event.data["type"] != self.event_type or not self._is_wanted(event.data):
                return
            payload = self.payload(event.data)
            if payload is not None:
                run_action(payload, _described(event.data), event.context)

        return self._hass.bus.async_listen(self.bus_event, hear)

    def _is_wanted(self, data: Mapping[str, Any]) -> bool:
        asin = self._wanted.get(CONF_ASIN)
        is_title = asin is None or data["asin"] == asin
        return is_title and is_of(
            self._hass,
            self._wanted,
            entry_id=data[CONF_ENTRY],
            reader_id=data["reader_id"],
        )

    def payload(self, data: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return what templates find under ``trigger``; None for what is no match."""
        # The trigger's own id is a choice of who writes the automation.
        left_out = {"id", "type"}
        told = {name: value for name, value in data.items() if name not in left_out}
        name = reader_name(self._hass, data[CONF_ENTRY], data["reader_id"])
        return told | {"event_id": data["id"], "reader": name}


def _described(data: Mapping[str, Any]) -> str:
    words = str(data["type"]).replace("_", " ")
    return f"{words}: {data['title']}" if "title" in data else words


class BookStarted(TrackerTrigger):
    """A book was begun, or begun again."""

    event_type = EventType.BOOK_STARTED


class BookFinished(TrackerTrigger):
    """A book was finished, once per pass."""

    event_type = EventType.BOOK_FINISHED


class ChapterReached(TrackerTrigger):
    """Listening came to a chapter, once per pass."""

    event_type = EventType.CHAPTER_REACHED


class NewTitle(TrackerTrigger):
    """A title came into the library."""

    event_type = EventType.TITLE_ADDED
    options = WHOSE


class TitleLeaving(TrackerTrigger):
    """A title leaves Plus within the next thirty days."""

    event_type = EventType.TITLE_LEAVING


class ConflictOpened(TrackerTrigger):
    """A person has to say which book a title is."""

    event_type = EventType.CONFLICT_FOUND
    options = WHOSE


class StreakAtRisk(TrackerTrigger):
    """It is evening, and a streak ends with today if nothing is heard."""

    event_type = EventType.STREAK_AT_RISK
    options = WHOSE


class GoalReached(TrackerTrigger):
    """A goal was reached."""

    event_type = EventType.GOAL_REACHED
    options = WHOSE


class TimeLeftBelow(TrackerTrigger):
    """Less than some minutes of a title are left, once per pass."""

    bus_event = EVENT_PROGRESS
    event_type = EventType.PROGRESSED
    options: ClassVar[Mapping[probatio.Marker, Any]] = {
        **_TITLE,
        probatio.Required(CONF_MINUTES, default=30): probatio.All(
            probatio.Coerce(int), probatio.Range(min=1, max=MINUTES_MAX)
        ),
    }

    @override
    def payload(self, data: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return it if the threshold lies between what was left and what is."""
        left_ms = left_when_passed(
            threshold_ms=self._wanted[CONF_MINUTES] * MS_PER_MINUTE,
            runtime_ms=data["runtime_ms"],
            position_ms=data["position_ms"],
            # Who goes back and hears it again was told already.
            furthest_ms=max(data["furthest_ms"], data["previous_position_ms"]),
        )
        told = super().payload(data)
        if left_ms is None or told is None:
            return None
        return told | {"minutes_left": left_ms // MS_PER_MINUTE}


TRIGGERS: Final[dict[str, type[Trigger]]] = {
    "book_started": BookStarted,
    "book_finished": BookFinished,
    "chapter_reached": ChapterReached,
    "time_left_below": TimeLeftBelow,
    "new_title": NewTitle,
    "title_leaving": TitleLeaving,
    "conflict_opened": ConflictOpened,
    "streak_at_risk": StreakAtRisk,
    "goal_reached": GoalReached,
}


async def async_get_triggers(
    hass: HomeAssistant,  # noqa: ARG001 - Home Assistant hands it over by position
) -> dict[str, type[Trigger]]:
    """Return the triggers."""
    return TRIGGERS
