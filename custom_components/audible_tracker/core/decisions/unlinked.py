"""Titles that are no book and ask nobody: they wait until somebody links them."""

from collections import defaultdict
from collections.abc import Collection

from sqlalchemy.ext.asyncio import AsyncConnection

from ..models import Asin
from ..store.records import AccountId, ReaderId
from ..store.statistics import UnmappedTitle, load_unmapped_titles
from ..store.titles import load_some_titles
from ..sync.library import lacks_name
from ..sync.rules import is_book


async def list_unlinked(
    connection: AsyncConnection,
    reader_id: ReaderId | None = None,
    *,
    but: Collection[ReaderId] = (),
) -> tuple[UnmappedTitle, ...]:
    """Return the titles of a reader, or of all but some, that could be books.

    The oldest come first.

    What is in conflict is among the conflicts; podcasts and the like are never books;
    what has no name yet waits for that, and for nobody.
    """
    waiting = [
        title
        for title in await load_unmapped_titles(connection)
        if title.conflict_id is None
        and reader_id in (None, title.reader_id)
        and title.reader_id not in but
    ]
    of_account: defaultdict[AccountId, list[Asin]] = defaultdict(list)
    for title in waiting:
        if title.account_id is not None:
            of_account[title.account_id].append(title.asin)
    no_books = {
        (account_id, title.asin)
        for account_id, asins in of_account.items()
        for title in await load_some_titles(connection, account_id, asins)
        if not is_book(title) or lacks_name(title)
    }
    return tuple(
        title for title in waiting if (title.account_id, title.asin) not in no_books
    )
