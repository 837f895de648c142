"""The books of the server in Home Assistant's media browser."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final, Self, override

from homeassistant.components.http.auth import async_sign_path
from homeassistant.components.media_player.browse_media import (
    SearchMedia,
    SearchMediaQuery,
)
from homeassistant.components.media_player.const import MediaClass
from homeassistant.components.media_player.errors import BrowseError
from homeassistant.components.media_source import (
    BrowseMediaSource,
    MediaSource,
    MediaSourceItem,
    PlayMedia,
    Unresolvable,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations

from .actions.calls import parse_asin
from .const import DOMAIN
from .coordinator import AudibleConfigEntry
from .core.errors import InvalidValueError, MediaServerRefusedError, TrackerError
from .core.models import Asin, AudibleTitle
from .core.store.titles import load_titles
from .core.wire import ServerBook
from .failures import translation_of
from .server_link import link_of, media_server_of
from .views import cover_path, stream_path

_VALID_AT_LEAST: Final = timedelta(hours=24)
_VALID_RUNTIMES: Final = 3


class Shelf(StrEnum):
    """How an account's books are grouped."""

    UNDER_WAY = "under_way"
    LIBRARY = "library"


async def async_get_media_source(hass: HomeAssistant) -> MediaSource:
    """Return the media source of all accounts."""
    return AudibleMediaSource(hass)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the tree: ``entry_id``, then a shelf or ``title`` and an ASIN."""

    entry_id: str | None = None
    shelf: Shelf | None = None
    asin: Asin | None = None

    @classmethod
    def parse(cls, identifier: str | None) -> Self:
        """Read it; raise InvalidValueError for what was never handed out.

        Home Assistant 2026.10 says "" and 2026.11 says None for the root.
        """
        match (identifier or "").split("/"):
            case [""]:
                return cls()
            case [entry_id]:
                return cls(entry_id)
            case [entry_id, shelf] if shelf in Shelf:
                return cls(entry_id, Shelf(shelf))
            case [entry_id, "title", asin]:
                return cls(entry_id, asin=parse_asin(asin))
        raise InvalidValueError(
            field="media_content_id", value=identifier, allowed="what browsing shows"
        )


class AudibleMediaSource(MediaSource):
    """Accounts, their shelves, and the books on them."""

    name = "Audible Tracker"

    def __init__(self, hass: HomeAssistant) -> None:
        """Serve all accounts."""
        super().__init__(DOMAIN)
        self.hass = hass

    @override
    async def async_browse_media(self, item: MediaSourceItem) -> BrowseMediaSource:
        """Return the accounts, the shelves of one, or the books of a shelf."""
        try:
            place = _Place.parse(item.identifier)
            if place.asin is not None:
                raise InvalidValueError(
                    field="media_content_id", value=item.identifier, allowed="a folder"
                )
            entries = self._linked_entries()
            if place.entry_id is None and len(entries) != 1:
                return _folder(
                    None, self.name or DOMAIN, [_account(entry) for entry in entries]
                )
            entry = self._entry(place.entry_id or entries[0].entry_id)
            if place.shelf is None:
                return await self._async_shelves(item.identifier, entry)
            books = await self._async_books(entry, place.shelf)
        except TrackerError as err:
            raise BrowseError(**translation_of(err)) from err
        names = await self._async_shelf_names()
        return _folder(item.identifier, names[place.shelf], books)

    @override
    async def async_search_media(
        self, item: MediaSourceItem, query: SearchMediaQuery
    ) -> SearchMedia:
        """Return the books that have all the words in what is known of them."""
        words = query.search_query.casefold().split()
        try:
            place = _Place.parse(item.identifier)
            entries = self._linked_entries()
            if place.entry_id is not None:
                entries = [self._entry(place.entry_id)]
            found = [
                _book(entry, title, book)
                for entry in entries
                for title, book in await self._async_titles(entry, place.shelf)
                if all(word in _searchable(title) for word in words)
            ]
        except TrackerError as err:
            raise BrowseError(**translation_of(err)) from err
        return SearchMedia(result=found)

    @override
    async def async_resolve_media(self, item: MediaSourceItem) -> PlayMedia:
        """Return the signed address of a book's audio.

        A book that is not there yet plays too: the server fetches what is heard.
        """
        try:
            place = _Place.parse(item.identifier)
            if place.entry_id is None or place.asin is None:
                raise InvalidValueError(
                    field="media_content_id", value=item.identifier, allowed="a book"
                )
            entry = self._entry(place.entry_id)
            book = await self._async_playable(place.asin)
        except TrackerError as err:
            raise Unresolvable(**translation_of(err)) from err
        path = stream_path(entry.entry_id, place.asin)
        # The content user's signature outlives the session of whoever pressed play.
        signed = async_sign_path(
            self.hass, path, _validity(book.runtime_ms), use_content_user=True
        )
        return PlayMedia(signed, book.content_type)

    async def _async_playable(self, asin: Asin) -> ServerBook:
        """Return a book; one that Audible denied to the server is told here."""
        book = await media_server_of(self.hass).fetch_book(asin)
        if not book.is_playable and book.is_denied:
            raise MediaServerRefusedError(
                code=str(book.error), detail=str(book.error_text), status=403
            )
        return book

    def _linked_entries(self) -> list[AudibleConfigEntry]:
        if link_of(self.hass) is None:
            return []
        return self.hass.config_entries.async_loaded_entries(DOMAIN)

    def _entry(self, entry_id: str) -> AudibleConfigEntry:
        entries = self.hass.config_entries.async_loaded_entries(DOMAIN)
        for entry in entries:
            if entry.entry_id == entry_id:
                return entry
        raise InvalidValueError(
            field="account", value=entry_id, allowed="an account that is set up"
        )

    async def _async_shelves(
        self, identifier: str, entry: AudibleConfigEntry
    ) -> BrowseMediaSource:
        names = await self._async_shelf_names()
        shelves = [
            _folder(f"{entry.entry_id}/{shelf}", names[shelf]) for shelf in Shelf
        ]
        return _folder(identifier, entry.title, shelves)

    async def _async_shelf_names(self) -> dict[Shelf, str]:
        texts = await async_get_translations(
            self.hass, self.hass.config.language, "common", {DOMAIN}
        )
        return {shelf: texts[f"component.{DOMAIN}.common.{shelf}"] for shelf in Shelf}

    async def _async_books(
        self, entry: AudibleConfigEntry, shelf: Shelf
    ) -> list[BrowseMediaSource]:
        titles = await self._async_titles(entry, shelf)
        return [_book(entry, title, book) for title, book in titles]

    async def _async_titles(
        self, entry: AudibleConfigEntry, shelf: Shelf | None
    ) -> list[tuple[AudibleTitle, ServerBook]]:
        """Return the account's titles that the server knows, as both know them."""
        books = await media_server_of(self.hass).fetch_books()
        known = {book.asin: book for book in books}
        runtime = entry.runtime_data
        if shelf is Shelf.UNDER_WAY:
            titles = [heard.title for heard in runtime.coordinator.data.under_way]
        else:
            async with runtime.store.reading() as connection:
                library = await load_titles(connection, runtime.account_id)
            titles = sorted(library, key=lambda title: title.name.casefold())
        return [(title, known[title.asin]) for title in titles if title.asin in known]


def _folder(
    identifier: str | None,
    title: str,
    children: Iterable[BrowseMediaSource] | None = None,
) -> BrowseMediaSource:
    return BrowseMediaSource(
        domain=DOMAIN,
        identifier=identifier,
        media_class=MediaClass.DIRECTORY,
        media_content_type="",
        title=title,
        can_play=False,
        can_expand=True,
        can_search=True,
        search_media_classes=[MediaClass.ALBUM],
        children=None if children is None else list(children),
    )


def _account(entry: AudibleConfigEntry) -> BrowseMediaSource:
    return _folder(entry.entry_id, entry.title)


def _book(
    entry: AudibleConfigEntry, title: AudibleTitle, book: ServerBook
) -> BrowseMediaSource:
    return BrowseMediaSource(
        domain=DOMAIN,
        identifier=f"{entry.entry_id}/title/{title.asin}",
        media_class=MediaClass.ALBUM,
        media_content_type=book.content_type,
        title=title.name,
        can_play=True,
        can_expand=False,
        thumbnail=cover_path(entry.entry_id, title.asin),
    )


def _searchable(title: AudibleTitle) -> str:
    series = (place.title for place in title.series)
    words = (
        title.name,
        title.subtitle or "",
        *title.authors,
        *title.narrators,
        *series,
    )
    return " ".join(words).casefold()


def _validity(runtime_ms: int | None) -> timedelta:
    """Return how long an address holds: a paused player must be able to resume."""
    return max(
        _VALID_AT_LEAST, _VALID_RUNTIMES * timedelta(milliseconds=runtime_ms or 0)
    )
