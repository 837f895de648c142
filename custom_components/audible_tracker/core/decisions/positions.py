"""Places by hand: where a reader stands in a title, and which of two places counts."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from ..errors import InvalidValueError, NotInStoreError
from ..kinds import Source
from ..models import Asin, Position
from ..store.accounts import load_account
from ..store.history import add_to_ledger
from ..store.links import load_link
from ..store.position_records import PositionQuestion
from ..store.position_writes import (
    drop_question,
    load_questions,
    queue_position,
)
from ..store.records import (
    AccountId,
    LedgerEntry,
    Link,
    LinkFields,
    ReaderId,
    SyncLogId,
)
from ..store.titles import load_some_titles
from .journal import About, Action, note
from .links import find_link
from .places import is_listener, move_place, place_there, write_of
from .recorder import Recorder

POSITION_MAX_MS: Final = 10**10
"""No recording is longer; where a runtime is unknown, this is all there is to ask."""


class PlaceChoice(StrEnum):
    """Which of two places of one title counts."""

    HERE = "here"
    THERE = "there"


@dataclass(frozen=True, slots=True)
class Moved:
    """A title at its place by now, and whether the place waits to go to Audible."""

    link: Link
    is_queued: bool


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """Two places of one title, with the reader's title that they are about."""

    question: PositionQuestion
    link: Link


async def set_position(
    connection: AsyncConnection,
    reader_id: ReaderId,
    asin: Asin,
    position_ms: int,
    *,
    writes_back: bool,
    actor: str | None,
    now: datetime,
) -> Moved:
    """Say where a reader stands in a title; the book that it is follows.

    No pass begins or ends by it. With ``writes_back`` Audible is told, if the title's
    place there is this reader's. Raises InvalidValueError for a place outside of the
    recording.
    """
    link = await find_link(connection, reader_id, asin)
    await _check_place(connection, link.fields, position_ms)
    log_id = await _place(
        connection, link, position_ms, action=Action.SET_POSITION, actor=actor, now=now
    )
    await _note_ledger(connection, link, log_id, actor=actor, now=now)
    account_id = link.fields.account_id
    is_queued = False
    if account_id is not None and await is_listener(connection, account_id, link):
        # Whatever was to be asked before, this is the answer to it.
        await drop_question(connection, account_id, asin)
        if writes_back:
            is_queued = True
            known = await place_there(connection, account_id, asin)
            write = write_of(account_id, link, position_ms, known, now=now)
            await queue_position(connection, write, now=now)
    return Moved(await load_link(connection, link.link_id), is_queued)


async def list_questions(
    connection: AsyncConnection, account_id: AccountId
) -> tuple[OpenQuestion, ...]:
    """Return which titles of an account have two places, oldest question first."""
    found = [
        OpenQuestion(question, await _asked_link(connection, question))
        for question in await load_questions(connection, account_id)
    ]
    return tuple(found)


async def answer_question(
    connection: AsyncConnection,
    account_id: AccountId,
    asin: Asin,
    choice: PlaceChoice,
    *,
    writes_back: bool,
    actor: str | None,
    now: datetime,
) -> Moved:
    """Say which of two places of a title counts; nobody is asked about it any more.

    "Here" is told to Audible, if ``writes_back``; "there" becomes the reader's place,
    at the newest that is known of it. Raises NotInStoreError where nothing is asked.
    """
    question = await _question(connection, account_id, asin)
    link = await _asked_link(connection, question)
    if not await is_listener(connection, account_id, link):
        # The title is another reader's by now: neither place is this one's to choose.
        await drop_question(connection, account_id, asin)
        return Moved(link, is_queued=False)
    theirs = Position(asin, question.theirs_ms, question.theirs_at)
    newest = await place_there(connection, account_id, asin)
    if newest is not None and newest.updated_at > theirs.updated_at:
        theirs = newest
    await drop_question(connection, account_id, asin)
    is_here = choice is PlaceChoice.HERE
    log_id = await _place(
        connection,
        link,
        question.ours_ms if is_here else theirs.position_ms,
        at=now if is_here else theirs.updated_at,
        action=Action.ANSWER_POSITION_QUESTION,
        data={"choice": choice.value},
        actor=actor,
        now=now,
    )
    await _note_ledger(connection, link, log_id, actor=actor, now=now)
    is_queued = is_here and writes_back
    if is_queued:
        # It was read there a moment ago, as far as whoever answered is concerned.
        write = write_of(account_id, link, question.ours_ms, theirs, now=now)
        await queue_position(connection, write, now=now)
    return Moved(await load_link(connection, link.link_id), is_queued)


async def _question(
    connection: AsyncConnection, account_id: AccountId, asin: Asin
) -> PositionQuestion:
    for question in await load_questions(connection, account_id):
        if question.asin == asin:
            return question
    raise NotInStoreError(what="question about the position of", number=asin)


async def _asked_link(connection: AsyncConnection, question: PositionQuestion) -> Link:
    reader_id = question.reader_id
    if reader_id is None:
        account = await load_account(connection, question.account_id)
        reader_id = account.default_reader_id
    return await find_link(connection, reader_id, question.asin)


async def _check_place(
    connection: AsyncConnection, link: LinkFields, position_ms: int
) -> None:
    most = POSITION_MAX_MS
    if link.account_id is not None:
        titles = await load_some_titles(connection, link.account_id, (link.asin,))
        most = next((one.runtime_ms for one in titles if one.runtime_ms), most)
    if not 0 <= position_ms <= most:
        raise InvalidValueError(
            field="position", value=position_ms // 1000, allowed=f"0 to {most // 1000}"
        )


async def _place(
    connection: AsyncConnection,
    link: Link,
    position_ms: int,
    *,
    action: Action,
    actor: str | None,
    now: datetime,
    at: datetime | None = None,
    data: dict[str, Any] | None = None,
) -> SyncLogId:
    """Move a link and its book; return the number of the decision."""
    fields = link.fields
    recorder = Recorder(connection, now)
    await move_place(connection, link, position_ms, at or now, recorder, now=now)
    return await note(
        connection,
        action,
        About(fields.reader_id, fields.asin, link.link_id, fields.book_id),
        actor=actor,
        now=now,
        data={"position_ms": position_ms, "was_ms": fields.last_position_ms}
        | (data or {}),
        before=recorder.before,
    )


async def _note_ledger(
    connection: AsyncConnection,
    before: Link,
    log_id: SyncLogId,
    *,
    actor: str | None,
    now: datetime,
) -> None:
    """Write a move down; who says the same place again has moved nothing."""
    fields = (await load_link(connection, before.link_id)).fields
    if fields.last_position_ms == before.fields.last_position_ms:
        return
    entry = LedgerEntry(
        link_id=before.link_id,
        position_ms=fields.last_position_ms,
        percentage=fields.last_percentage,
        is_finished=fields.is_finished,
        source=Source.USER,
        sync_log_id=log_id,
        actor=actor,
        heard_at=fields.last_position_at,
        recorded_at=now,
    )
    await add_to_ledger(connection, (entry,))
