"""One server's jobs without the rest of the server, doing what a test tells them."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from audible_server.jobs.desk import Desk
from audible_server.jobs.queue import JobQueue, Limit
from audible_server.jobs.worker import Handler, Report, Worker
from audible_server.library.events import Events
from audible_server.store.database import open_database
from audible_server.store.job import Job, JobKind, JobState, Progress
from audible_server.store.jobs import JobStore
from tests.addon.patience import SOON_S

LIMITS = {kind: Limit(2, is_shared=kind is JobKind.DOWNLOAD) for kind in JobKind}


class Bench:
    """Work that goes on until it is let go, and remembers who came."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.ended: list[str] = []
        self.interrupted: list[str] = []
        self.let_go = asyncio.Event()

    async def __call__(self, job: Job, report: Report) -> None:
        await report(Progress(step="working", fraction=0.25, done_bytes=2**33))
        self.begun.append(job.subject)
        try:
            await self.let_go.wait()
        except asyncio.CancelledError:
            # Who cleans up is not disturbed again.
            await asyncio.sleep(0.05)
            self.interrupted.append(job.subject)
            raise
        self.ended.append(job.subject)

    async def until(self, count: int) -> None:
        """Wait until so many jobs have begun."""
        async with asyncio.timeout(SOON_S):
            while len(self.begun) < count:
                await asyncio.sleep(0.02)


@dataclass(frozen=True, slots=True)
class Workshop:
    """The parts that a test looks at."""

    engine: AsyncEngine
    store: JobStore
    desk: Desk
    queue: JobQueue
    events: Events

    async def until(self, number: int, *states: JobState) -> Job:
        """Return a job once it is in one of some states."""
        async with asyncio.timeout(SOON_S):
            while (job := await self.store.load(number)).state not in states:
                await asyncio.sleep(0.02)
        return job


@asynccontextmanager
async def open_workshop(
    target: str | Path,
    run: Handler,
    *,
    limits: dict[JobKind, Limit] = LIMITS,
    retry_waits_s: Sequence[float] = (),
    follow: Callable[[Job], Awaitable[None]] | None = None,
) -> AsyncGenerator[Workshop]:
    """Run the jobs of one server; all kinds do the same."""
    engine = await open_database(target)
    store, events = JobStore(engine), Events()
    desk = Desk(store, events)
    handlers = dict.fromkeys(JobKind, run)
    worker = Worker(store, handlers, desk.tell, retry_waits_s=retry_waits_s)
    queue = JobQueue(engine, store, worker, limits)
    desk.join(queue, dict.fromkeys(JobKind, follow) if follow else {})
    await queue.start()
    try:
        yield Workshop(engine, store, desk, queue, events)
    finally:
        await queue.close()
        await engine.dispose()
