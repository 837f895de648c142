"""A reader's books out of the store, with their reads and links."""

from sqlalchemy.ext.asyncio import AsyncConnection

from ..store.books import stream_books
from ..store.links import stream_links
from ..store.reads import stream_reads
from ..store.records import BookId, Link, Read, ReaderId
from ..store.stamps import load_owner
from .records import StoredBook, StoredBooks


async def load_stored_books(
    connection: AsyncConnection, reader_id: ReaderId
) -> StoredBooks:
    """Return all books of a reader, in the order of their numbers. Four statements."""
    reads = await load_reads_by_book(connection, reader_id)
    links: dict[BookId, list[Link]] = {}
    linked = {}
    async for link in stream_links(connection, reader_id):
        linked[link.fields.asin] = link.link_id
        if link.fields.book_id is not None:
            links.setdefault(link.fields.book_id, []).append(link)
    books = {}
    async for book in stream_books(connection, reader_id):
        number = book.book_id
        books[number] = StoredBook(
            book, tuple(reads.get(number, ())), tuple(links.get(number, ()))
        )
    owner = await load_owner(connection)
    return StoredBooks(reader_id, owner, books, linked)


async def load_reads_by_book(
    connection: AsyncConnection, reader_id: ReaderId
) -> dict[BookId, list[Read]]:
    """Return a reader's reads by their books, oldest first."""
    reads: dict[BookId, list[Read]] = {}
    async for read in stream_reads(connection, reader_id):
        if read.fields.book_id is not None:
            reads.setdefault(read.fields.book_id, []).append(read)
    return reads
