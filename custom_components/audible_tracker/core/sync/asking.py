"""Pure: whose positions are worth asking for."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from ..models import Asin, AudibleTitle, Position
from ..progress import titles_to_ask
from ..store.overview import UnderWay
from ..store.records import StoredTitle, SyncSetting
from .library import LibraryDifference, compare_library
from .limits import may_ask_position
from .schedule import POSITIONS_FLOOR
from .snapshot import Remote

AT_A_SYNC: Final = 25
"""One request: what is under way or was bought lately."""

AT_THE_FIRST_SYNC: Final = 100
CHANGED_MAX: Final = 100
"""Titles whose listening status has just moved; more than this is a bulk change."""


_LATELY: Final = POSITIONS_FLOOR - timedelta(seconds=5)
"""A timer may come a moment early, and the answer of the last poll a moment late."""


def compare_and_ask(
    known: Mapping[Asin, StoredTitle],
    remote: Remote,
    settings: Mapping[Asin, SyncSetting],
    now: datetime,
) -> tuple[LibraryDifference, tuple[Asin, ...]]:
    """Return what an answered library changed, and the titles to ask for after it."""
    difference = compare_library(known, remote)
    return difference, asked_at_sync(
        known, remote.titles, difference, settings, now=now
    )


def asked_at_sync(
    known: Mapping[Asin, StoredTitle],
    titles: Iterable[AudibleTitle],
    difference: LibraryDifference,
    settings: Mapping[Asin, SyncSetting],
    *,
    now: datetime,
) -> tuple[Asin, ...]:
    """Return the titles to ask for after a library was answered, likeliest first.

    Those of which something changed, finished or not, and those that can have moved
    though nothing shows it: a position does not move the percentage.
    """
    limit = AT_A_SYNC if known else AT_THE_FIRST_SYNC
    changed = (title.asin for title in difference.changed[:CHANGED_MAX])
    likely = titles_to_ask(titles, _positions(known), limit=limit)
    return tuple(
        asin
        for asin in dict.fromkeys((*changed, *likely))
        if may_ask_position(
            settings.get(asin), asked_at=_asked_at(known, asin), now=now
        )
    )


def asked_at_poll(
    under_way: Iterable[UnderWay], *, polled_at: datetime | None, now: datetime
) -> tuple[UnderWay, ...]:
    """Return the titles to ask for between library syncs.

    Whoever starts a poll, none of them is asked for twice in a minute. ``polled_at`` is
    when the account was polled last.
    """
    if _was_lately(polled_at, now):
        return ()
    return tuple(
        entry
        for entry in under_way
        if may_ask_position(entry.setting, asked_at=entry.asked_at, now=now)
        and not _was_lately(entry.asked_at, now)
    )


def with_own_interval(asked: Iterable[UnderWay]) -> tuple[Asin, ...]:
    """Return the titles whose own interval begins anew: the others go by the account's.

    To note each of them at each poll would be a row a minute and title.
    """
    return tuple(
        entry.title.asin
        for entry in asked
        if entry.setting.sync_interval_minutes is not None
    )


def _was_lately(asked_at: datetime | None, now: datetime) -> bool:
    return asked_at is not None and now - _LATELY < asked_at <= now


def _positions(known: Mapping[Asin, StoredTitle]) -> dict[Asin, Position]:
    return {
        asin: Position(asin, stored.position_ms, stored.position_at)
        for asin, stored in known.items()
        if stored.position_ms is not None and stored.position_at is not None
    }


def _asked_at(known: Mapping[Asin, StoredTitle], asin: Asin) -> datetime | None:
    stored = known.get(asin)
    return stored.asked_at if stored is not None else None
