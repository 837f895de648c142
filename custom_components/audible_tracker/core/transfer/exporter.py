"""The store to the text of a file, piece by piece."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from enum import StrEnum
from typing import Final

from ..exports import GOODREADS_FILE, JSON_FILE, STORYGRAPH_FILE, FileShape
from ..imports import ImportedBook
from ..store.bookmarks import load_bookmarks
from ..store.books import stream_books
from ..store.database import Store
from ..store.links import stream_links
from ..store.records import BookId, Link, ReaderId
from ..store.stamps import load_owner
from ..sync.garbage import without_collections
from .records import StoredBook
from .stored_books import load_reads_by_book
from .stored_rows import row_for_sites, row_of_book


class ExportFormat(StrEnum):
    """What an export is made for."""

    JSON = "json"
    GOODREADS = "goodreads"
    STORYGRAPH = "storygraph"


_SHAPES: Final[Mapping[ExportFormat, FileShape]] = {
    ExportFormat.JSON: JSON_FILE,
    ExportFormat.GOODREADS: GOODREADS_FILE,
    ExportFormat.STORYGRAPH: STORYGRAPH_FILE,
}


async def export_books(
    store: Store, reader_id: ReaderId, export_format: ExportFormat
) -> AsyncGenerator[str]:
    """Yield a reader's books as the text of a file, in the order of their numbers.

    Take all of it, or close the iterator: the database is read meanwhile. JSON holds
    all of books, reads, links to titles and bookmarks in them; history of positions,
    events, goals, decisions and titles that are no book yet are not in it. The CSVs
    hold what those sites take.
    """
    shape = _SHAPES[export_format]
    is_json = export_format is ExportFormat.JSON
    of_goodreads = export_format is ExportFormat.GOODREADS
    yield shape.head
    separator = ""
    with without_collections():
        async for row in stream_rows(store, reader_id):
            shown = row if is_json else row_for_sites(row, of_goodreads=of_goodreads)
            yield separator + shape.book(shown)
            separator = shape.between
    yield shape.tail


async def stream_rows(store: Store, reader_id: ReaderId) -> AsyncIterator[ImportedBook]:
    """Yield a reader's books as rows of our own export."""
    async with store.reading() as connection:
        owner = await load_owner(connection)
        reads = await load_reads_by_book(connection, reader_id)
        bookmarks = await load_bookmarks(connection, reader_id)
        links: dict[BookId, list[Link]] = {}
        async for link in stream_links(connection, reader_id):
            if link.fields.book_id is not None:
                links.setdefault(link.fields.book_id, []).append(link)
        number = 0
        async for book in stream_books(connection, reader_id):
            number += 1
            stored = StoredBook(
                book,
                tuple(reads.get(book.book_id, ())),
                tuple(links.get(book.book_id, ())),
                bookmarks,
            )
            yield row_of_book(stored, owner, number)
