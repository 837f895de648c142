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
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import AudibleConfigEntry
from .core.models import Asin, AudibleTitle
from .core.progress import chapter_at
from .core.store.overview import AccountOverview, UnderWay
from .entity import AccountEntity, TitleEntity, title_identifier

PARALLEL_UPDATES = 0

_MS_PER_S: Final = 1000
_MS_PER_MINUTE: Final = 60_000
_STATE_MAX: Final = 255


@dataclass(frozen=True, kw_only=True)
class AccountSensorDescription(SensorEntityDescription):
    """A sensor as a row of a table."""

    value: Callable[[AccountOverview], str | int | datetime | None]
    attributes: Callable[[AccountOverview], Mapping[str, Any]] | None = None


_PROGRESS: Final = SensorEntityDescription(
    key="progress",
    translation_key="progress",
    native_unit_of_measurement=PERCENTAGE,
    state_class=SensorStateClass.MEASUREMENT,
    suggested_display_precision=0,
)


def _reading_now(overview: AccountOverview) -> UnderWay | None:
    return overview.under_way[0] if overview.under_way else None


def _title_now(overview: AccountOverview) -> str | None:
    heard = _reading_now(overview)
    return heard.title.name[:_STATE_MAX] if heard else None


def _attributes_now(overview: AccountOverview) -> Mapping[str, Any]:
    heard = _reading_now(overview)
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
        key="currently_reading",
        translation_key="currently_reading",
        value=_title_now,
        attributes=_attributes_now,
    ),
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


async def async_setup_entry(
    hass: HomeAssistant,
    entry: AudibleConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the account's sensors, and those of titles as they come and go."""
    coordinator = entry.runtime_data.coordinator
    shown: set[Asin] = set()

    @callback
    def follow_titles() -> None:
        """Add what came under way, remove what no longer is."""
        titles = {item.title.asin: item.title for item in coordinator.data.under_way}
        _remove_titles_but(hass, entry, titles)
        new = [title for asin, title in titles.items() if asin not in shown]
        async_add_entities(ProgressSensor(entry, title) for title in new)
        shown.clear()
        shown.update(titles)

    async_add_entities(
        AccountSensor(entry, description) for description in _ACCOUNT_SENSORS
    )
    follow_titles()
    entry.async_on_unload(coordinator.async_add_listener(follow_titles))


@callback
def _remove_titles_but(
    hass: HomeAssistant,
    entry: AudibleConfigEntry,
    titles: Mapping[Asin, AudibleTitle],
) -> None:
    """Remove the child devices of other titles, and with them their entities."""
    registry = dr.async_get(hass)
    kept = {title_identifier(entry, asin) for asin in titles}
    parent_id = entry.runtime_data.account_device_id
    for device in dr.async_entries_for_parent_device(registry, parent_id):
        if not device.identifiers & kept:
            registry.async_remove_device(device.id)


class AccountSensor(AccountEntity, SensorEntity):
    """A value of the whole account."""

    entity_description: AccountSensorDescription
    _unrecorded_attributes = frozenset(
        {"position", "time_left", "chapter", "last_heard_at", "progress", "cover"}
    )

    @property
    @override
    def native_value(self) -> str | int | datetime | None:
        """Return the value."""
        return self.entity_description.value(self.coordinator.data)

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any] | None:
        """Return what belongs to the value."""
        attributes = self.entity_description.attributes
        return attributes(self.coordinator.data) if attributes else None


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
