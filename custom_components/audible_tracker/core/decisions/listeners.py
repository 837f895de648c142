"""Who listens with an account: its default reader, by hand."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from ..store.accounts import load_account, note_default_reader
from ..store.hand_over import hand_over_titles
from ..store.position_writes import drop_questions_of
from ..store.readers import load_reader
from ..store.records import AccountId, ReaderId
from .journal import About, Action, note


async def set_default_reader(
    connection: AsyncConnection,
    account_id: AccountId,
    reader_id: ReaderId,
    *,
    actor: str | None,
    now: datetime,
) -> bool:
    """Let an account's listening count for another reader; return whether it did not.

    What was heard before stays with whom it belongs to; the reader begins where the
    titles stand. What a third reader has taken stays taken.
    """
    account = await load_account(connection, account_id)
    former = account.default_reader_id
    if former == reader_id:
        return False
    await load_reader(connection, reader_id)
    log_id = await note(
        connection,
        Action.SET_DEFAULT_READER,
        About(reader_id),
        actor=actor,
        now=now,
        data={"account_id": account_id, "former": former},
    )
    await hand_over_titles(
        connection,
        account_id,
        giver=former,
        taker=reader_id,
        sync_log_id=log_id,
        actor=actor,
        now=now,
    )
    await drop_questions_of(connection, account_id, former)
    await note_default_reader(connection, account_id, reader_id)
    return True
