"""Where a browser finds a cover."""

from collections.abc import Iterable

from homeassistant.core import HomeAssistant
from sqlalchemy.ext.asyncio import AsyncConnection

from ..actions.answers import Members
from ..const import DOMAIN
from ..core.models import Asin
from ..core.store.book_pages import load_covers
from ..household import household_of
from ..views import cover_path


def cover_members(hass: HomeAssistant, asin: Asin | None, url: str | None) -> Members:
    """Return a cover's path in the house, which the server serves, and its address.

    Either may be null; an address that is not encrypted is none.
    """
    entries = hass.config_entries.async_loaded_entries(DOMAIN)
    is_served = household_of(hass).link is not None and asin and entries
    is_safe = url is not None and url.startswith("https://")
    return {
        "cover_path": cover_path(entries[0].entry_id, asin)
        if is_served and asin
        else None,
        "cover_url": url if is_safe else None,
    }


async def async_add_covers(
    hass: HomeAssistant, connection: AsyncConnection, books: Iterable[Members]
) -> None:
    """Add to each book where its cover is: its own, or that of a title that it is."""
    books = tuple(books)
    known = await load_covers(connection, [book["book_id"] for book in books])
    for book in books:
        asin, url = known.get(book["book_id"], (book["asin"], None))
        book.update(cover_members(hass, asin, book["cover_url"] or url))
