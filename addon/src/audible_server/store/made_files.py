"""Which files in the library folder the server made; only these it may delete."""

import os
from dataclasses import dataclass
from typing import Final

from audible_core.models import Asin
from audible_core.store.engine import reading, writing
from audible_core.store.statements import Upsert
from sqlalchemy import Select, case, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncEngine

from audible_server.store.clock import now_ms
from audible_server.store.schema import BOOKS, MADE_FILES, POSITIONS

LAST_WORDS_MS: Final = 60_000
LAST_SHARE: Final = 100
"""Who has heard all but the last hundredth, a minute at most, has heard a title."""

_NOTE = Upsert(
    MADE_FILES, keys=("name",), renew=("asin", "made_at", "size_bytes", "mtime_ns")
)


@dataclass(frozen=True, slots=True)
class Made:
    """A file as it was when the server had made it.

    ``made_at`` is in epoch milliseconds. Size and time of files that were made before
    they were noted are None.
    """

    made_at: int
    size_bytes: int | None
    mtime_ns: int | None


class MadeFileStore:
    """Queries on the files that the server made; names are below the folder."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Use an open engine."""
        self._engine = engine

    async def note(self, name: str, asin: Asin, status: os.stat_result) -> None:
        """Note that a file of a title was made, or is about to get its name."""
        values = {
            "name": name,
            "asin": asin,
            "made_at": now_ms(),
            "size_bytes": status.st_size,
            "mtime_ns": status.st_mtime_ns,
        }
        async with writing(self._engine) as connection:
            await connection.execute(_NOTE.on(connection), values)

    async def load_first_made_at(self, asin: Asin) -> int | None:
        """Return when the first file of a title was made, in epoch milliseconds."""
        statement = select(func.min(MADE_FILES.c.made_at))
        async with reading(self._engine) as connection:
            first: int | None = await connection.scalar(
                statement.where(MADE_FILES.c.asin == asin)
            )
        return first

    async def load(self, asin: Asin) -> dict[str, Made]:
        """Return the files made of a title, by their names."""
        columns = (MADE_FILES.c.made_at, MADE_FILES.c.size_bytes, MADE_FILES.c.mtime_ns)
        statement = select(MADE_FILES.c.name, *columns)
        async with reading(self._engine) as connection:
            rows = await connection.execute(statement.where(MADE_FILES.c.asin == asin))
            return {name: Made(*stamp) for name, *stamp in rows}

    async def forget(self, asin: Asin) -> None:
        """Note that a title's made files are gone."""
        async with writing(self._engine) as connection:
            await connection.execute(
                delete(MADE_FILES).where(MADE_FILES.c.asin == asin)
            )

    async def forget_file(self, name: str) -> None:
        """Note that one made file is gone."""
        async with writing(self._engine) as connection:
            await connection.execute(
                delete(MADE_FILES).where(MADE_FILES.c.name == name)
            )

    async def load_older(self, keep: int, *, heard_since: int) -> tuple[Asin, ...]:
        """Return the titles downloaded before the newest so many.

        Those stay that somebody has heard since then, in epoch milliseconds, and not
        to the end.
        """
        older = (
            select(BOOKS.c.asin)
            .where(BOOKS.c.downloaded_at.is_not(None))
            .where(BOOKS.c.asin.in_(select(MADE_FILES.c.asin)))
            .order_by(BOOKS.c.downloaded_at.desc(), BOOKS.c.asin)
            .offset(keep)
            .subquery()
        )
        begun = _heard_in_part(heard_since)
        statement = select(older.c.asin).where(older.c.asin.not_in(begun))
        async with reading(self._engine) as connection:
            return tuple(Asin(asin) for asin in await connection.scalars(statement))


def _heard_in_part(since: int) -> Select[tuple[str]]:
    """Return the titles that somebody is in the middle of; of unknown length, too."""
    length_ms = func.coalesce(BOOKS.c.duration_ms, BOOKS.c.runtime_ms)
    share_ms = length_ms // LAST_SHARE
    last_ms = case((share_ms < LAST_WORDS_MS, share_ms), else_=LAST_WORDS_MS)
    return (
        select(POSITIONS.c.asin)
        .join(BOOKS, BOOKS.c.asin == POSITIONS.c.asin)
        .where(POSITIONS.c.heard_at >= since)
        .where(or_(length_ms.is_(None), POSITIONS.c.position_ms < length_ms - last_ms))
    )
