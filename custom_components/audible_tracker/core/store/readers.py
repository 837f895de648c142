"""Readers: the people whose tracker this is."""

from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ..errors import NotInStoreError
from .records import AccountId, Reader, ReaderId
from .schema import ACCOUNT_READERS, LINKS, READERS
from .statements import Upsert, columns_of

_COLUMNS: Final = columns_of(READERS, Reader, reader_id="id")
_BY_NAME: Final = select(*_COLUMNS).order_by(READERS.c.name)
_LISTENERS: Final = _BY_NAME.where(
    or_(
        READERS.c.id.in_(
            select(ACCOUNT_READERS.c.reader_id).where(
                ACCOUNT_READERS.c.account_id == bindparam("wanted_account")
            )
        ),
        select(LINKS.c.id)
        .where(
            LINKS.c.account_id == bindparam("wanted_account"),
            LINKS.c.reader_id == READERS.c.id,
        )
        .exists(),
    )
)
_SHARE: Final = Upsert(ACCOUNT_READERS)


async def add_reader(
    connection: AsyncConnection, name: str, *, person: str | None, now: datetime
) -> ReaderId:
    """Add a reader; raise StoreRefusedError if there is one of that name."""
    row = {"name": name, "person": person, "created_at": now}
    result = await connection.execute(insert(READERS).returning(READERS.c.id), row)
    return ReaderId(result.scalar_one())


async def load_readers(
    connection: AsyncConnection, *, account_id: AccountId | None = None
) -> tuple[Reader, ...]:
    """Return the readers of an account, or all, by name."""
    statement = _BY_NAME
    if account_id is not None:
        of_account = ACCOUNT_READERS.c.account_id == account_id
        statement = statement.join(ACCOUNT_READERS).where(of_account)
    rows = await connection.execute(statement)
    return tuple(Reader(*row) for row in rows)


async def load_listeners(
    connection: AsyncConnection, account_id: AccountId
) -> tuple[Reader, ...]:
    """Return the readers of an account, and who has taken a title of it, by name."""
    rows = await connection.execute(_LISTENERS, {"wanted_account": account_id})
    return tuple(Reader(*row) for row in rows)


async def load_reader(connection: AsyncConnection, reader_id: ReaderId) -> Reader:
    """Return one reader; raise NotInStoreError if there is none."""
    statement = select(*_COLUMNS).where(READERS.c.id == reader_id)
    row = (await connection.execute(statement)).one_or_none()
    if row is None:
        raise NotInStoreError(what="reader", number=reader_id)
    return Reader(*row)


async def share_account(
    connection: AsyncConnection, account_id: AccountId, reader_id: ReaderId
) -> None:
    """Let one more reader be fed by an account."""
    row = {"account_id": account_id, "reader_id": reader_id}
    await connection.execute(_SHARE.on(connection), row)
