"""Covers: from the shop once, then from this house."""

from http import HTTPStatus
from pathlib import Path

import pytest
from homeassistant.components.image import async_get_image
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.audible_tracker import covers
from custom_components.audible_tracker.core.audible.covers import (
    fetch_cover,
    image_type,
    is_cover_url,
)
from custom_components.audible_tracker.core.errors import AudibleResponseError
from custom_components.audible_tracker.covers import covers_of
from tests.integration.steps import Household
from tests.simulator.catalog import UNDER_WAY_ASIN
from tests.simulator.faults import FaultKind

IMAGES = "/images/"


async def cover(household: Household) -> bytes:
    """Return the image that the entity has."""
    entity_id = household.state("_reader_1_cover").entity_id
    return (await async_get_image(household.hass, entity_id)).content


async def test_cover_is_fetched_once(household: Household) -> None:
    """Also over a restart without the shop."""
    entry = await household.sign_up()
    assert household.count(IMAGES) == 0

    first = await cover(household)
    since = household.state("_reader_1_cover").state
    household.break_shop(FaultKind.UNREACHABLE)
    await household.restart(entry)

    assert image_type(first) == "image/jpeg"
    assert await cover(household) == first
    assert household.count(IMAGES) == 1
    assert household.state("_reader_1_cover").state == since


async def test_other_title_has_another_cover(household: Household) -> None:
    """The state says since when; what it is not is not shown."""
    await household.sign_up()
    before = household.state("_reader_1_cover").state
    first = await cover(household)
    household.listen("B0VERWANDL", 100_000)

    await household.ask_now(household.state("_last_sync").entity_id)

    assert household.state("_reader_1_cover").state > before
    assert await cover(household) != first


async def test_browser_gets_it_from_here(
    household: Household,
    hass_client: ClientSessionGenerator,
    hass_client_no_auth: ClientSessionGenerator,
) -> None:
    """A house without the server has covers too; nobody else has."""
    entry = await household.sign_up()
    url = f"/api/audible_tracker/cover/{entry.entry_id}/{UNDER_WAY_ASIN}"

    answer = await (await hass_client()).get(url)

    assert answer.status == HTTPStatus.OK
    assert answer.content_type == "image/jpeg"
    assert await answer.read() == await cover(household)
    stranger = await (await hass_client_no_auth()).get(url)
    assert stranger.status == HTTPStatus.UNAUTHORIZED


async def test_title_that_nobody_knows_has_no_cover(
    household: Household, hass_client: ClientSessionGenerator
) -> None:
    """It is said which one."""
    entry = await household.sign_up()

    answer = await (await hass_client()).get(
        f"/api/audible_tracker/cover/{entry.entry_id}/B0NOTHINGX"
    )

    assert answer.status == HTTPStatus.NOT_FOUND
    assert (await answer.json())["error"]["code"] == "not_in_store"


async def test_damaged_file_is_fetched_again(
    household: Household, hass: HomeAssistant
) -> None:
    """A disk that was full has kept a part."""
    await household.sign_up()
    first = await cover(household)
    [kept] = Path(hass.config.cache_path("audible_tracker", "covers")).iterdir()
    kept.write_bytes(b"")

    assert await cover(household) == first
    assert kept.read_bytes() == first


async def test_shop_that_is_away_leaves_it_out(household: Household) -> None:
    """There is no image, and no traceback."""
    await household.sign_up()
    household.break_shop(FaultKind.UNREACHABLE)

    with pytest.raises(Exception, match="Unable to get image"):
        await cover(household)


async def test_disk_that_keeps_nothing_is_no_reason_to_show_none(
    household: Household, hass: HomeAssistant
) -> None:
    """The image is fetched each time then."""
    await household.sign_up()
    folder = Path(hass.config.cache_path("audible_tracker"))
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("a file in the folder's place")

    assert image_type(await cover(household)) == "image/jpeg"
    assert await covers_of(hass).async_find(None) is None


async def test_oldest_covers_go(
    household: Household, hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A library that changes does not fill the disk."""
    monkeypatch.setattr(covers, "_KEPT_MAX", 1)
    await household.sign_up()
    await cover(household)
    household.listen("B0VERWANDL", 100_000)
    await household.ask_now(household.state("_last_sync").entity_id)

    second = await cover(household)

    [kept] = Path(hass.config.cache_path("audible_tracker", "covers")).iterdir()
    assert kept.read_bytes() == second


@pytest.mark.parametrize(
    "url",
    [
        "http://m.media-amazon.com/images/I/x.jpg",
        "https://m.media-amazon.com.example.com/images/I/x.jpg",
        "https://m.media-amazon.com:8123/images/I/x.jpg",
        "https://127.0.0.1/x.jpg",
        "https://[::1/x.jpg",
        "file:///etc/passwd",
    ],
)
async def test_only_the_shop_is_asked(url: str) -> None:
    """What Audible names as a cover is not asked for just anywhere."""
    assert not is_cover_url(url)
    with pytest.raises(AudibleResponseError):
        await fetch_cover(url)
