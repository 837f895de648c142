"""PgQueuer: the queue in memory or in PostgreSQL, and its manager for this server.

Importing it costs 15 MB and a third of a second, so only who has a job does.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final, override

from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.adapters.inmemory import InMemoryDriver, InMemoryQueries
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.core.qm import QueueManager
from pgqueuer.domain.errors import RetryRequested
from pgqueuer.domain.models import Context, Job
from pgqueuer.domain.types import JobId, QueueEntrypoint
from sqlalchemy.ext.asyncio import AsyncEngine

from audible_server.store.lines import opened_line

HEARTBEAT_S: Final = 15.0
"""Jobs of a server that was silent for so long are done by another one."""

_INSTALL_LOCK: Final = 0x4A4F4253
_LOOK_EVERY_S: Final = 10.0
# Told of changes, the manager looks at once; this is for what was told too early.
_LOOK_AGAIN_S: Final = 0.25

type Work = Callable[[int, int, Awaitable[None]], Awaitable[float | None]]


class Dispatcher(QueueManager):
    """The manager, which also keeps limits that count on this server alone."""

    queries: Queries | InMemoryQueries

    def __init__(
        self, queries: Queries | InMemoryQueries, own_limits: Mapping[str, int]
    ) -> None:
        """Use open queries; a kind without a limit has none."""
        super().__init__(queries)
        self.min_dequeue_poll_interval = timedelta(seconds=_LOOK_AGAIN_S)
        self._own_limits = own_limits
        self._kinds: dict[JobId, QueueEntrypoint] = {}

    @override
    def entrypoints_below_capacity_limits(self) -> set[QueueEntrypoint]:
        """Return the kinds of which this server may begin another job."""
        running = Counter(
            kind for job_id, kind in self._kinds.items() if job_id in self.job_context
        )
        return {
            kind
            for kind in self.entrypoint_registry
            if running[kind] < self._own_limits.get(kind, running[kind] + 1)
        }

    @override
    async def fetch_jobs(
        self,
        batch_size: int,
        global_concurrency_limit: int | None,
        heartbeat_timeout: timedelta,
    ) -> AsyncGenerator[Job]:
        """Yield jobs, and remember of which kind each is."""
        jobs = super().fetch_jobs(
            batch_size, global_concurrency_limit, heartbeat_timeout
        )
        async for job in jobs:
            self._kinds = {
                job_id: kind
                for job_id, kind in self._kinds.items()
                if job_id in self.job_context
            } | {job.id: job.entrypoint}
            yield job

    def handle(self, kind: str, work: Work, *, shared_limit: int) -> None:
        """Let work of a kind be done; the limit counts on all servers, 0 is none."""

        async def handle(job: Job, context: Context) -> None:
            if self.shutdown.is_set():
                raise RetryRequested
            withdrawn = _withdrawn(context)
            again_s = await work(int(job.payload or b"0"), int(job.id), withdrawn)
            if again_s is not None:
                raise RetryRequested(timedelta(seconds=again_s))

        self.entrypoint(kind, concurrency_limit=shared_limit, accepts_context=True)(
            handle
        )

    def interrupt(self) -> None:
        """Begin nothing more, and take all jobs back."""
        self.shutdown.set()
        for context in tuple(self.job_context.values()):
            context.cancellation.cancel()

    async def withdraw(self, job_id: int) -> None:
        """Take a job out of the queue, and back from whoever does it."""
        await self.queries.mark_job_as_cancelled([JobId(job_id)])

    async def forget_log(self) -> None:
        """Delete what the queue writes down of each job; our own table has it."""
        await self.queries.clear_queue_log(list(self.entrypoint_registry))

    async def serve(self) -> None:
        """Hand jobs over until interrupted; raise what ends the queue before."""
        await self.run(
            dequeue_timeout=timedelta(seconds=_LOOK_EVERY_S),
            # One at a time, so that limits are looked at before each.
            batch_size=1,
            heartbeat_timeout=timedelta(seconds=HEARTBEAT_S),
            shutdown_on_listener_failure=True,
            # Nobody reads its statistics.
            log_aggregation_interval=timedelta(0),
        )


async def _withdrawn(context: Context) -> None:
    """Return when the queue takes a job back.

    The work itself is not put under the scope: that cancels again and again, also who
    is cleaning up.
    """
    with context.cancellation:
        await asyncio.Event().wait()


@asynccontextmanager
async def opened_queries(
    engine: AsyncEngine, on_lost: Callable[[], None]
) -> AsyncGenerator[Queries | InMemoryQueries]:
    """Open the queue of a database's kind; ``on_lost`` is called when it is gone."""
    if engine.dialect.name != "postgresql":
        yield InMemoryQueries(InMemoryDriver())
        return
    async with opened_line(engine, on_lost) as driver:
        queries = Queries(AsyncpgDriver(driver))
        await _install(queries)
        yield queries


async def _install(queries: Queries) -> None:
    """Make or renew the queue's own tables; servers that start together take turns."""
    await queries.driver.execute(f"SELECT pg_advisory_lock({_INSTALL_LOCK})")
    try:
        if await queries.schema_is_installed():
            await queries.upgrade()
        else:
            await queries.install()
    finally:
        await queries.driver.execute(f"SELECT pg_advisory_unlock({_INSTALL_LOCK})")
