"""A title that a person calls heard out: its book is finished, and that is told."""

from datetime import date

from sqlalchemy.ext.asyncio import AsyncConnection

from ..errors import InvalidValueError
from ..kinds import BookStatus
from ..store.books import load_book
from ..store.events import add_events
from ..store.records import Book, BookId, Link, TrackerEvent
from ..store.titles import load_title_of
from ..sync.tracker_events import EventMaker, EventType
from .books import set_book_status


def book_to_finish(link: Link) -> BookId:
    """Return the book that a title is; raise InvalidValueError if it is none."""
    if link.fields.book_id is None:
        raise InvalidValueError(
            field="asin",
            value=link.fields.asin,
            allowed="a title that is linked to a book",
        )
    return link.fields.book_id


async def finish_title(
    connection: AsyncConnection,
    link: Link,
    maker: EventMaker,
    *,
    today: date,
    actor: str | None,
) -> tuple[Book, tuple[TrackerEvent, ...]]:
    """Finish the book that a title is; return it with what is to be told.

    Who is done already finishes nothing: it was told then.
    """
    book_id = book_to_finish(link)
    was = (await load_book(connection, book_id)).fields.status
    book = await set_book_status(
        connection, book_id, BookStatus.FINISHED, today, actor=actor, now=maker.now
    )
    if was is BookStatus.FINISHED:
        return book, ()
    event = maker.make(
        EventType.BOOK_FINISHED,
        await load_title_of(connection, link.fields.account_id, link.fields),
        reader_id=link.fields.reader_id,
        book_id=book_id,
        once=maker.now.isoformat(),
        data={"finished_on": today.isoformat()},
    )
    await add_events(connection, (event,))
    return book, (event,)
