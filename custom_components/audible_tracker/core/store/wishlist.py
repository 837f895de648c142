"""The wishlist as it was last seen."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ..models import Wish
from .list_tables import WISHES
from .records import AccountId
from .statements import columns_of, execute_in_slices, names_of, values_of

_FIELDS: Final = names_of(Wish)
_OF_ACCOUNT: Final = (
    select(*columns_of(WISHES, Wish))
    .where(WISHES.c.account_id == bindparam("wanted_account"))
    .order_by(WISHES.c.added_at.desc(), WISHES.c.asin)
)
_ADD: Final = insert(WISHES)
_CLEAR: Final = delete(WISHES).where(WISHES.c.account_id == bindparam("wanted_account"))


async def load_wishes(
    connection: AsyncConnection, account_id: AccountId
) -> tuple[Wish, ...]:
    """Return an account's wishlist, the newest first."""
    rows = await connection.execute(_OF_ACCOUNT, {"wanted_account": account_id})
    return tuple(Wish(*row) for row in rows)


async def save_wishes(
    connection: AsyncConnection,
    account_id: AccountId,
    wishes: Sequence[Wish],
    *,
    now: datetime,
) -> int:
    """Keep the wishlist; return how much came, went or changed, which may be none."""
    known = {wish.asin: wish for wish in await load_wishes(connection, account_id)}
    new = {wish.asin: wish for wish in wishes}
    differing = {*known.items()} ^ {*new.items()}
    if differing:
        await connection.execute(_CLEAR, {"wanted_account": account_id})
        more = {"account_id": account_id, "seen_at": now}
        rows = (values_of(wish, _FIELDS) | more for wish in new.values())
        await execute_in_slices(connection, _ADD, rows)
    return len({asin for asin, _ in differing})
