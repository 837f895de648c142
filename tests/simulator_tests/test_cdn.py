"""The bytes: ranges, refused agents, expiring addresses, AAX, covers."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.simulator.catalog import AAX_ASIN, PLUS_ASIN, SHORT_ASIN, WIDEVINE_ASIN
from tests.simulator.content_address import content_address

from .phone import Phone

AAX = "https://cde-ta-g7g.amazon.com/FionaCDEServiceEngine/FSDownloadContent"


def address(phone: Phone) -> str:
    """Return the address of the short story."""
    shop = phone.simulator.shop
    return content_address(shop, shop.titles[SHORT_ASIN])


async def content(phone: Phone) -> bytes:
    """Return the file of the short story."""
    title = phone.simulator.shop.titles[SHORT_ASIN]
    return (await phone.simulator.books.content(title)).read_bytes()


async def test_whole_file(guest: Phone) -> None:
    """The whole file comes with its length, and without ETag or date."""
    reply = await guest.send("GET", address(guest))
    whole = await content(guest)
    assert (200, whole) == (reply.status, reply.body)
    assert (str(len(whole)), "audio/aax") == (
        reply.headers["Content-Length"],
        reply.headers["Content-Type"],
    )
    assert "bytes" == reply.headers["Accept-Ranges"]
    assert not {"ETag", "Last-Modified"} & set(reply.headers)


@pytest.mark.parametrize(
    ("value", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=1000-1999", 1000, 2000),
        ("bytes=500000-", 500_000, None),
        ("bytes=-100", -100, None),
        ("bytes=1000-99999999", 1000, None),
    ],
)
async def test_range(guest: Phone, value: str, start: int, end: int | None) -> None:
    """A range is answered with exactly these bytes."""
    reply = await guest.send("GET", address(guest), headers={"Range": value})
    whole = await content(guest)
    assert (206, whole[start:end]) == (reply.status, reply.body)
    first = start % len(whole)
    last = first + len(reply.body) - 1
    assert f"bytes {first}-{last}/{len(whole)}" == reply.headers["Content-Range"]


async def test_range_past_the_end(guest: Phone) -> None:
    """Past the end there is nothing."""
    whole = await content(guest)
    headers = {"Range": f"bytes={len(whole)}-"}
    reply = await guest.send("GET", address(guest), headers=headers)
    assert (416, f"bytes */{len(whole)}") == (
        reply.status,
        reply.headers["Content-Range"],
    )


@pytest.mark.parametrize(
    "agent", ["python-httpx/0.28.1", "Python/3.14 aiohttp/3.14.5", "curl/8.0", ""]
)
async def test_default_agents_are_refused(guest: Phone, agent: str) -> None:
    """Who does not look like a player gets nothing."""
    headers = {"User-Agent": agent}
    reply = await guest.send("GET", address(guest), headers=headers)
    assert (403, "application/xml") == (reply.status, reply.headers["Content-Type"])


async def test_address_expires(guest: Phone) -> None:
    """An old address is refused with XML."""
    url = address(guest)
    guest.simulator.shop.advance(4 * 3600 + 1)
    reply = await guest.send("GET", url)
    assert (403, True) == (reply.status, b"<Code>AccessDenied</Code>" in reply.body)


async def test_address_cannot_be_changed(guest: Phone) -> None:
    """An address is good for one file and one time."""
    url = address(guest)
    later = re.sub(r"Expires=\d+", "Expires=9999999999", url)
    other = url.replace(SHORT_ASIN, PLUS_ASIN)
    bare = url.partition("?")[0]
    assert [403, 403, 403] == [
        (await guest.send("GET", wrong)).status for wrong in (later, other, bare)
    ]


async def test_head_takes_its_time(guest: Phone) -> None:
    """HEAD is answered after a delay, which is long unless it is set."""
    assert 60.0 == guest.simulator.shop.settings.head_delay_s
    guest.simulator.shop.settings.head_delay_s = 0.0
    reply = await guest.send("HEAD", address(guest))
    assert (200, b"") == (reply.status, reply.body)


async def test_aax_is_reached_by_redirect(phone: Phone, tmp_path: Path) -> None:
    """The AAX file opens with the customer's activation bytes."""
    url = f"{AAX}?type=AUDI&key={AAX_ASIN}&codec=LC_32_22050_stereo"
    redirect = await phone.signed("GET", url)
    location = redirect.headers["Location"]
    reply = await phone.send("GET", location.replace(".com/", ".de/"))
    assert (302, 200) == (redirect.status, reply.status)
    assert location.startswith("https://cds.audible.com/download/")
    (tmp_path / "book.aax").write_bytes(reply.body)
    assert "0a51e77e" == await activation_bytes(phone)
    plain = await phone.simulator.books.plain(phone.simulator.shop.titles[AAX_ASIN])
    key = ["-activation_bytes", "0a51e77e"]
    assert pcm_md5(plain) == pcm_md5(tmp_path / "book.aax", *key)


@pytest.mark.parametrize("asin", [PLUS_ASIN, WIDEVINE_ASIN, "B0STRANGER"])
async def test_no_aax_for_what_is_not_bought(phone: Phone, asin: str) -> None:
    """Titles of a plan, and those in other forms, have no AAX file."""
    assert 404 == (await phone.signed("GET", f"{AAX}?type=AUDI&key={asin}")).status


async def test_aax_needs_a_signature(phone: Phone) -> None:
    """A token is not enough for this host."""
    reply = await phone.bearer("GET", f"{AAX}?type=AUDI&key={AAX_ASIN}")
    assert 403 == reply.status


async def test_aaxc_opens_with_the_voucher(guest: Phone, tmp_path: Path) -> None:
    """What the CDN sends is the plain book, encrypted."""
    title = guest.simulator.shop.titles[SHORT_ASIN]
    reply = await guest.send("GET", address(guest))
    (tmp_path / "book.aaxc").write_bytes(reply.body)
    key = ["-audible_key", title.content_key.hex()]
    key += ["-audible_iv", title.content_iv.hex()]
    plain = await guest.simulator.books.plain(title)
    assert pcm_md5(plain) == pcm_md5(tmp_path / "book.aaxc", *key)


async def test_cover_has_the_size_in_its_address(guest: Phone) -> None:
    """The number in the address is the side of the picture."""
    title = guest.simulator.shop.titles[SHORT_ASIN]
    base = f"https://m.media-amazon.com/images/I/{title.image_id}"
    small = await guest.send("GET", f"{base}._SL100_.jpg")
    usual = await guest.send("GET", f"{base}.jpg")
    strange = await guest.send("GET", "https://m.media-amazon.com/images/I/x.jpg")
    assert ("image/jpeg", 404) == (small.headers["Content-Type"], strange.status)
    assert [(100, 100), (500, 500)] == [jpeg_size(small.body), jpeg_size(usual.body)]


async def activation_bytes(phone: Phone) -> str:
    """Read the activation bytes the way players do."""
    url = "https://www.audible.com/license/token?action=register"
    blob = (await phone.signed("GET", url)).body
    assert b"group_id" in blob
    return blob[-0x238:][:4][::-1].hex()


def pcm_md5(path: Path, *options: str) -> str:
    """Return a digest of the decoded sound."""
    command = ["ffmpeg", "-v", "error", *options, "-i", str(path)]
    command += ["-map", "0:a", "-f", "md5", "-"]
    done = subprocess.run(command, capture_output=True, check=True)
    return done.stdout.decode().strip()


def jpeg_size(data: bytes) -> tuple[int, int]:
    """Return width and height from the frame header."""
    at = data.index(b"\xff\xc0")
    height, width = data[at + 5 : at + 7], data[at + 7 : at + 9]
    return int.from_bytes(width), int.from_bytes(height)
