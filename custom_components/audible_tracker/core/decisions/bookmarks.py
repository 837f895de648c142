"""Bookmarks of a player: taken in for whoever listens to the title, and listed."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from ..bookmark import Bookmark
from ..kinds import Source
from ..models import Asin
from ..store.accounts import load_account
from ..store.bookmarks import (
    delete_bookmark,
    find_holder,
    load_bookmarks,
    save_bookmark,
)
from ..store.links import load_link_states, load_some_links
from ..store.records import AccountId, Link, LinkId, ReaderId
from ..sync.readers import listener_of


@dataclass(frozen=True, slots=True)
class MarkedTitle:
    """A reader's title with its bookmarks, by their place."""

    link: Link
    bookmarks: tuple[Bookmark, ...]


async def take_bookmark(
    connection: AsyncConnection, account_id: AccountId, asin: Asin, bookmark: Bookmark
) -> bool:
    """Keep a bookmark of an account's title; tell if it is one.

    It belongs to whoever listened when it was made, also after the title was handed
    over. One that is known already changes only if this one is newer.
    """
    account = await load_account(connection, account_id)
    states = await load_link_states(connection, account_id, (asin,))
    listener = listener_of(states, account)
    if listener is None:
        return False
    links = [state.link.link_id for state in states]
    holder = await find_holder(connection, links, bookmark.source, bookmark.key)
    await save_bookmark(connection, holder or listener.link.link_id, bookmark)
    return True


async def forget_bookmark(
    connection: AsyncConnection,
    account_id: AccountId,
    asin: Asin,
    source: Source,
    key: str,
) -> bool:
    """Forget a bookmark of an account's title, whoever made it; tell if it was here."""
    states = await load_link_states(connection, account_id, (asin,))
    links = [state.link.link_id for state in states]
    return await delete_bookmark(connection, links, source, key)


async def list_bookmarks(
    connection: AsyncConnection, reader_id: ReaderId, link_id: LinkId | None = None
) -> tuple[MarkedTitle, ...]:
    """Return a reader's titles that have bookmarks, or the one title that is named."""
    found = await load_bookmarks(connection, reader_id)
    wanted = [one for one in found if link_id in (None, one)]
    links = await load_some_links(connection, wanted)
    return tuple(MarkedTitle(links[one], found[one]) for one in wanted)
