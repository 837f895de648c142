"""Calendars: when each book was read, and when what is wished for comes out."""

from datetime import date, datetime, timedelta
from typing import Final, override

from homeassistant.components.calendar import (
    CalendarEntity,
    CalendarEntityDescription,
    CalendarEvent,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from .coordinator import AudibleConfigEntry
from .core.matching.persons import written_by
from .core.store.passes import load_passes
from .core.store.records import Pass, ReaderId
from .entity import AccountEntity, ReaderEntity, follow_readers
from .failures import translated_failures

PARALLEL_UPDATES = 0

READING: Final = CalendarEntityDescription(key="reading")
RELEASES: Final = CalendarEntityDescription(key="releases")
_DAY: Final = timedelta(days=1)


async def async_setup_entry(
    hass: HomeAssistant,  # noqa: ARG001 - Home Assistant hands it over by name
    entry: AudibleConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the calendar of releases, and one for each reader."""
    async_add_entities([ReleaseCalendar(entry, RELEASES)])
    follow_readers(
        entry, async_add_entities, lambda reader_id: [ReadingCalendar(entry, reader_id)]
    )


def _today() -> date:
    return dt_util.now().date()


def _days(start: datetime, end: datetime) -> tuple[date, date]:
    """Return the first and the last day of a span; its end is no longer part of it."""
    last = max(start, end - datetime.resolution)
    return dt_util.as_local(start).date(), dt_util.as_local(last).date()


def _event(
    uid: str, title: str, authors: tuple[str, ...], first: date, last: date
) -> CalendarEvent:
    """Return whole days, both included; Home Assistant's end is the day after."""
    return CalendarEvent(
        start=first,
        end=max(first, last) + _DAY,
        summary=title,
        description=", ".join(written_by(authors)) or None,
        uid=uid,
    )


class ReadingCalendar(ReaderEntity, CalendarEntity):
    """Each pass through a book, from the day it was started to the day it ended."""

    def __init__(self, entry: AudibleConfigEntry, reader_id: ReaderId) -> None:
        """Belong to the reader's device."""
        super().__init__(entry, reader_id, READING)

    @property
    @override
    def event(self) -> CalendarEvent | None:
        """Return the book that is read now."""
        now = self.shown.reading_now if self.shown else None
        if now is None or now.started_on is None:
            return None
        title = now.title
        return _event(title.asin, title.name, title.authors, now.started_on, _today())

    @override
    async def async_get_events(
        self, hass: HomeAssistant, start_date: datetime, end_date: datetime
    ) -> list[CalendarEvent]:
        """Return the passes of some days."""
        store = self.coordinator.config_entry.runtime_data.store
        first, last = _days(start_date, end_date)
        with translated_failures():
            async with store.reading() as connection:
                passes = await load_passes(
                    connection, self.reader_id, first=first, last=last
                )
        return [_event_of(one) for one in passes]


def _event_of(one: Pass) -> CalendarEvent:
    ends_on = one.ends_on or _today()
    return _event(str(one.read_id), one.title, one.authors, one.starts_on, ends_on)


class ReleaseCalendar(AccountEntity, CalendarEntity):
    """The days on which titles of the wishlist and of series that are read come out."""

    @property
    @override
    def event(self) -> CalendarEvent | None:
        """Return what comes out next."""
        today = _today()
        return next((one for one in self._events() if one.start >= today), None)

    @override
    async def async_get_events(
        self, hass: HomeAssistant, start_date: datetime, end_date: datetime
    ) -> list[CalendarEvent]:
        """Return what comes out on some days."""
        first, last = _days(start_date, end_date)
        return [one for one in self._events() if first <= one.start <= last]

    def _events(self) -> list[CalendarEvent]:
        """Return all days, each title once."""
        shown = self.coordinator.data
        found: dict[str, CalendarEvent] = {}
        for wish in shown.wishes:
            if (day := wish.release_on) is not None:
                found[wish.asin] = _event(wish.asin, wish.title, wish.authors, day, day)
        for one in shown.releases:
            day = one.release_on
            found[one.asin] = _event(one.asin, one.title, one.authors, day, day)
        return sorted(found.values(), key=lambda event: (event.start, event.uid or ""))
