"""Places that players tell: of the server's page, and of the speakers of the house."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from ..kinds import Source
from ..models import Asin, Position
from ..store.accounts import load_account
from ..store.links import load_link_states
from ..store.position_records import PositionQuestion
from ..store.position_writes import queue_position, renew_question, save_question
from ..store.records import (
    AccountId,
    Link,
    ReaderId,
    TrackedAccount,
    TrackerEvent,
)
from ..sync.hearing import HeardHere, Judge, follow_heard, is_news
from ..sync.readers import listener_of
from ..sync.write_back import is_heard_elsewhere
from .links import find_link
from .places import is_listener, place_there, write_of


async def awaits_position(
    connection: AsyncConnection, account_id: AccountId, position: Position
) -> bool | None:
    """Tell whether a place is news of an account's title; None if it has no such one.

    What a place needs to be followed is not looked up for one that changes nothing.
    """
    account = await load_account(connection, account_id)
    link = await _listened(connection, account, position.asin)
    return None if link is None else is_news(link.fields, position)


async def hear_position(
    connection: AsyncConnection,
    account_id: AccountId,
    heard: HeardHere,
    judge: Judge,
    *,
    writes_back: bool,
) -> tuple[TrackerEvent, ...] | None:
    """Let a player say where listening of an account's title stands.

    The reader whose place Audible's is gets it; one that is not newer than what is
    known changes nothing, so that the same may be said twice. Returned is what is to be
    told, None where the title is none of the account's.
    """
    account = await load_account(connection, account_id)
    position = heard.position
    link = await _listened(connection, account, position.asin)
    if link is None:
        return None
    if not is_news(link.fields, position):
        return ()
    told = await follow_heard(connection, account, link, heard, judge)
    await renew_question(connection, account_id, link.fields.reader_id, position)
    if writes_back:
        there = await place_there(connection, account_id, position.asin)
        await _queue_heard(connection, account_id, link, position, there, now=judge.now)
    return told


async def _listened(
    connection: AsyncConnection, account: TrackedAccount, asin: Asin
) -> Link | None:
    """Return the title of the reader whose place Audible's is."""
    states = await load_link_states(connection, account.account_id, (asin,))
    listener = listener_of(states, account)
    return None if listener is None else listener.link


async def hear_at_home(
    connection: AsyncConnection,
    account_id: AccountId,
    reader_id: ReaderId,
    heard: HeardHere,
    judge: Judge,
    *,
    known: Position | None,
    writes_back: bool,
) -> tuple[TrackerEvent, ...]:
    """Let a speaker say where a reader stands in a title; return what is to be told.

    ``known`` is Audible's place when listening began there: if somebody listened
    elsewhere since, more than a minute from it and from here, a person is asked. With
    ``writes_back`` that is found out when Audible is told. A place that is not newer
    than what is known changes nothing, but that the title was heard to its end.
    """
    position, now = heard.position, judge.now
    link = await find_link(connection, reader_id, position.asin)
    is_new = is_news(link.fields, position)
    if not is_new and not heard.playing.is_over:
        return ()
    account = await load_account(connection, account_id)
    told = await follow_heard(connection, account, link, heard, judge)
    # Else the account's single place is somebody else's.
    if is_new and await is_listener(connection, account_id, link):
        await renew_question(connection, account_id, reader_id, position)
        if writes_back:
            await _queue_heard(connection, account_id, link, position, known, now=now)
        else:
            await _ask_about(connection, account_id, reader_id, heard, known, now=now)
    return told


async def _ask_about(
    connection: AsyncConnection,
    account_id: AccountId,
    reader_id: ReaderId,
    heard: HeardHere,
    known: Position | None,
    *,
    now: datetime,
) -> None:
    """Ask a person where somebody listened elsewhere since a speaker began."""
    position = heard.position
    there = await place_there(connection, account_id, position.asin)
    since = heard.playing.since or position.updated_at
    if there is None or not is_heard_elsewhere(
        there, position, known=known, since=since
    ):
        return
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
