"""Where a browser finds a cover: in this house, and never at the shop."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from homeassistant.components.http.auth import async_sign_path
from homeassistant.core import HomeAssistant, callback
from sqlalchemy.ext.asyncio import AsyncConnection

from ..actions.answers import Members
from ..const import DOMAIN
from ..core.audible.covers import is_cover_url
from ..core.models import Asin
from ..core.store.book_pages import load_covers
from ..core.store.records import AccountId, Book, BookId
from ..views import cover_path

_SIGNED_FOR: Final = timedelta(hours=12)
"""So long a dialog may stay open."""


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
        title = known.get(book["book_id"])
        book.update(_book_cover(hass, book["cover_url"], title))


async def async_signed_covers(
    hass: HomeAssistant, connection: AsyncConnection, books: Iterable[Book]
) -> dict[BookId, str]:
    """Return where a dialog, which sends no token, finds the covers that there are."""
    books = tuple(books)
    known = await load_covers(connection, [book.book_id for book in books])
    found = {}
    for book in books:
        title = known.get(book.book_id)
        cover = _book_cover(hass, book.fields.cover_url, title)
        if address := _signed(hass, cover):
            found[book.book_id] = address
    return found


def signed_title_cover(
    hass: HomeAssistant, account_id: AccountId | None, asin: Asin
) -> str | None:
    """Return where a dialog finds the cover of a title."""
    return _signed(hass, title_cover(hass, account_id, asin))


def _signed(hass: HomeAssistant, cover: Members) -> str | None:
    path: str | None = cover["cover_path"]
    if path is not None:
        return async_sign_path(hass, path, _SIGNED_FOR)
    url: str | None = cover["cover_url"]
    return url


def _book_cover(
    hass: HomeAssistant, chosen: str | None, title: tuple[AccountId, Asin] | None
) -> Members:
    """Return what a person chose, else the cover of the book's title."""
    if chosen and chosen.startswith("https://") and not is_cover_url(chosen):
        return _cover(url=chosen)
    return title_cover(hass, *title) if title is not None else _cover()


def _cover(*, path: str | None = None, url: str | None = None) -> Members:
    return {"cover_path": path, "cover_url": url}
