"""Where listening stands: reading, writing, the delay in between."""

import re

from tests.simulator.catalog import UNDER_WAY_ASIN, UNSTARTED_ASIN

from .phone import Phone, Reply

READ = "/1.0/annotations/lastpositions"


async def read(phone: Phone, *asins: str) -> list[dict[str, object]]:
    """Return the positions of titles."""
    reply = await phone.api("GET", READ, asins=",".join(asins))
    heard = reply.json["asin_last_position_heard_annots"]
    return [entry["last_position_heard"] for entry in heard]


async def write(phone: Phone, position_ms: object, **changes: str) -> Reply:
    """Write a position of the unstarted title."""
    path = f"/1.0/content/{UNSTARTED_ASIN}/metadata"
    metadata = await phone.api("GET", path, response_groups="content_reference")
    acr = metadata.json["content_metadata"]["content_reference"]["acr"]
    body = {"acr": acr, "asin": UNSTARTED_ASIN, "position_ms": position_ms}
    path = f"/1.0/lastpositions/{UNSTARTED_ASIN}"
    return await phone.api("PUT", path, body=body | changes)


async def test_positions_and_their_absence(phone: Phone) -> None:
    """A title heard has a time in UTC without a zone, others do not exist."""
    heard, unheard, foreign = await read(
        phone, UNDER_WAY_ASIN, UNSTARTED_ASIN, "B0STRANGER"
    )
    assert (15_156_417, "Exists") == (heard["position_ms"], heard["status"])
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{1,3}", str(heard["last_updated"])
    )
    assert [{"status": "DoesNotExist"}] * 2 == [unheard, foreign]


async def test_no_more_than_25_titles(phone: Phone) -> None:
    """One call is good for 25 titles."""
    asins = [f"B0{number:08d}" for number in range(26)]
    many = await phone.api("GET", READ, asins=",".join(asins))
    assert (400, "No more than 25 asins allowed") == (many.status, many.message)
    assert 25 == len(await read(phone, *asins[:25]))


async def test_written_position_appears_after_the_delay(phone: Phone) -> None:
    """A write is answered with nothing, and read three seconds later."""
    reply = await write(phone, 90_000)
    before = await read(phone, UNSTARTED_ASIN)
    phone.simulator.shop.advance(3)
    after = await read(phone, UNSTARTED_ASIN)
    assert (200, b"") == (reply.status, reply.body)
    assert "DoesNotExist" == before[0]["status"]
    assert 90_000 == after[0]["position_ms"]


async def test_wrong_acr_is_taken_without_effect(phone: Phone) -> None:
    """The name of another asset is answered alike, but nothing happens."""
    reply = await write(phone, 90_000, acr="CR!OTHER")
    phone.simulator.shop.advance(60)
    assert (200, b"") == (reply.status, reply.body)
    assert [{"status": "DoesNotExist"}] == await read(phone, UNSTARTED_ASIN)


async def test_nonsense_position_is_refused(phone: Phone) -> None:
    """A position is a whole number, not below zero."""
    assert [400, 400] == [(await write(phone, value)).status for value in (-1, "x")]


async def test_position_does_not_move_the_percentage(phone: Phone) -> None:
    """The percentage follows players, not positions."""
    await write(phone, 9_000_000)
    phone.simulator.shop.advance(60)
    reply = await phone.api(
        "GET",
        f"/1.0/library/{UNSTARTED_ASIN}",
        response_groups="percent_complete,listening_status",
    )
    item = reply.json["item"]
    assert (0.0, 0.0) == (
        item["percent_complete"],
        item["listening_status"]["percent_complete"],
    )


async def test_phone_moves_a_position_through_the_control_address(
    phone: Phone,
) -> None:
    """A position set from outside is seen at once, with a fresh time."""
    before = (await read(phone, UNDER_WAY_ASIN))[0]
    await phone.control("POST", "/positions", asin=UNDER_WAY_ASIN, position_ms=777)
    after = (await read(phone, UNDER_WAY_ASIN))[0]
    assert 777 == after["position_ms"]
    assert str(before["last_updated"]) < str(after["last_updated"])
