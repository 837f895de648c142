"""Fetching libraries as jobs: when an account is handed over, and once a day."""

import asyncio
import logging
from contextlib import suppress
from datetime import datetime
from typing import Final

from audible_core.errors import JobStateError, StoreError

from audible_server.jobs.desk import Desk
from audible_server.jobs.downloads import DownloadJobs
from audible_server.jobs.rules import Policy
from audible_server.jobs.worker import Report
from audible_server.library.catalog import Catalog
from audible_server.store.accounts import AccountStore
from audible_server.store.job import Job, JobKind, JobState

_LOGGER = logging.getLogger(__name__)
_LOOK_EVERY_S: Final = 3600


class LibraryJobs:
    """Asks for libraries to be fetched, and fetches them."""

    def __init__(
        self,
        desk: Desk,
        catalog: Catalog,
        accounts: AccountStore,
        downloads: DownloadJobs,
        policy: Policy,
    ) -> None:
        """Let the catalog do the work; then begin what the policy wants."""
        self._accounts = accounts
        self._downloads = downloads
        self._policy = policy
        self._desk = desk
        self._catalog = catalog

    async def refresh(self, account_id: str) -> None:
        """Ask for a library; what is being fetched begins anew.

        The credentials may be new ones.
        """
        await self.forget(account_id, only_running=True)
        await self._desk.add(JobKind.LIBRARY, account_id)

    async def refresh_if_due(self, account_id: str) -> None:
        """Ask for a library that was not fetched within the floor, or is just being.

        Raises UnknownAccountError.
        """
        is_open = await self._desk.find_open(JobKind.LIBRARY, account_id) is not None
        if await self._catalog.is_due(account_id) or is_open:
            await self.refresh(account_id)

    async def fetch_now(self, account_id: str) -> datetime:
        """Ask for a library; return from when on it can be fetched again.

        Raises UnknownAccountError, and SyncTooSoonError within the floor.
        """
        next_at = await self._catalog.check_floor(account_id)
        await self._desk.add(JobKind.LIBRARY, account_id)
        return next_at

    async def forget(self, account_id: str, *, only_running: bool = False) -> None:
        """Stop fetching a library."""
        job = await self._desk.find_open(JobKind.LIBRARY, account_id)
        if job is None or (only_running and job.state is not JobState.RUNNING):
            return
        with suppress(JobStateError):
            # It may have ended meanwhile.
            await self._desk.cancel(job.number)

    async def run(self, job: Job, _report: Report) -> None:
        """Fetch a library; raise TrackerError."""
        await self._catalog.fetch(job.subject)
        # The first look after "new" was chosen is the baseline: nothing old comes.
        baseline_at = await self._accounts.note_baseline(
            job.subject, is_wanted=self._policy is Policy.NEW
        )
        await self._downloads.begin_wished(job.subject, baseline_at)

    async def watch(self) -> None:
        """Ask every hour for the libraries that are a day old."""
        while True:
            try:
                for account_id in await self._catalog.load_stale():
                    await self._desk.add(JobKind.LIBRARY, account_id)
            except StoreError as err:
                # A full disk, a lock: the next look may find it well.
                _LOGGER.warning("No look at the libraries: %s", err.key)
            except Exception:
                # The day after, libraries are wanted too.
                _LOGGER.exception("No look at the libraries")
            await asyncio.sleep(_LOOK_EVERY_S)
