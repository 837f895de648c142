"""What comes out in the series that an account's readers are in."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from sqlalchemy import bindparam, delete, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ..models import Release, SeriesPlace
from .list_tables import RELEASES
from .records import AccountId
from .schema import LINKS, TITLES
from .statements import columns_of, execute_in_slices, names_of, values_of

_FIELDS: Final = names_of(Release)
_COLUMNS: Final = columns_of(RELEASES, Release)
_OF_ACCOUNT: Final = (
    select(*_COLUMNS)
    .where(RELEASES.c.account_id == bindparam("wanted_account"))
    .order_by(RELEASES.c.release_on, RELEASES.c.asin)
)
_ADD: Final = insert(RELEASES)
_HEARD: Final = (
    select(TITLES.c.series)
    .join(
        LINKS,
        (LINKS.c.account_id == TITLES.c.account_id) & (LINKS.c.asin == TITLES.c.asin),
    )
    .where(
        TITLES.c.account_id == bindparam("wanted_account"),
        or_(LINKS.c.is_finished, LINKS.c.last_position_ms > 0),
    )
)


async def load_releases(
    connection: AsyncConnection, account_id: AccountId
) -> tuple[Release, ...]:
    """Return what comes out, or came out since it was asked for, by day."""
    rows = await connection.execute(_OF_ACCOUNT, {"wanted_account": account_id})
    return tuple(Release(*row) for row in rows)


async def load_heard_series(
    connection: AsyncConnection, account_id: AccountId
) -> tuple[str, ...]:
    """Return the series of which somebody has heard something, in order."""
    rows = await connection.scalars(_HEARD, {"wanted_account": account_id})
    places: list[SeriesPlace] = [place for series in rows for place in series or ()]
    return tuple(sorted({place.title for place in places}))


async def save_releases(
    connection: AsyncConnection,
    account_id: AccountId,
    series: str,
    releases: Sequence[Release],
    *,
    now: datetime,
) -> int:
    """Keep what comes out in a series; return how much came, went or changed."""
    known = {
        one.asin: one
        for one in await load_releases(connection, account_id)
        if one.series == series
    }
    new = {one.asin: one for one in releases}
    differing = {*known.items()} ^ {*new.items()}
    if differing:
        await connection.execute(
            delete(RELEASES).where(
                RELEASES.c.account_id == account_id,
                or_(RELEASES.c.series == series, RELEASES.c.asin.in_([*new])),
            )
        )
        more = {"account_id": account_id, "seen_at": now}
        rows = (values_of(one, _FIELDS) | more for one in new.values())
        await execute_in_slices(connection, _ADD, rows)
    return len({asin for asin, _ in differing})


async def forget_releases(
    connection: AsyncConnection, account_id: AccountId, *, before: date
) -> None:
    """Forget what came out long ago."""
    await connection.execute(
        delete(RELEASES).where(
            RELEASES.c.account_id == account_id, RELEASES.c.release_on < before
        )
    )
