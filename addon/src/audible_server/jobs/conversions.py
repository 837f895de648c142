"""Conversions as jobs: asked for by people, or after each download if so chosen."""

from contextlib import suppress

from audible_core.errors import NotDownloadedError
from audible_core.models import Asin

from audible_server.conversion.choices import Target
from audible_server.conversion.converter import Converter
from audible_server.jobs.desk import Desk
from audible_server.jobs.worker import Report
from audible_server.library.shelf import Shelf
from audible_server.store.accounts import REFUSALS
from audible_server.store.job import Job, JobKind, JobState, Priority, Progress
from audible_server.store.jobs import JobStore

_FORMAT = "format"


class ConversionJobs:
    """Begins conversions; the titles' states say that one runs."""

    def __init__(
        self, *, desk: Desk, jobs: JobStore, shelf: Shelf, converter: Converter
    ) -> None:
        """Let the converter do the work."""
        self._desk = desk
        self._jobs = jobs
        self._shelf = shelf
        self.converter = converter

    async def start(
        self,
        asin: Asin,
        target: Target | None = None,
        *,
        priority: int = Priority.ASKED,
    ) -> Job:
        """Ask for a conversion: to what was chosen, else to M4B; return the job.

        Raises UnknownBookError, or NotDownloadedError.
        """
        book = await self._shelf.load(asin)
        if not book.is_downloaded:
            raise NotDownloadedError(asin=asin)
        chosen = target or self.converter.choices.target or Target.M4B
        wish = {_FORMAT: chosen.value}
        return await self._desk.add(JobKind.CONVERT, asin, priority=priority, wish=wish)

    async def follow_download(self, job: Job) -> None:
        """Ask for a conversion after a download, if the owner chose so."""
        if job.state is JobState.DONE and self.converter.choices.target is not None:
            await self.start(Asin(job.subject), priority=Priority.LATER)

    async def go_on(self, account_id: str) -> None:
        """Ask again for what a sign-in that was refused kept from being made."""
        failed = await self._jobs.load_failed(JobKind.CONVERT, account_id, REFUSALS)
        for job in failed:
            # What was deleted since is not wanted any more.
            with suppress(NotDownloadedError):
                target = Target(job.wish[_FORMAT])
                await self.start(Asin(job.subject), target, priority=job.priority)

    async def run(self, job: Job, report: Report) -> None:
        """Convert a title; raise TrackerError or OSError."""

        async def progress(fraction: float) -> None:
            await report(Progress("converting", fraction))

        target = Target(job.wish[_FORMAT])
        await self.converter.convert(Asin(job.subject), progress, target=target)
