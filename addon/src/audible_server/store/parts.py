"""Which bytes of unfinished downloads have come, as every server sees it."""

from dataclasses import dataclass
from typing import Final

from audible_core.models import Asin
from audible_core.store.engine import reading, writing
from audible_core.store.statements import Upsert
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncEngine

from audible_server.store.clock import now_ms
from audible_server.store.job import Lease
from audible_server.store.leases import check_lease
from audible_server.store.schema import PARTS

_SAVE: Final = Upsert(
    PARTS, keys=("asin",), renew=("kind", "size_bytes", "spans", "updated_at")
)


@dataclass(frozen=True, slots=True)
class StoredPart:
    """One part file; ``spans`` is the text of its map."""

    kind: str
    size_bytes: int | None
    spans: str


class PartStore:
    """Queries on the part files."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Use an open engine."""
        self._engine = engine

    async def load(self, asin: Asin) -> StoredPart | None:
        """Return what is known of a title's part file."""
        statement = select(PARTS.c.kind, PARTS.c.size_bytes, PARTS.c.spans)
        async with reading(self._engine) as connection:
            rows = await connection.execute(statement.where(PARTS.c.asin == asin))
            row = rows.mappings().one_or_none()
        return None if row is None else StoredPart(**row)

    async def save(self, asin: Asin, part: StoredPart, lease: Lease) -> None:
        """Write what has come; the bytes must be on disk before.

        Raises LeaseEndedError if another server writes the file now: its map counts.
        """
        values = {
            "asin": asin,
            "kind": part.kind,
            "size_bytes": part.size_bytes,
            "spans": part.spans,
            "updated_at": now_ms(),
        }
        async with writing(self._engine) as connection:
            await check_lease(connection, lease)
            await connection.execute(_SAVE.on(connection), values)

    async def delete(self, asin: Asin) -> None:
        """Forget a part file."""
        async with writing(self._engine) as connection:
            await connection.execute(delete(PARTS).where(PARTS.c.asin == asin))
