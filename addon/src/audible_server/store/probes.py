"""What ffprobe found out, kept in the database for each version of a file."""

import json
from dataclasses import asdict
from typing import Final

from audible_core.store.engine import reading, writing
from audible_core.store.statements import Upsert
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from audible_server.media.probe import FileStamp, MediaInfo, ProbedChapter
from audible_server.store.schema import PROBES

_SAVE: Final = Upsert(PROBES, keys=("path",), renew=("size", "mtime_ns", "result"))


class DatabaseProbeStore:
    """Queries on the probes."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Use an open engine."""
        self._engine = engine

    async def load(self, stamp: FileStamp) -> MediaInfo | None:
        """Return the result for a version of a file, if there is one."""
        statement = select(PROBES.c.result).where(
            PROBES.c.path == stamp.path,
            PROBES.c.size == stamp.size_bytes,
            PROBES.c.mtime_ns == stamp.mtime_ns,
        )
        async with reading(self._engine) as connection:
            result: str | None = await connection.scalar(statement)
        return None if result is None else _info(result)

    async def save(self, stamp: FileStamp, info: MediaInfo) -> None:
        """Keep a result in place of that of an older version."""
        values = {
            "path": stamp.path,
            "size": stamp.size_bytes,
            "mtime_ns": stamp.mtime_ns,
            "result": json.dumps(asdict(info)),
        }
        async with writing(self._engine) as connection:
            await connection.execute(_SAVE.on(connection), values)


def _info(text: str) -> MediaInfo:
    members = json.loads(text)
    members["chapters"] = tuple(
        ProbedChapter(**chapter) for chapter in members["chapters"]
    )
    return MediaInfo(**members)
