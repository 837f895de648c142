"""What a reader has heard and finished: totals, streaks, pace, goals."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from ..errors import InvalidValueError
from ..stats import (
    DAY_COUNTS_FROM_MS,
    Streaks,
    Totals,
    days_moved_on,
    listened_by_day,
    pace_ms_per_day,
    streaks_of,
    totals_of,
)
from ..store.accounts import load_accounts
from ..store.books import load_some_books
from ..store.history import load_heard_quarters
from ..store.listening_days import load_listening_days
from ..store.readers import load_reader
from ..store.reads import load_finished_reads
from ..store.records import Book, Read, ReaderId
from .goals import GoalState, load_goal_states

# Audible began to count later than this.
_FIRST_DAY: Final = date(1995, 1, 1)
_LEDGER_DAYS: Final = timedelta(days=400)
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """What was heard from one day to another, both included."""

    starts_on: date
    ends_on: date
    listened_ms: int


@dataclass(frozen=True, slots=True)
class FinishedBook:
    """A finished pass with its book, which may be none of the tracker's."""

    read: Read
    book: Book | None


@dataclass(frozen=True, slots=True)
class Statistics:
    """A reader's figures. ``totals``, ``streaks`` and pace are those of today.

    The periods are those of the asked days, silent ones left out, cut at both ends.
    Audible counts an account's listening as one, so it is the default reader's; what is
    heard on players of the house is whoever's who heard it. ``is_listening_known`` is
    False for who has neither.
    """

    reader_id: ReaderId
    first: date
    last: date
    is_listening_known: bool
    listened_ms: int
    totals: Totals
    streaks: Streaks
    pace_ms_per_day: float | None
    days: tuple[Period, ...]
    weeks: tuple[Period, ...]
    months: tuple[Period, ...]
    years: tuple[Period, ...]
    finished: tuple[FinishedBook, ...]
    goals: tuple[GoalState, ...]


async def get_statistics(
    connection: AsyncConnection,
    reader_id: ReaderId,
    *,
    first: date,
    last: date,
    now: datetime,
    time_zone: tzinfo,
    first_weekday: int = 0,
) -> Statistics:
    """Return a reader's figures from one day to another, both included.

    ``first_weekday`` 0 is Monday. Raises InvalidValueError if ``last`` is before
    ``first``.
    """
    if last < first:
        raise InvalidValueError(field="last", value=str(last), allowed=f"from {first}")
    await load_reader(connection, reader_id)
    today = now.astimezone(time_zone).date()
    listened, is_known = await load_listened(connection, reader_id)
    asked = {day: ms for day, ms in listened.items() if first <= day <= last}
    return Statistics(
        reader_id=reader_id,
        first=first,
        last=last,
        is_listening_known=is_known,
        listened_ms=sum(asked.values()),
        totals=totals_of(listened, today=today, first_weekday=first_weekday),
        streaks=await load_streaks(
            connection, reader_id, listened, now=now, time_zone=time_zone
        ),
        pace_ms_per_day=pace_ms_per_day(listened, today=today),
        days=_periods(asked, first, last, _day_of),
        weeks=_periods(asked, first, last, _week_of(first_weekday)),
        months=_periods(asked, first, last, _month_of),
        years=_periods(asked, first, last, _year_of),
        finished=await _finished(connection, reader_id, first, last),
        goals=await load_goal_states(
            connection, reader_id, today=today, listened=listened
        ),
    )


async def load_listened(
    connection: AsyncConnection, reader_id: ReaderId
) -> tuple[dict[date, int], bool]:
    """Return a reader's milliseconds per day, and whether an account knows of any."""
    days = await load_listening_days(
        connection, reader_id, first=_FIRST_DAY, last=date.max
    )
    is_fed = any(
        account.default_reader_id == reader_id
        for account in await load_accounts(connection)
    )
    return listened_by_day(days), is_fed or bool(days)


async def load_streaks(
    connection: AsyncConnection,
    reader_id: ReaderId,
    listened: Mapping[date, int],
    *,
    now: datetime,
    time_zone: tzinfo,
) -> Streaks:
    """Return a reader's streaks by what Audible counted and by what moved."""
    moved = await _moved_days(connection, reader_id, now=now, time_zone=time_zone)
    today = now.astimezone(time_zone).date()
    return streaks_of(_with_days(listened, moved), today=today)


async def _moved_days(
    connection: AsyncConnection,
    reader_id: ReaderId,
    *,
    now: datetime,
    time_zone: tzinfo,
) -> frozenset[date]:
    """Return the days on which a place moved: Audible's own sums come late."""
    moments = await load_heard_quarters(connection, reader_id, since=now - _LEDGER_DAYS)
    return days_moved_on(moments, time_zone)


def _with_days(listened: Mapping[date, int], moved: Iterable[date]) -> dict[date, int]:
    least = dict.fromkeys(moved, DAY_COUNTS_FROM_MS)
    return {
        day: max(listened.get(day, 0), least.get(day, 0)) for day in {*listened, *least}
    }


async def _finished(
    connection: AsyncConnection, reader_id: ReaderId, first: date, last: date
) -> tuple[FinishedBook, ...]:
    reads = await load_finished_reads(connection, reader_id, first=first, last=last)
    wanted = {read.fields.book_id for read in reads if read.fields.book_id is not None}
    books = await load_some_books(connection, sorted(wanted))
    found = [
        FinishedBook(
            read, books.get(read.fields.book_id) if read.fields.book_id else None
        )
        for read in reads
    ]
    return tuple(
        sorted(found, key=lambda entry: entry.read.fields.finished_on or first)
    )


# --- periods ------------------------------------------------------------------------

type Span = tuple[date, date]
type _SpanOf = Callable[[date], Span]


def _periods(
    listened: Mapping[date, int],
    first: date,
    last: date,
    span_of: _SpanOf,
) -> tuple[Period, ...]:
    sums: dict[Span, int] = {}
    for day, listened_ms in listened.items():
        if listened_ms > 0:
            starts_on, ends_on = span_of(day)
            span = max(starts_on, first), min(ends_on, last)
            sums[span] = sums.get(span, 0) + listened_ms
    return tuple(Period(*span, sums[span]) for span in sorted(sums))


def _day_of(day: date) -> Span:
    return day, day


def _week_of(first_weekday: int) -> _SpanOf:
    def span_of(day: date) -> Span:
        starts_on = day - _DAY * ((day.weekday() - first_weekday) % 7)
        return starts_on, starts_on + 6 * _DAY

    return span_of


def _month_of(day: date) -> Span:
    starts_on = day.replace(day=1)
    ends_on = (starts_on + 31 * _DAY).replace(day=1) - _DAY
    return starts_on, ends_on


def _year_of(day: date) -> Span:
    return day.replace(month=1, day=1), day.replace(month=12, day=31)
