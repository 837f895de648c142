"""Sensors of goals: a reader has one for each kind of goal that runs today."""

from collections.abc import Mapping
from typing import Any, Final, override

from homeassistant.components.sensor import SensorEntity, SensorEntityDescription
from homeassistant.const import PERCENTAGE
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import AudibleConfigEntry
from .core.decisions.goals import GoalState
from .core.decisions.overview import ReaderOverview
from .core.kinds import GoalKind
from .core.store.records import ReaderId
from .entity import ReaderEntity, reader_identifier

GOAL_SENSORS: Final = {
    kind: SensorEntityDescription(
        key=f"goal_{kind}",
        native_unit_of_measurement=PERCENTAGE,
        suggested_display_precision=0,
    )
    for kind in GoalKind
}


def goal_of_today(reader: ReaderOverview, kind: GoalKind) -> GoalState | None:
    """Return the reader's goal of a kind that runs today; of several the shortest."""
    figures = reader.figures
    running = [
        state
        for state in figures.goals
        if state.goal.kind is kind
        and state.goal.starts_on <= figures.today <= state.goal.ends_on
    ]
    return min(
        running,
        key=lambda state: state.goal.ends_on - state.goal.starts_on,
        default=None,
    )


def unique_id_of(entry: AudibleConfigEntry, reader_id: ReaderId, kind: GoalKind) -> str:
    """Return the unique id of the sensor of a kind of goal."""
    _, identifier = reader_identifier(entry, reader_id)
    return f"{identifier}_{GOAL_SENSORS[kind].key}"


@callback
def follow_goals(
    hass: HomeAssistant,
    entry: AudibleConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add a sensor for each kind of goal that is set, remove it with the goal."""
    coordinator = entry.runtime_data.coordinator
    known: set[tuple[ReaderId, GoalKind]] = set()

    @callback
    def follow() -> None:
        wanted = {
            (reader.reader.reader_id, kind)
            for reader in coordinator.data.readers
            for kind in GoalKind
            if goal_of_today(reader, kind) is not None
        }
        async_add_entities(GoalSensor(entry, *one) for one in wanted - known)
        known.clear()
        known.update(wanted)
        _remove_others(hass, entry, {unique_id_of(entry, *one) for one in wanted})

    follow()
    entry.async_on_unload(coordinator.async_add_listener(follow))


@callback
def _remove_others(
    hass: HomeAssistant, entry: AudibleConfigEntry, kept: set[str]
) -> None:
    registry = er.async_get(hass)
    keys = tuple(f"_{row.key}" for row in GOAL_SENSORS.values())
    for entity in er.async_entries_for_config_entry(registry, entry.entry_id):
        if entity.unique_id.endswith(keys) and entity.unique_id not in kept:
            registry.async_remove(entity.entity_id)


class GoalSensor(ReaderEntity, SensorEntity):
    """How much of a goal is reached, in percent; 100 and beyond once it is."""

    _unrecorded_attributes = frozenset({"ahead", "needed_per_day"})

    def __init__(
        self, entry: AudibleConfigEntry, reader_id: ReaderId, kind: GoalKind
    ) -> None:
        """Show one kind of goal."""
        super().__init__(entry, reader_id, GOAL_SENSORS[kind])
        self._kind = kind

    @property
    def _state(self) -> GoalState | None:
        return goal_of_today(self.shown, self._kind) if self.shown else None

    @property
    @override
    def native_value(self) -> float | None:
        """Return the percentage."""
        state = self._state
        return None if state is None else round(100.0 * state.progress.share, 1)

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any] | None:
        """Return where the reader stands, in the goal's unit."""
        state = self._state
        if state is None:
            return None
        needed = state.progress.needed_per_day
        return {
            "target": state.goal.target,
            "done": round(state.progress.done, 1),
            "ahead": round(state.progress.ahead, 1),
            "needed_per_day": None if needed is None else round(needed, 2),
            "starts_on": state.goal.starts_on,
            "ends_on": state.goal.ends_on,
        }
