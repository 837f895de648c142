"""Books: the entries of the readers' own trackers."""

import json
import re
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    Text,
    and_,
    bindparam,
    cast,
    column,
    delete,
    func,
    insert,
    or_,
    select,
    table,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from ..errors import NotInStoreError
from ..kinds import BookStatus
from .records import Book, BookFacts, BookFields, BookId, ReaderId, SyncLogId
from .schema import BOOKS, LINKS, READS
from .statements import (
    columns_of,
    execute_in_slices,
    names_of,
    reserve_numbers,
    select_some,
    streamed,
    values_of,
)

_FIELDS: Final = names_of(BookFields)
_COLUMNS: Final = (
    BOOKS.c.id,
    BOOKS.c.created_at,
    BOOKS.c.updated_at,
    *columns_of(BOOKS, BookFields),
)
_ALL: Final = select(*_COLUMNS)
_OF_READER: Final = _ALL.where(BOOKS.c.reader_id == bindparam("wanted_reader"))
_IN_ORDER: Final = _OF_READER.order_by(BOOKS.c.id)
_FACTS_OF_READER: Final = (
    select(*columns_of(BOOKS, BookFacts, book_id="id"))
    .where(BOOKS.c.reader_id == bindparam("wanted_reader"))
    .order_by(BOOKS.c.id)
)
_ONE: Final = _ALL.where(BOOKS.c.id == bindparam("wanted"))
_SOME: Final = _ALL.where(BOOKS.c.id.in_(bindparam("some", expanding=True)))
_BY_ISBN: Final = _OF_READER.where(BOOKS.c.isbn13 == bindparam("wanted_isbn"))
_BY_STATUS: Final = _OF_READER.where(
    BOOKS.c.status == bindparam("wanted_status", type_=BOOKS.c.status.type)
)
_ADD: Final = insert(BOOKS)
_CHANGE: Final = (
    update(BOOKS)
    .where(BOOKS.c.id == bindparam("wanted"))
    .values({name: bindparam(f"new_{name}") for name in (*_FIELDS, "updated_at")})
)
_SEARCH: Final = table("books_search", column("rowid"), column("title"))
# A trigram index knows no shorter words.
_INDEXED_LENGTH: Final = 3


async def add_books(
    connection: AsyncConnection, books: Sequence[BookFields], *, now: datetime
) -> tuple[BookId, ...]:
    """Add books and return their numbers, in the same order."""
    numbers = await reserve_numbers(connection, BOOKS, len(books))
    rows = (
        values_of(book, _FIELDS) | {"id": number, "created_at": now, "updated_at": now}
        for number, book in zip(numbers, books, strict=True)
    )
    await execute_in_slices(connection, _ADD, rows)
    return tuple(BookId(number) for number in numbers)


async def restore_book(connection: AsyncConnection, book: Book) -> None:
    """Put a deleted book back as it was, under its old number."""
    row = values_of(book.fields, _FIELDS) | {
        "id": book.book_id,
        "created_at": book.created_at,
        "updated_at": book.updated_at,
    }
    await connection.execute(_ADD, row)


async def put_back_books(connection: AsyncConnection, books: Iterable[Book]) -> None:
    """Give known books the fields and the time of change that they had."""
    rows = (
        {f"new_{name}": getattr(book.fields, name) for name in _FIELDS}
        | {"wanted": book.book_id, "new_updated_at": book.updated_at}
        for book in books
    )
    await execute_in_slices(connection, _CHANGE, rows)


async def change_books(
    connection: AsyncConnection,
    changed: Iterable[tuple[BookId, BookFields]],
    *,
    now: datetime,
) -> None:
    """Replace all fields of known books."""
    rows = (
        {f"new_{name}": getattr(book, name) for name in _FIELDS}
        | {"wanted": book_id, "new_updated_at": now}
        for book_id, book in changed
    )
    await execute_in_slices(connection, _CHANGE, rows)


async def load_book(connection: AsyncConnection, book_id: BookId) -> Book:
    """Return one book; raise NotInStoreError if there is none."""
    row = (await connection.execute(_ONE, {"wanted": book_id})).one_or_none()
    if row is None:
        raise NotInStoreError(what="book", number=book_id)
    return book_of(row)


async def load_some_books(
    connection: AsyncConnection, book_ids: Iterable[BookId]
) -> dict[BookId, Book]:
    """Return the books of these numbers that there are; a statement for each 250."""
    found: dict[BookId, Book] = {}
    async for rows in select_some(connection, _SOME, book_ids):
        found.update((row[0], book_of(row)) for row in rows)
    return found


async def stream_books(
    connection: AsyncConnection, reader_id: ReaderId
) -> AsyncIterator[Book]:
    """Yield all books of a reader, oldest first. One statement."""
    async for rows in streamed(connection, _IN_ORDER, {"wanted_reader": reader_id}):
        for row in rows:
            yield book_of(row)


async def stream_book_facts(
    connection: AsyncConnection, reader_id: ReaderId
) -> AsyncIterator[BookFacts]:
    """Yield what matching looks at, of all books of a reader. One statement."""
    wanted = {"wanted_reader": reader_id}
    async for rows in streamed(connection, _FACTS_OF_READER, wanted):
        for row in rows:
            yield BookFacts(*row)


async def load_books_by_isbn(
    connection: AsyncConnection, reader_id: ReaderId, isbn13: str
) -> tuple[Book, ...]:
    """Return a reader's books of one checked ISBN; more than one is a conflict."""
    wanted = {"wanted_reader": reader_id, "wanted_isbn": isbn13}
    return tuple(book_of(row) for row in await connection.execute(_BY_ISBN, wanted))


async def load_books_by_status(
    connection: AsyncConnection, reader_id: ReaderId, status: BookStatus
) -> tuple[Book, ...]:
    """Return a reader's books of one status."""
    wanted = {"wanted_reader": reader_id, "wanted_status": status}
    return tuple(book_of(row) for row in await connection.execute(_BY_STATUS, wanted))


async def search_books(
    connection: AsyncConnection, reader_id: ReaderId, text: str, *, limit: int = 20
) -> tuple[Book, ...]:
    """Return a reader's books whose titles hold all words, shortest titles first."""
    words = text.split()[:10]
    if not words:
        return ()
    statement = search_statement(words, connection.dialect.name).limit(limit)
    rows = await connection.execute(statement, {"wanted_reader": reader_id})
    return tuple(book_of(row) for row in rows)


async def search_books_and_persons(
    connection: AsyncConnection, reader_id: ReaderId, text: str, *, limit: int = 20
) -> tuple[Book, ...]:
    """Return a reader's books whose titles and persons hold all words.

    No index helps here: it looks at all books of the reader.
    """
    words = text.split()[:10]
    if not words:
        return ()
    statement = _OF_READER.where(and_(*map(is_anywhere, words)))
    statement = statement.order_by(BOOKS.c.title, BOOKS.c.id).limit(limit)
    rows = await connection.execute(statement, {"wanted_reader": reader_id})
    return tuple(book_of(row) for row in rows)


def books_where(condition: ColumnElement[bool]) -> Select[Any]:
    """Return the statement that selects books, for `book_of`."""
    return _ALL.where(condition)


def is_anywhere(word: str) -> ColumnElement[bool]:
    """Return the condition that a word is in a title or a name."""
    in_texts = [
        text.ilike(f"%{_without_wildcards(word)}%", escape="\\")
        for text in (BOOKS.c.title, BOOKS.c.subtitle)
    ]
    # Lists are JSON, which keeps other letters than English ones as numbers.
    forms = {json.dumps(form)[1:-1] for form in (word, word.lower(), word.title())}
    in_lists = [
        cast(persons, Text).ilike(f"%{_without_wildcards(form)}%", escape="\\")
        for persons in (BOOKS.c.authors, BOOKS.c.narrators)
        for form in sorted(forms)
    ]
    return or_(*in_texts, *in_lists)


def search_statement(words: Sequence[str], dialect: str) -> Select[Any]:
    """Return the search for all words in titles, which uses the trigram index."""
    by_pattern = words
    conditions: list[ColumnElement[bool]] = []
    if dialect == "sqlite":
        by_pattern = [word for word in words if len(word) < _INDEXED_LENGTH]
        conditions = _hits([word for word in words if len(word) >= _INDEXED_LENGTH])
    conditions += [
        BOOKS.c.title.ilike(f"%{_without_wildcards(word)}%", escape="\\")
        for word in by_pattern
    ]
    return _OF_READER.where(and_(*conditions)).order_by(
        func.length(BOOKS.c.title), BOOKS.c.title, BOOKS.c.id
    )


def _hits(words: Sequence[str]) -> list[ColumnElement[bool]]:
    if not words:
        return []
    quoted = " ".join(f'"{word.replace('"', '""')}"' for word in words)
    is_found = _SEARCH.c.title.op("MATCH")(quoted)
    return [BOOKS.c.id.in_(select(_SEARCH.c.rowid).where(is_found))]


def _without_wildcards(word: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", word)


async def delete_book(connection: AsyncConnection, book_id: BookId) -> None:
    """Delete a book and the reads that are only its own.

    Reads of a linked title stay with the title, which is unlinked; so does its ledger.
    """
    await connection.execute(
        delete(READS).where(READS.c.book_id == book_id, READS.c.link_id.is_(None))
    )
    result = await connection.execute(delete(BOOKS).where(BOOKS.c.id == book_id))
    if result.rowcount == 0:
        raise NotInStoreError(what="book", number=book_id)


async def count_rows_of_import(
    connection: AsyncConnection, sync_log_id: SyncLogId
) -> tuple[int, int]:
    """Return how many books and reads there are that an import made."""
    made = [
        select(func.count())
        .select_from(table)
        .where(table.c.sync_log_id == sync_log_id)
        .scalar_subquery()
        for table in (BOOKS, READS)
    ]
    books, reads = (await connection.execute(select(*made))).one()
    return books, reads


async def load_books_of_import(
    connection: AsyncConnection, sync_log_id: SyncLogId
) -> tuple[Book, ...]:
    """Return the books that an import made, as far as there are any left."""
    statement = _ALL.where(BOOKS.c.sync_log_id == sync_log_id)
    found: list[Book] = []
    async for rows in streamed(connection, statement):
        found.extend(map(book_of, rows))
    return tuple(found)


async def delete_books_of_import(
    connection: AsyncConnection, sync_log_id: SyncLogId
) -> int:
    """Take an import back: its reads, and its books that nothing else uses now.

    What was written since, by a person or a sync, stays. Return how many books went.
    """
    is_used = (
        select(LINKS.c.id).where(LINKS.c.book_id == BOOKS.c.id).exists()
        | select(READS.c.id).where(READS.c.book_id == BOOKS.c.id).exists()
    )
    await connection.execute(
        delete(READS).where(
            READS.c.sync_log_id == sync_log_id, READS.c.updated_at == READS.c.created_at
        )
    )
    result = await connection.execute(
        delete(BOOKS).where(
            BOOKS.c.sync_log_id == sync_log_id,
            BOOKS.c.updated_at == BOOKS.c.created_at,
            ~is_used,
        )
    )
    return result.rowcount


def book_of(row: Row[Any]) -> Book:
    """Return the book of a row that `books_where` selects."""
    book_id, created_at, updated_at, *rest = row
    return Book(book_id, created_at, updated_at, BookFields(*rest))
