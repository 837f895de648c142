"""Faults on demand and the control address."""

import asyncio

import aiohttp
import pytest

from tests.simulator.catalog import SHORT_ASIN, UNDER_WAY_ASIN
from tests.simulator.content_address import content_address

from .phone import AGENT, Phone

LIBRARY = "/1.0/library"


async def add_fault(phone: Phone, kind: str, **details: object) -> None:
    """Switch a fault on."""
    reply = await phone.control("POST", "/faults", kind=kind, **details)
    assert 200 == reply.status


async def test_rate_limit_with_and_without_a_hint(phone: Phone) -> None:
    """Too many requests, once with the time to wait."""
    await add_fault(phone, "429", count=1)
    await add_fault(phone, "429-retry-after", count=1, retry_after_s=7)
    bare, told = [await phone.api("GET", LIBRARY) for _ in range(2)]
    after = await phone.api("GET", LIBRARY)
    assert (429, None) == (bare.status, bare.headers.get("Retry-After"))
    assert (429, "7") == (told.status, told.headers.get("Retry-After"))
    assert 200 == after.status


@pytest.mark.parametrize(
    ("kind", "status", "content_type"),
    [
        ("500-html", 500, "text/html; charset=utf-8"),
        ("503", 503, "text/html; charset=utf-8"),
        ("html-200", 200, "text/html; charset=utf-8"),
        ("empty-200", 200, "application/json"),
    ],
)
async def test_odd_answers(
    phone: Phone, kind: str, status: int, content_type: str
) -> None:
    """Pages instead of JSON, and nothing at all."""
    await add_fault(phone, kind)
    reply = await phone.api("GET", LIBRARY)
    assert (status, content_type) == (reply.status, reply.headers["Content-Type"])
    assert (kind == "empty-200") == (reply.body == b"")


async def test_fault_hits_only_its_path(phone: Phone) -> None:
    """A fault has a place, and ends when it is removed."""
    await add_fault(phone, "503", path_prefix="/1.0/annotations")
    path = "/1.0/annotations/lastpositions"
    hit = await phone.api("GET", path, asins=UNDER_WAY_ASIN)
    other = await phone.api("GET", LIBRARY)
    await phone.control("DELETE", "/faults")
    mended = await phone.api("GET", path, asins=UNDER_WAY_ASIN)
    assert [503, 200, 200] == [hit.status, other.status, mended.status]


async def test_stalled_answer_comes_when_the_fault_is_removed(phone: Phone) -> None:
    """A stalled request waits."""
    await add_fault(phone, "stall")
    waiting = asyncio.create_task(phone.api("GET", LIBRARY))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.shield(waiting), 0.3)
    await phone.control("DELETE", "/faults")
    assert 200 == (await waiting).status


async def test_download_is_cut_after_some_bytes(guest: Phone) -> None:
    """The line breaks in the middle, and the rest can be had with a range."""
    shop = guest.simulator.shop
    url = content_address(shop, shop.titles[SHORT_ASIN])
    await add_fault(guest, "cut-download", count=1, after_bytes=300_000)
    received = bytearray()
    async with guest.session.get(url, headers={"User-Agent": AGENT}) as response:
        with pytest.raises(aiohttp.ClientPayloadError):
            await collect(response, received)
    rest = await guest.send("GET", url, headers={"Range": "bytes=300000-"})
    book = await guest.simulator.books.content(shop.titles[SHORT_ASIN])
    assert 300_000 == len(received)
    assert book.read_bytes() == bytes(received) + rest.body


async def collect(response: aiohttp.ClientResponse, received: bytearray) -> None:
    """Add what comes to what was received, until the end."""
    while block := await response.content.readany():
        received += block


async def test_shop_can_be_unreachable(phone: Phone) -> None:
    """Switched off, the shop refuses new connections and drops the open ones."""
    assert 200 == (await phone.api("GET", LIBRARY)).status
    await add_fault(phone, "unreachable")
    with pytest.raises(aiohttp.ClientHttpProxyError):
        await phone.api("GET", LIBRARY)
    await phone.control("DELETE", "/faults")
    assert 200 == (await phone.api("GET", LIBRARY)).status


@pytest.mark.parametrize(
    ("path", "body", "reason"),
    [
        ("/faults", {"kind": "flood"}, "kind should be one of "),
        ("/faults", {"kind": "503", "count": "x"}, "count should be a whole number"),
        ("/positions", {"asin": UNDER_WAY_ASIN}, "position_ms should be 0 or more"),
        ("/positions", {"asin": "B0X", "position_ms": 1}, "The library has no title"),
        ("/titles/add", {"asin": "B0STRANGER"}, "The shop has no title B0STRANGER"),
        ("/titles/remove", {"asin": "B0X", "email": "x"}, "The shop has no customer x"),
    ],
)
async def test_mistakes_at_the_control_address_are_named(
    guest: Phone, path: str, body: dict[str, object], reason: str
) -> None:
    """A wrong control request says what is wrong."""
    reply = await guest.control("POST", path, **body)
    assert (400, True) == (reply.status, reply.json["error"].startswith(reason))


async def test_requests_are_recorded(phone: Phone) -> None:
    """What the shop was asked can be read, here and at the control address."""
    await phone.api("GET", LIBRARY, num_results=3)
    recorded = phone.simulator.requests(LIBRARY)
    assert [("api.audible.de", "GET", LIBRARY, "num_results=3", 200)] == [
        (one.host, one.method, one.path, one.query, one.status) for one in recorded
    ]
    reply = await phone.control("GET", "/requests?path_prefix=/1.0/")
    assert [LIBRARY] == [one["path"] for one in reply.json]
    assert ["/ap/signin", "/ap/signin", "/ap/maplanding", "/auth/register"] == [
        one.path for one in phone.simulator.requests("/a")
    ]


async def test_listening_status_can_be_set(phone: Phone) -> None:
    """A title can be finished from outside."""
    body = {"percent_complete": 100, "is_finished": True}
    await phone.control("POST", "/listening-status", asin=UNDER_WAY_ASIN, **body)
    groups = "listening_status,percent_complete,is_finished"
    reply = await phone.api(
        "GET", f"/1.0/library/{UNDER_WAY_ASIN}", response_groups=groups
    )
    item = reply.json["item"]
    assert (100.0, True, 0) == (
        item["percent_complete"],
        item["is_finished"],
        item["listening_status"]["time_remaining_seconds"],
    )


async def test_devices_are_listed(phone: Phone) -> None:
    """Registered devices can be read, without their secrets."""
    devices = (await phone.control("GET", "/devices")).json
    assert [
        {
            "serial": phone.serial,
            "name": "Anna's Audible for iPhone",
            "email": "anna@example.com",
            "country_code": "de",
            "is_revoked": False,
            "is_throttled": False,
        }
    ] == devices


async def test_help_names_every_kind_of_fault(guest: Phone) -> None:
    """The control address explains itself."""
    reply = await guest.control("GET", "/")
    assert b"cut-download, unreachable" in reply.body
