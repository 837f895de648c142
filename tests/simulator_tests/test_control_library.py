"""What the control address does to a library."""

from typing import Any

import pytest

from tests.simulator.catalog import (
    BOTH_COUNTRIES_ASIN,
    NOT_OWNED_ASIN,
    PLUS_ASIN,
    SECOND_UNDER_WAY_ASIN,
    UNDER_WAY_ASIN,
)

from .phone import Phone, Reply

GROUPS = "product_desc,contributors,media,listening_status,customer_rights"
POSITIONS = "/1.0/annotations/lastpositions"


async def library(phone: Phone, **query: object) -> Reply:
    """Ask for the library with the usual groups."""
    groups = {"response_groups": GROUPS, "num_results": 1000}
    return await phone.api("GET", "/1.0/library", **(groups | query))


async def item(phone: Phone, asin: str) -> Any:
    """Ask for one title."""
    path = f"/1.0/library/{asin}"
    return (await phone.api("GET", path, response_groups=GROUPS)).json["item"]


async def acr(phone: Phone) -> str:
    """Return the name of the recording of the title under way."""
    path = f"/1.0/content/{UNDER_WAY_ASIN}/metadata"
    metadata = await phone.api("GET", path, response_groups="content_reference")
    return str(metadata.json["content_metadata"]["content_reference"]["acr"])


async def position_ms(phone: Phone) -> int:
    """Return where the title under way stands."""
    reply = await phone.api("GET", POSITIONS, asins=UNDER_WAY_ASIN)
    heard = reply.json["asin_last_position_heard_annots"][0]["last_position_heard"]
    return int(heard["position_ms"])


async def test_thousands_of_titles_come_in_pages(phone: Phone) -> None:
    """A large library needs several requests; every title comes once."""
    await phone.control("POST", "/titles/make", count=1_200, listened=True)
    first = await library(phone)
    token = first.headers["Continuation-Token"]
    second = await library(phone, continuation_token=token)
    items = [*first.json["items"], *second.json["items"]]
    assert 1_243 == len({entry["asin"] for entry in items}) == len(items)
    assert "Continuation-Token" not in second.headers
    assert 400 == sum(
        entry["listening_status"]["is_finished"]
        for entry in items
        if entry["asin"].startswith("B9")
    )


async def test_made_titles_have_names_of_their_own(phone: Phone) -> None:
    """No two of a large library are called alike, and more can be made later."""
    await phone.control("POST", "/titles/make", count=700)
    await phone.control("POST", "/titles/make", count=200)
    items = (await library(phone)).json["items"]
    names = [entry["title"] for entry in items if entry["asin"].startswith("B9")]
    assert 900 == len(names) == len(set(names))


async def test_a_purchase_of_a_day_long_past(phone: Phone) -> None:
    """A title is added at an instant."""
    at = "2020-02-03T04:05:06+00:00"
    await phone.control("POST", "/titles/add", asin=NOT_OWNED_ASIN, at=at)
    assert (
        "2020-02-03T04:05:06.000Z"
        == (await item(phone, NOT_OWNED_ASIN))["purchase_date"]
    )


async def test_position_and_status_of_an_instant(phone: Phone) -> None:
    """Listening that happened earlier keeps its instant."""
    at = "2026-11-01T10:00:00+00:00"
    body = {"asin": UNDER_WAY_ASIN, "at": at}
    await phone.control("POST", "/positions", position_ms=5_000, **body)
    await phone.control("POST", "/listening-status", percent_complete=12, **body)
    reply = await phone.api("GET", POSITIONS, asins=UNDER_WAY_ASIN)
    heard = reply.json["asin_last_position_heard_annots"][0]["last_position_heard"]
    status = (await item(phone, UNDER_WAY_ASIN))["listening_status"]
    assert ("2026-11-01 10:00:00.0", "2026-11-01T10:00:00.000Z", 12.0) == (
        heard["last_updated"],
        status["finished_at_timestamp"],
        status["percent_complete"],
    )


async def test_hollow_titles_have_names_when_asked_again(phone: Phone) -> None:
    """The next answer lacks names, the one after it has them."""
    await phone.control("POST", "/titles/hollow")
    hollow, whole = [(await library(phone)).json["items"] for _ in range(2)]
    assert {None} == {entry["title"] for entry in hollow}
    assert {None} == {
        name for entry in hollow for name in (entry["authors"], entry["narrators"])
    }
    assert "Pride and Prejudice" in {entry["title"] for entry in whole}


async def test_one_title_can_be_hollow_for_several_answers(phone: Phone) -> None:
    """Others keep their names."""
    await phone.control("POST", "/titles/hollow", asin=UNDER_WAY_ASIN, answers=2)
    names = [(await item(phone, UNDER_WAY_ASIN))["title"] for _ in range(3)]
    assert [None, None, "Pride and Prejudice"] == names


async def test_a_title_that_left_plus_stays_listed(phone: Phone) -> None:
    """It is in the library still, but nobody may listen."""
    before = await item(phone, PLUS_ASIN)
    await phone.control("POST", "/titles/lapse", asin=PLUS_ASIN)
    after = await item(phone, PLUS_ASIN)
    assert [(True, True), (True, False)] == [
        (entry["is_ayce"], entry["customer_rights"]["is_consumable"])
        for entry in (before, after)
    ]


async def test_a_new_recording_has_a_new_name_and_length(phone: Phone) -> None:
    """Positions written with the old name are taken without effect."""
    old = await acr(phone)
    body = {"asin": UNDER_WAY_ASIN, "runtime_ms": 36_000_000}
    await phone.control("POST", "/titles/rerecord", **body)
    new = await acr(phone)
    path = f"/1.0/lastpositions/{UNDER_WAY_ASIN}"
    found = []
    for name, place in ((old, 1_000), (new, 2_000)):
        told = {"acr": name, "asin": UNDER_WAY_ASIN, "position_ms": place}
        assert 200 == (await phone.api("PUT", path, body=told)).status
        await phone.control("POST", "/clock", seconds=3)
        found.append(await position_ms(phone))
    assert 600 == (await item(phone, UNDER_WAY_ASIN))["runtime_length_min"]
    assert (True, [15_156_417, 2_000]) == (old != new, found)


async def test_delay_of_positions_can_be_set(phone: Phone) -> None:
    """Without a delay a written position shows at once."""
    await phone.control("POST", "/settings", propagation_delay_s=0)
    body = {"acr": await acr(phone), "asin": UNDER_WAY_ASIN, "position_ms": 4_000}
    await phone.api("PUT", f"/1.0/lastpositions/{UNDER_WAY_ASIN}", body=body)
    assert 4_000 == await position_ms(phone)
    assert 0 == (await phone.control("GET", "/settings")).json["propagation_delay_s"]


async def test_statistics_of_a_day_can_be_set(phone: Phone) -> None:
    """A day is set, not added to."""
    for listened_ms in (50_000, 60_000):
        body = {"day": "2026-11-02", "listened_ms": listened_ms}
        await phone.control("POST", "/listening-days", **body)
    reply = await phone.api(
        "GET",
        "/1.0/stats/aggregates",
        daily_listening_interval_start_date="2026-11-02",
        daily_listening_interval_duration=0,
    )
    days = reply.json["aggregated_daily_listening_stats"]
    assert [("2026-11-02", 60_000.0)] == [
        (day["interval_identifier"], day["aggregated_sum"]) for day in days
    ]


async def test_requests_are_counted_by_path(phone: Phone) -> None:
    """How often what was asked can be read at a glance."""
    for _ in range(2):
        await library(phone)
    await phone.api("GET", POSITIONS, asins=UNDER_WAY_ASIN)
    reply = await phone.control("GET", "/requests/count?path_prefix=/1.0/")
    assert {"GET /1.0/library": 2, f"GET {POSITIONS}": 1} == reply.json


async def test_the_second_country_has_a_library_of_its_own(phone: Phone) -> None:
    """The same book has another ASIN there and the same stock number."""
    found = {}
    for domain in ("de", "co.uk"):
        url = f"https://api.audible.{domain}/1.0/library?num_results=1000"
        items = (await phone.signed("GET", url)).json["items"]
        found[domain] = {entry["asin"]: entry["sku_lite"] for entry in items}
    german, british = found["de"], found["co.uk"]
    assert german[UNDER_WAY_ASIN] == british[SECOND_UNDER_WAY_ASIN]
    assert {BOTH_COUNTRIES_ASIN} == set(german) & set(british)
    assert (43, 3) == (len(german), len(british))


@pytest.mark.parametrize("domain", ["de", "co.uk"])
async def test_positions_are_of_one_country(phone: Phone, domain: str) -> None:
    """A country knows nothing of titles that belong to another one."""
    path = f"{POSITIONS}?asins={UNDER_WAY_ASIN}%2C{SECOND_UNDER_WAY_ASIN}"
    reply = await phone.signed("GET", f"https://api.audible.{domain}{path}")
    states = [
        entry["last_position_heard"]["status"]
        for entry in reply.json["asin_last_position_heard_annots"]
    ]
    expected = ["Exists", "DoesNotExist"]
    assert (expected if domain == "de" else expected[::-1]) == states


@pytest.mark.parametrize(
    ("path", "body", "reason"),
    [
        ("/titles/make", {"count": "x"}, "count should be 0 or more"),
        ("/titles/make", {"count": 1_000_000}, "count should be 20000 at most"),
        ("/titles/add", {"asin": NOT_OWNED_ASIN, "at": "noon"}, "at should be"),
        ("/listening-days", {"day": "x"}, "day should be a date"),
        ("/settings", {"color": 1}, "There is no setting color"),
        ("/settings", {"head_delay_s": "x"}, "head_delay_s should not be 'x'"),
        ("/clock", {"seconds": -1}, "seconds should be 0 or more"),
    ],
)
async def test_mistakes_are_named(
    guest: Phone, path: str, body: dict[str, object], reason: str
) -> None:
    """A wrong control request says what is wrong."""
    reply = await guest.control("POST", path, **body)
    assert (400, True) == (reply.status, reply.json["error"].startswith(reason))


async def test_wishlist_counts_its_pages_from_zero(phone: Phone) -> None:
    """The newest wish comes first."""
    pages = [
        (await phone.api("GET", "/1.0/wishlist", num_results=1, page=page)).json
        for page in (0, 1, 2)
    ]
    asins = [[entry["asin"] for entry in page["products"]] for page in pages]
    assert [["B0PREWISH1"], [NOT_OWNED_ASIN], []] == asins
    assert [2, 2, 2] == [page["total_results"] for page in pages]
