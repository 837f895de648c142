"""Where a browser finds a cover: in this house, and never at the shop."""

from collections.abc import Iterable

from homeassistant.core import HomeAssistant, callback
from sqlalchemy.ext.asyncio import AsyncConnection

from ..actions.answers import Members
from ..const import DOMAIN
from ..core.audible.covers import is_cover_url
from ..core.models import Asin
from ..core.store.book_pages import load_covers
from ..core.store.records import AccountId
from ..views import cover_path


@callback
def title_cover(
    hass: HomeAssistant, account_id: AccountId | None, asin: Asin
) -> Members:
    """Return where a title's cover is; null while its account is not set up."""
    for entry in hass.config_entries.async_loaded_entries(DOMAIN):
        if entry.runtime_data.account_id == account_id:
            return _cover(path=cover_path(entry.entry_id, asin))
    return _cover()


async def async_add_covers(
    hass: HomeAssistant, connection: AsyncConnection, books: Iterable[Members]
) -> None:
    """Add to each book where its cover is: what a person chose, else its title's."""
    books = tuple(books)
    known = await load_covers(connection, [book["book_id"] for book in books])
    for book in books:
        chosen: str | None = book["cover_url"]
        if chosen and chosen.startswith("https://") and not is_cover_url(chosen):
            book.update(_cover(url=chosen))
        elif (title := known.get(book["book_id"])) is not None:
            book.update(title_cover(hass, *title))
        else:
            book.update(_cover())


def _cover(*, path: str | None = None, url: str | None = None) -> Members:
    return {"cover_path": path, "cover_url": url}
