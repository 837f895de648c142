"""What comes out in the series that somebody reads: a few requests a day."""

from datetime import datetime, timedelta
from typing import Final

from ..kinds import SyncType
from ..series import series_of_day
from ..store.accounts import count_requests
from ..store.database import Store
from ..store.records import AccountId
from ..store.releases import forget_releases, load_heard_series, save_releases
from .audible_source import AudibleSource
from .engine import AccountSync

_KEPT: Final = timedelta(days=90)
"""So long a day that is over stays in the calendar."""


async def ask_releases(
    sync: AccountSync, store: Store, account_id: AccountId, *, now: datetime
) -> int:
    """Ask for the series whose turn it is today; return how much has changed.

    Raises AudibleError.
    """
    today = now.astimezone(store.time_zone).date()
    async with store.reading() as connection:
        heard = await load_heard_series(connection, account_id)
    changed = 0
    for series in series_of_day(heard, today):

        async def ask(source: AudibleSource, series: str = series) -> int:
            return await _ask(store, account_id, source, series, now)

        changed += await sync.errand(SyncType.WISHLIST, ask)
    return changed


async def _ask(
    store: Store,
    account_id: AccountId,
    source: AudibleSource,
    series: str,
    now: datetime,
) -> int:
    today = now.astimezone(store.time_zone).date()
    found = await source.search_series(series)
    coming = [one for one in found if one.release_on >= today]
    async with store.transaction() as connection:
        await count_requests(connection, account_id, 1, today=today)
        await forget_releases(connection, account_id, before=today - _KEPT)
        return await save_releases(connection, account_id, series, coming, now=now)
