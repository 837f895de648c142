"""Keeping the list of titles like the libraries at Audible."""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from audible_core.errors import RegistrationTooOldError, SyncTooSoonError, TrackerError
from audible_core.store.limits import SYNC_FLOOR

from audible_server.library.patience import RETRY_WAITS_S, patiently
from audible_server.library.shop import Shop
from audible_server.store.accounts import AccountStore, StoredAccount
from audible_server.store.books import BookStore
from audible_server.store.clock import now_ms

_LOGGER = logging.getLogger(__name__)
_STALE: Final = timedelta(days=1)


class Catalog:
    """Fetches the libraries of the accounts."""

    def __init__(
        self,
        *,
        accounts: AccountStore,
        books: BookStore,
        shop: Shop,
        retry_waits_s: Sequence[float] = RETRY_WAITS_S,
    ) -> None:
        """Use open stores.

        ``retry_waits_s`` are the pauses between tries while Audible does not answer.
        """
        self._accounts = accounts
        self._books = books
        self._shop = shop
        self._retry_waits_s = tuple(retry_waits_s)

    async def fetch(self, account_id: str) -> None:
        """Fetch an account's library; what fails is noted with the account and raised.

        Raises UnknownAccountError, AudibleError, SealError.
        """
        try:
            titles, with_pdf = await patiently(
                lambda: self._shop.fetch_library(account_id), self._retry_waits_s
            )
            await self._books.save_library(account_id, titles, with_pdf)
        except TrackerError as err:
            _LOGGER.warning("A library could not be fetched: %s", err.key)
            await self._accounts.mark_failed(account_id, err)
            raise
        _LOGGER.info("A library was fetched, %d titles", len(titles))
        await self._accounts.mark_fetched(account_id)

    async def check_floor(self, account_id: str) -> datetime:
        """Return from when on a library fetched now could be fetched again.

        Raises UnknownAccountError, and SyncTooSoonError within the floor.
        """
        account = await self._accounts.load(account_id)
        if not _is_older(account, SYNC_FLOOR):
            fetched_at = (account.library_fetched_at or 0) / 1000
            raise SyncTooSoonError(
                until=datetime.fromtimestamp(fetched_at, UTC) + SYNC_FLOOR
            )
        return datetime.now(UTC) + SYNC_FLOOR

    async def is_due(self, account_id: str) -> bool:
        """Tell whether a library may be fetched; raise UnknownAccountError.

        The integration hands its account over at each of its starts.
        """
        account = await self._accounts.load(account_id)
        return _may_be_well(account) or _is_older(account, SYNC_FLOOR)

    async def load_stale(self) -> tuple[str, ...]:
        """Return the accounts whose libraries are a day old."""
        return tuple(
            account.account_id
            for account in await self._accounts.load_all()
            if _is_older(account, _STALE)
        )


def _may_be_well(account: StoredAccount) -> bool:
    """Tell whether the next fetch may find well what the last one did not."""
    return account.error not in (None, RegistrationTooOldError.key)


def _is_older(account: StoredAccount, age: timedelta) -> bool:
    fetched_at = account.library_fetched_at
    if fetched_at is None:
        return True
    return now_ms() - fetched_at >= age.total_seconds() * 1000
