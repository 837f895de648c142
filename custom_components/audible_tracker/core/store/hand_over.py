"""Hands all titles of an account from one reader to another, in a few statements."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    and_,
    bindparam,
    func,
    insert,
    select,
    true,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from ..kinds import Source
from .records import AccountId, ReaderId, SyncLogId
from .schema import ACCOUNTS, HISTORY, LINKS, TITLES

_HEARD: Final = ("last_position_ms", "last_position_at", "last_percentage")
_STANDING: Final = (
    *("account_id", "is_finished", *_HEARD, "restarted_at"),
    *("removed_at", "updated_at", "listening_since"),
)
_OF_ANEW: Final = (
    *("reader_id", "asin", "audible_title", "evidence", "first_seen_at"),
    *("sync_enabled", "sync_interval_minutes"),
)
_GIVEN: Final = and_(
    LINKS.c.account_id == bindparam("wanted_account"),
    LINKS.c.reader_id == bindparam("giver"),
)
_TAKEN_OVER: Final = and_(
    LINKS.c.account_id == bindparam("wanted_account"),
    LINKS.c.reader_id == bindparam("taker"),
    LINKS.c.updated_at == bindparam("now", type_=LINKS.c.updated_at.type),
)
# Another account of the giver's that has the title goes on with it.
_OTHER_ACCOUNT: Final = (
    select(func.min(TITLES.c.account_id))
    .join(ACCOUNTS, ACCOUNTS.c.id == TITLES.c.account_id)
    .where(
        TITLES.c.asin == LINKS.c.asin,
        TITLES.c.removed_at.is_(None),
        TITLES.c.account_id != bindparam("wanted_account"),
        ACCOUNTS.c.default_reader_id == bindparam("giver"),
        ACCOUNTS.c.enabled.is_(true()),
    )
    .correlate(LINKS)
    .scalar_subquery()
)
_RELEASE: Final = update(LINKS).where(_GIVEN).values(account_id=_OTHER_ACCOUNT)


def _from(name: str) -> ColumnElement[Any]:
    """Return what a column of the taker's link gets: mostly what the giver's has."""
    column = LINKS.c[name]
    match name:
        case "reader_id":
            return bindparam("taker", type_=column.type)
        case "evidence":
            return bindparam("nothing", (), type_=column.type)
        case "first_seen_at" | "updated_at" | "listening_since":
            return bindparam("now", type_=column.type)
        case _:
            return column


def _offer(dialect: Any) -> Any:
    names = [*_OF_ANEW, *_STANDING]
    offered = select(*(_from(name) for name in names)).where(_GIVEN)
    statement = dialect.insert(LINKS).from_select(names, offered)
    # A title that the taker has from this or another account stays as it is.
    return statement.on_conflict_do_update(
        index_elements=["reader_id", "asin"],
        set_={name: statement.excluded[name] for name in _STANDING},
        where=LINKS.c.account_id.is_(None),
    )


_OFFERS: Final = {"sqlite": _offer(sqlite), "postgresql": _offer(postgresql)}
_LEDGER: Final = insert(HISTORY).from_select(
    [
        *("link_id", "position_ms", "percentage", "is_finished", "source"),
        *("sync_log_id", "actor", "heard_at", "recorded_at"),
    ],
    select(
        LINKS.c.id,
        LINKS.c.last_position_ms,
        LINKS.c.last_percentage,
        LINKS.c.is_finished,
        bindparam("source", Source.USER, type_=HISTORY.c.source.type),
        bindparam("sync_log", type_=HISTORY.c.sync_log_id.type),
        bindparam("actor", type_=HISTORY.c.actor.type),
        LINKS.c.last_position_at,
        bindparam("now", type_=HISTORY.c.recorded_at.type),
    ).where(
        _TAKEN_OVER,
        LINKS.c.last_position_ms.is_not(None) | LINKS.c.last_percentage.is_not(None),
    ),
)


async def hand_over_titles(
    connection: AsyncConnection,
    account_id: AccountId,
    *,
    giver: ReaderId,
    taker: ReaderId,
    sync_log_id: SyncLogId,
    actor: str | None,
    now: datetime,
) -> None:
    """Let what an account says of its titles count for another reader from now on.

    The taker begins where each title stands; what was heard before stays with the
    giver. Which book a title is, is another question for each of them.
    """
    values = {"wanted_account": account_id, "giver": giver, "taker": taker, "now": now}
    await connection.execute(_OFFERS[connection.dialect.name], values)
    told = {"sync_log": sync_log_id, "actor": actor}
    await connection.execute(_LEDGER, values | told)
    await connection.execute(_RELEASE, values)
