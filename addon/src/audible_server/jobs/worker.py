"""Doing one job: under a lease, watched, and noted however it ends."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from audible_core.errors import (
    AudibleConnectionError,
    AudibleRateLimitError,
    NoSpaceError,
    StorageError,
    StoreError,
    StoreUnavailableError,
    TrackerError,
)

from audible_server.downloads.cdn import CutError
from audible_server.store.job import Job, JobKind, JobState, Lease, Progress
from audible_server.store.jobs import JobStore
from audible_server.store.leases import LeaseEndedError

_LOGGER = logging.getLogger(__name__)
RETRY_WAITS_S: Final = (30.0, 120.0, 600.0, 3600.0, 4 * 3600.0)
"""How long a job waits after each try that failed for a reason that passes."""

LEASE_LOOK_EVERY_S: Final = 5.0
_END_WITHIN_S: Final = 10.0
_REPORT_EVERY_S: Final = 1.0
_ROOM_LEAST_S: Final = 60.0
_ROOM_MOST_S: Final = 3600.0
_PASSING: Final = (
    AudibleConnectionError,
    AudibleRateLimitError,
    # After the tries within the download itself.
    CutError,
    StoreUnavailableError,
)


class LaterError(Exception):
    """A job cannot be done yet; it waits, and that counts as no try.

    ``error`` says why in words.
    """

    def __init__(self, wait_s: float, error: TrackerError) -> None:
        """Name the wait."""
        super().__init__(str(error))
        self.wait_s = wait_s
        self.error = error


class Report:
    """What a job calls to say how far it is; written at most once a second.

    ``lease`` is what it is done under.
    """

    def __init__(
        self, lease: Lease, write: Callable[[Progress], Awaitable[None]]
    ) -> None:
        """Write with a function."""
        self.lease = lease
        self._write = write
        self._step: str | None = None
        self._next_at = 0.0

    async def __call__(self, progress: Progress) -> None:
        """Tell how far it is; a new step is told at once."""
        now = time.monotonic()
        if now < self._next_at and progress.step == self._step:
            return
        self._next_at = now + _REPORT_EVERY_S
        self._step = progress.step
        await self._write(progress)


type Handler = Callable[[Job, Report], Awaitable[None]]
"""Does a job to its end; may be cancelled anywhere, and begun again.

Raises TrackerError, OSError or LaterError.
"""


class Worker:
    """Does jobs of this server, as the queue hands them over."""

    def __init__(
        self,
        store: JobStore,
        handlers: Mapping[JobKind, Handler],
        tell: Callable[[Job], Awaitable[None]],
        *,
        retry_waits_s: Sequence[float] = RETRY_WAITS_S,
    ) -> None:
        """Look every job up in the store; each change is told."""
        self._store = store
        self._handlers = handlers
        self._tell = tell
        self._retry_waits_s = tuple(retry_waits_s)
        self._under_way: dict[asyncio.Event, int] = {}

    async def wait_for_end(self, number: int) -> None:
        """Wait until nothing of a job goes on here, for some seconds at most."""
        ends = [end.wait() for end, of in self._under_way.items() if of == number]
        with suppress(TimeoutError):
            async with asyncio.timeout(_END_WITHIN_S):
                await asyncio.gather(*ends)

    async def work(
        self, number: int, queue_number: int, withdrawn: Awaitable[None]
    ) -> float | None:
        """Do a job, if it is still to be done, until it ends or is withdrawn.

        Return after how many seconds the queue has to hand it over again, or None.
        """
        end = asyncio.Event()
        self._under_way[end] = number
        try:
            return await self._work(number, queue_number, withdrawn)
        finally:
            del self._under_way[end]
            end.set()

    async def _work(
        self, number: int, queue_number: int, withdrawn: Awaitable[None]
    ) -> float | None:
        lease = Lease.of(number)
        job = await self._store.begin(lease, queue_number)
        if job is None:
            return None
        await self._tell(job)
        work = asyncio.ensure_future(self._run(job, lease))
        enders = [
            asyncio.ensure_future(withdrawn),
            asyncio.ensure_future(self._watch(lease)),
        ]
        try:
            await asyncio.wait([work, *enders], return_when=asyncio.FIRST_COMPLETED)
        finally:
            # The work cleans up first: it may own processes and half-written files.
            await _end(work)
            for ender in enders:
                await _end(ender)
        return await self._settled(job, lease, work)

    async def _settled(
        self, job: Job, lease: Lease, work: asyncio.Future[float | None]
    ) -> float | None:
        if not work.cancelled():
            return work.result()
        put_back = await self._store.put_back(lease)
        if put_back is None:
            # It was paused or cancelled, or another server does it.
            await self._tell_again(job)
            return None
        _LOGGER.info("The job %d (%s) was interrupted", job.number, job.kind)
        await self._tell(put_back)
        return 0.0

    async def _tell_again(self, job: Job) -> None:
        """Tell how a subject stands: the work's own last word may have come after that.

        Who does it now tells of it.
        """
        current = await self._store.find_open(job.kind, job.subject)
        current = current or await self._store.load(job.number)
        if current.state is not JobState.RUNNING:
            await self._tell(current)

    async def _run(self, job: Job, lease: Lease) -> float | None:
        try:
            await self._handlers[job.kind](job, Report(lease, self._writer(lease)))
        except LeaseEndedError:
            # Another server does it, or nobody is to: there is nothing to note.
            _LOGGER.info("The job %d (%s) is done elsewhere", job.number, job.kind)
        except LaterError as err:
            return await self._wait(lease, err.wait_s, err.error, is_try=False)
        except NoSpaceError as err:
            return await self._wait(lease, room_wait_s(job), err, is_try=False)
        except _PASSING as err:
            return await self._retry(job, lease, err)
        except TrackerError as err:
            await self._fail(job, lease, err)
        except OSError as err:
            await self._fail(job, lease, StorageError.of(err))
        except Exception:
            # The rest of the queue goes on; the log gets what it was.
            _LOGGER.exception("The job %d (%s) failed", job.number, job.kind)
            await self._fail(job, lease, TrackerError())
        else:
            await self._end(lease, JobState.DONE)
        return None

    async def _retry(self, job: Job, lease: Lease, error: TrackerError) -> float | None:
        if job.attempts > len(self._retry_waits_s):
            await self._fail(job, lease, error)
            return None
        wait_s = self._retry_waits_s[job.attempts - 1]
        if isinstance(error, AudibleRateLimitError):
            wait_s = max(wait_s, error.retry_after_s)
        _LOGGER.info(
            "The job %d (%s) is tried again in %g s (%s)",
            *(job.number, job.kind, wait_s, error.key),
        )
        return await self._wait(lease, wait_s, error, is_try=True)

    async def _wait(
        self, lease: Lease, wait_s: float, error: TrackerError, *, is_try: bool
    ) -> float | None:
        job = await self._store.put_back(
            lease, wait_ms=int(wait_s * 1000), error=error, is_try=is_try
        )
        if job is None:
            return None
        await self._tell(job)
        return wait_s

    async def _fail(self, job: Job, lease: Lease, error: TrackerError) -> None:
        _LOGGER.warning("The job %d (%s) failed: %s", job.number, job.kind, error.key)
        await self._end(lease, JobState.FAILED, error)

    async def _end(
        self, lease: Lease, state: JobState, error: TrackerError | None = None
    ) -> None:
        job = await self._store.end(lease, state, error)
        if job is not None:
            await self._tell(job)

    def _writer(self, lease: Lease) -> Callable[[Progress], Awaitable[None]]:
        async def write(progress: Progress) -> None:
            try:
                job = await self._store.report(lease, progress)
            except StoreError as err:
                # What is done is not lost because it could not be told.
                _LOGGER.warning("Progress could not be noted: %s", err.key)
                return
            if job is not None:
                await self._tell(job)

        return write

    async def _watch(self, lease: Lease) -> None:
        """Return when the job is no longer this server's, however that came."""
        while True:
            await asyncio.sleep(LEASE_LOOK_EVERY_S)
            try:
                if not await self._store.is_leased(lease):
                    return
            except StoreError as err:
                _LOGGER.warning("A lease could not be looked at: %s", err.key)


def room_wait_s(job: Job) -> float:
    """Return how long a job waits until it looks for room on the disk again.

    As long as it has waited since it was asked for, a minute at least, an hour at most.
    """
    waited_s = (job.updated_at - job.created_at) / 1000
    return min(max(_ROOM_LEAST_S, waited_s), _ROOM_MOST_S)


async def _end(future: asyncio.Future[Any]) -> None:
    """Cancel what goes on, and wait for its end."""
    if not future.done():
        future.cancel()
        await asyncio.wait([future])
