"""Links: which book a reader's title is, and where listening stands."""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import batched
from typing import Any, Final

from sqlalchemy import Row, bindparam, delete, false, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ..errors import NotInStoreError
from ..models import Asin
from .reads import READ_COLUMNS, read_of
from .records import (
    AccountId,
    BookId,
    Evidence,
    Link,
    LinkFields,
    LinkId,
    LinkState,
    ReaderId,
    SyncSetting,
)
from .schema import (
    ACCOUNT_READERS,
    ACCOUNTS,
    BOOKMARKS,
    BOOKS,
    CONFLICTS,
    HAS_SETTING,
    HISTORY,
    LINKS,
    READS,
    TITLES,
)
from .statements import (
    SLICE_ROWS,
    Upsert,
    columns_of,
    insert_returning,
    names_of,
    select_some,
    streamed,
    values_of,
)

_FIELDS: Final = names_of(LinkFields)
_HEARD: Final = (
    "is_finished",
    "last_position_ms",
    "last_position_at",
    "last_percentage",
)
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
_OF_READER: Final = (
    select(*_COLUMNS)
    .where(LINKS.c.reader_id == bindparam("wanted_reader"))
    .order_by(LINKS.c.id)
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
_LATER: Final = LINKS.alias("later")
_DEFAULT_READER: Final = (
    select(ACCOUNTS.c.default_reader_id)
    .where(ACCOUNTS.c.id == LINKS.c.account_id)
    .correlate(LINKS)
    .scalar_subquery()
)
# Whose listening a title of an account is says `listener_of` of the syncs: that of the
# last reader who took it from the account's default reader.
IS_TAKEN: Final = (
    select(_LATER.c.id)
    .where(
        _LATER.c.account_id == LINKS.c.account_id,
        _LATER.c.asin == LINKS.c.asin,
        _LATER.c.reader_id != _DEFAULT_READER,
        (LINKS.c.reader_id == _DEFAULT_READER) | (_LATER.c.id > LINKS.c.id),
    )
    .correlate(LINKS)
    .exists()
)
"""Whether another reader of the same account hears a link's title."""
_SYNC_SETTINGS: Final = (
    select(LINKS.c.asin, *columns_of(LINKS, SyncSetting))
    .where(
        LINKS.c.account_id == bindparam("wanted_account"),
        HAS_SETTING,
        ~IS_TAKEN,
    )
    .order_by(LINKS.c.id)
)
_UNLINKED: Final = (
    select(LINKS.c.asin)
    .where(
        LINKS.c.account_id == bindparam("wanted_account"),
        LINKS.c.book_id.is_(None),
        LINKS.c.is_ignored.is_(false()),
        LINKS.c.removed_at.is_(None),
    )
    .distinct()
)
_HANDED_OVER: Final = _UNLINKED.where(
    LINKS.c.listening_since.is_not(None),
    LINKS.c.manually_confirmed.is_(false()),
    ~select(CONFLICTS.c.id)
    .where(CONFLICTS.c.link_id == LINKS.c.id, CONFLICTS.c.resolved.is_(false()))
    .exists(),
)
_ONE: Final = select(*_COLUMNS).where(LINKS.c.id == bindparam("wanted"))
_BY_ASIN: Final = select(*_COLUMNS).where(LINKS.c.asin == bindparam("wanted_asin"))
_BY_KEY: Final = _BY_ASIN.where(LINKS.c.reader_id == bindparam("wanted_reader"))
_SOME: Final = select(*_COLUMNS).where(
    LINKS.c.id.in_(bindparam("some", expanding=True))
)
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


@dataclass(frozen=True, slots=True)
class LinkDecision:
    """What of a link says which book a title is, and who said so."""

    book_id: BookId | None = None
    match_confidence: float | None = None
    match_method: str | None = None
    evidence: tuple[Evidence, ...] = ()
    manually_confirmed: bool = False
    is_ignored: bool = False


_DECISION: Final = names_of(LinkDecision)

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
    asins: Iterable[Asin],
) -> tuple[LinkState, ...]:
    """Return what titles are to any reader of an account, with book and newest read.

    A statement for each 250.
    """
    wanted = {"wanted_account": account_id}
    found: list[LinkState] = []
    async for rows in select_some(connection, _SOME_STATES, asins, wanted):
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


async def load_sync_settings(
    connection: AsyncConnection, account_id: AccountId
) -> dict[Asin, SyncSetting]:
    """Return the titles whose sync a user has set otherwise than the account's.

    Of several readers of a title the one who hears it decides. One statement.
    """
    rows = await connection.execute(_SYNC_SETTINGS, {"wanted_account": account_id})
    return {asin: SyncSetting(*setting) for asin, *setting in rows}


async def load_unlinked(
    connection: AsyncConnection, account_id: AccountId, *, is_new: bool = False
) -> tuple[Asin, ...]:
    """Return the titles of an account that are no book yet and may become one.

    With ``is_new`` those that were handed over to a reader and that nobody was asked
    about.
    """
    statement = _HANDED_OVER if is_new else _UNLINKED
    rows = await connection.scalars(statement, {"wanted_account": account_id})
    return tuple(rows)


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


async def load_link_of_title(
    connection: AsyncConnection, reader_id: ReaderId, asin: Asin
) -> Link | None:
    """Return what a title is to one reader, None if it is nothing to them yet."""
    wanted = {"wanted_asin": asin, "wanted_reader": reader_id}
    rows = await connection.execute(_BY_KEY, wanted)
    row = rows.one_or_none()
    return _link(row) if row is not None else None


async def load_some_links(
    connection: AsyncConnection, link_ids: Iterable[LinkId]
) -> dict[LinkId, Link]:
    """Return the links of these numbers that there are; a statement for each 250."""
    found: dict[LinkId, Link] = {}
    async for rows in select_some(connection, _SOME, link_ids):
        found.update((row[0], _link(row)) for row in rows)
    return found


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


def decision_of(link: LinkFields) -> LinkDecision:
    """Return what a link says of its book."""
    return LinkDecision(**values_of(link, _DECISION))


async def set_decision(
    connection: AsyncConnection,
    link_id: LinkId,
    decision: LinkDecision,
    *,
    now: datetime,
) -> None:
    """Say which book a title is, and nothing else; its reads stay where they are."""
    values = values_of(decision, _DECISION)
    await _change(connection, link_id, **values, updated_at=now)


async def set_listening(
    connection: AsyncConnection,
    link_id: LinkId,
    account_id: AccountId | None,
    *,
    like: LinkFields | None,
    now: datetime,
    is_handed_over: bool = False,
) -> None:
    """Say which account's positions a link gets, and where it begins: as another.

    ``is_handed_over`` says that it was somebody else's title until now.
    """
    values = {} if like is None else values_of(like, _HEARD)
    values |= {"account_id": account_id, "updated_at": now}
    if is_handed_over:
        values["listening_since"] = now
    await _change(connection, link_id, **values)


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


async def delete_unused_links(
    connection: AsyncConnection, reader_id: ReaderId, asins: Iterable[Asin]
) -> None:
    """Delete links of titles that no account has brought, and nobody marked, since."""
    is_heard = select(HISTORY.c.id).where(HISTORY.c.link_id == LINKS.c.id).exists()
    is_marked = (
        select(BOOKMARKS.c.id)
        .where(BOOKMARKS.c.link_id == LINKS.c.id, BOOKMARKS.c.sync_log_id.is_(None))
        .exists()
    )
    for piece in batched(asins, SLICE_ROWS, strict=False):
        await connection.execute(
            delete(LINKS).where(
                LINKS.c.reader_id == reader_id,
                LINKS.c.asin.in_(piece),
                LINKS.c.account_id.is_(None),
                LINKS.c.updated_at == LINKS.c.first_seen_at,
                ~is_heard,
                ~is_marked,
            )
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
