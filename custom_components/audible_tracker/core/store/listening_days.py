"""Listening days: what Audible's statistics say was heard on each day, and at home.

What the players of the house play is in none of Audible's statistics, so that the two
add up.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from typing import Final

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from .records import AccountId, ListeningDay, ReaderId, TrackedAccount
from .schema import LISTENING_DAYS
from .statements import Upsert, columns_of, execute_in_slices, names_of, values_of

_FIELDS: Final = names_of(ListeningDay)
_DAYS: Final = (
    select(LISTENING_DAYS.c.account_id, *columns_of(LISTENING_DAYS, ListeningDay))
    .where(
        LISTENING_DAYS.c.reader_id == bindparam("wanted_reader"),
        LISTENING_DAYS.c.day_on >= bindparam("first_day"),
        LISTENING_DAYS.c.day_on <= bindparam("last_day"),
    )
    .order_by(
        LISTENING_DAYS.c.account_id,
        LISTENING_DAYS.c.day_on,
        LISTENING_DAYS.c.identifier,
    )
)
_AT_HOME: Final = "home:"
"""What the names of days begin with that Audible knows nothing of."""

_OF_AUDIBLE: Final = LISTENING_DAYS.c.identifier.not_like(f"{_AT_HOME}%")
_FIRST: Final = select(func.min(LISTENING_DAYS.c.day_on)).where(
    LISTENING_DAYS.c.account_id == bindparam("wanted_account"), _OF_AUDIBLE
)
_FIRST_READER: Final = (
    select(LISTENING_DAYS.c.day_on, LISTENING_DAYS.c.reader_id)
    .where(LISTENING_DAYS.c.account_id == bindparam("wanted_account"), _OF_AUDIBLE)
    .order_by(LISTENING_DAYS.c.day_on)
    .limit(1)
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
_BEGIN: Final = Upsert(LISTENING_DAYS)
_HEAR: Final = (
    update(LISTENING_DAYS)
    .where(
        LISTENING_DAYS.c.account_id == bindparam("wanted_account"),
        LISTENING_DAYS.c.identifier == bindparam("wanted_day"),
    )
    .values(
        listened_ms=LISTENING_DAYS.c.listened_ms + bindparam("heard_ms"),
        updated_at=bindparam("now", type_=LISTENING_DAYS.c.updated_at.type),
    )
)


async def save_listening_days(
    connection: AsyncConnection,
    account: TrackedAccount,
    days: Iterable[ListeningDay],
    *,
    renewed_from: date,
    now: datetime,
) -> None:
    """Keep days; neighboring windows repeat their edge day, which counts once.

    A day that is new was the default reader's; one that is known stays whose it is, and
    those before all known ones were the first one's reader's. A day becomes longer at
    any time, and shorter only from ``renewed_from`` on.
    """
    more = {
        "account_id": account.account_id,
        "updated_at": now,
        "renewed_from": renewed_from,
    }
    known_from, former_id = await _first_known(connection, account)
    rows = (
        values_of(day, _FIELDS)
        | more
        | {
            "reader_id": former_id
            if day.day_on < known_from
            else account.default_reader_id
        }
        for day in days
        # Audible leaves the identifier empty at times: such a day is no day.
        if day.identifier
    )
    await execute_in_slices(connection, _SAVE.on(connection), rows)


async def _first_known(
    connection: AsyncConnection, account: TrackedAccount
) -> tuple[date, ReaderId]:
    """Return the first day that is known of an account, and whose it was."""
    wanted = {"wanted_account": account.account_id}
    found = (await connection.execute(_FIRST_READER, wanted)).first()
    if found is None or found.reader_id is None:
        return date.min, account.default_reader_id
    return found.day_on, ReaderId(found.reader_id)


async def load_listening_days(
    connection: AsyncConnection, reader_id: ReaderId, *, first: date, last: date
) -> tuple[tuple[ListeningDay, ...], ...]:
    """Return a reader's days from one to another, both included, oldest first.

    Each account's days are by themselves, and so are those of the house.
    """
    wanted = {"wanted_reader": reader_id, "first_day": first, "last_day": last}
    rows = await connection.execute(_DAYS, wanted)
    found: defaultdict[tuple[int, bool], list[ListeningDay]] = defaultdict(list)
    for account_id, *day in rows:
        one = ListeningDay(*day)
        found[account_id, one.identifier.startswith(_AT_HOME)].append(one)
    return tuple(tuple(days) for days in found.values())


async def add_heard_at_home(
    connection: AsyncConnection,
    account_id: AccountId,
    reader_id: ReaderId,
    day: date,
    heard_ms: int,
    *,
    now: datetime,
) -> None:
    """Add what a reader heard of an account's titles on players of the house."""
    identifier = f"{_AT_HOME}{reader_id}:{day.isoformat()}"
    row = {
        "account_id": account_id,
        "identifier": identifier,
        "day_on": day,
        "listened_ms": 0,
        "updated_at": now,
        "reader_id": reader_id,
    }
    await connection.execute(_BEGIN.on(connection), row)
    wanted = {"wanted_account": account_id, "wanted_day": identifier}
    await connection.execute(_HEAR, {**wanted, "heard_ms": heard_ms, "now": now})


async def load_first_day(
    connection: AsyncConnection, account_id: AccountId
) -> date | None:
    """Return the first day that Audible is known to have told of an account."""
    first: date | None = await connection.scalar(_FIRST, {"wanted_account": account_id})
    return first
