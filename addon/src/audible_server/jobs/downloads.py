"""Downloads as jobs: asked for by people and players, done when their turn comes."""

import asyncio
import logging
from contextlib import suppress
from typing import Final

from audible_core.errors import TrackerError
from audible_core.models import Asin
from audible_core.wire import BookState

from audible_server.downloads.companions import Companions
from audible_server.downloads.downloader import Downloader
from audible_server.jobs.desk import Desk
from audible_server.jobs.removal import Removal
from audible_server.jobs.rules import Rules, asins_wanted, check_day
from audible_server.jobs.worker import Handler, Report
from audible_server.library.shelf import Shelf
from audible_server.store.accounts import REFUSALS
from audible_server.store.books import UNDER_WAY, Book, BookStore
from audible_server.store.job import Job, JobKind, JobState, Priority, Progress
from audible_server.store.jobs import JobStore

_LOGGER = logging.getLogger(__name__)
_LOOK_EVERY_S: Final = 1.0


class DownloadJobs:
    """Begins downloads, and keeps the titles' states like those of their jobs."""

    def __init__(
        self,
        *,
        desk: Desk,
        jobs: JobStore,
        books: BookStore,
        shelf: Shelf,
        downloader: Downloader,
        rules: Rules,
    ) -> None:
        """Let the downloader do the work, within the rules."""
        self._jobs = jobs
        self._rules = rules
        self._desk = desk
        self._books = books
        self._shelf = shelf
        self._downloader = downloader
        self._starting = asyncio.Lock()

    async def start(self, asin: Asin, *, priority: int = Priority.ASKED) -> Book:
        """Ask for a download, or go on with one; return the title at once.

        What is on disk is left alone. Raises UnknownBookError.
        """
        async with self._starting:
            book = await self._shelf.load(asin)
            if book.is_downloaded:
                return book
            if await self._desk.find_open(JobKind.DOWNLOAD, asin) is None:
                await self._downloader.prepare(book)
                await self._books.update(
                    asin,
                    state=BookState.QUEUED,
                    error=None,
                    error_text=None,
                    is_unwanted=False,
                )
            await self._desk.add(JobKind.DOWNLOAD, asin, priority=priority)
        return await self._books.load(asin)

    async def go_on(self, account_id: str) -> None:
        """Ask again for what a sign-in that was refused kept from coming."""
        for asin in await self._books.load_failed(account_id, REFUSALS):
            await self.start(asin)

    async def resume(self) -> None:
        """Ask again for what is under way in the table of titles and is no job."""
        for book in await self._books.load_in(*UNDER_WAY):
            if await self._desk.find_open(JobKind.DOWNLOAD, book.asin) is None:
                await self._desk.add(JobKind.DOWNLOAD, book.asin)

    async def run(self, job: Job, report: Report) -> Book:
        """Bring a title into the folder and return it.

        Raises TrackerError or OSError.
        """
        asin = Asin(job.subject)
        await check_day(self._rules, self._jobs, job)
        has_ended = asyncio.Event()
        watching = asyncio.create_task(self._watch(asin, report, has_ended))
        try:
            await self._downloader.download(asin, report.lease)
        finally:
            # Not cancelled: half a change to the database would lock it for others.
            has_ended.set()
            await asyncio.wait([watching])
        return await self._books.load(asin)

    async def begin_wished(self, account_id: str, baseline_at: int | None) -> None:
        """Ask for what is to be downloaded of a library without being asked for."""
        listed = await self._books.load_untouched(account_id)
        for asin in asins_wanted(self._rules.policy, listed, baseline_at):
            await self.start(asin, priority=Priority.POLICY)

    async def follow(self, job: Job) -> None:
        """Keep a title's state like that of its job."""
        asin = Asin(job.subject)
        match job.state:
            case JobState.QUEUED | JobState.PAUSED | JobState.FAILED:
                has_failed = job.state is JobState.FAILED
                await self._books.update(
                    asin,
                    state=BookState.FAILED if has_failed else BookState.QUEUED,
                    error=job.error,
                    error_text=job.error_text,
                )
            case JobState.CANCELLED:
                await self._books.update(asin, state=BookState.NEW)
                await self._shelf.load(asin)
            case JobState.RUNNING:
                # The download itself says how far it is.
                await self._books.update(asin, error=None, error_text=None)
            case JobState.DONE:
                pass

    async def _watch(
        self, asin: Asin, report: Report, has_ended: asyncio.Event
    ) -> None:
        while not has_ended.is_set():
            try:
                await report(progress_of(await self._books.load(asin)))
            except TrackerError as err:
                # The download itself goes on, and is told of from the next look on.
                _LOGGER.warning("No look at the download of %s: %s", asin, err.key)
            with suppress(TimeoutError):
                await asyncio.wait_for(has_ended.wait(), _LOOK_EVERY_S)


def progress_of(book: Book) -> Progress:
    """Return how far a download is."""
    done, total = book.downloaded_bytes, book.size_bytes
    if not total:
        return Progress(step="license", done_bytes=done)
    have = min(done or 0, total)
    step = "checking" if have == total else "downloading"
    return Progress(step, have / total, have, total)


def downloading(
    downloads: DownloadJobs, companions: Companions, removal: Removal
) -> Handler:
    """Return what downloads a title with its PDF, and then makes room for others."""

    async def download(job: Job, report: Report) -> None:
        book = await downloads.run(job, report)
        await companions.bring(book)
        await removal.keep_newest()

    return download
