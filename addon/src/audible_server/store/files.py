"""The audio files in the library folder as the last scan found them."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Final, Self

from audible_core.models import Asin
from audible_core.store.engine import reading, writing
from audible_core.store.statements import Upsert, execute_in_slices
from sqlalchemy import (
    BigInteger,
    RowMapping,
    bindparam,
    cast,
    delete,
    func,
    null,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncEngine

from audible_server.store.grants import FileKind
from audible_server.store.schema import FILES


class RecognizedBy(StrEnum):
    """What told which title a file is; a person's word stands above all."""

    NAME = "name"
    TAGS = "tags"
    VOUCHER = "voucher"
    LIST = "list"
    MATCHING = "matching"
    PERSON = "person"
    SERVER = "server"


class Reason(StrEnum):
    """Why a file is no title's."""

    NO_MATCH = "no_match"
    AMBIGUOUS = "ambiguous"
    LOW_CONFIDENCE = "low_confidence"
    PART = "part"
    UNREADABLE = "unreadable"
    REFUSED = "refused"
    SETTLING = "settling"

    @property
    def sentence(self) -> str:
        """Return it in words."""
        return _SENTENCES[self]


_SENTENCES: Final = {
    Reason.NO_MATCH: "No title of the library is like it.",
    Reason.AMBIGUOUS: "Several titles of the library are like it.",
    Reason.LOW_CONFIDENCE: "One title of the library is like it, but perhaps another.",
    Reason.PART: (
        "It is one of several parts of a book. A book is played from one file: join "
        "the parts to one M4B first."
    ),
    Reason.UNREADABLE: "Its header cannot be read as that of an audio file.",
    Reason.REFUSED: "Somebody said that it is no title of the library.",
    Reason.SETTLING: "It was changed a moment ago and may still be being written.",
}


@dataclass(frozen=True, slots=True)
class Header:
    """What a file says of itself. None and empty mean unknown."""

    asin: str | None = None
    title: str | None = None
    album: str | None = None
    subtitle: str | None = None
    authors: tuple[str, ...] = ()
    narrators: tuple[str, ...] = ()
    series: str | None = None
    sequence: str | None = None
    year: int | None = None

    def to_text(self) -> str:
        """Return it as stored."""
        return json.dumps({name: of for name, of in asdict(self).items() if of})

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read what `to_text` wrote."""
        members = json.loads(text)
        for name in ("authors", "narrators"):
            members[name] = tuple(members.get(name, ()))
        return cls(**members)


@dataclass(frozen=True, slots=True)
class ScannedFile:
    """One file: its path below the library folder, which title it is, or why none.

    ``duration_ms`` is what its header says, ``probed_ms`` what ffprobe found.
    """

    path: str
    kind: FileKind
    size_bytes: int
    mtime_ns: int
    asin: Asin | None = None
    recognized_by: RecognizedBy | None = None
    reason: Reason | None = None
    header: Header = field(default_factory=Header)
    duration_ms: int | None = None
    probed_ms: int | None = None


@dataclass(frozen=True, slots=True)
class FileQuery:
    """Which files are listed: those of no title, or all."""

    wants_all: bool
    limit: int
    offset: int


_SAVE: Final = Upsert(
    FILES,
    keys=("path",),
    renew=[column.name for column in FILES.c if column.name != "path"],
)
# What a person said of a file is kept when the file is gone; its size is 0 then.
_IS_HERE: Final = FILES.c.size_bytes > 0
_DELETE: Final = delete(FILES).where(FILES.c.path == bindparam("gone"))


class FileStore:
    """Queries on the files."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Use an open engine."""
        self._engine = engine

    async def load_all(self) -> tuple[ScannedFile, ...]:
        """Return all files, by path."""
        statement = select(FILES).order_by(FILES.c.path)
        async with reading(self._engine) as connection:
            rows = await connection.execute(statement)
            return tuple(_file(row) for row in rows.mappings())

    async def load(self, path: str) -> ScannedFile | None:
        """Return one file."""
        statement = select(FILES).where(FILES.c.path == path)
        async with reading(self._engine) as connection:
            row = (await connection.execute(statement)).mappings().one_or_none()
        return None if row is None else _file(row)

    async def load_page(self, query: FileQuery) -> tuple[tuple[ScannedFile, ...], int]:
        """Return a page of the files that are here, by path, and how many there are."""
        wanted = [_IS_HERE]
        if not query.wants_all:
            wanted.append(FILES.c.asin.is_(null()))
        statement = select(FILES).where(*wanted).order_by(FILES.c.path)
        page = statement.limit(query.limit).offset(query.offset)
        count = select(func.count()).select_from(FILES).where(*wanted)
        async with reading(self._engine) as connection:
            rows = await connection.execute(page)
            files = tuple(_file(row) for row in rows.mappings())
            return files, await connection.scalar(count) or 0

    async def paths_of(self, asin: Asin) -> tuple[str, ...]:
        """Return the paths of a title's files."""
        statement = select(FILES.c.path).where(_IS_HERE, FILES.c.asin == asin)
        async with reading(self._engine) as connection:
            return tuple(await connection.scalars(statement.order_by(FILES.c.path)))

    async def total_bytes(self) -> int:
        """Return what all audio files take."""
        statement = select(
            cast(func.coalesce(func.sum(FILES.c.size_bytes), 0), BigInteger)
        )
        async with reading(self._engine) as connection:
            return await connection.scalar(statement) or 0

    async def all_paths(self) -> Mapping[Asin, tuple[str, ...]]:
        """Return the paths of all titles' files."""
        statement = select(FILES.c.asin, FILES.c.path).where(
            _IS_HERE, FILES.c.asin.is_not(null())
        )
        found: defaultdict[Asin, list[str]] = defaultdict(list)
        async with reading(self._engine) as connection:
            for asin, path in await connection.execute(
                statement.order_by(FILES.c.path)
            ):
                found[Asin(asin)].append(path)
        return {asin: tuple(paths) for asin, paths in found.items()}

    async def save(
        self, files: Iterable[ScannedFile], *, gone: Collection[str] = ()
    ) -> None:
        """Write files as found, and forget those that are gone."""
        rows = [_row(file) for file in files]
        async with writing(self._engine) as connection:
            await execute_in_slices(connection, _SAVE.on(connection), rows)
            await execute_in_slices(
                connection, _DELETE, ({"gone": path} for path in gone)
            )

    async def note_probed(self, path: str, probed_ms: int) -> None:
        """Keep the length that ffprobe found."""
        statement = update(FILES).where(FILES.c.path == path)
        async with writing(self._engine) as connection:
            await connection.execute(statement.values(probed_ms=probed_ms))


def _row(file: ScannedFile) -> dict[str, Any]:
    row = {column.name: getattr(file, column.name) for column in FILES.c}
    return row | {"header": file.header.to_text()}


def _file(row: RowMapping) -> ScannedFile:
    members = dict(row)
    members["kind"] = FileKind(members["kind"])
    members["header"] = Header.from_text(members["header"])
    for name, enum in (("recognized_by", RecognizedBy), ("reason", Reason)):
        if members[name] is not None:
            members[name] = enum(members[name])
    return ScannedFile(**members)
