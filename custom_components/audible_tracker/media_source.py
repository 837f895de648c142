"""The books of the server in Home Assistant's media browser."""

from collections.abc import Iterable
from typing import override

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

from .const import DOMAIN
from .coordinator import AudibleConfigEntry
from .core.errors import InvalidValueError, TrackerError
from .core.models import Asin, AudibleTitle
from .core.store.shelves import load_collections
from .core.store.titles import load_titles
from .core.wire import ServerBook
from .failures import translation_of
from .media_places import NAMED, Place, Shelf, names_on, searchable, titles_under
from .playing.audio import async_chapters
from .playing.reach import PROBE, probe_address
from .playing.resolving import async_resolve
from .server_link import link_of, media_server_of
from .views import cover_path


async def async_get_media_source(hass: HomeAssistant) -> MediaSource:
    """Return the media source of all accounts."""
    return AudibleMediaSource(hass)


class AudibleMediaSource(MediaSource):
    """Accounts, their shelves, the books on them, and their chapters."""

    name = "Audible Tracker"

    def __init__(self, hass: HomeAssistant) -> None:
        """Serve all accounts."""
        super().__init__(DOMAIN)
        self.hass = hass

    @override
    async def async_browse_media(self, item: MediaSourceItem) -> BrowseMediaSource:
        """Return the accounts, the shelves of one, what is on one, or the chapters."""
        try:
            place = Place.parse(item.identifier)
            entries = self._linked_entries()
            if place.entry_id is None and len(entries) != 1:
                return _folder(
                    None, self.name or DOMAIN, [_account(entry) for entry in entries]
                )
            entry = self._entry(place.entry_id or entries[0].entry_id)
            if place.asin is not None:
                return await self._async_title(entry, place)
            if place.shelf is None:
                return await self._async_shelves(item.identifier, entry)
            return await self._async_shelf(entry, place, place.shelf)
        except TrackerError as err:
            raise BrowseError(**translation_of(err)) from err

    @override
    async def async_search_media(
        self, item: MediaSourceItem, query: SearchMediaQuery
    ) -> SearchMedia:
        """Return the books that have all the words in what is known of them."""
        words = query.search_query.casefold().split()
        try:
            place = Place.parse(item.identifier)
            entries = self._linked_entries()
            if place.entry_id is not None:
                entries = [self._entry(place.entry_id)]
            found = [
                _book(entry, title, book)
                for entry in entries
                for title, book in await self._async_titles(entry, place)
                if all(word in searchable(title) for word in words)
            ]
        except TrackerError as err:
            raise BrowseError(**translation_of(err)) from err
        return SearchMedia(result=found)

    @override
    async def async_resolve_media(self, item: MediaSourceItem) -> PlayMedia:
        """Return the signed address of a book's audio, in the player's form.

        A book that is not there yet plays too: the server fetches what is heard.
        """
        first, _, token = (item.identifier or "").partition("/")
        try:
            if first == PROBE:
                return probe_address(self.hass, token)
            place = Place.parse(item.identifier)
            if place.entry_id is None or place.asin is None:
                raise InvalidValueError(
                    field="media_content_id", value=item.identifier, allowed="a book"
                )
            return await async_resolve(
                self.hass,
                self._entry(place.entry_id),
                place.asin,
                chapter=place.chapter,
                player=item.target_media_player,
            )
        except TrackerError as err:
            raise Unresolvable(**translation_of(err)) from err

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
            _folder(Place(entry.entry_id, shelf).text, names[shelf]) for shelf in Shelf
        ]
        return _folder(identifier, entry.title, shelves)

    async def _async_shelf_names(self) -> dict[Shelf, str]:
        texts = await async_get_translations(
            self.hass, self.hass.config.language, "common", {DOMAIN}
        )
        return {shelf: texts[f"component.{DOMAIN}.common.{shelf}"] for shelf in Shelf}

    async def _async_shelf(
        self, entry: AudibleConfigEntry, place: Place, shelf: Shelf
    ) -> BrowseMediaSource:
        """Return the books on a shelf, or the names on one that has some."""
        found = await self._async_titles(entry, place)
        title = place.name or (await self._async_shelf_names())[shelf]
        if shelf in NAMED and place.name is None:
            collections = await self._async_collections(entry, shelf)
            names = names_on(shelf, (one for one, _ in found), collections)
            folders = [_folder(Place(entry.entry_id, shelf, n).text, n) for n in names]
            return _folder(place.text, title, folders)
        books = [_book(entry, title, book) for title, book in found]
        return _folder(place.text, title, books)

    async def _async_title(
        self, entry: AudibleConfigEntry, place: Place
    ) -> BrowseMediaSource:
        """Return a book with its chapters."""
        if place.asin is None or place.chapter is not None:
            raise InvalidValueError(
                field="media_content_id", value=place.text, allowed="a folder"
            )
        asin = place.asin
        for title, book in await self._async_titles(entry, Place(entry.entry_id)):
            if title.asin == asin:
                found = _book(entry, title, book)
                found.children = [
                    _chapter(entry, asin, number, chapter.title, book)
                    for number, chapter in enumerate(
                        await async_chapters(self.hass, entry, asin), start=1
                    )
                ]
                return found
        raise InvalidValueError(
            field="media_content_id", value=place.text, allowed="a book of the account"
        )

    async def _async_collections(
        self, entry: AudibleConfigEntry, shelf: Shelf | None
    ) -> dict[Asin, frozenset[str]]:
        if shelf is not Shelf.COLLECTIONS:
            return {}
        runtime = entry.runtime_data
        async with runtime.store.reading() as connection:
            return await load_collections(connection, runtime.account_id)

    async def _async_titles(
        self, entry: AudibleConfigEntry, place: Place
    ) -> list[tuple[AudibleTitle, ServerBook]]:
        """Return the account's titles that the server knows, as both know them."""
        books = await media_server_of(self.hass).fetch_books()
        known = {book.asin: book for book in books}
        runtime = entry.runtime_data
        if place.shelf is Shelf.UNDER_WAY:
            titles = [heard.title for heard in runtime.coordinator.data.under_way]
        else:
            async with runtime.store.reading() as connection:
                library = await load_titles(connection, runtime.account_id)
            collections = await self._async_collections(entry, place.shelf)
            titles = titles_under(place, library, collections)
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
        identifier=Place(entry.entry_id, asin=title.asin).text,
        media_class=MediaClass.ALBUM,
        media_content_type=book.content_type,
        title=title.name,
        can_play=True,
        can_expand=True,
        thumbnail=cover_path(entry.entry_id, title.asin),
        children_media_class=MediaClass.TRACK,
    )


def _chapter(
    entry: AudibleConfigEntry, asin: Asin, number: int, title: str, book: ServerBook
) -> BrowseMediaSource:
    return BrowseMediaSource(
        domain=DOMAIN,
        identifier=Place(entry.entry_id, asin=asin, chapter=number).text,
        media_class=MediaClass.TRACK,
        media_content_type=book.content_type,
        title=title or str(number),
        can_play=True,
        can_expand=False,
    )
