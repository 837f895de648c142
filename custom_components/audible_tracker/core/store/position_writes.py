"""Positions that wait to be told to Audible, and the questions that they raise.

Both outlive a restart.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ..models import Asin, Position
from .position_records import PositionQuestion, PositionWrite
from .records import AccountId, ReaderId
from .schema import POSITION_QUESTIONS, POSITION_WRITES
from .statements import Upsert, columns_of, names_of, values_of

_TABLE: Final = POSITION_WRITES
_FIELDS: Final = names_of(PositionWrite)
_HEARD_AT: Final = bindparam("sent_heard_at", type_=_TABLE.c.heard_at.type)
_IS_TITLE: Final = (_TABLE.c.account_id == bindparam("wanted_account")) & (
    _TABLE.c.asin == bindparam("wanted_asin")
)
# Only the newest place of a title is worth telling.
_QUEUE: Final = Upsert(
    _TABLE,
    keys=("account_id", "asin"),
    renew=tuple(name for name in _FIELDS if name not in ("account_id", "asin")),
    # A clock that was ahead has noted what is still to come: that is older than all.
    where=lambda new: (
        (_TABLE.c.heard_at <= new.excluded.heard_at)
        | (_TABLE.c.heard_at > bindparam("now", type_=_TABLE.c.heard_at.type))
    ),
)
_DUE: Final = (
    select(*columns_of(_TABLE, PositionWrite))
    .where(
        _TABLE.c.account_id == bindparam("wanted_account"),
        _TABLE.c.try_after.is_(None)
        | (_TABLE.c.try_after <= bindparam("now", type_=_TABLE.c.try_after.type)),
    )
    .order_by(_TABLE.c.heard_at, _TABLE.c.asin)
)
# A newer place that was queued meanwhile stays.
_DONE: Final = delete(_TABLE).where(_IS_TITLE, _TABLE.c.heard_at == _HEARD_AT)
_LATER: Final = (
    update(_TABLE)
    .where(_IS_TITLE, _TABLE.c.heard_at == _HEARD_AT)
    .values(
        attempts=_TABLE.c.attempts + bindparam("tries"), try_after=bindparam("until")
    )
)
_WAITING: Final = select(func.count()).where(
    _TABLE.c.account_id == bindparam("wanted_account")
)
_ASKED: Final = POSITION_QUESTIONS
_QUESTION_FIELDS: Final = names_of(PositionQuestion)
_ASK: Final = Upsert(
    _ASKED,
    keys=("account_id", "asin"),
    # It waits since it was first asked.
    renew=("reader_id", "ours_ms", "ours_at", "theirs_ms", "theirs_at"),
)
_QUESTIONS: Final = (
    select(*columns_of(_ASKED, PositionQuestion))
    .where(_ASKED.c.account_id == bindparam("wanted_account"))
    .order_by(_ASKED.c.created_at, _ASKED.c.asin)
)
_HERE_AT: Final = bindparam("here_at", type_=_ASKED.c.ours_at.type)
_WENT_ON: Final = (
    update(_ASKED)
    .where(
        _ASKED.c.account_id == bindparam("wanted_account"),
        _ASKED.c.asin == bindparam("wanted_asin"),
        _ASKED.c.reader_id.is_(None) | (_ASKED.c.reader_id == bindparam("wanted_id")),
        _ASKED.c.ours_at < _HERE_AT,
    )
    .values(ours_ms=bindparam("here_ms"), ours_at=_HERE_AT)
)
_ANSWERED: Final = delete(_ASKED).where(
    _ASKED.c.account_id == bindparam("wanted_account"),
    _ASKED.c.asin == bindparam("wanted_asin"),
)


async def queue_position(
    connection: AsyncConnection, write: PositionWrite, *, now: datetime
) -> None:
    """Queue a position; it replaces an older one of the same title."""
    values = values_of(write, _FIELDS) | {"now": now}
    await connection.execute(_QUEUE.on(connection), values)


async def load_due_positions(
    connection: AsyncConnection, account_id: AccountId, *, now: datetime
) -> tuple[PositionWrite, ...]:
    """Return what may be told now, oldest first."""
    wanted = {"wanted_account": account_id, "now": now}
    rows = await connection.execute(_DUE, wanted)
    return tuple(PositionWrite(*row) for row in rows)


async def drop_position(connection: AsyncConnection, write: PositionWrite) -> None:
    """Take a position out of the queue: it was told, or is not to be told."""
    await connection.execute(_DONE, _key(write.account_id, write.asin, write.heard_at))


async def postpone_position(
    connection: AsyncConnection,
    write: PositionWrite,
    *,
    until: datetime,
    is_failed: bool = True,
) -> None:
    """Leave the position in the queue, and count a failed try."""
    key = _key(write.account_id, write.asin, write.heard_at)
    values = {"until": until, "tries": int(is_failed)}
    await connection.execute(_LATER, key | values)


async def count_waiting_positions(
    connection: AsyncConnection, account_id: AccountId
) -> int:
    """Return how many positions wait to be told, also those to be tried later."""
    wanted = {"wanted_account": account_id}
    return (await connection.execute(_WAITING, wanted)).scalar_one()


async def save_question(
    connection: AsyncConnection, question: PositionQuestion
) -> None:
    """Keep a question; a title has one, with the newest two places."""
    row = values_of(question, _QUESTION_FIELDS)
    await connection.execute(_ASK.on(connection), row)


async def load_questions(
    connection: AsyncConnection, account_id: AccountId
) -> tuple[PositionQuestion, ...]:
    """Return what an account's readers are to be asked, oldest first."""
    rows = await connection.execute(_QUESTIONS, {"wanted_account": account_id})
    return tuple(PositionQuestion(*row) for row in rows)


async def renew_question(
    connection: AsyncConnection,
    account_id: AccountId,
    reader_id: ReaderId,
    here: Position,
) -> None:
    """Keep what a reader is asked, if anything, at the newest place at home."""
    values = {
        "wanted_account": account_id,
        "wanted_asin": here.asin,
        "wanted_id": reader_id,
        "here_ms": here.position_ms,
        "here_at": here.updated_at,
    }
    await connection.execute(_WENT_ON, values)


async def drop_question(
    connection: AsyncConnection, account_id: AccountId, asin: Asin
) -> bool:
    """Take a question back: it was answered, or is none any more; tell if it was."""
    wanted = {"wanted_account": account_id, "wanted_asin": asin}
    return (await connection.execute(_ANSWERED, wanted)).rowcount == 1


async def drop_questions_of(
    connection: AsyncConnection, account_id: AccountId, reader_id: ReaderId
) -> None:
    """Take all questions to one reader back: their titles are somebody else's now."""
    statement = delete(_ASKED).where(
        _ASKED.c.account_id == account_id,
        _ASKED.c.reader_id.is_(None) | (_ASKED.c.reader_id == reader_id),
    )
    await connection.execute(statement)


def _key(account_id: AccountId, asin: Asin, heard_at: datetime) -> dict[str, object]:
    return {
        "wanted_account": account_id,
        "wanted_asin": asin,
        "sent_heard_at": heard_at,
    }
