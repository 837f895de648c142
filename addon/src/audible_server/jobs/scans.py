"""Looks through the library folder as jobs: one for all servers that share it."""

import asyncio
from typing import Final

from audible_server.jobs.desk import Desk
from audible_server.jobs.worker import Report
from audible_server.scan.scanner import Scanner
from audible_server.store.clock import now_ms
from audible_server.store.job import Job, JobKind, JobState, Priority, Progress
from audible_server.store.jobs import JobStore

FOLDER: Final = "folder"
"""What such a job is about; there is one folder, and so one open job."""

_MS_PER_S: Final = 1000


class ScanJobs:
    """Asks for scans, and does them."""

    def __init__(self, desk: Desk, jobs: JobStore, scanner: Scanner) -> None:
        """Let the scanner do the work."""
        self._desk = desk
        self._jobs = jobs
        self._scanner = scanner

    async def start(self, *, priority: int = Priority.ASKED) -> Job:
        """Ask for a scan; one that waits or runs is that."""
        return await self._desk.add(JobKind.SCAN, FOLDER, priority=priority)

    async def ask(self, fresh_s: float) -> bool:
        """Ask for a scan that sees what is there now, if none did within a time.

        Returns False while one runs, which may have passed the place that changed.
        """
        since_ms = now_ms() - int(fresh_s * _MS_PER_S)
        if fresh_s and await self._jobs.was_begun(JobKind.SCAN, since_ms=since_ms):
            return True
        job = await self.start(priority=Priority.LATER)
        return job.state is not JobState.RUNNING

    async def is_open(self) -> bool:
        """Tell whether a scan waits or runs."""
        is_asked = await self._desk.find_open(JobKind.SCAN, FOLDER) is not None
        return is_asked or self._scanner.is_running

    async def run(self, _job: Job, report: Report) -> None:
        """Scan, and once more if a file may not have been whole.

        What is written even then is left to the watch. Raises StoreError or OSError.
        """

        async def tell(fraction: float) -> None:
            await report(Progress("reading", fraction))

        if (await self._scanner.scan(tell)).settling:
            await report(Progress("settling"))
            await asyncio.sleep(self._scanner.settle_s)
            await self._scanner.scan(tell)
