"""Conflicts: titles that need a human; at most one open for each link."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, bindparam, false, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ..errors import NotInStoreError
from ..kinds import ConflictType, Resolution
from .records import (
    AccountId,
    BookId,
    Candidate,
    Conflict,
    ConflictId,
    LinkId,
    ReaderId,
)
from .schema import CONFLICTS, LINKS
from .statements import Upsert, columns_of, execute_in_slices, select_some

_COLUMNS: Final = columns_of(CONFLICTS, Conflict, conflict_id="id")
_IS_OPEN: Final = CONFLICTS.c.resolved.is_(false())
_OPEN: Final = select(*_COLUMNS).where(_IS_OPEN).order_by(CONFLICTS.c.id)
_COUNT: Final = select(func.count()).select_from(CONFLICTS).where(_IS_OPEN)
_OPEN_OF_LINK: Final = _OPEN.where(CONFLICTS.c.link_id == bindparam("wanted_link"))
_IN_CONFLICT: Final = select(CONFLICTS.c.link_id).where(
    _IS_OPEN, CONFLICTS.c.link_id.in_(bindparam("some", expanding=True))
)
_OF_LINK: Final = (
    select(*_COLUMNS)
    .where(CONFLICTS.c.link_id == bindparam("wanted_link"))
    .order_by(CONFLICTS.c.id)
)
_ONE: Final = select(*_COLUMNS).where(CONFLICTS.c.id == bindparam("wanted"))
_SAVE: Final = Upsert(
    CONFLICTS,
    keys=("link_id",),
    keys_where=_IS_OPEN,
    renew=("conflict_type", "candidates", "updated_at"),
)
_RESOLVE: Final = (
    update(CONFLICTS)
    .where(_IS_OPEN, CONFLICTS.c.id == bindparam("wanted"))
    .values(
        resolved=True,
        resolution=bindparam("how"),
        resolver=bindparam("who"),
        resolved_book_id=bindparam("book"),
        resolved_at=bindparam("at"),
        updated_at=bindparam("at"),
    )
)
_REOPEN: Final = (
    update(CONFLICTS)
    .where(CONFLICTS.c.id == bindparam("wanted"))
    .values(
        resolved=False,
        resolution=None,
        resolver=None,
        resolved_book_id=None,
        resolved_at=None,
        updated_at=bindparam("at"),
    )
)
_CLOSE: Final = (
    update(CONFLICTS)
    .where(_IS_OPEN, CONFLICTS.c.link_id == bindparam("wanted_link"))
    .values(
        resolved=True,
        resolution=Resolution.OBSOLETE,
        resolved_at=bindparam("at"),
        updated_at=bindparam("at"),
    )
)


@dataclass(frozen=True, slots=True)
class FoundConflict:
    """A conflict as a sync finds it."""

    link_id: LinkId
    conflict_type: ConflictType
    candidates: tuple[Candidate, ...]


async def save_conflicts(
    connection: AsyncConnection, conflicts: Iterable[FoundConflict], *, now: datetime
) -> None:
    """Open conflicts, or renew the candidates of those that are open."""
    rows = (
        {
            "link_id": conflict.link_id,
            "conflict_type": conflict.conflict_type,
            "candidates": conflict.candidates,
            "created_at": now,
            "updated_at": now,
        }
        for conflict in conflicts
    )
    await execute_in_slices(connection, _SAVE.on(connection), rows)


async def load_open_conflicts(
    connection: AsyncConnection,
    *,
    reader_id: ReaderId | None = None,
    but: Collection[ReaderId] = (),
    account_id: AccountId | None = None,
    after: ConflictId | None = None,
    offset: int = 0,
    limit: int | None = None,
) -> tuple[Conflict, ...]:
    """Return what waits for a human, oldest first.

    It is of one reader, or of all but some, and of one account, or of all.
    """
    statement = _of_whom(_OPEN, reader_id, but, account_id)
    if after is not None:
        statement = statement.where(CONFLICTS.c.id > after)
    if offset or limit is not None:
        # SQLite knows no OFFSET without a LIMIT; the dialect adds one.
        statement = statement.offset(offset).limit(limit)
    rows = await connection.execute(statement)
    return tuple(Conflict(*row) for row in rows)


async def count_open_conflicts(
    connection: AsyncConnection,
    *,
    reader_id: ReaderId | None = None,
    but: Collection[ReaderId] = (),
) -> int:
    """Return how many titles wait for a human, of one reader or of all but some."""
    statement = _of_whom(_COUNT, reader_id, but, None)
    return int(await connection.scalar(statement) or 0)


def _of_whom[Row: tuple[Any, ...]](
    statement: Select[Row],
    reader_id: ReaderId | None,
    but: Collection[ReaderId],
    account_id: AccountId | None,
) -> Select[Row]:
    """Narrow a statement about conflicts to those of some readers and an account."""
    if reader_id is None and account_id is None and not but:
        return statement
    statement = statement.join(LINKS, LINKS.c.id == CONFLICTS.c.link_id)
    if reader_id is not None:
        statement = statement.where(LINKS.c.reader_id == reader_id)
    if account_id is not None:
        statement = statement.where(LINKS.c.account_id == account_id)
    return statement.where(LINKS.c.reader_id.not_in(but)) if but else statement


async def load_open_conflict(
    connection: AsyncConnection, link_id: LinkId
) -> Conflict | None:
    """Return a link's open conflict, if it has one."""
    rows = await connection.execute(_OPEN_OF_LINK, {"wanted_link": link_id})
    row = rows.one_or_none()
    return Conflict(*row) if row is not None else None


async def load_links_in_conflict(
    connection: AsyncConnection, link_ids: Iterable[LinkId]
) -> frozenset[LinkId]:
    """Return which of some links wait for a human; a statement for each 250."""
    found: set[LinkId] = set()
    async for rows in select_some(connection, _IN_CONFLICT, link_ids):
        found.update(link_id for (link_id,) in rows)
    return frozenset(found)


async def load_conflicts_of_link(
    connection: AsyncConnection, link_id: LinkId
) -> tuple[Conflict, ...]:
    """Return all that was ever decided about a link, oldest first."""
    rows = await connection.execute(_OF_LINK, {"wanted_link": link_id})
    return tuple(Conflict(*row) for row in rows)


async def load_conflict(
    connection: AsyncConnection, conflict_id: ConflictId
) -> Conflict:
    """Return one conflict; raise NotInStoreError if there is none."""
    row = (await connection.execute(_ONE, {"wanted": conflict_id})).one_or_none()
    if row is None:
        raise NotInStoreError(what="conflict", number=conflict_id)
    return Conflict(*row)


async def resolve_conflict(
    connection: AsyncConnection,
    conflict_id: ConflictId,
    resolution: Resolution,
    *,
    book_id: BookId | None,
    resolver: str | None,
    now: datetime,
) -> bool:
    """Keep a decision; return False if the conflict is not open (any more)."""
    values = {
        "wanted": conflict_id,
        "how": resolution,
        "who": resolver,
        "book": book_id,
        "at": now,
    }
    return (await connection.execute(_RESOLVE, values)).rowcount == 1


async def reopen_conflict(
    connection: AsyncConnection, conflict_id: ConflictId, *, now: datetime
) -> None:
    """Let a conflict wait for a human again.

    Raises StoreRefusedError if its link already has another open one.
    """
    await connection.execute(_REOPEN, {"wanted": conflict_id, "at": now})


async def close_conflicts(
    connection: AsyncConnection, link_ids: Iterable[LinkId], *, now: datetime
) -> None:
    """Close what has solved itself: the title is linked now, or gone."""
    rows = ({"wanted_link": link_id, "at": now} for link_id in link_ids)
    await execute_in_slices(connection, _CLOSE, rows)
