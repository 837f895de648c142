"""Which titles a reader has finished."""

from typing import Final

from sqlalchemy import and_, bindparam, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from ..kinds import ReadOutcome
from ..models import Asin
from .records import ReaderId
from .schema import LINKS, READS

_NEWEST: Final = READS.alias("newest")
_NEWEST_READ: Final = (
    select(func.max(_NEWEST.c.id))
    .where(_NEWEST.c.link_id == LINKS.c.id)
    .scalar_subquery()
)
# Titles that are no books have no reads: their own flag says that they are over.
_FINISHED: Final = (
    select(LINKS.c.asin)
    .select_from(LINKS)
    .outerjoin(READS, READS.c.id == _NEWEST_READ)
    .where(
        LINKS.c.reader_id == bindparam("wanted_reader"),
        or_(
            READS.c.outcome == ReadOutcome.FINISHED,
            and_(READS.c.id.is_(None), LINKS.c.is_finished.is_(true())),
        ),
    )
)


async def load_finished_asins(
    connection: AsyncConnection, reader_id: ReaderId
) -> frozenset[Asin]:
    """Return the titles whose newest pass is finished; who hears it again has not."""
    rows = await connection.scalars(_FINISHED, {"wanted_reader": reader_id})
    return frozenset(Asin(asin) for asin in rows)
