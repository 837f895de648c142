"""Listening days: what Audible's statistics say was heard on each day."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Final

from sqlalchemy import bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from .records import AccountId, ListeningDay
from .schema import LISTENING_DAYS
from .statements import Upsert, columns_of, execute_in_slices, names_of, values_of

_FIELDS: Final = names_of(ListeningDay)
_DAYS: Final = (
    select(*columns_of(LISTENING_DAYS, ListeningDay))
    .where(
        LISTENING_DAYS.c.account_id == bindparam("wanted_account"),
        LISTENING_DAYS.c.day_on >= bindparam("first_day"),
        LISTENING_DAYS.c.day_on <= bindparam("last_day"),
    )
    .order_by(LISTENING_DAYS.c.day_on, LISTENING_DAYS.c.identifier)
)
_FIRST: Final = select(func.min(LISTENING_DAYS.c.day_on)).where(
    LISTENING_DAYS.c.account_id == bindparam("wanted_account")
)
_SAVE: Final = Upsert(
    LISTENING_DAYS,
    keys=("account_id", "identifier"),
    renew=("day_on", "listened_ms", "updated_at"),
    # An empty answer takes no day away: only a lately heard one may become shorter.
    where=lambda new: (
        (LISTENING_DAYS.c.listened_ms < new.excluded.listened_ms)
        | (
            (LISTENING_DAYS.c.listened_ms > new.excluded.listened_ms)
            & (
                LISTENING_DAYS.c.day_on
                >= bindparam("renewed_from", type_=LISTENING_DAYS.c.day_on.type)
            )
        )
    ),
)


async def save_listening_days(
    connection: AsyncConnection,
    account_id: AccountId,
    days: Iterable[ListeningDay],
    *,
    renewed_from: date,
    now: datetime,
) -> None:
    """Keep days; neighboring windows repeat their edge day, which counts once.

    A stored day becomes longer at any time, and shorter only from ``renewed_from`` on.
    """
    more = {"account_id": account_id, "updated_at": now, "renewed_from": renewed_from}
    rows = (
        values_of(day, _FIELDS) | more
        for day in days
        # Audible leaves the identifier empty at times: such a day is no day.
        if day.identifier
    )
    await execute_in_slices(connection, _SAVE.on(connection), rows)


async def load_listening_days(
    connection: AsyncConnection, account_id: AccountId, *, first: date, last: date
) -> tuple[ListeningDay, ...]:
    """Return the days from one to another, both included, oldest first."""
    wanted = {"wanted_account": account_id, "first_day": first, "last_day": last}
    rows = await connection.execute(_DAYS, wanted)
    return tuple(ListeningDay(*row) for row in rows)


async def load_first_day(
    connection: AsyncConnection, account_id: AccountId
) -> date | None:
    """Return the first day that is known of an account."""
    first: date | None = await connection.scalar(_FIRST, {"wanted_account": account_id})
    return first
