"""What was heard on each day, from Audible's statistics."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Final

from ..audible.listening import LONGEST_WINDOW, each_once
from ..models import ListeningInterval
from ..store.accounts import count_requests, load_account, note_days_asked
from ..store.database import Store
from ..store.listening_days import load_first_day, save_listening_days
from ..store.records import AccountId, ListeningDay
from .audible_source import AudibleSource

WINDOW_DAYS: Final = LONGEST_WINDOW

BACK_DAYS: Final = 5 * 365
"""So far back Audible is asked."""

PAST_WINDOWS: Final = 3
"""So many windows of the past are asked for at a time, which is once a day."""

RENEWED_DAYS: Final = 3
"""So long Audible may still take back what it said of a day; later it only adds."""


async def ask_listening_days(
    store: Store, account_id: AccountId, source: AudibleSource, *, now: datetime
) -> int:
    """Ask for the last days, and for some windows of the past until that is known.

    Return how many days were told. Raises AudibleError.
    """
    today = now.astimezone(store.time_zone).date()
    async with store.reading() as connection:
        first = await load_first_day(connection, account_id)
    told: list[ListeningInterval] = []
    windows = windows_to_ask(today, first)
    for start in windows:
        told += await source.fetch_listening_days(start, WINDOW_DAYS)
    days = listening_days(told, windows)
    async with store.transaction() as connection:
        account = await load_account(connection, account_id)
        await save_listening_days(
            connection,
            account,
            days,
            renewed_from=today - timedelta(days=RENEWED_DAYS),
            now=now,
        )
        await count_requests(connection, account_id, len(windows), today=today)
        await note_days_asked(connection, account_id, today=today)
    return len(days)


def windows_to_ask(today: date, first: date | None) -> tuple[date, ...]:
    """Return the first days of the windows to ask for.

    ``first`` is the first day that is known; each time some windows before it are
    asked for, until years are known. A window ends with today: time zones differ.
    """
    latest = today - timedelta(days=WINDOW_DAYS - 1)
    known = latest if first is None else min(first, latest)
    before = (
        known - timedelta(days=WINDOW_DAYS * number)
        for number in range(1, PAST_WINDOWS + 1)
    )
    oldest = today - timedelta(days=BACK_DAYS + WINDOW_DAYS)
    return (latest, *(start for start in before if start >= oldest))


def listening_days(
    told: Iterable[ListeningInterval], windows: Iterable[date]
) -> tuple[ListeningDay, ...]:
    """Return the days by identifier, each once; Audible's windows repeat their edges.

    The first day of each window is kept also where nothing was heard: so far it is
    known. Where that day is stored already, this changes nothing.
    """
    days = {
        start.isoformat(): ListeningDay(start.isoformat(), start, 0)
        for start in windows
    }
    for interval in each_once(told):
        day_on = _day_of(interval.identifier)
        if day_on is not None:
            days[interval.identifier] = ListeningDay(
                interval.identifier, day_on, interval.listened_ms
            )
    return tuple(days.values())


def _day_of(identifier: str) -> date | None:
    try:
        return date.fromisoformat(identifier)
    except ValueError:
        # Audible leaves it empty at times: such a day is no day.
        return None
