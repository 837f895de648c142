"""The queue that tells this server which jobs to do, kept up while the server runs."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Final

from audible_core.errors import StoreError
from audible_core.store.engine import store_error, translated_errors
from sqlalchemy.ext.asyncio import AsyncEngine

from audible_server.jobs.worker import Worker
from audible_server.store.clock import now_ms
from audible_server.store.job import Job, JobKind
from audible_server.store.jobs import JobStore

if TYPE_CHECKING:
    from audible_server.jobs.dispatch import Dispatcher

_LOGGER = logging.getLogger(__name__)
_COMPARE_EVERY_S: Final = 60.0
_AGAIN_S: Final = (0.5, 1.0, 5.0, 15.0)


@dataclass(frozen=True, slots=True)
class Limit:
    """How many jobs of a kind run at once: on each server, or on all together."""

    count: int
    is_shared: bool = False


LIMITS: Final[Mapping[JobKind, Limit]] = {
    # The shop sees one customer, however many servers there are.
    JobKind.DOWNLOAD: Limit(2, is_shared=True),
    JobKind.LIBRARY: Limit(1, is_shared=True),
    JobKind.SCAN: Limit(1, is_shared=True),
    JobKind.CONVERT: Limit(1),
    JobKind.PROBE: Limit(1),
}
"""How many jobs of each kind run at once."""


class JobQueue:
    """Hands jobs to the worker, and to those of other servers where there are some.

    What it does not know, or knows wrongly, is put right by comparing it with the
    table; so nothing here has to happen in one transaction with a change there.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        store: JobStore,
        worker: Worker,
        limits: Mapping[JobKind, Limit],
    ) -> None:
        """Use an open engine; start it."""
        self._engine = engine
        self._store = store
        self._worker = worker
        self._limits = limits
        self._task: asyncio.Task[None] | None = None
        self._dispatcher: Dispatcher | None = None
        self._turn = asyncio.Lock()
        self._is_closed = False

    async def start(self) -> None:
        """Begin with what is to be done; a server alone that has nothing to do waits.

        Nobody else would leave it something.
        """
        is_alone = self._engine.dialect.name != "postgresql"
        if not is_alone or await self._store.load_waiting():
            self._wake()

    async def put(self, *jobs: Job) -> None:
        """Let jobs be done when their turn comes; a known one gets its priority."""
        self._wake()
        if self._dispatcher is None:
            # It looks into the table when it begins.
            return
        async with self._turn:
            if self._dispatcher is not None:
                with suppress(StoreError):
                    await self._put(self._dispatcher, jobs)

    async def withdraw(self, job: Job) -> None:
        """Let a job be stopped, wherever it runs."""
        if self._dispatcher is None or job.queue_number is None:
            return
        with suppress(StoreError), translated_errors():
            await self._dispatcher.withdraw(job.queue_number)

    async def wait_for_end(self, job: Job) -> None:
        """Wait until a job that was withdrawn is no longer worked on here."""
        await self._worker.wait_for_end(job.number)

    async def close(self) -> None:
        """Stop all jobs; they go on at the next start, or on another server."""
        self._is_closed = True
        if self._task is None:
            return
        if self._dispatcher is not None:
            self._dispatcher.interrupt()
        else:
            self._task.cancel()
        await asyncio.wait([self._task])

    def _wake(self) -> None:
        if self._task is None and not self._is_closed:
            self._task = asyncio.create_task(self._keep_serving(), name="jobs")

    async def _keep_serving(self) -> None:
        failures = 0
        while not self._is_closed:
            try:
                await self._serve()
                failures = 0
            except Exception as err:
                # The database went away, or worse: the jobs wait in the table.
                if not isinstance(err, StoreError) and store_error(err) is None:
                    _LOGGER.exception("The queue of jobs stopped")
                wait_s = _AGAIN_S[min(failures, len(_AGAIN_S) - 1)]
                failures += 1
                _LOGGER.warning("The queue of jobs begins again in %g s", wait_s)
                await asyncio.sleep(wait_s)

    async def _serve(self) -> None:
        await asyncio.to_thread(import_module, "audible_server.jobs.dispatch")
        # In a thread, and only where there is something to do: see there.
        from audible_server.jobs.dispatch import Dispatcher, opened_queries

        async with opened_queries(self._engine, self._interrupt) as queries:
            own = {str(kind): of.count for kind, of in self._limits.items()}
            dispatcher = Dispatcher(queries, own)
            for kind, limit in self._limits.items():
                shared_limit = limit.count if limit.is_shared else 0
                dispatcher.handle(kind, self._worker.work, shared_limit=shared_limit)
            try:
                await self._hand_over(dispatcher)
            finally:
                self._dispatcher = None

    async def _hand_over(self, dispatcher: Dispatcher) -> None:
        async with self._turn:
            # What waits already comes first; who comes meanwhile waits here.
            self._dispatcher = dispatcher
            await self._put(dispatcher, await self._store.load_waiting())
        comparing = asyncio.create_task(self._keep_comparing(dispatcher))
        try:
            await dispatcher.serve()
        finally:
            comparing.cancel()
            await asyncio.wait([comparing])

    def _interrupt(self) -> None:
        if self._dispatcher is not None:
            self._dispatcher.interrupt()

    async def _keep_comparing(self, dispatcher: Dispatcher) -> None:
        """Put what is next to be done into the queue; what is there stays."""
        while True:
            await asyncio.sleep(_COMPARE_EVERY_S)
            try:
                async with self._turn:
                    await self._put(dispatcher, await self._store.load_unsure())
                await self._store.forget_old()
                with translated_errors():
                    await dispatcher.forget_log()
            except StoreError as err:
                _LOGGER.warning("The queue was not compared: %s", err.key)
            except Exception:
                # The next look may find it well.
                _LOGGER.exception("The queue was not compared")

    async def _put(self, dispatcher: Dispatcher, jobs: Sequence[Job]) -> None:
        if not jobs:
            return
        with translated_errors():
            numbers = await dispatcher.queries.enqueue(
                [job.kind for job in jobs],
                [str(job.number).encode() for job in jobs],
                [job.priority for job in jobs],
                [_wait(job) for job in jobs],
                [str(job.number) for job in jobs],
                on_conflict="update_priority",
            )
        for job, number in zip(jobs, numbers, strict=True):
            if job.queue_number != number:
                await self._store.note_queued(job.number, number)


def _wait(job: Job) -> timedelta:
    wait_ms = 0 if job.not_before is None else job.not_before - now_ms()
    return timedelta(milliseconds=max(0, wait_ms))
