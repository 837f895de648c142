"""What a reader has heard and finished in a year, and how far their goals are."""

from datetime import date, timedelta
from typing import Any, Final

import probatio
from homeassistant.core import ServiceResponse, SupportsResponse
from sqlalchemy.ext.asyncio import AsyncConnection

from ..actions.answers import plain
from ..actions.calls import ACCOUNT, READER, Action, ActionCall, whole_number
from ..actions.readers import statistics_members
from ..core.decisions.statistics import get_statistics
from ..core.store.accounts import load_accounts
from ..core.store.listening_days import load_first_day
from ..core.store.reads import load_first_finish
from ..core.store.records import Reader
from .covers import async_add_covers
from .readers import async_shown_reader

_CONF_FIRST_WEEKDAY: Final = "first_weekday"
_CONF_YEAR: Final = "year"
_DAYS: Final = timedelta(days=364)


async def _async_statistics(action: ActionCall) -> ServiceResponse:
    """Return a calendar year, or the days up to today that make a year."""
    today = action.today
    first, last = today - _DAYS, today
    if (year := action.data.get(_CONF_YEAR)) is not None:
        first, last = date(year, 1, 1), date(year, 12, 31)
    async with action.store.reading() as connection:
        reader, names = await async_shown_reader(action, connection)
        found = await get_statistics(
            connection,
            reader.reader_id,
            first=first,
            last=last,
            now=action.now,
            time_zone=action.store.time_zone,
            first_weekday=action.data[_CONF_FIRST_WEEKDAY],
        )
        years = await _async_years(connection, reader, today)
        members = statistics_members(found)
        books = [one["book"] for one in members["finished"] if one["book"]]
        await async_add_covers(action.hass, connection, books)
    return {
        "reader": reader.name,
        "readers": names,
        "today": plain(today),
        "known_years": years,
        **members,
    }


async def _async_years(
    connection: AsyncConnection, reader: Reader, today: date
) -> list[Any]:
    """Return the years of which something is known, newest first."""
    known = [today, await load_first_finish(connection, reader.reader_id)]
    known += [
        await load_first_day(connection, account.account_id)
        for account in await load_accounts(connection)
        if account.default_reader_id == reader.reader_id
    ]
    first = min(day for day in known if day is not None)
    return list(range(today.year, first.year - 1, -1))


STATISTICS: Final = Action(
    _async_statistics,
    {
        **ACCOUNT,
        **READER,
        probatio.Optional(_CONF_YEAR): whole_number(1900, 2200),
        probatio.Optional(_CONF_FIRST_WEEKDAY, default=0): whole_number(0, 6),
    },
    SupportsResponse.ONLY,
)
