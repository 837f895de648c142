"""Audible's own chapters, kept once they were fetched: they hold without internet."""

import json
from dataclasses import asdict

from audible_core.models import Asin, Chapter, ContentMetadata
from audible_core.store.engine import reading, writing
from audible_core.store.statements import Upsert
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from audible_server.store.clock import now_ms
from audible_server.store.schema import CHAPTERS

_SAVE = Upsert(CHAPTERS, keys=("asin",), renew=("chapters", "fetched_at"))


class ChapterStore:
    """Queries on the chapters."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Use an open engine."""
        self._engine = engine

    async def load(self, asin: Asin) -> ContentMetadata | None:
        """Return what was fetched of a title's recording."""
        statement = select(CHAPTERS.c.chapters).where(CHAPTERS.c.asin == asin)
        async with reading(self._engine) as connection:
            text: str | None = await connection.scalar(statement)
        return None if text is None else _metadata(text)

    async def save(self, metadata: ContentMetadata) -> None:
        """Keep it in place of what was fetched before."""
        values = {
            "asin": metadata.asin,
            "chapters": json.dumps(asdict(metadata)),
            "fetched_at": now_ms(),
        }
        async with writing(self._engine) as connection:
            await connection.execute(_SAVE.on(connection), values)


def _metadata(text: str) -> ContentMetadata:
    members = json.loads(text)
    members["chapters"] = tuple(Chapter(**each) for each in members["chapters"])
    return ContentMetadata(**members)
