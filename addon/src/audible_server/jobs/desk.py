"""Where jobs are asked for, paused, resumed, cancelled and tried again."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any, Final

from audible_core.errors import JobStateError

from audible_server.jobs.queue import JobQueue
from audible_server.library.events import Events
from audible_server.store.job import ENDED, Job, JobKind, JobState, Priority
from audible_server.store.jobs import JobStore
from audible_server.store.listening import instant, instant_if_known

_LOGGER = logging.getLogger(__name__)
JOB_EVENT: Final = "job"

type Follow = Callable[[Job], Awaitable[None]]


class Desk:
    """What people and other parts of the server may do with jobs.

    Each change is an event of the kind ``job``, with what `shown` returns.
    """

    def __init__(self, store: JobStore, events: Events) -> None:
        """Tell events; jobs wait in the table until a queue has joined."""
        self._store = store
        self._events = events
        self._follow: Mapping[JobKind, Follow] = {}
        self._queue: JobQueue | None = None

    def join(self, queue: JobQueue, follow: Mapping[JobKind, Follow]) -> None:
        """Hand jobs to a queue from now on.

        ``follow`` is called with each new state of a kind's jobs.
        """
        self._queue = queue
        self._follow = follow

    async def add(
        self,
        kind: JobKind,
        subject: str,
        *,
        priority: int = Priority.ASKED,
        wish: Mapping[str, Any] | None = None,
    ) -> Job:
        """Ask for something to be done; what is asked for already is one job.

        It becomes as urgent as the newest wish; a paused one goes on.
        """
        job, is_new = await self._store.add(
            kind, subject, priority=priority, wish=dict(wish or {})
        )
        if job.state is JobState.PAUSED:
            return await self.resume(job.number)
        if is_new:
            await self.tell(job)
        await self._put(job)
        return job

    async def load(self, number: int) -> Job:
        """Return one job; raise UnknownJobError."""
        return await self._store.load(number)

    async def load_newest(self) -> tuple[Job, ...]:
        """Return the open jobs, most urgent first, then those that ended last."""
        return await self._store.load_newest()

    async def find_open(self, kind: JobKind, subject: str) -> Job | None:
        """Return the open job of a kind for a subject."""
        return await self._store.find_open(kind, subject)

    async def pause(self, number: int) -> Job:
        """Let a job rest until it is resumed; raise UnknownJobError, JobStateError."""
        allowed = (JobState.QUEUED, JobState.RUNNING)
        return await self._stop(number, allowed, JobState.PAUSED)

    async def cancel(self, number: int) -> Job:
        """Give a job up; raise UnknownJobError or JobStateError."""
        allowed = (JobState.QUEUED, JobState.RUNNING, JobState.PAUSED)
        return await self._stop(number, allowed, JobState.CANCELLED)

    async def give_up(self, kind: JobKind, subject: str) -> None:
        """Cancel what is asked for of a kind, and see the end of it here."""
        job = await self.find_open(kind, subject)
        if job is None:
            return
        with suppress(JobStateError):
            await self.cancel(job.number)
        if self._queue is not None:
            await self._queue.wait_for_end(job)

    async def resume(self, number: int) -> Job:
        """Go on with a paused job, or at once with one that waits for its next try.

        Raises UnknownJobError or JobStateError.
        """
        allowed = (JobState.PAUSED, JobState.QUEUED)
        return await self._begin(number, allowed)

    async def retry(self, number: int) -> Job:
        """Do once more what ended without success; raise as `resume` does."""
        return await self._begin(number, (JobState.FAILED, JobState.CANCELLED))

    async def tell(self, job: Job) -> None:
        """Tell everybody how a job stands, whatever becomes of who follows it."""
        try:
            if (follow := self._follow.get(job.kind)) is not None:
                await follow(job)
        except Exception:
            # The job itself stands as it stands; its event comes after what it tells.
            _LOGGER.exception("The job %d (%s) was not followed", job.number, job.kind)
        self._events.publish(JOB_EVENT, shown(job))

    async def _begin(self, number: int, allowed: tuple[JobState, ...]) -> Job:
        before = await self._store.load(number)
        job = await self._store.move(number, allowed, JobState.QUEUED)
        if self._queue is not None:
            # The queue may hold it until a later time.
            await self._queue.withdraw(before)
        await self.tell(job)
        await self._put(job)
        return job

    async def _stop(
        self, number: int, allowed: tuple[JobState, ...], state: JobState
    ) -> Job:
        job = await self._store.move(number, allowed, state)
        if self._queue is not None:
            await self._queue.withdraw(job)
        await self.tell(job)
        return job

    async def _put(self, job: Job) -> None:
        if self._queue is not None and job.state not in ENDED:
            await self._queue.put(job)


def shown(job: Job) -> dict[str, Any]:
    """Return a job as the API shows it."""
    return {
        "id": job.number,
        "kind": job.kind,
        "subject": job.subject,
        "state": job.state,
        "priority": job.priority,
        "attempts": job.attempts,
        "step": job.step,
        "fraction": job.fraction,
        "done_bytes": job.done_bytes,
        "total_bytes": job.total_bytes,
        "error": job.error,
        "error_text": job.error_text,
        "next_try_at": instant_if_known(job.not_before),
        "created_at": instant(job.created_at),
        "started_at": instant_if_known(job.started_at),
        "ended_at": instant_if_known(job.ended_at),
    }
