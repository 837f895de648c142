"""Links by hand: which book a title is, whether it is synced, and who listens to it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from ..errors import InvalidValueError, NotInStoreError, OtherReaderError
from ..kinds import Resolution, Source
from ..models import Asin
from ..store.accounts import load_account
from ..store.history import add_to_ledger
from ..store.links import (
    load_link,
    load_link_of_title,
    load_links_of_title,
    save_links,
    set_listening,
    set_sync,
)
from ..store.readers import load_reader, load_readers
from ..store.records import (
    AccountId,
    BookId,
    LedgerEntry,
    Link,
    LinkFields,
    LinkId,
    ReaderId,
    SyncLogId,
    TrackedAccount,
)
from ..store.titles import load_accounts_with_title, load_some_titles, look_anew
from ..sync.linking import new_link
from .journal import About, Action, note
from .settling import Choice, Settled, settle

INTERVAL_MIN: Final = 15
INTERVAL_MAX: Final = 1440
"""Minutes between two looks at one title's position."""


async def link_title(
    connection: AsyncConnection,
    reader_id: ReaderId,
    asin: Asin,
    book_id: BookId,
    *,
    actor: str | None,
    now: datetime,
    delete_left_over: bool = False,
) -> Settled:
    """Say which book a title is, for ever, also where a sync thought otherwise.

    Its reads go along and the book follows them. A book that only this title had made,
    and that nobody made their own, is named as ``left_over``, and deleted if asked.
    """
    link = await find_link(connection, reader_id, asin)
    return await settle(
        connection,
        link,
        Choice(Resolution.LINKED, book_id),
        action=Action.LINK_BOOK,
        actor=actor,
        now=now,
        delete_left_over=delete_left_over,
    )


async def unlink_title(
    connection: AsyncConnection,
    reader_id: ReaderId,
    asin: Asin,
    *,
    actor: str | None,
    now: datetime,
    ignore: bool = False,
    delete_left_over: bool = False,
) -> Settled:
    """Take a title from its book; its reads go along.

    No sync links it again: it is none of the books until a person says which, and with
    ``ignore`` it never will be one. A book that a sync had made for this title alone
    stays, named as ``left_over``, unless it is to be deleted. Raises InvalidValueError
    for a title that is no book.
    """
    link = await find_link(connection, reader_id, asin)
    if link.fields.book_id is None and not ignore:
        allowed = "a title that is linked to a book"
        raise InvalidValueError(field="asin", value=asin, allowed=allowed)
    choice = Choice(Resolution.IGNORED if ignore else None)
    return await settle(
        connection,
        link,
        choice,
        action=Action.IGNORE_TITLE if ignore else Action.UNLINK_BOOK,
        actor=actor,
        now=now,
        delete_left_over=delete_left_over,
    )


async def create_book_for(
    connection: AsyncConnection,
    reader_id: ReaderId,
    asin: Asin,
    *,
    actor: str | None,
    now: datetime,
) -> Settled:
    """Make a book of a title and link it; one that is linked leaves its book."""
    link = await find_link(connection, reader_id, asin)
    return await settle(
        connection,
        link,
        Choice(Resolution.CREATED),
        action=Action.CREATE_BOOK,
        actor=actor,
        now=now,
    )


async def set_sync_enabled(
    connection: AsyncConnection,
    reader_id: ReaderId,
    asin: Asin,
    enabled: bool,
    *,
    actor: str | None,
    now: datetime,
) -> Link:
    """Switch the sync of one title on or off.

    What happened while it was off is seen by the next sync after it is on again.
    """
    link = await find_link(connection, reader_id, asin)
    minutes, account_id = link.fields.sync_interval_minutes, link.fields.account_id
    if enabled and not link.fields.sync_enabled and account_id is not None:
        await look_anew(connection, account_id, asin)
    await set_sync(connection, link.link_id, enabled=enabled, interval_minutes=minutes)
    data = {"enabled": enabled}
    about = _about(link)
    action = Action.SET_SYNC_ENABLED
    await note(connection, action, about, actor=actor, now=now, data=data)
    return await load_link(connection, link.link_id)


async def set_sync_interval(
    connection: AsyncConnection,
    reader_id: ReaderId,
    asin: Asin,
    minutes: int | None,
    *,
    actor: str | None,
    now: datetime,
) -> Link:
    """Give a title its own interval, 15 to 1440 minutes, or the account's again."""
    if minutes is not None and not INTERVAL_MIN <= minutes <= INTERVAL_MAX:
        allowed = f"{INTERVAL_MIN} to {INTERVAL_MAX} minutes"
        raise InvalidValueError(field="minutes", value=minutes, allowed=allowed)
    link = await find_link(connection, reader_id, asin)
    await set_sync(
        connection,
        link.link_id,
        enabled=link.fields.sync_enabled,
        interval_minutes=minutes,
    )
    data = {"minutes": minutes}
    about = _about(link)
    action = Action.SET_SYNC_INTERVAL
    await note(connection, action, about, actor=actor, now=now, data=data)
    return await load_link(connection, link.link_id)


async def find_link(
    connection: AsyncConnection, reader_id: ReaderId, asin: Asin
) -> Link:
    """Return what a title is to a reader; raise NotInStoreError if it is nothing."""
    await load_reader(connection, reader_id)
    link = await load_link_of_title(connection, reader_id, asin)
    if link is None:
        raise NotInStoreError(what="title", number=asin)
    return link


# --- shared accounts ----------------------------------------------------------------


async def take_title(
    connection: AsyncConnection,
    reader_id: ReaderId,
    asin: Asin,
    *,
    actor: str | None,
    now: datetime,
) -> Link:
    """Let a title of a shared account be a reader's: from now on positions count there.

    What was heard before stays with whoever heard it; the reader begins where the title
    stands. One reader has a title at a time. Raises OtherReaderError for a reader whom
    no account with this title feeds.
    """
    account = await _shared_account(connection, reader_id, asin)
    links = await load_links_of_title(connection, asin)
    standing = _newest_heard(links, account.account_id)
    own = next((link for link in links if link.fields.reader_id == reader_id), None)
    log_id = await note(
        connection,
        Action.TAKE_TITLE,
        About(reader_id, asin, own.link_id if own is not None else None),
        actor=actor,
        now=now,
        data={"account_id": account.account_id},
    )
    await _release(connection, links, account, reader_id, now=now)
    if own is None:
        link_id = await _new_link(connection, account, reader_id, asin, now=now)
    else:
        link_id = own.link_id
    await _listen(connection, link_id, account.account_id, standing, now=now)
    await _note_place(connection, link_id, log_id, standing, actor=actor, now=now)
    return await load_link(connection, link_id)


async def give_back(
    connection: AsyncConnection,
    reader_id: ReaderId,
    asin: Asin,
    *,
    actor: str | None,
    now: datetime,
) -> Link:
    """Give a taken title back to the account's default reader; history stays.

    Raises InvalidValueError for a title that the reader has not taken.
    """
    account = await _shared_account(connection, reader_id, asin)
    link = await find_link(connection, reader_id, asin)
    has_taken = link.fields.account_id == account.account_id
    if not has_taken or reader_id == account.default_reader_id:
        allowed = "a title that this reader has taken"
        raise InvalidValueError(field="asin", value=asin, allowed=allowed)
    log_id = await note(
        connection,
        Action.GIVE_BACK,
        _about(link),
        actor=actor,
        now=now,
        data={"account_id": account.account_id},
    )
    await set_listening(connection, link.link_id, None, like=None, now=now)
    default = account.default_reader_id
    heir = await load_link_of_title(connection, default, asin)
    if heir is not None:
        await _listen(
            connection, heir.link_id, account.account_id, link.fields, now=now
        )
        await _note_place(
            connection, heir.link_id, log_id, link.fields, actor=actor, now=now
        )
    return await load_link(connection, link.link_id)


async def _shared_account(
    connection: AsyncConnection, reader_id: ReaderId, asin: Asin
) -> TrackedAccount:
    await load_reader(connection, reader_id)
    holders = await load_accounts_with_title(connection, asin)
    if not holders:
        raise NotInStoreError(what="title", number=asin)
    for account_id in holders:
        readers = await load_readers(connection, account_id=account_id)
        if any(reader.reader_id == reader_id for reader in readers):
            return await load_account(connection, account_id)
    raise OtherReaderError(what="title", number=asin)


def _newest_heard(links: Sequence[Link], account_id: AccountId) -> LinkFields | None:
    """Return the link that knows where the title stands at Audible."""
    fed = [link for link in links if link.fields.account_id == account_id]
    known = [link for link in fed if link.fields.last_position_at is not None]
    newest = max(
        known or fed,
        key=lambda link: (
            link.fields.last_position_at or link.updated_at,
            link.link_id,
        ),
        default=None,
    )
    return newest.fields if newest is not None else None


async def _release(
    connection: AsyncConnection,
    links: Sequence[Link],
    account: TrackedAccount,
    reader_id: ReaderId,
    *,
    now: datetime,
) -> None:
    """Let all others who took the title go; the default reader's link stays."""
    for link in links:
        is_taken = (
            link.fields.account_id == account.account_id
            and link.fields.reader_id not in (reader_id, account.default_reader_id)
        )
        if is_taken:
            await set_listening(connection, link.link_id, None, like=None, now=now)


async def _new_link(
    connection: AsyncConnection,
    account: TrackedAccount,
    reader_id: ReaderId,
    asin: Asin,
    *,
    now: datetime,
) -> LinkId:
    (title,) = await load_some_titles(connection, account.account_id, (asin,))
    fields = new_link(title, reader_id, account.account_id)
    made = await save_links(connection, (fields,), now=now)
    return made[reader_id, asin]


async def _listen(
    connection: AsyncConnection,
    link_id: LinkId,
    account_id: AccountId,
    standing: LinkFields | None,
    *,
    now: datetime,
) -> None:
    await set_listening(
        connection, link_id, account_id, like=standing, now=now, is_handed_over=True
    )


async def _note_place(
    connection: AsyncConnection,
    link_id: LinkId,
    log_id: SyncLogId,
    standing: LinkFields | None,
    *,
    actor: str | None,
    now: datetime,
) -> None:
    """Say in the ledger from which place on a title's listening counts for a reader."""
    if standing is None or (
        standing.last_position_ms is None and standing.last_percentage is None
    ):
        return
    entry = LedgerEntry(
        link_id=link_id,
        position_ms=standing.last_position_ms,
        percentage=standing.last_percentage,
        is_finished=standing.is_finished,
        source=Source.USER,
        sync_log_id=log_id,
        actor=actor,
        heard_at=standing.last_position_at,
        recorded_at=now,
    )
    await add_to_ledger(connection, (entry,))


def _about(link: Link) -> About:
    fields = link.fields
    return About(fields.reader_id, fields.asin, link.link_id, fields.book_id)
