"""Places that players tell: of the server's page, and of the speakers of the house."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from ..kinds import Source
from ..models import Position
from ..store.accounts import load_account
from ..store.history import add_to_ledger
from ..store.links import load_link_states
from ..store.position_records import PositionQuestion
from ..store.position_writes import queue_position, save_question
from ..store.records import AccountId, LedgerEntry, Link, ReaderId
from ..sync.readers import listener_of
from ..sync.write_back import is_heard_elsewhere
from .links import find_link
from .places import is_listener, move_place, place_there, write_of
from .recorder import Recorder


async def hear_position(
    connection: AsyncConnection,
    account_id: AccountId,
    position: Position,
    *,
    writes_back: bool,
    now: datetime,
) -> bool:
    """Let a player say where listening of an account's title stands; tell if it moved.

    The reader whose place Audible's is gets it; one that is not newer than what is
    known changes nothing, so that the same may be said twice.
    """
    account = await load_account(connection, account_id)
    states = await load_link_states(connection, account_id, (position.asin,))
    listener = listener_of(states, account)
    if listener is None:
        return False
    link = listener.link
    if not await _hear(connection, link, position, now=now):
        return False
    if writes_back:
        there = await place_there(connection, account_id, position.asin)
        await _queue_heard(connection, account_id, link, position, there, now=now)
    return True


async def hear_at_home(
    connection: AsyncConnection,
    account_id: AccountId,
    reader_id: ReaderId,
    position: Position,
    *,
    known: Position | None,
    began_at: datetime,
    writes_back: bool,
    now: datetime,
) -> bool:
    """Let a speaker say where a reader stands in a title; tell if the place moved.

    ``known`` is Audible's place when listening began there: if somebody listened
    elsewhere since, more than a minute from it and from here, a person is asked. With
    ``writes_back`` that is found out when Audible is told. A place that is not newer
    than what is known changes nothing.
    """
    link = await find_link(connection, reader_id, position.asin)
    if not await _hear(connection, link, position, now=now):
        return False
    if not await is_listener(connection, account_id, link):
        # The account's single place is somebody else's.
        return True
    if writes_back:
        await _queue_heard(connection, account_id, link, position, known, now=now)
        return True
    there = await place_there(connection, account_id, position.asin)
    if there is not None and is_heard_elsewhere(
        there, position, known=known, since=began_at
    ):
        question = PositionQuestion(
            account_id=account_id,
            asin=position.asin,
            reader_id=reader_id,
            ours_ms=position.position_ms,
            ours_at=position.updated_at,
            theirs_ms=there.position_ms,
            theirs_at=there.updated_at,
            created_at=now,
        )
        await save_question(connection, question)
    return True


async def _hear(
    connection: AsyncConnection, link: Link, position: Position, *, now: datetime
) -> bool:
    """Move a link to where a player says that it is; tell if that was news."""
    known_at = link.fields.last_position_at
    if known_at is not None and position.updated_at <= known_at:
        return False
    recorder = Recorder(connection, now)
    heard = await move_place(
        connection, link, position.position_ms, position.updated_at, recorder, now=now
    )
    entry = LedgerEntry(
        link_id=link.link_id,
        position_ms=heard.position_ms,
        percentage=heard.percentage,
        is_finished=heard.is_finished,
        source=Source.PLAYER,
        sync_log_id=None,
        actor=None,
        heard_at=heard.at,
        recorded_at=now,
    )
    await add_to_ledger(connection, (entry,))
    return True


async def _queue_heard(
    connection: AsyncConnection,
    account_id: AccountId,
    link: Link,
    position: Position,
    known: Position | None,
    *,
    now: datetime,
) -> None:
    write = write_of(account_id, link, position.position_ms, known, now=now)
    write = replace(write, heard_at=position.updated_at, source=Source.PLAYER)
    await queue_position(connection, write, now=now)
