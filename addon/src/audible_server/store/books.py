"""The titles that the server knows, and what it holds of each."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from audible_core.errors import TrackerError, UnknownAccountError, UnknownBookError
from audible_core.models import Asin, AudibleTitle
from audible_core.store.engine import reading, writing
from audible_core.store.statements import Upsert, execute_in_slices
from audible_core.vault import Vault
from audible_core.wire import BookState
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    and_,
    cast,
    delete,
    false,
    func,
    null,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncEngine

from audible_server.store.clock import now_ms
from audible_server.store.details import Details
from audible_server.store.folding import search_text_of
from audible_server.store.grants import FileKind, Grant
from audible_server.store.job import OPEN, JobKind
from audible_server.store.schema import ACCOUNTS, BOOKS, FILES, JOBS

UNDER_WAY: Final = (BookState.QUEUED, BookState.DOWNLOADING)
# What the shop says, as against what this server did.
_OF_THE_SHOP: Final = (
    "account_id",
    "title",
    "authors",
    "runtime_ms",
    "cover_url",
    "codecs",
    "details",
    "is_plus",
    "search_text",
)
_LIST: Final = Upsert(BOOKS, keys=("asin",), renew=_OF_THE_SHOP)
_ADD: Final = Upsert(BOOKS)


@dataclass(frozen=True, slots=True)
class Book:
    """One title as stored; the paths are file names in the library folder.

    ``license_count`` is how many licenses it has cost. ``error`` is the key and
    ``error_text`` the sentence of the last failure. ``files_bytes`` is what its files
    took when the folder was last scanned.
    """

    asin: Asin
    account_id: str | None
    title: str
    authors: tuple[str, ...]
    runtime_ms: int | None
    cover_url: str | None
    codecs: tuple[str, ...]
    details: Details
    is_plus: bool
    state: BookState
    local_path_converted: str | None
    local_path_aax: str | None
    duration_ms: int | None
    codec: str | None
    size_bytes: int | None
    downloaded_bytes: int | None
    license_count: int
    error: str | None
    error_text: str | None
    has_voucher: bool
    files_bytes: int

    @property
    def is_downloaded(self) -> bool:
        """Tell whether a file of it lies here."""
        return self.local_path_converted is not None or self.local_path_aax is not None

    @property
    def disk_bytes(self) -> int:
        """Return what its files take; what has come of a download is one of them."""
        if not self.is_downloaded:
            return self.downloaded_bytes or 0
        # What was downloaded a moment ago is not scanned yet.
        return self.files_bytes or self.size_bytes or 0

    @property
    def content_type(self) -> str:
        """Return the MIME type of what is streamed, M4B as long as nothing is there."""
        path = self.local_path_converted
        kind = FileKind(path.rpartition(".")[2].lower()) if path else FileKind.M4B
        return kind.content_type

    @property
    def is_under_way(self) -> bool:
        """Tell whether a download waits or runs."""
        return self.state in UNDER_WAY

    def as_title(self) -> AudibleTitle:
        """Return what the shop's own functions need to know."""
        return AudibleTitle(
            asin=self.asin,
            title=self.title,
            subtitle=self.details.subtitle,
            authors=self.authors,
            narrators=self.details.narrators,
            series=self.details.series,
            runtime_ms=self.runtime_ms,
            language=self.details.language,
            codecs=self.codecs,
            is_plus=self.is_plus,
            isbn=self.details.isbn,
            publisher=self.details.publisher,
            year=self.details.year,
        )


# Read by queries of their own only.
_INNER: Final = (
    "voucher",
    "updated_at",
    "listed_at",
    "downloaded_at",
    "is_unwanted",
    "licensed_at",
    "search_text",
)
COLUMNS: Final = (
    *(column for column in BOOKS.c if column.name not in _INNER),
    BOOKS.c.voucher.is_not(null()).label("has_voucher"),
    cast(
        select(func.coalesce(func.sum(FILES.c.size_bytes), 0))
        .where(FILES.c.asin == BOOKS.c.asin)
        .correlate(BOOKS)
        .scalar_subquery(),
        BigInteger,
    ).label("files_bytes"),
)


class BookStore:
    """Queries on the books."""

    def __init__(self, engine: AsyncEngine, vault: Vault) -> None:
        """Use an open engine; the vault seals what is secret."""
        self._engine = engine
        self._vault = vault

    async def load_all(self) -> tuple[Book, ...]:
        """Return all titles, by name."""
        statement = select(*COLUMNS).order_by(func.lower(BOOKS.c.title), BOOKS.c.asin)
        async with reading(self._engine) as connection:
            rows = await connection.execute(statement)
            return tuple(book_of(row) for row in rows.mappings())

    async def load(self, asin: Asin) -> Book:
        """Return one title; raise UnknownBookError."""
        statement = select(*COLUMNS).where(BOOKS.c.asin == asin)
        async with reading(self._engine) as connection:
            row = (await connection.execute(statement)).mappings().one_or_none()
        if row is None:
            raise UnknownBookError(asin=asin)
        return book_of(row)

    async def load_in(self, *states: BookState) -> tuple[Book, ...]:
        """Return the titles in some states, the longest unchanged first."""
        statement = select(*COLUMNS).where(BOOKS.c.state.in_(states))
        async with reading(self._engine) as connection:
            rows = await connection.execute(statement.order_by(BOOKS.c.updated_at))
            return tuple(book_of(row) for row in rows.mappings())

    async def load_with_open(self, kind: JobKind) -> tuple[Book, ...]:
        """Return the titles of which such a job waits or runs."""
        subjects = select(JOBS.c.subject).where(
            JOBS.c.kind == kind, JOBS.c.state.in_(OPEN)
        )
        statement = select(*COLUMNS).where(BOOKS.c.asin.in_(subjects))
        async with reading(self._engine) as connection:
            rows = await connection.execute(statement)
            return tuple(book_of(row) for row in rows.mappings())

    async def load_untouched(self, account_id: str) -> dict[Asin, int | None]:
        """Return the titles of an account that nobody asked for, removed or failed.

        With when each was first listed; oldest first.
        """
        statement = (
            select(BOOKS.c.asin, BOOKS.c.listed_at)
            .where(
                BOOKS.c.account_id == account_id,
                BOOKS.c.state == BookState.NEW,
                BOOKS.c.is_unwanted.is_(false()),
            )
            .order_by(BOOKS.c.listed_at, BOOKS.c.asin)
        )
        async with reading(self._engine) as connection:
            rows = await connection.execute(statement)
            return {Asin(asin): listed_at for asin, listed_at in rows}

    async def load_failed(
        self, account_id: str, errors: Collection[str]
    ) -> tuple[Asin, ...]:
        """Return the titles of an account whose download failed for such a reason."""
        statement = (
            select(BOOKS.c.asin)
            .where(
                BOOKS.c.account_id == account_id,
                BOOKS.c.state == BookState.FAILED,
                BOOKS.c.error.in_(errors),
            )
            .order_by(BOOKS.c.updated_at)
        )
        async with reading(self._engine) as connection:
            return tuple(Asin(asin) for asin in await connection.scalars(statement))

    async def count_licensed(self, account_id: str | None, *, since_ms: int) -> int:
        """Return for how many titles of an account a license was given since then.

        Those that were only streamed, and those whose file is gone, count too.
        """
        statement = (
            select(func.count())
            .select_from(BOOKS)
            .where(BOOKS.c.account_id == account_id, BOOKS.c.licensed_at >= since_ms)
        )
        async with reading(self._engine) as connection:
            return await connection.scalar(statement) or 0

    async def save_library(
        self,
        account_id: str,
        titles: Sequence[AudibleTitle],
        with_pdf: Collection[Asin] = (),
    ) -> None:
        """Write an account's library as fetched; what is on disk is not touched.

        Titles that left the library go too, unless something of them was fetched.
        Raises UnknownAccountError.
        """
        listed = [title.asin for title in titles]
        gone = delete(BOOKS).where(_untouched(account_id), BOOKS.c.asin.not_in(listed))
        rows = [
            _row(account_id, title, has_pdf=title.asin in with_pdf) for title in titles
        ]
        owner = select(ACCOUNTS.c.account_id).where(ACCOUNTS.c.account_id == account_id)
        async with writing(self._engine) as connection:
            if await connection.scalar(owner) is None:
                # It was taken back while its library was on the way.
                raise UnknownAccountError(account_id=account_id)
            if rows:
                await execute_in_slices(connection, _LIST.on(connection), rows)
            await connection.execute(gone)

    async def delete_orphans(self) -> int:
        """Forget titles of no account of which nothing is here; return how many."""
        nothing = (BOOKS.c.local_path_converted, BOOKS.c.local_path_aax)
        condition = and_(_untouched(None), *(path.is_(null()) for path in nothing))
        async with writing(self._engine) as connection:
            return (await connection.execute(delete(BOOKS).where(condition))).rowcount

    async def add_found(self, *asins: Asin) -> None:
        """Add titles of which only a file is known."""
        await self.add_titles(AudibleTitle(asin=asin, title=None) for asin in asins)

    async def add_titles(self, titles: Iterable[AudibleTitle]) -> None:
        """Add titles of no account; those that are known stay as they are."""
        rows = [_row(None, title) for title in titles]
        async with writing(self._engine) as connection:
            await execute_in_slices(connection, _ADD.on(connection), rows)

    async def save_grant(self, asin: Asin, grant: Grant, *, is_license: bool) -> None:
        """Keep a grant, sealed; a license is counted."""
        license_ = {
            "license_count": BOOKS.c.license_count + 1,
            "licensed_at": grant.requested_at,
        }
        await self.update(
            asin,
            voucher=self._vault.seal(grant.to_text()),
            codec=grant.codec,
            size_bytes=grant.size_bytes,
            **(license_ if is_license else {}),
        )

    async def load_grant(self, asin: Asin) -> Grant | None:
        """Return the grant that is kept; raise SealError if it cannot be opened."""
        statement = select(BOOKS.c.voucher).where(BOOKS.c.asin == asin)
        async with reading(self._engine) as connection:
            sealed: str | None = await connection.scalar(statement)
        if sealed is None:
            return None
        return Grant.from_text(self._vault.unseal(sealed, what="license"))

    async def fail(self, asin: Asin, error: TrackerError) -> None:
        """Note why a download failed."""
        await self.update(
            asin, state=BookState.FAILED, error=error.key, error_text=str(error)
        )

    async def update(self, asin: Asin, **values: Any) -> None:
        """Change columns of one title."""
        statement = update(BOOKS).where(BOOKS.c.asin == asin)
        async with writing(self._engine) as connection:
            await connection.execute(statement.values(updated_at=now_ms(), **values))


def _untouched(account_id: str | None) -> ColumnElement[bool]:
    """Return the condition for an account's titles of which nothing was fetched."""
    return and_(
        BOOKS.c.account_id == account_id,
        BOOKS.c.state.in_((BookState.NEW, BookState.FAILED)),
        BOOKS.c.downloaded_bytes.is_(null()),
    )


def _row(
    account_id: str | None, title: AudibleTitle, *, has_pdf: bool = False
) -> dict[str, Any]:
    return {
        "asin": title.asin,
        "account_id": account_id,
        "title": title.name,
        "authors": json.dumps(title.authors),
        "runtime_ms": title.runtime_ms,
        "cover_url": title.cover_url,
        "codecs": json.dumps(title.codecs),
        "details": Details.of(title, has_pdf=has_pdf).to_text(),
        "is_plus": title.is_plus,
        "search_text": search_text_of(title),
        "state": BookState.NEW,
        "license_count": 0,
        "listed_at": None if account_id is None else now_ms(),
        "updated_at": now_ms(),
    }


def book_of(row: Mapping[Any, Any]) -> Book:
    """Return the title in a row of `COLUMNS`."""
    members = dict(row)
    members["authors"] = tuple(json.loads(members["authors"]))
    members["codecs"] = tuple(json.loads(members["codecs"]))
    members["details"] = Details.from_text(members["details"])
    members["state"] = BookState(members["state"])
    return Book(**members)
