"""What an import made and syncs have written to since, taken back by its content.

A sync that finds the title of an imported book writes to the book and to its read,
though they still say what the file said. Whoever takes the import back wants that gone.
"""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from ..kinds import BookStatus, DateSource, ReadOutcome, Source
from ..store.books import change_books, delete_book, load_books_of_import
from ..store.links import load_links_of_book, load_some_links
from ..store.packing import packed
from ..store.reads import (
    change_reads,
    delete_read,
    load_reads_of_book,
    load_reads_of_import,
)
from ..store.records import Book, BookFields, Link, Read, ReadFields
from ..store.schema import BOOKS, READS
from ..sync.look import heard_before
from ..sync.rules import is_started
from .import_log import ImportLog, stream_made_books, stream_made_reads
from .later_imports import Claims
from .log_values import FieldEdits, Said, as_json, said_of
from .records import BookEdit
from .row_book import IMPORTED, rows_in, with_days
from .row_past import document_without
from .values_before import values_before

# What a book is called and which recording it is stays with a book that stays.
_TAKEN: Final = (
    "isbn13",
    "isbns",
    "publisher",
    "year",
    "page_count",
    "current_page",
    "added_on",
    "rating",
    "review",
    "private_notes",
    "tags",
)
_DAYS: Final = ("started_on", "started_source", "finished_on", "finished_source")


async def take_made_back(
    connection: AsyncConnection, log: ImportLog, claims: Claims, *, now: datetime
) -> list[BookEdit]:
    """Take away what the import made and what still says the same.

    Books that are used, or say something else now, stay without what is the import's;
    so does all that later imports have changed. Return what is changed in such books.
    """
    await _take_reads(connection, log, claims, now=now)
    left = await load_books_of_import(connection, log.log.sync_log_id)
    by_key = {book.fields.source_key: book for book in left}
    changed: list[BookEdit] = []
    if not by_key:
        return changed
    async for entries in stream_made_books(connection, log.parts):
        for key, said in entries:
            if (book := by_key.pop(key, None)) is not None:
                is_claimed = book.book_id in claims.books
                changed += await _take_book(
                    connection, book, said, is_claimed=is_claimed, now=now
                )
    return changed


async def _take_reads(
    connection: AsyncConnection, log: ImportLog, claims: Claims, *, now: datetime
) -> None:
    left = [
        read
        for read in await load_reads_of_import(connection, log.log.sync_log_id)
        if read.read_id not in claims.reads
    ]
    if not left:
        return
    made: set[str] = set()
    async for entries in stream_made_reads(connection, log.parts):
        made.update(map(_text, entries))
    same = [read for read in left if _text(said_of(READS, read.fields)) in made]
    wanted = {read.fields.link_id for read in same if read.fields.link_id is not None}
    links = await load_some_links(connection, sorted(wanted))
    for read in same:
        link = links.get(read.fields.link_id) if read.fields.link_id else None
        heard = _heard_pass(read, link)
        if heard is None:
            await delete_read(connection, read.read_id)
        else:
            await change_reads(connection, ((read.read_id, heard),), now=now)


def _text(said: Said) -> str:
    return json.dumps(said, sort_keys=True)


def _heard_pass(read: Read, link: Link | None) -> ReadFields | None:
    """Return what Audible itself knows of a pass: that it was, but of no day."""
    if link is None:
        return None
    heard, outcome = heard_before(link.fields), read.fields.outcome
    is_over = outcome is ReadOutcome.FINISHED and heard.is_finished is True
    is_open = outcome is ReadOutcome.UNDER_WAY and is_started(heard)
    if not is_over and not is_open:
        return None
    return ReadFields(
        reader_id=read.fields.reader_id,
        book_id=read.fields.book_id,
        link_id=read.fields.link_id,
        outcome=outcome,
        started_source=DateSource.UNKNOWN,
        finished_source=DateSource.UNKNOWN if is_over else None,
        source=Source.AUDIBLE,
    )


async def _take_book(
    connection: AsyncConnection,
    book: Book,
    said: Said,
    *,
    is_claimed: bool,
    now: datetime,
) -> Iterable[BookEdit]:
    reads = await load_reads_of_book(connection, book.book_id)
    links = await load_links_of_book(connection, book.book_id)
    is_same = as_json(said_of(BOOKS, book.fields)) == said
    if is_same and not reads and not links and not is_claimed:
        await delete_book(connection, book.book_id)
        return ()
    fields = _without_said(book.fields, said)
    fields = _standing(fields, said, [read.fields for read in reads])
    if fields == book.fields:
        return ()
    await change_books(connection, ((book.book_id, fields),), now=now)
    return (BookEdit(book, fields),)


def _without_said(book: BookFields, said: Said) -> BookFields:
    bare = packed(BOOKS, _bare(book))
    names = [name for name in _TAKEN if name in said]
    edits: FieldEdits = {name: [bare[name], said[name]] for name in names}
    imported = rows_in(said.get("extra", {}))
    rows = {
        identity: document_without(document, {}, imported[identity])
        if identity in imported
        else document
        for identity, document in rows_in(book.extra).items()
        if imported.get(identity) != document
    }
    extra = {name: value for name, value in book.extra.items() if name != IMPORTED}
    if rows:
        extra[IMPORTED] = rows
    return replace(book, extra=extra, **values_before(BOOKS, book, edits))


def _bare(book: BookFields) -> dict[str, Any]:
    bare = BookFields(reader_id=book.reader_id, title=book.title)
    return {name: getattr(bare, name) for name in _TAKEN}


def _standing(book: BookFields, said: Said, reads: Iterable[ReadFields]) -> BookFields:
    """Return the book with the status and the days of its own reads, if untouched."""
    names = ("status", *_DAYS)
    stands = as_json(packed(BOOKS, {name: getattr(book, name) for name in names}))
    if any(stands[name] != said.get(name) for name in _DAYS):
        return book
    if stands["status"] != said.get("status", BookStatus.TO_READ.value):
        return book
    passes = tuple(reads)
    outcomes = {read.outcome for read in passes}
    status = BookStatus.TO_READ
    if ReadOutcome.UNDER_WAY in outcomes:
        status = BookStatus.READING
    elif ReadOutcome.FINISHED in outcomes:
        status = BookStatus.FINISHED
    gone: dict[str, Any] = dict.fromkeys(_DAYS)
    return with_days(replace(book, status=status, **gone), passes)
