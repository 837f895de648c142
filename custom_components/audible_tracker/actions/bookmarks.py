"""The action about bookmarks."""

from typing import Any, Final

from homeassistant.core import ServiceResponse, SupportsResponse

from ..const import CONF_ASIN
from ..core.bookmark import Bookmark
from ..core.decisions.bookmarks import MarkedTitle, list_bookmarks
from .answers import Members, plain
from .calls import CONF_BOOK_ID, THING, Action, ActionCall


async def _async_list_bookmarks(action: ActionCall) -> ServiceResponse:
    """Return a reader's bookmarks, of all titles or of one."""
    async with action.store.reading() as connection:
        if CONF_ASIN in action.data or CONF_BOOK_ID in action.data:
            link = await action.async_link(connection)
            found = await list_bookmarks(
                connection, link.fields.reader_id, link.link_id
            )
        else:
            reader = await action.async_reader(connection)
            found = await list_bookmarks(connection, reader.reader_id)
    marks: list[Any] = [
        _members(title, mark) for title in found for mark in title.bookmarks
    ]
    return {"bookmarks": marks}


def _members(title: MarkedTitle, bookmark: Bookmark) -> Members:
    fields = title.link.fields
    return {
        "asin": fields.asin,
        "title": fields.audible_title,
        "book_id": fields.book_id,
        "position_ms": bookmark.position_ms,
        "note": bookmark.note,
        "source": bookmark.source.value,
        "created_at": plain(bookmark.created_at),
        "updated_at": plain(bookmark.updated_at),
    }


LIST_BOOKMARKS: Final = Action(_async_list_bookmarks, THING, SupportsResponse.ONLY)
