"""The wishlist: what it holds, and what a person puts on it or takes off."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from ..audible.requests import wishlist_requests
from ..kinds import SyncType
from ..models import Asin, Wish
from ..store.accounts import count_requests
from ..store.database import Store
from ..store.records import AccountId
from ..store.wishlist import save_wishes
from .audible_source import AudibleSource
from .engine import AccountSync


async def ask_wishlist(
    sync: AccountSync, store: Store, account_id: AccountId, *, now: datetime
) -> int:
    """Ask for the wishlist, if Audible may be asked; return how much has changed.

    Raises AudibleError.
    """
    return await sync.errand(
        SyncType.WISHLIST, lambda source: _ask(store, account_id, source, now)
    )


async def change_wishlist(
    sync: AccountSync,
    store: Store,
    account_id: AccountId,
    asin: Asin,
    *,
    is_wished: bool,
    now: datetime,
) -> int:
    """Put a title on the wishlist or take it off, and look what it holds then.

    Raises SyncRefusedError, AudibleError.
    """

    async def change(source: AudibleSource) -> int:
        if is_wished:
            await source.add_wish(asin)
        else:
            await source.remove_wish(asin)
        async with store.transaction() as connection:
            await _count(connection, store, account_id, 1, now)
        return await _ask(store, account_id, source, now)

    return await sync.errand(SyncType.WISHLIST, change, is_asked=True)


async def find_wishes(
    sync: AccountSync,
    store: Store,
    account_id: AccountId,
    words: str,
    *,
    now: datetime,
) -> tuple[Wish, ...]:
    """Return titles of the shop by words of title or persons: one request.

    Raises SyncRefusedError, AudibleError.
    """
    found: list[Wish] = []

    async def search(source: AudibleSource) -> int:
        found.extend(await source.search_catalog(words))
        async with store.transaction() as connection:
            await _count(connection, store, account_id, 1, now)
        return len(found)

    await sync.errand(SyncType.WISHLIST, search, is_asked=True)
    return tuple(found)


async def _ask(
    store: Store, account_id: AccountId, source: AudibleSource, now: datetime
) -> int:
    wishes = await source.fetch_wishlist()
    made = wishlist_requests(len(wishes))
    async with store.transaction() as connection:
        await _count(connection, store, account_id, made, now)
        return await save_wishes(connection, account_id, wishes, now=now)


async def _count(
    connection: AsyncConnection,
    store: Store,
    account_id: AccountId,
    requests: int,
    now: datetime,
) -> None:
    today = now.astimezone(store.time_zone).date()
    await count_requests(connection, account_id, requests, today=today)
