"""Keeping the list of titles like the libraries at Audible."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from audible_core.errors import StoreError, SyncTooSoonError, TrackerError
from audible_core.store.limits import SYNC_FLOOR

from audible_server.library.background import Background
from audible_server.library.patience import RETRY_WAITS_S, patiently
from audible_server.library.shop import Shop
from audible_server.store.accounts import AccountStore, StoredAccount
from audible_server.store.books import BookStore
from audible_server.store.clock import now_ms

_LOGGER = logging.getLogger(__name__)
_STALE: Final = timedelta(days=1)
_LOOK_EVERY_S: Final = 3600


class Catalog:
    """Fetches each account's library when it is handed over, and once a day."""

    def __init__(
        self,
        *,
        accounts: AccountStore,
        books: BookStore,
        shop: Shop,
        background: Background,
        retry_waits_s: Sequence[float] = RETRY_WAITS_S,
    ) -> None:
        """Use open stores; the background owns the work.

        ``retry_waits_s`` are the pauses between tries while Audible does not answer.
        """
        self._accounts = accounts
        self._books = books
        self._shop = shop
        self._background = background
        self._retry_waits_s = tuple(retry_waits_s)
        self._wanted: set[str] = set()

    def start(self) -> None:
        """Begin to look every hour which libraries are a day old."""
        self._background.start("catalog", self._watch())

    def refresh(self, account_id: str) -> None:
        """Begin to fetch a library; once more if that goes on already."""
        self._wanted.add(account_id)
        self._background.start(_name(account_id), self._refresh(account_id))

    async def forget(self, account_id: str) -> None:
        """Stop fetching a library."""
        self._wanted.discard(account_id)
        await self._background.cancel(_name(account_id))

    async def refresh_if_due(self, account_id: str) -> None:
        """Begin to fetch a library that was not fetched within the floor.

        The integration hands its account over at each of its starts. What is being
        fetched is fetched once more: the credentials may be new ones.
        """
        account = await self._accounts.load(account_id)
        is_running = self._background.is_running(_name(account_id))
        if is_running or _is_older(account, SYNC_FLOOR):
            self.refresh(account_id)

    async def fetch_now(self, account_id: str) -> datetime:
        """Begin to fetch a library; return from when on it can be fetched again.

        Raises UnknownAccountError, and SyncTooSoonError within the floor.
        """
        account = await self._accounts.load(account_id)
        if not _is_older(account, SYNC_FLOOR):
            fetched_at = (account.library_fetched_at or 0) / 1000
            raise SyncTooSoonError(
                until=datetime.fromtimestamp(fetched_at, UTC) + SYNC_FLOOR
            )
        if not self._background.is_running(_name(account_id)):
            self.refresh(account_id)
        return datetime.now(UTC) + SYNC_FLOOR

    async def _watch(self) -> None:
        while True:
            try:
                await self._refresh_stale()
            except StoreError as err:
                # A full disk, a lock: the next look may find it well.
                _LOGGER.warning("No look at the libraries: %s", err.key)
            await asyncio.sleep(_LOOK_EVERY_S)

    async def _refresh_stale(self) -> None:
        for account in await self._accounts.load_all():
            if _is_older(account, _STALE):
                self.refresh(account.account_id)

    async def _refresh(self, account_id: str) -> None:
        # Asked for again meanwhile: perhaps the credentials are new ones.
        while account_id in self._wanted:
            self._wanted.discard(account_id)
            await self._fetch(account_id)

    async def _fetch(self, account_id: str) -> None:
        try:
            titles = await patiently(
                lambda: self._shop.fetch_library(account_id), self._retry_waits_s
            )
            await self._books.save_library(account_id, titles)
        except TrackerError as err:
            _LOGGER.warning("A library could not be fetched: %s", err.key)
            await self._accounts.mark_failed(account_id, err)
        else:
            _LOGGER.info("A library was fetched, %d titles", len(titles))
            await self._accounts.mark_fetched(account_id)


def _name(account_id: str) -> str:
    return f"library {account_id}"


def _is_older(account: StoredAccount, age: timedelta) -> bool:
    fetched_at = account.library_fetched_at
    if fetched_at is None:
        return True
    return now_ms() - fetched_at >= age.total_seconds() * 1000
