"""Cover images from where the shop keeps them."""

import pytest
from audible_core.audible import covers
from audible_core.audible.covers import fetch_cover, image_type, is_cover_url
from audible_core.errors import (
    AudibleConnectionError,
    AudibleNotFoundError,
    AudibleResponseError,
    TrackerError,
)

from tests.simulator import Simulator
from tests.simulator.catalog import UNDER_WAY_ASIN
from tests.simulator.faults import Fault, FaultKind

IMAGES = "https://m.media-amazon.com/images/I"


def url_of(shop: Simulator) -> str:
    """Return where the cover of a title is."""
    return f"{IMAGES}/{shop.shop.titles[UNDER_WAY_ASIN].image_id}.jpg"


async def test_cover_is_an_image(shop: Simulator) -> None:
    """Nothing else is asked for."""
    assert image_type(await fetch_cover(url_of(shop))) == "image/jpeg"
    assert len(shop.requests()) == len(shop.requests("/images/I/")) == 1


async def test_cover_that_is_gone_is_not_found(shop: Simulator) -> None:
    """The shop is there, but has no such image."""
    with pytest.raises(AudibleNotFoundError):
        await fetch_cover(f"{IMAGES}/51nothing.jpg")
    assert len(shop.requests("/images/I/")) == 1


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (FaultKind.UNREACHABLE, AudibleConnectionError),
        (FaultKind.HTML, AudibleResponseError),
        (FaultKind.EMPTY, AudibleResponseError),
        (FaultKind.UNAVAILABLE, AudibleNotFoundError),
    ],
)
async def test_what_comes_instead_is_no_cover(
    shop: Simulator, kind: FaultKind, error: type[TrackerError]
) -> None:
    """A page that a shop with a fault sends with status 200 is not shown."""
    shop.shop.faults.append(Fault(kind))
    with pytest.raises(error):
        await fetch_cover(url_of(shop))


async def test_image_without_an_end_is_given_up(
    shop: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not read on into memory."""
    content = await fetch_cover(url_of(shop))
    monkeypatch.setattr(covers, "COVER_BYTES_MAX", len(content))
    assert content == await fetch_cover(url_of(shop))
    monkeypatch.setattr(covers, "COVER_BYTES_MAX", len(content) - 1)
    with pytest.raises(AudibleResponseError):
        await fetch_cover(url_of(shop))


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"RIFF\x10\x00\x00\x00WAVEfmt ", None),
        (b"<svg onload='alert(1)'>", None),
        (b"", None),
    ],
)
def test_image_is_known_by_its_first_bytes(content: bytes, kind: str | None) -> None:
    """Not by what is said of it."""
    assert kind == image_type(content)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://m.media-amazon.com/images/I/x.jpg",
        "https://m.media-amazon.com.example.com/images/I/x.jpg",
        "https://evil-media-amazon.com/images/I/x.jpg",
        "https://m.media-amazon.com:8123/images/I/x.jpg",
        "https://m.media-amazon.com:no/images/I/x.jpg",
        "https://127.0.0.1/x.jpg",
        "https://[::1/x.jpg",
        "file:///etc/passwd",
    ],
)
async def test_nobody_but_the_shop_is_asked(url: str) -> None:
    """Whatever Audible, or a file, names as a cover."""
    assert not is_cover_url(url)
    with pytest.raises(AudibleResponseError):
        await fetch_cover(url)
