"""Actions about readers: who there is, their goals, their figures, their history."""

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

import probatio
from homeassistant.const import CONF_NAME
from homeassistant.core import ServiceResponse, SupportsResponse
from homeassistant.helpers import config_validation as cv
from sqlalchemy.ext.asyncio import AsyncConnection

from ..accounts import async_reader
from ..const import CONF_READER
from ..core.decisions.goals import GoalState, clear_goal, load_goal_states, set_goal
from ..core.decisions.history import HistoryEntry, get_history
from ..core.decisions.statistics import (
    Period,
    Statistics,
    get_statistics,
    load_listened,
)
from ..core.errors import InvalidValueError, MissingValueError
from ..core.kinds import GoalKind
from ..core.store.books import load_book
from ..core.store.readers import load_reader, load_readers, share_account
from ..core.store.records import BookId, Reader, ReaderId
from ..flows.first_sync import parse_reader
from ..persons import persons_of_readers
from .answers import (
    Members,
    book_members,
    plain,
    read_members,
    reader_members,
)
from .calls import (
    ACCOUNT,
    CONF_BOOK_ID,
    CONF_LIMIT,
    INTEGER,
    READER,
    THING,
    Action,
    ActionCall,
    Fields,
    day,
    text,
    whole_number,
)

_CONF_CLEAR: Final = "clear"
_CONF_END: Final = "end_date"
_CONF_KIND: Final = "kind"
_CONF_START: Final = "start_date"
_CONF_TARGET: Final = "target"
_CONF_YEAR: Final = "year"


async def _async_add_reader(action: ActionCall) -> ServiceResponse:
    """Let one more person listen with an account."""
    account_id = action.entry.runtime_data.account_id
    name = parse_reader(action.data[CONF_NAME])
    async with action.changing() as connection:
        reader_id = await async_reader(connection, name, now=action.now)
        await share_account(connection, account_id, reader_id)
        reader = await load_reader(connection, reader_id)
        readers = await load_readers(connection, account_id=account_id)
    persons = persons_of_readers(action.hass)
    return {
        **reader_members(reader, persons),
        "readers": [reader_members(one, persons) for one in readers],
    }


async def _async_set_goal(action: ActionCall) -> ServiceResponse:
    """Set a goal of a reader, or give it up."""
    kind = GoalKind(action.data[_CONF_KIND])
    starts_on, ends_on = _span_of_goal(action)
    target: int | None = action.data.get(_CONF_TARGET)
    if (target is None) != action.data[_CONF_CLEAR]:
        allowed = f"a number, or {_CONF_CLEAR}"
        if target is None:
            raise MissingValueError(field=_CONF_TARGET, allowed=allowed)
        raise InvalidValueError(
            field=_CONF_TARGET, value=target, allowed=f"{allowed}, not both"
        )
    actor, now = await action.async_actor(), action.now
    async with action.changing() as connection:
        reader = await action.async_reader(connection)
        if target is None:
            await clear_goal(
                connection,
                reader.reader_id,
                kind,
                starts_on=starts_on,
                ends_on=ends_on,
                actor=actor,
                now=now,
            )
        else:
            await set_goal(
                connection,
                reader.reader_id,
                kind,
                target,
                starts_on=starts_on,
                ends_on=ends_on,
                actor=actor,
                now=now,
            )
        return await _async_goals(action, connection, reader)


async def _async_goals(
    action: ActionCall, connection: AsyncConnection, reader: Reader
) -> Members:
    listened, _ = await load_listened(connection, reader.reader_id)
    states = await load_goal_states(
        connection, reader.reader_id, today=action.today, listened=listened
    )
    return {"reader": reader.name, "goals": [_goal(state) for state in states]}


async def _async_get_statistics(action: ActionCall) -> ServiceResponse:
    """Return what a reader has heard and finished in a stretch of days."""
    last: date = action.data.get(_CONF_END, action.today)
    first: date = action.data.get(_CONF_START, last.replace(month=1, day=1))
    _check_order(first, last)
    async with action.store.reading() as connection:
        reader = await action.async_reader(connection)
        found = await get_statistics(
            connection,
            reader.reader_id,
            first=first,
            last=last,
            now=action.now,
            time_zone=action.store.time_zone,
        )
    return {"reader": reader.name, **statistics_members(found)}


async def _async_get_history(action: ActionCall) -> ServiceResponse:
    """Return the newest moments of a reader, a book or a title."""
    data = action.data
    async with action.store.reading() as connection:
        reader = await action.async_named_reader(connection)
        book_id: int | None = data.get(CONF_BOOK_ID)
        asin = action.asin
        if book_id is None:
            reader = reader or await _async_reader_of(action, connection)
        elif asin is None:
            book = await load_book(connection, BookId(book_id))
            await action.async_check_owner(connection, book.fields.reader_id)
        entries = await get_history(
            connection,
            reader_id=reader.reader_id if reader is not None else None,
            book_id=BookId(book_id) if book_id is not None else None,
            asin=asin,
            limit=data[CONF_LIMIT],
        )
        readers = await load_readers(connection)
    names = {one.reader_id: one.name for one in readers}
    return {"history": [_moment(entry, names) for entry in entries]}


async def _async_reader_of(
    action: ActionCall, connection: AsyncConnection
) -> Reader | None:
    """Return whose history is meant; None for all who listen to the named title."""
    if action.asin is None:
        return await action.async_reader(connection)
    if not await action.caller.async_hidden():
        return None
    link = await action.async_link(connection)
    return await load_reader(connection, link.fields.reader_id)


def _moment(entry: HistoryEntry, names: dict[ReaderId, str]) -> Any:
    return {
        "at": plain(entry.at),
        "kind": entry.kind.value,
        "reader": None if entry.reader_id is None else names.get(entry.reader_id),
        "asin": entry.asin,
        "book_id": entry.book_id,
        "source": plain(entry.source),
        "actor": entry.actor,
        "sync_log_id": entry.sync_log_id,
        "data": plain(entry.data),
    }


def statistics_members(found: Statistics) -> Members:
    """Return a reader's figures."""
    return {
        "start_date": plain(found.first),
        "end_date": plain(found.last),
        "is_listening_known": found.is_listening_known,
        "listened_ms": found.listened_ms,
        "totals": plain(found.totals),
        "streaks": plain(found.streaks),
        "pace_ms_per_day": found.pace_ms_per_day,
        "days": _periods(found.days),
        "weeks": _periods(found.weeks),
        "months": _periods(found.months),
        "years": _periods(found.years),
        "books_finished": len(found.finished),
        "finished": [
            {
                "read": read_members(one.read),
                "book": None if one.book is None else book_members(one.book),
            }
            for one in found.finished
        ],
        "goals": [_goal(state) for state in found.goals],
    }


def _periods(periods: Iterable[Period]) -> list[Members]:
    return [
        {
            "start_date": plain(period.starts_on),
            "end_date": plain(period.ends_on),
            "listened_ms": period.listened_ms,
        }
        for period in periods
    ]


def _goal(state: GoalState) -> Members:
    goal, progress = state.goal, state.progress
    return {
        "kind": goal.kind.value,
        "target": goal.target,
        "start_date": plain(goal.starts_on),
        "end_date": plain(goal.ends_on),
        "done": progress.done,
        "share": progress.share,
        "expected": progress.expected,
        "ahead": progress.ahead,
        "needed_per_day": progress.needed_per_day,
        "is_reached": progress.is_reached,
    }


def _span_of_goal(action: ActionCall) -> tuple[date, date]:
    """Return the days of a goal: a year, this one if nothing is said, or a stretch."""
    data = action.data
    stretch = [name for name in (_CONF_START, _CONF_END) if name in data]
    if not stretch:
        year = data.get(_CONF_YEAR, action.today.year)
        return date(year, 1, 1), date(year, 12, 31)
    if len(stretch) == 1 or _CONF_YEAR in data:
        raise InvalidValueError(
            field=stretch[0],
            value=str(data[stretch[0]]),
            allowed=f"{_CONF_START} and {_CONF_END}, or else {_CONF_YEAR}",
        )
    _check_order(data[_CONF_START], data[_CONF_END])
    return data[_CONF_START], data[_CONF_END]


def _check_order(first: date, last: date) -> None:
    if last < first:
        raise InvalidValueError(
            field=_CONF_END, value=str(last), allowed=f"from {first} on"
        )


_STRETCH: Final[Fields] = {
    probatio.Optional(_CONF_START): day,
    probatio.Optional(_CONF_END): day,
}

ADD_READER: Final = Action(
    _async_add_reader,
    {**ACCOUNT, probatio.Required(CONF_NAME): text},
    needs_admin=True,
    names={CONF_READER: CONF_NAME},
)
SET_GOAL: Final = Action(
    _async_set_goal,
    {
        **ACCOUNT,
        **READER,
        probatio.Required(_CONF_KIND): probatio.In([kind.value for kind in GoalKind]),
        probatio.Optional(_CONF_TARGET): INTEGER,
        probatio.Optional(_CONF_YEAR): whole_number(1900, 2200),
        **_STRETCH,
        probatio.Optional(_CONF_CLEAR, default=False): cv.boolean,
    },
)
GET_STATISTICS: Final = Action(
    _async_get_statistics, {**ACCOUNT, **READER, **_STRETCH}, SupportsResponse.ONLY
)
GET_HISTORY: Final = Action(
    _async_get_history,
    {**THING, probatio.Optional(CONF_LIMIT, default=100): INTEGER},
    SupportsResponse.ONLY,
)
