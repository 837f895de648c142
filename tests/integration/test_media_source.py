"""The books in Home Assistant's media browser."""

import base64
import json
from dataclasses import replace
from typing import Any

import pytest
from homeassistant.components import media_source
from homeassistant.components.media_player.browse_media import SearchMediaQuery
from homeassistant.components.media_player.errors import BrowseError
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.typing import (
    ClientSessionGenerator,
    WebSocketGenerator,
)

from custom_components.audible_tracker.const import DOMAIN
from custom_components.audible_tracker.core.wire import BookState
from custom_components.audible_tracker.server_link import async_set_link
from tests.integration.fake_media_server import AUDIO, COVER, FakeMediaServer
from tests.integration.steps import Household
from tests.simulator.catalog import (
    OTHER_EMAIL,
    SHORT_ASIN,
    TEN_HOUR_ASIN,
    UNDER_WAY_ASIN,
)

ROOT = f"media-source://{DOMAIN}"
SHELVES = [
    "Under way",
    "Recently added",
    "Authors",
    "Series",
    "Narrators",
    "Collections",
    "Library",
]


async def browse(hass: HomeAssistant, *parts: str) -> Any:
    """Open a place of the media browser."""
    return await media_source.async_browse_media(hass, "/".join((ROOT, *parts)))


async def titles(hass: HomeAssistant, *parts: str) -> list[str]:
    """Return what stands there."""
    item = await browse(hass, *parts)
    return [child.title for child in item.children]


async def test_one_account_shows_its_shelves_at_once(
    household: Household, linked_entry: ConfigEntry
) -> None:
    """Under way comes first, then the whole library."""
    root = await browse(household.hass)

    assert [child.title for child in root.children] == SHELVES
    assert root.children[0].media_content_id == (
        f"{ROOT}/{linked_entry.entry_id}/under_way"
    )


async def test_several_accounts_come_first(
    household: Household, linked_entry: ConfigEntry
) -> None:
    """With two people one chooses whose books."""
    other = await household.sign_up(email=OTHER_EMAIL)

    assert await titles(household.hass) == [linked_entry.title, other.title]
    assert await titles(household.hass, other.entry_id) == SHELVES


async def test_shelves_hold_what_the_server_knows(
    household: Household, linked_entry: ConfigEntry
) -> None:
    """Under way: newest first. Library: by title. Each with its cover."""
    entry_id = linked_entry.entry_id
    names = {
        asin: household.owned(asin).title.title
        for asin in (SHORT_ASIN, TEN_HOUR_ASIN, UNDER_WAY_ASIN)
    }

    assert await titles(household.hass, entry_id, "under_way") == [
        names[UNDER_WAY_ASIN],
        names[TEN_HOUR_ASIN],
    ]
    shelf = await browse(household.hass, entry_id, "library")
    assert [book.title for book in shelf.children] == sorted(names.values())
    book = next(b for b in shelf.children if b.title == names[UNDER_WAY_ASIN])
    assert book.can_play is True
    assert book.thumbnail == f"/api/{DOMAIN}/cover/{entry_id}/{UNDER_WAY_ASIN}"


@pytest.mark.parametrize(
    ("query", "expected"),
    [("pride", [UNDER_WAY_ASIN]), ("austen PRIDE", [UNDER_WAY_ASIN]), ("nobody", [])],
)
async def test_books_are_found_by_words(
    household: Household, linked_entry: ConfigEntry, query: str, expected: list[str]
) -> None:
    """Title, author, narrator and series are searched."""
    for place in ("", f"/{linked_entry.entry_id}", f"/{linked_entry.entry_id}/library"):
        found = await media_source.async_search_media(
            household.hass, ROOT + place, SearchMediaQuery(search_query=query)
        )

        asins = [str(book.media_content_id).rsplit("/", 1)[1] for book in found.result]
        assert asins == expected


async def test_book_plays_by_a_signed_address(
    household: Household,
    linked_entry: ConfigEntry,
    hass_ws_client: WebSocketGenerator,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    """A player without a token gets ranges of the audio."""
    websocket = await hass_ws_client()
    book = f"{ROOT}/{linked_entry.entry_id}/title/{UNDER_WAY_ASIN}"
    await websocket.send_json_auto_id(
        {"type": "media_source/resolve_media", "media_content_id": book}
    )
    answer = await websocket.receive_json()
    assert answer["result"]["mime_type"] == "audio/mp4"
    url = answer["result"]["url"]
    assert url.startswith("/api/audible_tracker/stream/")

    player = await hass_client_no_auth()
    head = await player.head(url)
    assert head.headers["Content-Length"] == str(len(AUDIO))
    part = await player.get(url, headers={"Range": "bytes=1000-1999"})
    assert part.status == 206
    assert await part.read() == AUDIO[1000:2000]
    cover = await player.get(
        f"/api/audible_tracker/cover/{linked_entry.entry_id}/{UNDER_WAY_ASIN}"
    )
    assert cover.status == 401


async def test_book_is_of_the_kind_that_the_server_says(
    household: Household, linked_entry: ConfigEntry, media_server: FakeMediaServer
) -> None:
    """An episode is an MP3 file; a player that is told otherwise may refuse it."""
    book = media_server.books[UNDER_WAY_ASIN]
    media_server.books[UNDER_WAY_ASIN] = replace(book, content_type="audio/mpeg")
    entry_id = linked_entry.entry_id

    shelf = await browse(household.hass, entry_id, "library")
    media = await media_source.async_resolve_media(
        household.hass, f"{ROOT}/{entry_id}/title/{UNDER_WAY_ASIN}", None
    )

    kinds = {
        str(book.media_content_id).rsplit("/", 1)[1]: book.media_content_type
        for book in shelf.children
    }
    assert kinds[UNDER_WAY_ASIN] == media.mime_type == "audio/mpeg"
    assert kinds[SHORT_ASIN] == "audio/mp4"


async def test_address_of_a_long_book_outlives_a_pause(
    household: Household, linked_entry: ConfigEntry, media_server: FakeMediaServer
) -> None:
    """It holds for three times the runtime, and for a day at least."""
    long_ms = 40 * 3600 * 1000
    media_server.add_book(SHORT_ASIN, "Long")
    book = media_server.books[SHORT_ASIN]
    media_server.books[SHORT_ASIN] = type(book)(
        book.asin, book.title, (), book.state, runtime_ms=long_ms, is_playable=True
    )

    assert await _valid_hours(household.hass, linked_entry, SHORT_ASIN) == 120
    assert await _valid_hours(household.hass, linked_entry, UNDER_WAY_ASIN) == 24


async def _valid_hours(hass: HomeAssistant, entry: ConfigEntry, asin: str) -> float:
    media = await media_source.async_resolve_media(
        hass, f"{ROOT}/{entry.entry_id}/title/{asin}", None
    )
    payload = media.url.split("authSig=")[1].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return float(claims["exp"] - claims["iat"]) / 3600


async def test_book_that_is_not_there_plays_too(
    household: Household, linked_entry: ConfigEntry, media_server: FakeMediaServer
) -> None:
    """The server fetches what is heard; nobody has to wait for a download."""
    media = await media_source.async_resolve_media(
        household.hass, f"{ROOT}/{linked_entry.entry_id}/title/{TEN_HOUR_ASIN}", None
    )

    assert "audio/mp4" == media.mime_type
    assert ("POST", f"/api/books/{TEN_HOUR_ASIN}/download") not in media_server.calls


async def test_book_that_audible_denies_is_told(
    household: Household, linked_entry: ConfigEntry, media_server: FakeMediaServer
) -> None:
    """The server's own sentence is shown before any player is asked."""
    book = media_server.books[TEN_HOUR_ASIN]
    media_server.books[TEN_HOUR_ASIN] = replace(
        book, state=BookState.FAILED, error="license_no_form", error_text="None."
    )
    with pytest.raises(media_source.Unresolvable) as told:
        await media_source.async_resolve_media(
            household.hass,
            f"{ROOT}/{linked_entry.entry_id}/title/{TEN_HOUR_ASIN}",
            None,
        )

    assert "media_server_refused" == told.value.translation_key


async def test_without_a_server_the_user_is_told_what_is_missing(
    household: Household, linked_entry: ConfigEntry
) -> None:
    """Browsing and playing say that there is no app."""
    entry_id = linked_entry.entry_id
    await async_set_link(household.hass, None)
    await household.settle()

    with pytest.raises(media_source.Unresolvable) as told:
        await media_source.async_resolve_media(
            household.hass, f"{ROOT}/{entry_id}/title/{UNDER_WAY_ASIN}", None
        )
    assert told.value.translation_key == "media_server_missing"
    with pytest.raises(BrowseError) as shown:
        await browse(household.hass, entry_id, "library")
    assert shown.value.translation_key == "media_server_missing"
    assert await titles(household.hass) == []


async def test_silent_server_is_named(
    household: Household, linked_entry: ConfigEntry, media_server: FakeMediaServer
) -> None:
    """Browsing and searching say what is wrong."""
    media_server.secret = "another"

    with pytest.raises(BrowseError) as shown:
        await browse(household.hass, linked_entry.entry_id, "library")
    assert shown.value.translation_key == "media_server_secret"
    with pytest.raises(BrowseError) as found:
        await media_source.async_search_media(
            household.hass, ROOT, SearchMediaQuery(search_query="pride")
        )
    assert found.value.translation_key == "media_server_secret"


@pytest.mark.parametrize(
    "place",
    ["unknown", "unknown/library", "{entry}/attic", "{entry}/title/x", "{entry}/a/b/c"],
)
async def test_place_that_is_not_there_is_named(
    household: Household, linked_entry: ConfigEntry, place: str
) -> None:
    """What was never handed out is refused in words."""
    path = place.format(entry=linked_entry.entry_id)

    with pytest.raises(BrowseError) as shown:
        await browse(household.hass, path)
    assert shown.value.translation_key == "invalid_value"
    with pytest.raises(media_source.Unresolvable) as told:
        await media_source.async_resolve_media(household.hass, f"{ROOT}/{path}", None)
    assert told.value.translation_key == "invalid_value"


async def test_book_opens_its_chapters(
    household: Household, linked_entry: ConfigEntry
) -> None:
    """Each one plays from its beginning; a chapter is no folder."""
    entry_id = linked_entry.entry_id
    opened = await browse(household.hass, entry_id, "title", UNDER_WAY_ASIN)

    assert (opened.title, opened.can_play) == ("Pride and Prejudice", True)
    assert "Opening Credits" == opened.children[0].title
    second = opened.children[1]
    assert (second.can_play, second.can_expand) == (True, False)
    place = f"{ROOT}/{entry_id}/title/{UNDER_WAY_ASIN}/2"
    assert place == second.media_content_id
    media = await media_source.async_resolve_media(household.hass, place, None)
    chapters = linked_entry.runtime_data.coordinator.data.under_way[0].chapters
    assert media.url.endswith(f"#t={chapters[1].start_ms // 1000}")

    with pytest.raises(BrowseError) as shown:
        await browse(household.hass, entry_id, "title", UNDER_WAY_ASIN, "2")
    assert shown.value.translation_key == "invalid_value"
    with pytest.raises(media_source.Unresolvable):
        await media_source.async_resolve_media(household.hass, f"{place}99", None)


async def test_books_lie_under_their_names(
    household: Household, linked_entry: ConfigEntry
) -> None:
    """Of authors, narrators and series, and of the reader's own words."""
    hass, entry_id = household.hass, linked_entry.entry_id
    title = household.owned(UNDER_WAY_ASIN).title
    await household.act("edit_book", asin=UNDER_WAY_ASIN, tags=["For rainy days / one"])

    for shelf, name in (
        ("authors", title.authors[0]),
        ("narrators", title.narrators[0]),
        ("collections", "For rainy days / one"),
    ):
        opened = await browse(hass, entry_id, shelf)
        folder = next(one for one in opened.children if one.title == name)
        place = folder.media_content_id.removeprefix(f"{ROOT}/")
        assert title.title in await titles(hass, place)
    assert len(await titles(hass, entry_id, "recent")) == 3
    assert await titles(hass, entry_id, "authors", "Nobody") == []


async def test_frontend_gets_the_cover(
    household: Household,
    linked_entry: ConfigEntry,
    hass_client: ClientSessionGenerator,
) -> None:
    """The media browser fetches covers with the user's token."""
    shelf = await browse(household.hass, linked_entry.entry_id, "library")
    client = await hass_client()

    answer = await client.get(shelf.children[0].thumbnail)

    assert answer.status == 200
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert await answer.read() == COVER
