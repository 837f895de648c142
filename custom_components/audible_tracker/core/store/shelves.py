"""By what the titles of an account are sorted into shelves, beside what they say."""

from typing import Final

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ..models import Asin
from .records import AccountId
from .schema import BOOKS, LINKS

_TAGS: Final = (
    select(LINKS.c.asin, BOOKS.c.tags)
    .join(BOOKS, BOOKS.c.id == LINKS.c.book_id)
    .where(LINKS.c.account_id == bindparam("wanted_account"))
)


async def load_collections(
    connection: AsyncConnection, account_id: AccountId
) -> dict[Asin, frozenset[str]]:
    """Return the words that readers gave the books that an account's titles are."""
    found: dict[Asin, frozenset[str]] = {}
    for asin, tags in await connection.execute(_TAGS, {"wanted_account": account_id}):
        if tags:
            found[asin] = found.get(asin, frozenset()) | frozenset(tags)
    return found
