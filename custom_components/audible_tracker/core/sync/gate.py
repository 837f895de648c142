"""Whether an account may be asked about now, and what becomes of a refusal."""

import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from ..errors import (
    AccountUnloadedError,
    AudibleError,
    StoreError,
    SyncTooSoonError,
    TitleNotFollowedError,
    TrackerError,
)
from ..kinds import SyncStatus, SyncType
from ..models import Asin
from ..store.accounts import (
    clear_wait,
    count_requests,
    load_account,
    note_purchases_asked,
    note_wait,
)
from ..store.database import Store
from ..store.limits import SYNC_FLOOR, Refusal, sync_refusal
from ..store.records import AccountId, SyncLogFields, SyncSetting, TrackedAccount
from ..store.sync_logs import add_sync_log, timed
from .back_off import RefusalKind, kind_of, pause_after
from .limits import ask_refusal, poll_refusal
from .refusals import error_of

ONE_TITLE_FLOOR: Final = timedelta(minutes=1)
"""One title is not asked for more often, whoever asks for it."""


class Gate:
    """One account's leave to ask Audible. All of it but single titles is stored."""

    def __init__(
        self,
        store: Store,
        account_id: AccountId,
        now: Callable[[], datetime],
        take_requests: Callable[[], int],
    ) -> None:
        """Begin with no failure.

        ``take_requests`` says how many were made since it was asked last.
        """
        self._store = store
        self._account_id = account_id
        self._now = now
        self._take_requests = take_requests
        self._failures = 0
        self._title_at: dict[Asin, datetime] = {}

    async def account(self) -> TrackedAccount:
        """Return the account as it stands."""
        async with self._store.reading() as connection:
            return await load_account(connection, self._account_id)

    async def allowed(self, *, is_automatic: bool) -> TrackedAccount:
        """Return the account if its library may be synced; raise SyncRefusedError.

        What a person asked for and did not get is in the log.
        """
        account = await self.account()
        refusal = sync_refusal(
            account,
            now=self._now(),
            time_zone=self._store.time_zone,
            is_automatic=is_automatic,
        )
        if refusal is None:
            return account
        if not is_automatic:
            await self._add_refused_log(refusal)
        raise error_of(refusal, account)

    def may_poll(self, account: TrackedAccount) -> bool:
        """Tell whether anything but the library may be asked for."""
        zone = self._store.time_zone
        return poll_refusal(account, now=self._now(), time_zone=zone) is None

    def may_write(self, account: TrackedAccount) -> bool:
        """Tell whether Audible may be told what a person did here.

        Who does not sync by itself may still write, and so may who polls a lot.
        """
        zone = self._store.time_zone
        return ask_refusal(account, now=self._now(), time_zone=zone) is None

    def may_ask_delta(self, account: TrackedAccount) -> bool:
        """Tell whether the last look at the library is long enough ago."""
        if account.state_token is None or not self.may_poll(account):
            return False
        # A look in the future is none: a clock was set back.
        now = self._now()
        looks = (account.last_sync_at, account.purchases_asked_at)
        return not any(at and now - SYNC_FLOOR < at <= now for at in looks)

    async def note_delta(self) -> None:
        """Begin to count the time to the next look at what came and went anew."""
        async with self._store.transaction() as connection:
            await note_purchases_asked(connection, self._account_id, at=self._now())

    def admits(
        self, account: TrackedAccount, sync_type: SyncType, *, is_asked: bool
    ) -> bool:
        """Tell whether something beside the syncs may be done.

        What a person has asked for raises SyncRefusedError where it may not.
        """
        if is_asked:
            self.check_asked(account)
            return True
        if sync_type is SyncType.WRITE_BACK:
            return self.may_write(account)
        return self.may_poll(account)

    def check_asked(self, account: TrackedAccount) -> None:
        """Raise SyncRefusedError if a person may not ask for anything now."""
        zone = self._store.time_zone
        refusal = ask_refusal(account, now=self._now(), time_zone=zone)
        if refusal is not None:
            raise error_of(refusal, account)

    def check_title(
        self, account: TrackedAccount, asin: Asin, setting: SyncSetting | None
    ) -> None:
        """Raise SyncRefusedError if one title may not be asked for by hand now."""
        self.check_asked(account)
        now = self._now()
        if setting is not None and not setting.sync_enabled:
            raise TitleNotFollowedError(asin=asin)
        last = self._title_at.get(asin)
        if last is not None and last <= now < last + ONE_TITLE_FLOOR:
            raise SyncTooSoonError(until=last + ONE_TITLE_FLOOR)
        self._title_at[asin] = now

    @asynccontextmanager
    async def noting(
        self, sync_type: SyncType, account: TrackedAccount, *, is_errand: bool = False
    ) -> AsyncIterator[datetime]:
        """Yield the start; keep what goes wrong in the log, with the pause after it.

        An errand beside the syncs pauses them only where they would be refused too.
        """
        log = SyncLogFields(
            account_id=self._account_id,
            sync_type=sync_type,
            status=SyncStatus.FAILED,
            started_at=self._now(),
            duration_ms=0,
        )
        self._take_requests()
        try:
            yield log.started_at
        except AudibleError as err:
            if is_errand and kind_of(err) is RefusalKind.ANSWER:
                await self._add_log(self._ended(log, err))
            else:
                self._failures += 1
                # An errand counts its own.
                made = 1 if is_errand else max(1, self._take_requests())
                await self._note_failure(log, err, requests=made)
            raise
        except AccountUnloadedError:
            # Nobody's failure: it is done again once the account is loaded.
            raise
        except TitleNotFollowedError:
            # Audible answered: it has no such title.
            await self.count(max(1, self._take_requests()))
            raise
        except Exception as err:
            # Where the database itself is in the way, its log cannot be written.
            with suppress(StoreError):
                await self._add_log(self._ended(log, err))
            raise
        self._failures = 0
        if account.wait_reason is not None:
            async with self._store.transaction() as connection:
                await clear_wait(connection, self._account_id)

    async def count(self, requests: int) -> None:
        """Count requests that no sync counts."""
        today = self._now().astimezone(self._store.time_zone).date()
        async with self._store.transaction() as connection:
            await count_requests(connection, self._account_id, requests, today=today)

    async def _note_failure(
        self, log: SyncLogFields, err: AudibleError, *, requests: int
    ) -> None:
        now = self._now()
        pause = pause_after(
            err,
            failures=self._failures,
            now=now,
            jitter=random.random(),  # noqa: S311 - spreads load, guards nothing
        )
        today = now.astimezone(self._store.time_zone).date()
        async with self._store.transaction() as connection:
            await add_sync_log(connection, self._ended(log, err))
            await count_requests(connection, self._account_id, requests, today=today)
            await note_wait(
                connection, self._account_id, until=pause.until, reason=pause.reason
            )

    async def _add_refused_log(self, refusal: Refusal) -> None:
        until = refusal.until.isoformat() if refusal.until else None
        log = SyncLogFields(
            account_id=self._account_id,
            sync_type=SyncType.LIBRARY,
            status=SyncStatus.REFUSED,
            started_at=self._now(),
            duration_ms=0,
            error_key=refusal.reason,
            details={"until": until},
        )
        await self._add_log(log)

    async def _add_log(self, log: SyncLogFields) -> None:
        async with self._store.transaction() as connection:
            await add_sync_log(connection, log)

    def _ended(self, log: SyncLogFields, err: Exception) -> SyncLogFields:
        key = err.key if isinstance(err, TrackerError) else TrackerError.key
        return replace(timed(log, self._now()), error_key=key)
