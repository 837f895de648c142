"""Whether a server may still write down what its job has brought."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from audible_server.store.job import OPEN, Lease
from audible_server.store.schema import JOBS


class LeaseEndedError(Exception):
    """Another server does the job now, or nobody is to do it any more."""


async def check_lease(connection: AsyncConnection, lease: Lease) -> None:
    """Raise LeaseEndedError if another server has begun the job, or it has ended.

    To the end of the transaction nobody begins it. What was paused a moment ago may
    still bring its work into safety.
    """
    is_last = (
        JOBS.c.number == lease.number,
        JOBS.c.lease == lease.token,
        JOBS.c.state.in_(OPEN),
    )
    statement = select(JOBS.c.number).where(*is_last).with_for_update()
    if await connection.scalar(statement) is None:
        raise LeaseEndedError
