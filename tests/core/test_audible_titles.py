"""What Audible tells of single titles, files and the shop: through the real library."""

from dataclasses import replace

import httpx
import pytest
from audible_core.audible.client import AudibleClient
from audible_core.audible.requests import library_parameters
from audible_core.errors import (
    AudibleConnectionError,
    AudibleNotFoundError,
    AudibleResponseError,
    LicenseFormatError,
    TrackerError,
)
from audible_core.models import Asin, AudibleTitle

from tests.simulator import Simulator, catalog
from tests.simulator.faults import Fault, FaultKind

UNDER_WAY = Asin(catalog.UNDER_WAY_ASIN)
AAX = Asin(catalog.AAX_ASIN)
NOT_OWNED = Asin(catalog.NOT_OWNED_ASIN)


async def title_of(client: AudibleClient, asin: Asin) -> AudibleTitle:
    """Return a title of the library."""
    found = await client.fetch_title(asin)
    assert found is not None
    return found


async def test_description_is_that_of_the_shop(
    client: AudibleClient, shop: Simulator
) -> None:
    """The text without its markup, and the day on which it came out."""
    owned = shop.shop.accounts[catalog.DEMO_EMAIL].library[UNDER_WAY]
    told = replace(owned.title, summary="<p>Two <b>sisters</b>.</p>")
    shop.shop.change_title(owned, told)

    description = await client.fetch_description(UNDER_WAY)

    assert description.text == "Two sisters."
    assert description.released_on == told.released_on


async def test_title_that_is_not_found_is_not_owned(
    client: AudibleClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the answer lacks the words; a description of it is an error."""

    async def not_found(_path: str, _parameters: dict[str, str]) -> httpx.Response:
        return httpx.Response(404, json={"message": "Not found"})

    monkeypatch.setattr(client._connection, "get", not_found)
    assert await client.fetch_title(UNDER_WAY) is None
    with pytest.raises(AudibleNotFoundError):
        await client.fetch_description(UNDER_WAY)


async def test_library_without_an_end_is_given_up(
    client: AudibleClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A shop that always names another page is not asked for ever."""
    asked = 0
    page = await client._connection.get("library", library_parameters())
    page.headers["Continuation-Token"] = "again"

    async def get_endless(_path: str, _parameters: dict[str, str]) -> httpx.Response:
        nonlocal asked
        asked += 1
        return page

    monkeypatch.setattr(client._connection, "get", get_endless)
    with pytest.raises(AudibleResponseError, match="no end of pages"):
        await client.fetch_library()
    assert asked == 50


async def test_catalog_is_searched_by_words(client: AudibleClient) -> None:
    """The title with most of the words stands first; no words, no titles."""
    found = await client.search_catalog("pride and prejudice")
    assert found[0].title == "Pride and Prejudice"
    assert found[0].authors == ("Jane Austen",)
    assert await client.search_catalog("xyzzy") == ()


async def test_series_is_searched_by_its_name(
    client: AudibleClient, shop: Simulator
) -> None:
    """Only titles of it, with their days, the newest first."""
    series = "Sherlock Holmes"
    expected = {
        title.asin: title.released_on
        for title in shop.shop.titles.values()
        if title.title and any(place.title == series for place in title.series)
    }

    found = await client.search_series(series.upper())

    assert expected == {release.asin: release.release_on for release in found}
    days = [release.release_on for release in found]
    assert len(days) >= 3
    assert days == sorted(days, reverse=True)


@pytest.mark.parametrize("members", [{"codecs": ("ec+3",)}, {"is_plus": True}])
async def test_older_form_is_not_asked_for_where_there_is_none(
    client: AudibleClient, shop: Simulator, members: dict[str, object]
) -> None:
    """A title in another codec, or of the Plus catalogue."""
    title = replace(await title_of(client, AAX), **members)
    with pytest.raises(LicenseFormatError):
        await client.fetch_aax_url(title)
    assert shop.requests("/FionaCDEServiceEngine") == []


async def test_older_form_of_a_title_that_was_returned_is_refused(
    client: AudibleClient, shop: Simulator
) -> None:
    """It was in the library when it was last looked at."""
    title = await title_of(client, AAX)
    shop.shop.accounts[catalog.DEMO_EMAIL].library[AAX].status = "Revoked"
    with pytest.raises(LicenseFormatError):
        await client.fetch_aax_url(title)


async def test_companion_is_where_the_shop_says(
    client: AudibleClient, shop: Simulator
) -> None:
    """Those that have one are told with the library; a page is no document."""
    library = await client.fetch_library()
    (asin, *_) = library.with_pdf
    url = await client.fetch_pdf_url(asin)
    assert url is not None
    assert url.startswith("https://")
    assert f"{asin}.pdf" in url
    assert await client.fetch_pdf_url(NOT_OWNED) is None
    assert {request.host for request in shop.requests("/companion-file/")} == {
        "www.audible.de"
    }


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (FaultKind.SERVER_ERROR_HTML, AudibleConnectionError),
        (FaultKind.UNREACHABLE, AudibleConnectionError),
    ],
)
async def test_companion_that_cannot_be_asked_for_now_is_not_none(
    client: AudibleClient, shop: Simulator, kind: FaultKind, error: type[TrackerError]
) -> None:
    """It may be there later."""
    shop.shop.faults.append(Fault(kind))
    with pytest.raises(error):
        await client.fetch_pdf_url(UNDER_WAY)
