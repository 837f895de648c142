"""The tracker to browse: a page of books, and one book with all its passes."""

from typing import Final

import probatio
from homeassistant.core import ServiceResponse, SupportsResponse

from ..actions.answers import (
    Members,
    book_members,
    link_members,
    plain,
    read_members,
)
from ..actions.calls import (
    ACCOUNT,
    CONF_BOOK_ID,
    CONF_LIMIT,
    CONF_OFFSET,
    NUMBER,
    OFFSET,
    READER,
    Action,
    ActionCall,
    text,
    whole_number,
)
from ..core.decisions.journal import Decision
from ..core.decisions.reads import list_reads
from ..core.decisions.unmerging import load_merge
from ..core.kinds import BookStatus
from ..core.store.book_pages import BookOrder, load_book_page
from ..core.store.books import load_book
from ..core.store.links import load_links_of_book
from ..core.store.readers import load_reader
from ..core.store.records import BookId
from .covers import async_add_covers
from .readers import async_shown_reader

_CONF_ORDER: Final = "order"
_CONF_QUERY: Final = "query"
_CONF_STATUS: Final = "status"


async def _async_books(action: ActionCall) -> ServiceResponse:
    """Return a page of a reader's books, and how many there are of each status."""
    data = action.data
    status = data.get(_CONF_STATUS)
    async with action.store.reading() as connection:
        reader, names = await async_shown_reader(action, connection)
        page = await load_book_page(
            connection,
            reader.reader_id,
            words=data[_CONF_QUERY].split(),
            status=None if status is None else BookStatus(status),
            order=BookOrder(data[_CONF_ORDER]),
            offset=data[CONF_OFFSET],
            limit=data[CONF_LIMIT],
        )
        books = [book_members(book) for book in page.books]
        await async_add_covers(action.hass, connection, books)
    return {
        "reader": reader.name,
        "readers": names,
        "total": page.total,
        "counts": {status.value: count for status, count in page.counts.items()},
        CONF_OFFSET: data[CONF_OFFSET],
        "books": books,
    }


async def _async_book(action: ActionCall) -> ServiceResponse:
    """Return all that is known of one book."""
    book_id = BookId(action.data[CONF_BOOK_ID])
    async with action.store.reading() as connection:
        book = await load_book(connection, book_id)
        await action.caller.async_check(book.fields.reader_id)
        reader = await load_reader(connection, book.fields.reader_id)
        reads = await list_reads(connection, book_id)
        links = await load_links_of_book(connection, book_id)
        merge = await load_merge(connection, book_id)
        members = book_members(book) | {"own_cover_url": book.fields.cover_url}
        await async_add_covers(action.hass, connection, (members,))
    return {
        "reader": reader.name,
        "may_decide": await action.caller.async_is_admin(),
        "book": {
            **members,
            "note": book.fields.private_notes,
            "review": book.fields.review,
        },
        "reads": [read_members(read) for read in reads],
        "titles": [link_members(link) for link in links],
        "merged": None if merge is None else _merged(merge),
    }


def _merged(merge: Decision) -> Members:
    """Return what was merged into a book last, and by whom."""
    return {
        "title": merge.data["was"]["title"],
        "actor": merge.actor,
        "decided_at": plain(merge.decided_at),
    }


BOOKS: Final = Action(
    _async_books,
    {
        **ACCOUNT,
        **READER,
        probatio.Optional(_CONF_QUERY, default=""): probatio.All(
            text, probatio.Length(max=200)
        ),
        probatio.Optional(_CONF_STATUS): probatio.In(
            [status.value for status in BookStatus]
        ),
        probatio.Optional(_CONF_ORDER, default=BookOrder.CHANGED.value): probatio.In(
            [order.value for order in BookOrder]
        ),
        probatio.Optional(CONF_OFFSET, default=0): OFFSET,
        probatio.Optional(CONF_LIMIT, default=30): whole_number(1, 200),
    },
    SupportsResponse.ONLY,
)
BOOK: Final = Action(
    _async_book, {probatio.Required(CONF_BOOK_ID): NUMBER}, SupportsResponse.ONLY
)
