"""Titles of Plus that will soon leave the catalogue."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta, tzinfo
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from ..models import AudibleTitle
from ..store.links import load_link_states
from ..store.records import TrackedAccount, TrackerEvent
from ..store.titles import load_ending
from .loading import links_by_title
from .readers import listener_of
from .tracker_events import EventMaker, EventType, NewEventId

SAID_BEFORE: Final = timedelta(days=30)
"""So long before it leaves, a title is told of."""

_MANY: Final = 4
"""Of so many titles on, a day that most of them share is the membership's end."""


def leaving_soon(
    titles: Iterable[AudibleTitle], *, now: datetime
) -> tuple[AudibleTitle, ...]:
    """Return the titles that leave Plus within the next 30 days.

    A day on which most of many Plus titles end is that of the membership: it is
    renewed, and nothing leaves.
    """
    ending = [title for title in titles if title.is_consumable is not False]
    days = Counter(_day_of(title) for title in ending)
    most = max(days.values(), default=0)
    is_shared = most >= _MANY and 2 * most > len(ending)
    return tuple(
        title
        for title in ending
        if title.consumable_until is not None
        and now < title.consumable_until <= now + SAID_BEFORE
        and not (is_shared and days[_day_of(title)] == most)
    )


def _day_of(title: AudibleTitle) -> object:
    until = title.consumable_until
    return until.date() if until is not None else None


async def find_leaving(
    connection: AsyncConnection,
    account: TrackedAccount,
    *,
    now: datetime,
    time_zone: tzinfo,
    new_event_id: NewEventId,
) -> tuple[TrackerEvent, ...]:
    """Return the events of titles that leave soon: one for each title and day."""
    account_id = account.account_id
    found = leaving_soon(await load_ending(connection, account_id), now=now)
    asins = [title.asin for title in found]
    links = links_by_title(await load_link_states(connection, account_id, asins))
    maker = EventMaker(account_id, now, new_event_id)
    events = []
    for title in found:
        listener = listener_of(links.get(title.asin, ()), account)
        fields = listener.link.fields if listener is not None else None
        until = title.consumable_until
        leaves_on = until.astimezone(time_zone).date().isoformat() if until else None
        events.append(
            maker.make(
                EventType.TITLE_LEAVING,
                title,
                reader_id=fields.reader_id if fields else account.default_reader_id,
                book_id=fields.book_id if fields else None,
                once=leaves_on,
                data={"leaves_on": leaves_on},
            )
        )
    return tuple(events)
