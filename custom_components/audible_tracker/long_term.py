"""Long-term statistics of listening: each day's minutes on the day they were heard.

Audible's sums come late, so that a sensor's own statistics would have them on the wrong
day. These are written by hand, for all the years that Audible tells of.
"""

import asyncio
from collections.abc import Mapping
from datetime import date, datetime, time, tzinfo
from functools import partial
from typing import Final

from homeassistant.components.recorder.models import (
    StatisticData,
    StatisticMeanType,
    StatisticMetaData,
)
from homeassistant.components.recorder.statistics import (
    async_add_external_statistics,
    get_metadata,
    statistics_during_period,
)
from homeassistant.const import UnitOfTime
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.recorder import get_instance
from homeassistant.util import dt as dt_util
from sqlalchemy.exc import SQLAlchemyError

from .const import DOMAIN, LOGGER
from .coordinator import AudibleConfigEntry
from .core.decisions.statistics import load_listened
from .core.errors import TrackerError
from .core.stats import Totals
from .core.store.records import Reader, ReaderId

_MS_PER_MINUTE: Final = 60_000
_MINUTES_DIGITS: Final = 3
_EPOCH: Final = dt_util.utc_from_timestamp(0)


def statistic_id_of(reader_id: ReaderId) -> str:
    """Return the id of a reader's statistics."""
    return f"{DOMAIN}:listening_minutes_reader_{reader_id}"


def rows_of(
    listened: Mapping[date, int], time_zone: tzinfo
) -> dict[datetime, tuple[float, float]]:
    """Return minutes and running sum by the first instant of each day with listening.

    ``listened`` is milliseconds by day of the time zone.
    """
    rows: dict[datetime, tuple[float, float]] = {}
    sum_ms = 0
    for day in sorted(day for day, amount in listened.items() if amount > 0):
        sum_ms += listened[day]
        starts_at = datetime.combine(day, time(), time_zone)
        rows[starts_at] = _minutes(listened[day]), _minutes(sum_ms)
    return rows


def _minutes(value_ms: int) -> float:
    return round(value_ms / _MS_PER_MINUTE, _MINUTES_DIGITS)


@callback
def async_follow_listening(hass: HomeAssistant, entry: AudibleConfigEntry) -> None:
    """Keep the statistics those of the database, from now on."""
    if "recorder" not in hass.config.components:
        return
    coordinator = entry.runtime_data.coordinator
    writer = _Writer(hass, entry)
    written: dict[ReaderId, Totals | None] = {}

    @callback
    def follow() -> None:
        for one in coordinator.data.readers:
            listened, reader = one.figures.listened, one.reader
            if listened and written.get(reader.reader_id) != listened:
                written[reader.reader_id] = listened
                entry.async_create_background_task(
                    hass, write(reader), f"{DOMAIN} statistics"
                )

    async def write(reader: Reader) -> None:
        if not await writer.async_write(reader):
            # The next sync tries again.
            written.pop(reader.reader_id, None)

    follow()
    entry.async_on_unload(coordinator.async_add_listener(follow))


type _Rows = dict[float, tuple[float, float]]
"""Minutes and running sum, by the start of each row in seconds."""


class _Writer:
    """Writes what differs; one at a time, so that each sees what the last has done.

    All that the recorder has is read once a day, or when somebody has deleted it: while
    something plays they change each minute, and years of them would be read for one
    day's row.
    """

    def __init__(self, hass: HomeAssistant, entry: AudibleConfigEntry) -> None:
        self._hass = hass
        self._store = entry.runtime_data.store
        self._turn = asyncio.Lock()
        self._known: dict[ReaderId, tuple[date, _Rows]] = {}

    async def async_write(self, reader: Reader) -> bool:
        """Bring a reader's statistics up to date; tell whether they are."""
        async with self._turn:
            try:
                async with self._store.reading() as connection:
                    listened, _ = await load_listened(connection, reader.reader_id)
                return await self._async_write(
                    reader, rows_of(listened, self._store.time_zone)
                )
            except (TrackerError, SQLAlchemyError) as err:
                LOGGER.debug("Statistics are not up to date: %s", type(err).__name__)
                return False

    async def _async_write(
        self, reader: Reader, rows: dict[datetime, tuple[float, float]]
    ) -> bool:
        known = await self._async_known(reader.reader_id)
        statistic_id = statistic_id_of(reader.reader_id)
        if known.keys() - {starts_at.timestamp() for starts_at in rows}:
            # A day that is none any more, or all of them in another time zone.
            get_instance(self._hass).async_clear_statistics([statistic_id])
            known.clear()
        new = {
            starts_at: values
            for starts_at, values in rows.items()
            if known.get(starts_at.timestamp()) != values
        }
        if new:
            data = [
                StatisticData(start=starts_at, state=minutes, sum=in_all)
                for starts_at, (minutes, in_all) in new.items()
            ]
            async_add_external_statistics(self._hass, _metadata(reader), data)
            # The recorder tells nobody what it could not write.
            known |= await self._async_load(statistic_id, min(new))
        return all(
            known.get(starts_at.timestamp()) == values
            for starts_at, values in new.items()
        )

    async def _async_known(self, reader_id: ReaderId) -> _Rows:
        """Return what the recorder has by now, as far as it was written from here."""
        today = dt_util.now().date()
        read_on, known = self._known.get(reader_id, (None, {}))
        statistic_id = statistic_id_of(reader_id)
        if read_on != today or not await self._async_is_there(statistic_id):
            known = await self._async_load(statistic_id, _EPOCH)
            self._known[reader_id] = today, known
        return known

    async def _async_is_there(self, statistic_id: str) -> bool:
        """Tell whether nobody has deleted the statistics meanwhile."""
        return statistic_id in await get_instance(self._hass).async_add_executor_job(
            partial(get_metadata, self._hass, statistic_ids={statistic_id})
        )

    async def _async_load(self, statistic_id: str, since: datetime) -> _Rows:
        """Return what the recorder has once all is written, by the start of each."""
        recorder = get_instance(self._hass)
        await recorder.async_block_till_done()
        found = await recorder.async_add_executor_job(
            statistics_during_period,
            self._hass,
            since,
            None,
            {statistic_id},
            "hour",
            None,
            {"state", "sum"},
        )
        return {
            row["start"]: (row.get("state") or 0.0, row.get("sum") or 0.0)
            for row in found.get(statistic_id, ())
        }


def _metadata(reader: Reader) -> StatisticMetaData:
    return StatisticMetaData(
        mean_type=StatisticMeanType.NONE,
        has_sum=True,
        name=f"{reader.name} (Audible)",
        source=DOMAIN,
        statistic_id=statistic_id_of(reader.reader_id),
        unit_class="duration",
        unit_of_measurement=UnitOfTime.MINUTES,
    )
