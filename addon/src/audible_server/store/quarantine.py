"""Files that were found to be of no use: kept, and not tried again unless replaced."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

from audible_core.errors import (
    ActivationBytesError,
    DecryptError,
    MediaError,
    Mp4FormatError,
    UnsupportedMediaError,
)
from audible_core.store.engine import reading, writing
from audible_core.store.statements import Upsert
from sqlalchemy import RowMapping, delete, select
from sqlalchemy.ext.asyncio import AsyncEngine

from audible_server.media.probe import FileStamp
from audible_server.store.clock import now_ms
from audible_server.store.schema import QUARANTINE

SPOILT: Final = (
    ActivationBytesError,
    DecryptError,
    Mp4FormatError,
    UnsupportedMediaError,
)
"""What makes a file be of no use, until another one or another key comes."""

_BY_KEY: Final[Mapping[str, type[MediaError]]] = {error.key: error for error in SPOILT}

_ADD: Final = Upsert(
    QUARANTINE,
    keys=("path",),
    renew=("size", "mtime_ns", "error", "reason", "noted_at"),
)


class Quarantine:
    """Queries on the files that are of no use; few, so all are read at once."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Use an open engine."""
        self._engine = engine

    async def load_all(self) -> Mapping[FileStamp, MediaError]:
        """Return each version of a file that is of no use, with the reason."""
        async with reading(self._engine) as connection:
            rows = await connection.execute(select(QUARANTINE))
            return {_stamp(row): _error(row) for row in rows.mappings()}

    async def load(self, paths: Collection[Path]) -> Mapping[FileStamp, MediaError]:
        """Return those of some files."""
        names = [str(path) for path in paths]
        statement = select(QUARANTINE).where(QUARANTINE.c.path.in_(names))
        async with reading(self._engine) as connection:
            rows = await connection.execute(statement)
            return {_stamp(row): _error(row) for row in rows.mappings()}

    async def add(self, stamp: FileStamp, error: MediaError) -> None:
        """Note why a version of a file is of no use."""
        values = {
            "path": stamp.path,
            "size": stamp.size_bytes,
            "mtime_ns": stamp.mtime_ns,
            "error": error.key,
            "reason": error.placeholders.get("reason", ""),
            "noted_at": now_ms(),
        }
        async with writing(self._engine) as connection:
            await connection.execute(_ADD.on(connection), values)

    async def lift(self, path: Path) -> None:
        """Forget what was noted of a file: it is good, or gone."""
        statement = delete(QUARANTINE).where(QUARANTINE.c.path == str(path))
        async with writing(self._engine) as connection:
            await connection.execute(statement)


def _stamp(row: RowMapping) -> FileStamp:
    return FileStamp(row["path"], row["size"], row["mtime_ns"])


def _error(row: RowMapping) -> MediaError:
    kind = _BY_KEY.get(row["error"], UnsupportedMediaError)
    return kind(reason=row["reason"])
