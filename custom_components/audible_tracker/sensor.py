"""Sensors: how far each title under way was heard, and what is read now."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import PERCENTAGE, EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import AudibleConfigEntry
from .core.decisions.overview import AccountOverview, ReaderOverview
from .core.models import AudibleTitle
from .core.progress import chapter_at
from .core.store.overview import UnderWay
from .entity import (
    AccountEntity,
    ReaderEntity,
    TitleEntity,
    follow_readers,
    follow_titles,
)

PARALLEL_UPDATES = 0

_MS_PER_S: Final = 1000
_MS_PER_MINUTE: Final = 60_000
_STATE_MAX: Final = 255


@dataclass(frozen=True, kw_only=True)
class AccountSensorDescription(SensorEntityDescription):
    """A sensor of an account as a row of a table."""

    value: Callable[[AccountOverview], str | int | datetime | None]


@dataclass(frozen=True, kw_only=True)
class ReaderSensorDescription(SensorEntityDescription):
    """A sensor of a reader as a row of a table."""

    value: Callable[[ReaderOverview], str | int | datetime | None]
    attributes: Callable[[ReaderOverview], Mapping[str, Any]] | None = None


_PROGRESS: Final = SensorEntityDescription(
    key="progress",
    translation_key="progress",
    native_unit_of_measurement=PERCENTAGE,
    state_class=SensorStateClass.MEASUREMENT,
    suggested_display_precision=0,
)


def _title_now(overview: ReaderOverview) -> str | None:
    heard = overview.reading_now
    return heard.title.name[:_STATE_MAX] if heard else None


def _attributes_now(overview: ReaderOverview) -> Mapping[str, Any]:
    heard = overview.reading_now
    if heard is None:
        return {}
    percent = heard.percentage
    return {
        **_facts(heard.title),
        **_whereabouts(heard),
        "progress": None if percent is None else round(percent, 1),
    }


_ACCOUNT_SENSORS: Final = (
    AccountSensorDescription(
        key="library_size",
        translation_key="library_size",
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        value=lambda overview: overview.titles,
    ),
    AccountSensorDescription(
        key="conflicts_open",
        translation_key="conflicts_open",
        state_class=SensorStateClass.MEASUREMENT,
        entity_category=EntityCategory.DIAGNOSTIC,
        value=lambda overview: overview.conflicts_open,
    ),
    AccountSensorDescription(
        key="last_sync",
        translation_key="last_sync",
        device_class=SensorDeviceClass.TIMESTAMP,
        entity_category=EntityCategory.DIAGNOSTIC,
        value=lambda overview: overview.account.last_sync_at,
    ),
)

_READER_SENSORS: Final = (
    ReaderSensorDescription(
        key="currently_reading",
        translation_key="currently_reading",
        value=_title_now,
        attributes=_attributes_now,
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,  # noqa: ARG001 - Home Assistant hands it over by name
    entry: AudibleConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the sensors of account and readers, and those of titles as they come."""
    async_add_entities(
        AccountSensor(entry, description) for description in _ACCOUNT_SENSORS
    )
    follow_readers(
        entry,
        async_add_entities,
        lambda reader_id: [
            ReaderSensor(entry, reader_id, description)
            for description in _READER_SENSORS
        ],
    )
    follow_titles(
        entry, async_add_entities, lambda title: (ProgressSensor(entry, title),)
    )


class AccountSensor(AccountEntity, SensorEntity):
    """A value of the whole account."""

    entity_description: AccountSensorDescription

    @property
    @override
    def native_value(self) -> str | int | datetime | None:
        """Return the value."""
        return self.entity_description.value(self.coordinator.data)


class ReaderSensor(ReaderEntity, SensorEntity):
    """A value of one reader."""

    entity_description: ReaderSensorDescription
    _unrecorded_attributes = frozenset(
        {"position", "time_left", "chapter", "last_heard_at", "progress", "cover"}
    )

    @property
    @override
    def native_value(self) -> str | int | datetime | None:
        """Return the value."""
        return self.entity_description.value(self.shown) if self.shown else None

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any] | None:
        """Return what belongs to the value."""
        attributes = self.entity_description.attributes
        return attributes(self.shown) if attributes and self.shown else None


class ProgressSensor(TitleEntity, SensorEntity):
    """How much of a title was heard, in percent."""

    _unrecorded_attributes = frozenset(
        {"position", "time_left", "chapter", "last_heard_at", "cover"}
    )

    def __init__(self, entry: AudibleConfigEntry, title: AudibleTitle) -> None:
        """Show one title."""
        super().__init__(entry, title, _PROGRESS)

    @property
    @override
    def native_value(self) -> float | None:
        """Return the percentage; None means unknown, never zero."""
        heard = self.under_way
        if heard is None or heard.percentage is None:
            return None
        return round(heard.percentage, 2)

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any] | None:
        """Return where listening stands, and what the title is."""
        heard = self.under_way
        if heard is None:
            return None
        return {**_whereabouts(heard), **_facts(heard.title)}


def _whereabouts(heard: UnderWay) -> dict[str, Any]:
    """Return what changes while listening; ``time_left`` in minutes."""
    chapter = None
    if heard.position_ms is not None:
        chapter = chapter_at(heard.chapters or (), heard.position_ms)
    left_ms = _left_ms(heard)
    return {
        "position": _clock(heard.position_ms),
        "time_left": None if left_ms is None else round(left_ms / _MS_PER_MINUTE),
        "chapter": chapter.title if chapter else None,
        "last_heard_at": heard.moved_at,
    }


def _left_ms(heard: UnderWay) -> int | None:
    """Return what is left to hear at normal speed."""
    runtime_ms = heard.title.runtime_ms
    if runtime_ms is None:
        return None
    if heard.position_ms is not None:
        return max(0, runtime_ms - heard.position_ms)
    if heard.percentage is None:
        return None
    return round(runtime_ms * (100.0 - heard.percentage) / 100.0)


def _facts(title: AudibleTitle) -> dict[str, Any]:
    """Return what stays; ``runtime`` in minutes."""
    runtime_ms = title.runtime_ms
    return {
        "author": ", ".join(title.authors) or None,
        "narrator": ", ".join(title.narrators) or None,
        "series": _series(title),
        "runtime": None if runtime_ms is None else runtime_ms // _MS_PER_MINUTE,
        "asin": title.asin,
        "cover": title.cover_url,
    }


def _series(title: AudibleTitle) -> str | None:
    places = (
        f"{place.title} {place.sequence}" if place.sequence else place.title
        for place in title.series
    )
    return ", ".join(places) or None


def _clock(position_ms: int | None) -> str | None:
    """Return the position as h:mm:ss, as players show it."""
    if position_ms is None:
        return None
    minutes, seconds = divmod(position_ms // _MS_PER_S, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}"
