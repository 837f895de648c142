"""Links: which book a reader's title is, and where listening stands."""

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ..errors import NotInStoreError
from ..models import Asin
from .reads import READ_COLUMNS, move_reads, read_of
from .records import AccountId, BookId, Link, LinkFields, LinkId, LinkState, ReaderId
from .schema import ACCOUNT_READERS, BOOKS, LINKS, READS, TITLES
from .statements import (
    Upsert,
    columns_of,
    insert_returning,
    names_of,
    select_some,
    streamed,
    values_of,
)

_FIELDS: Final = names_of(LinkFields)
_COLUMNS: Final = (
    LINKS.c.id,
    LINKS.c.first_seen_at,
    LINKS.c.updated_at,
    *columns_of(LINKS, LinkFields),
)
_NEWEST: Final = READS.alias("newest")
_NEWEST_READ: Final = (
    select(func.max(_NEWEST.c.id))
    .where(_NEWEST.c.link_id == LINKS.c.id)
    .scalar_subquery()
)
_WITH_READ: Final = (
    select(*_COLUMNS, BOOKS.c.status, BOOKS.c.page_count, *READ_COLUMNS)
    .outerjoin(BOOKS, BOOKS.c.id == LINKS.c.book_id)
    .outerjoin(READS, READS.c.id == _NEWEST_READ)
)
_STATES: Final = _WITH_READ.where(LINKS.c.account_id == bindparam("wanted_account"))
# Another account may have brought the same title to the same reader first.
_SOME_STATES: Final = _WITH_READ.where(
    LINKS.c.asin.in_(bindparam("some", expanding=True)),
    (LINKS.c.account_id == bindparam("wanted_account"))
    | LINKS.c.reader_id.in_(
        select(ACCOUNT_READERS.c.reader_id).where(
            ACCOUNT_READERS.c.account_id == bindparam("wanted_account")
        )
    ),
)
_OF_READER: Final = select(*_COLUMNS).where(
    LINKS.c.reader_id == bindparam("wanted_reader")
)
# One book sold in two marketplaces has two ASINs there and one SKU.
_TWINS: Final = (
    select(TITLES.c.sku_lite, LINKS.c.book_id)
    .join(LINKS, LINKS.c.asin == TITLES.c.asin)
    .where(
        TITLES.c.sku_lite.in_(bindparam("some", expanding=True)),
        LINKS.c.reader_id == bindparam("wanted_reader"),
        LINKS.c.book_id.is_not(None),
    )
    .order_by(LINKS.c.manually_confirmed, LINKS.c.id.desc())
)
_ONE: Final = select(*_COLUMNS).where(LINKS.c.id == bindparam("wanted"))
_BY_ASIN: Final = select(*_COLUMNS).where(LINKS.c.asin == bindparam("wanted_asin"))
_OF_BOOK: Final = select(*_COLUMNS).where(LINKS.c.book_id == bindparam("wanted_book"))
_SAVE: Final = Upsert(
    LINKS,
    keys=("reader_id", "asin"),
    renew=(
        *(name for name in _FIELDS if name not in ("reader_id", "asin")),
        "updated_at",
    ),
    returning=(LINKS.c.reader_id, LINKS.c.asin, LINKS.c.id),
)
_CHANGE: Final = update(LINKS).where(LINKS.c.id == bindparam("wanted"))

type LinkKey = tuple[ReaderId, Asin]
"""A link is known by its reader and ASIN before the database has numbered it."""


async def save_links(
    connection: AsyncConnection, links: Iterable[LinkFields], *, now: datetime
) -> dict[LinkKey, LinkId]:
    """Add links or replace all their fields; return their numbers."""
    rows = (
        values_of(link, _FIELDS) | {"first_seen_at": now, "updated_at": now}
        for link in links
    )
    found = await insert_returning(connection, _SAVE.on(connection), rows)
    return {(reader_id, asin): link_id for reader_id, asin, link_id in found}


async def load_link_states(
    connection: AsyncConnection,
    account_id: AccountId,
    asins: Iterable[Asin] | None = None,
) -> tuple[LinkState, ...]:
    """Return links with their books and newest reads.

    Without ``asins`` all links of an account, in one statement. With them what these
    titles are to any reader of the account, in a statement for each 250.
    """
    wanted = {"wanted_account": account_id}
    slices = (
        streamed(connection, _STATES, wanted)
        if asins is None
        else select_some(connection, _SOME_STATES, asins, wanted)
    )
    found: list[LinkState] = []
    async for rows in slices:
        found.extend(_state(row) for row in rows)
    return tuple(found)


async def load_twins(
    connection: AsyncConnection, reader_id: ReaderId, skus: Iterable[str]
) -> dict[str, BookId]:
    """Return which of a reader's books titles of these ``sku_lite`` already are.

    Where there are several, a link by hand counts, else the oldest.
    """
    found: dict[str, BookId] = {}
    wanted = {"wanted_reader": reader_id}
    async for rows in select_some(connection, _TWINS, skus, wanted):
        # The last one of a SKU stays.
        found.update((sku, book_id) for sku, book_id in rows)
    return found


async def stream_links(
    connection: AsyncConnection, reader_id: ReaderId
) -> AsyncIterator[Link]:
    """Yield all links of a reader. One statement."""
    async for rows in streamed(connection, _OF_READER, {"wanted_reader": reader_id}):
        for row in rows:
            yield _link(row)


async def load_link(connection: AsyncConnection, link_id: LinkId) -> Link:
    """Return one link; raise NotInStoreError if there is none."""
    row = (await connection.execute(_ONE, {"wanted": link_id})).one_or_none()
    if row is None:
        raise NotInStoreError(what="link", number=link_id)
    return _link(row)


async def load_links_of_title(
    connection: AsyncConnection, asin: Asin
) -> tuple[Link, ...]:
    """Return what a title is to each reader."""
    rows = await connection.execute(_BY_ASIN, {"wanted_asin": asin})
    return tuple(_link(row) for row in rows)


async def load_links_of_book(
    connection: AsyncConnection, book_id: BookId
) -> tuple[Link, ...]:
    """Return the titles that are a book."""
    rows = await connection.execute(_OF_BOOK, {"wanted_book": book_id})
    return tuple(_link(row) for row in rows)


async def confirm_link(
    connection: AsyncConnection,
    link_id: LinkId,
    book_id: BookId | None,
    *,
    is_ignored: bool = False,
    now: datetime,
) -> None:
    """Keep a hand decision, for ever: this book, or none; its history follows it."""
    await _change(
        connection,
        link_id,
        book_id=book_id,
        is_ignored=is_ignored,
        manually_confirmed=True,
        match_method="user",
        match_confidence=None if book_id is None else 1.0,
        updated_at=now,
    )
    await move_reads(connection, link_id, book_id)


async def undo_link(
    connection: AsyncConnection, link_id: LinkId, *, now: datetime
) -> None:
    """Forget which book a title is, and any hand decision; its history leaves too."""
    await _change(
        connection,
        link_id,
        book_id=None,
        is_ignored=False,
        manually_confirmed=False,
        match_method=None,
        match_confidence=None,
        evidence=(),
        updated_at=now,
    )
    await move_reads(connection, link_id, None)


async def set_sync(
    connection: AsyncConnection,
    link_id: LinkId,
    *,
    enabled: bool,
    interval_minutes: int | None,
) -> None:
    """Switch a title's sync on or off, and set its own interval."""
    await _change(
        connection,
        link_id,
        sync_enabled=enabled,
        sync_interval_minutes=interval_minutes,
    )


async def _change(connection: AsyncConnection, link_id: LinkId, **values: Any) -> None:
    result = await connection.execute(_CHANGE.values(**values), {"wanted": link_id})
    if result.rowcount == 0:
        raise NotInStoreError(what="link", number=link_id)


def _link(row: Row[Any] | Sequence[Any]) -> Link:
    link_id, first_seen_at, updated_at, *rest = row
    return Link(link_id, first_seen_at, updated_at, LinkFields(*rest))


def _state(row: Row[Any]) -> LinkState:
    width = len(_COLUMNS)
    book_status, book_page_count, *read = row[width:]
    return LinkState(
        link=_link(row[:width]),
        book_status=book_status,
        book_page_count=book_page_count,
        read=read_of(read) if read[0] is not None else None,
    )
