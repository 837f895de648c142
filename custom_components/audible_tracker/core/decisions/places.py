"""Where a title stands: moved together with its book, and told to Audible."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from ..kinds import Source
from ..models import Asin, Position
from ..progress import progress_of
from ..store.accounts import load_account
from ..store.books import load_book
from ..store.links import load_link_states, set_listening
from ..store.position_records import PositionWrite
from ..store.records import AccountId, BookFields, Link, LinkFields, ReaderId
from ..store.titles import load_some_fingerprints, load_some_titles
from ..sync.look import heard_before
from ..sync.readers import listener_of
from ..sync.rules import Heard
from ..sync.tracked_book import with_page, with_progress
from .recorder import Recorder


async def move_place(
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


async def is_listener(
    connection: AsyncConnection, account_id: AccountId, link: Link
) -> bool:
    """Tell whether the account's single place of the title counts for a link."""
    account = await load_account(connection, account_id)
    states = await load_link_states(connection, account_id, (link.fields.asin,))
    listener = listener_of(states, account)
    return listener is not None and listener.link.link_id == link.link_id


async def place_there(
    connection: AsyncConnection, account_id: AccountId, asin: Asin
) -> Position | None:
    """Return Audible's place as it was last seen."""
    known = await load_some_fingerprints(connection, account_id, (asin,))
    stored = known.get(asin)
    if stored is None or stored.position_ms is None or stored.position_at is None:
        return None
    return Position(asin, stored.position_ms, stored.position_at)


def write_of(
    account_id: AccountId,
    link: Link,
    position_ms: int,
    known: Position | None,
    *,
    now: datetime,
) -> PositionWrite:
    """Return a place of a reader's own, as it waits to be told to Audible."""
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
