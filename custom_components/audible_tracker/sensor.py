"""Sensors: what is read, how far, what was heard and finished, how the syncs go."""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import PERCENTAGE, EntityCategory, UnitOfTime
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import AudibleConfigEntry
from .core.decisions.overview import AccountOverview, ReaderOverview
from .core.models import AudibleTitle
from .core.store.records import ReaderId
from .core.sync.health import SyncHealth
from .entity import (
    AccountEntity,
    ReaderEntity,
    TitleEntity,
    follow_readers,
    follow_titles,
)
from .goal_sensor import follow_goals
from .shown import STATE_MAX, Heard, facts, heard_now, heard_title, minutes

PARALLEL_UPDATES = 0

type Value = str | int | float | date | datetime | None
type Attributes = Mapping[str, Any]

_MS_PER_S: Final = 1000


@dataclass(frozen=True, kw_only=True)
class AccountSensorDescription(SensorEntityDescription):
    """A sensor of an account as a row of a table."""

    value: Callable[[AccountOverview], Value]
    attributes: Callable[[AccountOverview], Attributes] | None = None


@dataclass(frozen=True, kw_only=True)
class ReaderSensorDescription(SensorEntityDescription):
    """A sensor of a reader as a row of a table."""

    value: Callable[[ReaderOverview], Value]
    attributes: Callable[[ReaderOverview], Attributes] | None = None


@dataclass(frozen=True, kw_only=True)
class HeardSensorDescription(SensorEntityDescription):
    """A sensor of a title under way as a row of a table.

    Each title has it, and each reader has it for what they read now. The chapter of
    what is read now is shown to everybody, those of 25 titles to who asks for them.
    """

    value: Callable[[Heard], Value]
    attributes: Callable[[Heard], Attributes] | None = None
    title_attributes: Callable[[Heard], Attributes] | None = None
    is_shown_for_titles: bool = True
    is_shown_for_readers: bool = True


def _percent(share: float | None) -> float | None:
    return None if share is None else round(100.0 * share, 1)


def _seconds(value_ms: float | None) -> float | None:
    return None if value_ms is None else round(value_ms / _MS_PER_S, 1)


_ACCOUNT_SENSORS: Final = (
    AccountSensorDescription(
        key="library_size",
        state_class=SensorStateClass.MEASUREMENT,
        value=lambda overview: overview.titles,
    ),
    AccountSensorDescription(
        key="unmatched_titles",
        value=lambda overview: overview.unmatched,
    ),
    AccountSensorDescription(
        key="conflicts_open",
        value=lambda overview: overview.conflicts_open,
    ),
    AccountSensorDescription(
        key="last_sync",
        device_class=SensorDeviceClass.TIMESTAMP,
        value=lambda overview: overview.account.last_sync_at,
    ),
    AccountSensorDescription(
        key="next_allowed_sync",
        device_class=SensorDeviceClass.TIMESTAMP,
        value=lambda overview: overview.sync_allowed_from,
    ),
    AccountSensorDescription(
        key="sync_health",
        device_class=SensorDeviceClass.ENUM,
        options=list(SyncHealth),
        value=lambda overview: overview.health,
        attributes=lambda overview: {
            "cause": overview.account.wait_reason,
            "next_try_at": overview.account.wait_until,
        },
    ),
    AccountSensorDescription(
        key="sync_success",
        native_unit_of_measurement=PERCENTAGE,
        suggested_display_precision=0,
        entity_registry_enabled_default=False,
        value=lambda overview: _percent(overview.syncs.success_share_24h),
    ),
    AccountSensorDescription(
        key="sync_duration",
        device_class=SensorDeviceClass.DURATION,
        native_unit_of_measurement=UnitOfTime.SECONDS,
        suggested_display_precision=1,
        entity_registry_enabled_default=False,
        value=lambda overview: _seconds(overview.syncs.mean_duration_ms_7d),
    ),
    AccountSensorDescription(
        key="match_confidence",
        native_unit_of_measurement=PERCENTAGE,
        suggested_display_precision=1,
        entity_registry_enabled_default=False,
        value=lambda overview: _percent(overview.syncs.mean_confidence),
    ),
)


def _title_now(reader: ReaderOverview) -> str | None:
    heard = reader.reading_now
    return heard.title.name[:STATE_MAX] if heard else None


def _attributes_now(reader: ReaderOverview) -> Attributes:
    heard = heard_now(reader)
    if heard is None:
        return {}
    percent = heard.under_way.percentage
    return {
        **facts(heard.under_way.title),
        **heard.whereabouts,
        "progress": None if percent is None else round(percent, 1),
    }


def _listened(key: str, of: str) -> ReaderSensorDescription:
    """Return a row of time heard.

    It has no state class: Audible's sums come up to days late, and would be counted on
    the wrong day. The right ones are in statistics of their own (long_term.py).
    """

    def value(reader: ReaderOverview) -> int | None:
        listened = reader.figures.listened
        return minutes(getattr(listened, of)) if listened else None

    return ReaderSensorDescription(
        key=key,
        device_class=SensorDeviceClass.DURATION,
        native_unit_of_measurement=UnitOfTime.MINUTES,
        value=value,
    )


_READER_SENSORS: Final = (
    ReaderSensorDescription(
        key="currently_reading", value=_title_now, attributes=_attributes_now
    ),
    ReaderSensorDescription(
        key="finished_this_year",
        value=lambda reader: reader.figures.finished_this_year,
    ),
    ReaderSensorDescription(
        key="finished_in_all",
        state_class=SensorStateClass.MEASUREMENT,
        value=lambda reader: reader.figures.finished,
    ),
    _listened("listened_today", "day_ms"),
    _listened("listened_this_week", "week_ms"),
    _listened("listened_this_year", "year_ms"),
    ReaderSensorDescription(
        key="streak",
        device_class=SensorDeviceClass.DURATION,
        native_unit_of_measurement=UnitOfTime.DAYS,
        state_class=SensorStateClass.MEASUREMENT,
        value=lambda reader: reader.figures.streaks.current_days,
        attributes=lambda reader: {
            "longest_days": reader.figures.streaks.longest_days,
            "longest_ended_on": reader.figures.streaks.longest_ends_on,
        },
    ),
)

_HEARD_SENSORS: Final = (
    HeardSensorDescription(
        # No state class: titles go, and would leave their statistics behind.
        key="progress",
        native_unit_of_measurement=PERCENTAGE,
        suggested_display_precision=0,
        value=lambda heard: heard.percent,
        title_attributes=lambda heard: {
            **heard.whereabouts,
            **facts(heard.under_way.title),
        },
    ),
    HeardSensorDescription(
        key="time_left",
        device_class=SensorDeviceClass.DURATION,
        native_unit_of_measurement=UnitOfTime.MINUTES,
        value=lambda heard: heard.minutes_left,
    ),
    HeardSensorDescription(
        key="time_left_at_pace",
        device_class=SensorDeviceClass.DURATION,
        native_unit_of_measurement=UnitOfTime.DAYS,
        suggested_display_precision=1,
        value=lambda heard: heard.days_left,
        attributes=lambda heard: {"finishes_on": heard.finishes_on},
        is_shown_for_titles=False,
    ),
    HeardSensorDescription(
        key="position",
        device_class=SensorDeviceClass.DURATION,
        native_unit_of_measurement=UnitOfTime.SECONDS,
        value=lambda heard: heard.position_s,
        is_shown_for_titles=False,
        is_shown_for_readers=False,
    ),
    HeardSensorDescription(
        key="chapter",
        value=lambda heard: heard.chapter_name,
        attributes=lambda heard: {
            "number": heard.chapter_number,
            "chapters": len(heard.under_way.chapters or ()),
        },
        is_shown_for_titles=False,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: AudibleConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the sensors of the account, and of readers and titles as they come."""
    async_add_entities(
        AccountSensor(entry, description) for description in _ACCOUNT_SENSORS
    )
    follow_readers(
        entry, async_add_entities, lambda reader_id: _of_reader(entry, reader_id)
    )
    follow_titles(entry, async_add_entities, lambda title: _of_title(entry, title))
    follow_goals(hass, entry, async_add_entities)


def _of_reader(entry: AudibleConfigEntry, reader_id: ReaderId) -> list[SensorEntity]:
    return [
        *(ReaderSensor(entry, reader_id, row) for row in _READER_SENSORS),
        *(NowSensor(entry, reader_id, row) for row in _HEARD_SENSORS),
    ]


def _of_title(entry: AudibleConfigEntry, title: AudibleTitle) -> list[SensorEntity]:
    return [TitleSensor(entry, title, row) for row in _HEARD_SENSORS]


_UNRECORDED: Final = frozenset(
    {
        *("position", "time_left", "chapter", "last_heard_at", "progress", "cover"),
        *("finishes_on", "next_try_at", "longest_days", "longest_ended_on"),
    }
)


class AccountSensor(AccountEntity, SensorEntity):
    """A value of the whole account."""

    entity_description: AccountSensorDescription
    _attr_entity_category = EntityCategory.DIAGNOSTIC
    _unrecorded_attributes = _UNRECORDED

    @property
    @override
    def native_value(self) -> Value:
        """Return the value."""
        return self.entity_description.value(self.coordinator.data)

    @property
    @override
    def extra_state_attributes(self) -> Attributes | None:
        """Return what belongs to the value."""
        attributes = self.entity_description.attributes
        return attributes(self.coordinator.data) if attributes else None


class ReaderSensor(ReaderEntity, SensorEntity):
    """A value of one reader."""

    entity_description: ReaderSensorDescription
    _unrecorded_attributes = _UNRECORDED

    @property
    @override
    def native_value(self) -> Value:
        """Return the value."""
        return self.entity_description.value(self.shown) if self.shown else None

    @property
    @override
    def extra_state_attributes(self) -> Attributes | None:
        """Return what belongs to the value."""
        attributes = self.entity_description.attributes
        return attributes(self.shown) if attributes and self.shown else None


class HeardSensor(SensorEntity):
    """A value of a title under way; None means unknown, never zero."""

    entity_description: HeardSensorDescription
    _unrecorded_attributes = _UNRECORDED

    @property
    @abstractmethod
    def _heard(self) -> Heard | None:
        """Return what is under way, None where nothing is."""

    @property
    def _attributes(self) -> Callable[[Heard], Attributes] | None:
        return self.entity_description.attributes

    @property
    @override
    def native_value(self) -> Value:
        """Return the value."""
        heard = self._heard
        return self.entity_description.value(heard) if heard else None

    @property
    @override
    def extra_state_attributes(self) -> Attributes | None:
        """Return what belongs to the value."""
        heard, attributes = self._heard, self._attributes
        return attributes(heard) if attributes and heard else None


class NowSensor(ReaderEntity, HeardSensor):
    """A value of what a reader reads now."""

    def __init__(
        self,
        entry: AudibleConfigEntry,
        reader_id: ReaderId,
        description: HeardSensorDescription,
    ) -> None:
        """Belong to the reader's device."""
        super().__init__(entry, reader_id, description)
        self._attr_entity_registry_enabled_default = description.is_shown_for_readers

    @property
    @override
    def _heard(self) -> Heard | None:
        return heard_now(self.shown) if self.shown else None


class TitleSensor(TitleEntity, HeardSensor):
    """A value of one title under way."""

    def __init__(
        self,
        entry: AudibleConfigEntry,
        title: AudibleTitle,
        description: HeardSensorDescription,
    ) -> None:
        """Belong to the title's device."""
        super().__init__(entry, title, description)
        self._attr_entity_registry_enabled_default = description.is_shown_for_titles

    @property
    @override
    def _heard(self) -> Heard | None:
        return heard_title(self.coordinator.data, self.asin)

    @property
    @override
    def _attributes(self) -> Callable[[Heard], Attributes] | None:
        row = self.entity_description
        return row.title_attributes or row.attributes
