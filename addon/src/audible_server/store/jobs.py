"""The jobs: what is to be done, how far it is, how it ended.

This table decides. The queue that hands jobs to servers only tells when to look here:
a job that the queue names twice, or that was paused meanwhile, is not begun.
"""

import json
from collections.abc import Callable, Collection
from dataclasses import asdict
from typing import Any, Final

from audible_core.errors import JobStateError, TrackerError, UnknownJobError
from audible_core.store.engine import reading, writing
from audible_core.store.statements import Upsert
from sqlalchemy import (
    Executable,
    RowMapping,
    Select,
    Update,
    case,
    delete,
    func,
    null,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from audible_server.store.clock import now_at
from audible_server.store.job import (
    ENDED,
    OPEN,
    Job,
    JobKind,
    JobState,
    Lease,
    Progress,
)
from audible_server.store.schema import BOOKS, JOBS

_KEPT_MS: Final = 30 * 24 * 3600 * 1000
_MOST_LISTED: Final = 500
_NEXT_DUE: Final = 50

_COLUMNS: Final = tuple(column for column in JOBS.c if column.name != "lease")
_IS_WAITING: Final = JOBS.c.state.in_((JobState.QUEUED, JobState.RUNNING))
_MOST_URGENT_FIRST: Final = (JOBS.c.priority.desc(), JOBS.c.number)
_ADD: Final = Upsert(JOBS, returning=_COLUMNS)


class JobStore:
    """Queries on the jobs."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Use an open engine."""
        self._engine = engine

    async def add(
        self, kind: JobKind, subject: str, *, priority: int, wish: dict[str, Any]
    ) -> tuple[Job, bool]:
        """Add a job, or find the one that is open; tell which.

        An open one becomes as urgent as the new one would be.
        """
        async with writing(self._engine) as connection:
            now = await now_at(connection)
            values = {
                "kind": kind,
                "subject": subject,
                "state": JobState.QUEUED,
                "priority": priority,
                "wish": json.dumps(wish),
                "attempts": 0,
                "created_at": now,
                "updated_at": now,
            }
            result = await connection.execute(_ADD.on(connection), values)
            row = result.mappings().one_or_none()
            if row is not None:
                return _job(row), True
            urgent = (
                update(JOBS)
                .where(JOBS.c.kind == kind, JOBS.c.subject == subject)
                .where(JOBS.c.state.in_(OPEN))
                .values(
                    priority=case(
                        (JOBS.c.priority < priority, priority), else_=JOBS.c.priority
                    )
                )
                .returning(*_COLUMNS)
            )
            known = await _one(connection, urgent)
        # It ended between the two statements: then it may begin anew.
        if known is None:
            return await self.add(kind, subject, priority=priority, wish=wish)
        return known, False

    async def load(self, number: int) -> Job:
        """Return one job; raise UnknownJobError."""
        statement = select(*_COLUMNS).where(JOBS.c.number == number)
        async with reading(self._engine) as connection:
            job = await _one(connection, statement)
        if job is None:
            raise UnknownJobError(number=number)
        return job

    async def load_newest(self) -> tuple[Job, ...]:
        """Return the open jobs, most urgent first, then those that ended last."""
        statement = (
            select(*_COLUMNS)
            .order_by(
                case((JOBS.c.state.in_(OPEN), 0), else_=1),
                case((JOBS.c.state.in_(OPEN), -JOBS.c.priority), else_=0),
                case((JOBS.c.state.in_(OPEN), JOBS.c.number), else_=-JOBS.c.ended_at),
            )
            .limit(_MOST_LISTED)
        )
        return await self._all(statement)

    async def load_waiting(self) -> tuple[Job, ...]:
        """Return what is to be done, most urgent first."""
        statement = select(*_COLUMNS).where(_IS_WAITING).order_by(*_MOST_URGENT_FIRST)
        return await self._all(statement)

    async def load_unsure(self) -> tuple[Job, ...]:
        """Return what the queue may not know and should: new jobs, and the next due.

        Those behind are looked at when they come to the front.
        """
        async with reading(self._engine) as connection:
            now = await now_at(connection)
        is_due = or_(JOBS.c.not_before.is_(None), JOBS.c.not_before <= now)
        due = (
            select(JOBS.c.number)
            .where(_IS_WAITING, is_due)
            .order_by(*_MOST_URGENT_FIRST)
            .limit(_NEXT_DUE)
        )
        is_new = JOBS.c.queue_number.is_(None)
        statement = select(*_COLUMNS).where(
            _IS_WAITING, or_(is_new, JOBS.c.number.in_(due))
        )
        return await self._all(statement)

    async def find_open(self, kind: JobKind, subject: str) -> Job | None:
        """Return the open job of a kind for a subject."""
        statement = select(*_COLUMNS).where(
            JOBS.c.kind == kind, JOBS.c.subject == subject, JOBS.c.state.in_(OPEN)
        )
        async with reading(self._engine) as connection:
            return await _one(connection, statement)

    async def load_failed(
        self, kind: JobKind, account_id: str, errors: Collection[str]
    ) -> tuple[Job, ...]:
        """Return the last jobs of an account's titles that failed for such reasons."""
        last = (
            select(func.max(JOBS.c.number))
            .join(BOOKS, BOOKS.c.asin == JOBS.c.subject)
            .where(JOBS.c.kind == kind, BOOKS.c.account_id == account_id)
            .group_by(JOBS.c.subject)
        )
        return await self._all(
            select(*_COLUMNS)
            .where(JOBS.c.number.in_(last), JOBS.c.state == JobState.FAILED)
            .where(JOBS.c.error.in_(errors))
            .order_by(JOBS.c.number)
        )

    async def count_begun_before(self, job: Job, *, since_ms: int) -> int:
        """Return for how many other subjects such jobs were begun before one that was.

        Those count that were begun since an instant.
        """
        begun = tuple_(JOBS.c.started_at, JOBS.c.number)
        statement = select(func.count(JOBS.c.subject.distinct())).where(
            JOBS.c.kind == job.kind,
            JOBS.c.started_at >= since_ms,
            begun < (job.started_at, job.number),
            JOBS.c.subject != job.subject,
        )
        async with reading(self._engine) as connection:
            return await connection.scalar(statement) or 0

    async def was_begun(self, kind: JobKind, *, since_ms: int) -> bool:
        """Tell whether a job of a kind was begun since an instant."""
        statement = select(JOBS.c.number).where(
            JOBS.c.kind == kind, JOBS.c.started_at >= since_ms
        )
        async with reading(self._engine) as connection:
            return await connection.scalar(statement.limit(1)) is not None

    async def note_queued(self, number: int, queue_number: int) -> None:
        """Keep under which number the queue knows a job."""
        statement = update(JOBS).where(JOBS.c.number == number)
        async with writing(self._engine) as connection:
            await connection.execute(statement.values(queue_number=queue_number))

    async def begin(self, lease: Lease, queue_number: int) -> Job | None:
        """Take a job, or return None if it is not to be done (any more).

        The queue hands a job over again when its server was silent for too long; the
        lease of that one ends here.
        """
        async with writing(self._engine) as connection:
            now = await now_at(connection)
            statement = (
                update(JOBS)
                .where(JOBS.c.number == lease.number)
                .where(JOBS.c.state.in_((JobState.QUEUED, JobState.RUNNING)))
                .values(
                    state=JobState.RUNNING,
                    lease=lease.token,
                    queue_number=queue_number,
                    attempts=JOBS.c.attempts + 1,
                    started_at=func.coalesce(JOBS.c.started_at, now),
                    not_before=None,
                    step=None,
                    updated_at=now,
                )
                .returning(*_COLUMNS)
            )
            return await _one(connection, statement)

    async def report(self, lease: Lease, progress: Progress) -> Job | None:
        """Note how far a job is; return None if the lease has ended."""
        return await self._change_leased(lease, asdict(progress))

    async def is_leased(self, lease: Lease) -> bool:
        """Tell whether a job is still to be worked on by this server."""
        statement = select(JOBS.c.number).where(*_leased(lease))
        async with reading(self._engine) as connection:
            return await connection.scalar(statement) is not None

    async def put_back(
        self,
        lease: Lease,
        *,
        wait_ms: int = 0,
        error: TrackerError | None = None,
        is_try: bool = False,
    ) -> Job | None:
        """Let a job wait for its next try; return None if the lease has ended.

        What was interrupted, or could not begin yet, counts as no try; the latter,
        which ``error`` tells apart, was not begun.
        """
        values: dict[str, Any] = {
            "state": JobState.QUEUED,
            "lease": None,
            "attempts": JOBS.c.attempts - (0 if is_try else 1),
        }
        if error is not None and not is_try:
            is_first = JOBS.c.attempts == 1
            values["started_at"] = case((is_first, null()), else_=JOBS.c.started_at)

        def due(now: int) -> dict[str, Any]:
            return {"not_before": now + wait_ms if wait_ms else None}

        return await self._change_leased(lease, values | _told(error), due)

    async def end(
        self, lease: Lease, state: JobState, error: TrackerError | None = None
    ) -> Job | None:
        """Note how a job ended; return None if the lease has ended before."""
        values: dict[str, Any] = {"state": state, "lease": None, "step": None}
        if state is JobState.DONE:
            values["fraction"] = 1.0

        def ended(now: int) -> dict[str, Any]:
            return {"ended_at": now}

        return await self._change_leased(lease, values | _told(error), ended)

    async def move(
        self, number: int, allowed: Collection[JobState], state: JobState
    ) -> Job:
        """Bring a job from one of some states to another; the running one stops.

        What had ended begins anew, with all its tries. Raises UnknownJobError, and
        JobStateError if it is in no such state, or another job for the same is open.
        """
        async with writing(self._engine) as connection:
            now = await now_at(connection)
            had_ended = JOBS.c.state.in_(ENDED)
            values: dict[str, Any] = {
                "state": state,
                "not_before": None,
                "updated_at": now,
                "ended_at": now if state in ENDED else None,
                "attempts": case((had_ended, 0), else_=JOBS.c.attempts),
                "started_at": case((had_ended, null()), else_=JOBS.c.started_at),
                "lease": None if state in ENDED else JOBS.c.lease,
            }
            if state is JobState.QUEUED:
                # What the queue knew of it is withdrawn.
                values["queue_number"] = None
            statement = (
                update(JOBS)
                .where(JOBS.c.number == number, JOBS.c.state.in_(allowed))
                .values(values)
            )
            if state in OPEN:
                statement = _without_another(statement)
            moved = await _one(connection, statement.returning(*_COLUMNS))
        if moved is None:
            job = await self.load(number)
            raise JobStateError(number=number, state=job.state)
        return moved

    async def forget_old(self) -> None:
        """Delete what ended a month ago."""
        async with writing(self._engine) as connection:
            before = await now_at(connection) - _KEPT_MS
            await connection.execute(
                delete(JOBS).where(JOBS.c.state.in_(ENDED), JOBS.c.updated_at < before)
            )

    async def _all(self, statement: Select[Any]) -> tuple[Job, ...]:
        async with reading(self._engine) as connection:
            rows = await connection.execute(statement)
            return tuple(_job(row) for row in rows.mappings())

    async def _change_leased(
        self,
        held: Lease,
        values: dict[str, Any],
        at: Callable[[int], dict[str, Any]] = lambda _: {},
    ) -> Job | None:
        """Change a job while the lease holds; ``at`` gives what the clock decides."""
        async with writing(self._engine) as connection:
            now = await now_at(connection)
            statement = (
                update(JOBS)
                .where(*_leased(held))
                .values(updated_at=now, **values, **at(now))
                .returning(*_COLUMNS)
            )
            return await _one(connection, statement)


def _leased(lease: Lease) -> tuple[Any, ...]:
    return (
        JOBS.c.number == lease.number,
        JOBS.c.lease == lease.token,
        JOBS.c.state == JobState.RUNNING,
    )


def _without_another(statement: Update) -> Update:
    """Leave a job as it is while another one for the same is open."""
    other = JOBS.alias()
    return statement.where(
        ~select(other.c.number)
        .where(
            other.c.kind == JOBS.c.kind,
            other.c.subject == JOBS.c.subject,
            other.c.state.in_(OPEN),
            other.c.number != JOBS.c.number,
        )
        .exists()
    )


def _told(error: TrackerError | None) -> dict[str, Any]:
    if error is None:
        return {"error": None, "error_text": None}
    return {"error": error.key, "error_text": str(error)}


async def _one(connection: AsyncConnection, statement: Executable) -> Job | None:
    row = (await connection.execute(statement)).mappings().one_or_none()
    return None if row is None else _job(row)


def _job(row: RowMapping) -> Job:
    values = dict(row)
    return Job(
        **{
            **values,
            "kind": JobKind(values["kind"]),
            "state": JobState(values["state"]),
            "wish": json.loads(values["wish"]),
        }
    )
