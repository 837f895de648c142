"""Places by hand: where a reader stands in a title, and which of two places counts."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from ..errors import InvalidValueError, NotInStoreError
from ..kinds import Source
from ..models import Asin, Position
from ..progress import progress_of
from ..store.accounts import load_account
from ..store.books import load_book
from ..store.history import add_to_ledger
from ..store.links import load_link, load_link_states, set_listening
from ..store.position_records import PositionQuestion, PositionWrite
from ..store.position_writes import drop_question, load_questions, queue_position
from ..store.records import (
    AccountId,
    BookFields,
    LedgerEntry,
    Link,
    LinkFields,
    ReaderId,
    SyncLogId,
)
from ..store.titles import load_some_fingerprints, load_some_titles
from ..sync.look import heard_before
from ..sync.readers import listener_of
from ..sync.rules import Heard
from ..sync.tracked_book import with_page, with_progress
from .journal import About, Action, note
from .links import find_link
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
    if account_id is not None and await _is_listener(connection, account_id, link):
        # Whatever was to be asked before, this is the answer to it.
        await drop_question(connection, account_id, asin)
        if writes_back:
            is_queued = True
            known = await _place_there(connection, account_id, asin)
            write = _write(account_id, link, position_ms, known, now=now)
            await queue_position(connection, write, now=now)
    return Moved(await load_link(connection, link.link_id), is_queued)


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
    known_at = link.fields.last_position_at
    if known_at is not None and position.updated_at <= known_at:
        return False
    heard = await _move(
        connection,
        link,
        position.position_ms,
        position.updated_at,
        Recorder(connection, now),
        now=now,
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
    if writes_back:
        there = await _place_there(connection, account_id, position.asin)
        write = _write(account_id, link, position.position_ms, there, now=now)
        write = replace(write, heard_at=position.updated_at, source=Source.PLAYER)
        await queue_position(connection, write, now=now)
    return True


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
    if not await _is_listener(connection, account_id, link):
        # The title is another reader's by now: neither place is this one's to choose.
        await drop_question(connection, account_id, asin)
        return Moved(link, is_queued=False)
    theirs = Position(asin, question.theirs_ms, question.theirs_at)
    newest = await _place_there(connection, account_id, asin)
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
        write = _write(account_id, link, question.ours_ms, theirs, now=now)
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
    await _move(connection, link, position_ms, at or now, recorder, now=now)
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


async def _move(
    connection: AsyncConnection,
    link: Link,
    position_ms: int,
    at: datetime,
    recorder: Recorder,
    *,
    now: datetime,
) -> Heard:
    """Write a link's place, and its book's; return where listening stands."""
    fields = link.fields
    heard = await _heard(connection, fields, position_ms, at)
    moved = replace(
        fields,
        last_position_ms=position_ms,
        last_percentage=heard.percentage,
        last_position_at=heard.at,
    )
    await set_listening(
        connection, link.link_id, fields.account_id, like=moved, now=now
    )
    if fields.book_id is not None:
        book = await load_book(connection, fields.book_id)
        await recorder.change_book(book, _at_place(book.fields, heard))
    return heard


async def _heard(
    connection: AsyncConnection, link: LinkFields, position_ms: int, at: datetime
) -> Heard:
    percentage = 0.0 if position_ms == 0 else link.last_percentage
    if link.account_id is not None:
        titles = await load_some_titles(connection, link.account_id, (link.asin,))
        for title in titles:
            if title.runtime_ms:
                place = Position(link.asin, position_ms, at)
                percentage = progress_of(title, place).percent
    return replace(
        heard_before(link), position_ms=position_ms, percentage=percentage, at=at
    )


def _at_place(book: BookFields, heard: Heard) -> BookFields:
    if heard.position_ms:
        return with_progress(book, heard)
    # A sync that finds a title at its start knows less than who put it there.
    return with_page(replace(book, current_position_ms=0, percent_complete=0.0))


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


async def _is_listener(
    connection: AsyncConnection, account_id: AccountId, link: Link
) -> bool:
    """Tell whether the account's single place of the title counts for a link."""
    account = await load_account(connection, account_id)
    states = await load_link_states(connection, account_id, (link.fields.asin,))
    listener = listener_of(states, account)
    return listener is not None and listener.link.link_id == link.link_id


async def _place_there(
    connection: AsyncConnection, account_id: AccountId, asin: Asin
) -> Position | None:
    """Return Audible's place as it was last seen."""
    known = await load_some_fingerprints(connection, account_id, (asin,))
    stored = known.get(asin)
    if stored is None or stored.position_ms is None or stored.position_at is None:
        return None
    return Position(asin, stored.position_ms, stored.position_at)


def _write(
    account_id: AccountId,
    link: Link,
    position_ms: int,
    known: Position | None,
    *,
    now: datetime,
) -> PositionWrite:
    return PositionWrite(
        account_id=account_id,
        asin=link.fields.asin,
        position_ms=position_ms,
        heard_at=now,
        reader_id=ReaderId(link.fields.reader_id),
        source=Source.USER,
        known_ms=known.position_ms if known is not None else None,
        known_at=known.updated_at if known is not None else None,
    )
