"""The library: null style, groups, pages, filters, tokens."""

import pytest

from tests.simulator.catalog import (
    EPISODE_ASIN,
    NOT_OWNED_ASIN,
    PODCAST_ASIN,
    UNDER_WAY_ASIN,
)
from tests.simulator.item_groups import KNOWN_GROUPS, MEMBERS

from .phone import Phone, Reply

ALL_GROUPS = ",".join(sorted(KNOWN_GROUPS))


async def library(phone: Phone, **query: object) -> Reply:
    """Ask for a page of the library."""
    return await phone.api("GET", "/1.0/library", **query)


async def test_every_item_has_all_members_whatever_is_asked(phone: Phone) -> None:
    """What was not asked for is null, not missing."""
    few = (await library(phone, num_results=1000)).json["items"]
    many = await library(phone, num_results=1000, response_groups=ALL_GROUPS)
    assert 149 == len(MEMBERS)
    assert {MEMBERS} == {tuple(item) for item in [*few, *many.json["items"]]}


async def test_only_the_asked_groups_are_filled(phone: Phone) -> None:
    """Without the description group a title is null."""
    page = await library(phone, num_results=1, response_groups="series,contributors")
    item = page.json["items"][0]
    assert (None, None, None) == (
        item["title"],
        item["runtime_length_min"],
        item["listening_status"],
    )
    assert ["Arthur Conan Doyle"] == [author["name"] for author in item["authors"]]


async def test_isbn_needs_both_product_groups(phone: Phone) -> None:
    """It is not known which of the two brings the ISBN, so both are needed."""
    path = f"/1.0/library/{UNDER_WAY_ASIN}"
    found = [
        (await phone.api("GET", path, response_groups=groups)).json["item"]["isbn"]
        for groups in (
            "product_attrs",
            "product_details",
            "product_attrs,product_details",
        )
    ]
    assert [None, None, "9781999900113"] == found


async def test_answer_repeats_the_groups(phone: Phone) -> None:
    """The honored groups come back, with the one that is always there."""
    reply = await library(phone, num_results=1, response_groups="media,series")
    assert ["always-returned", "media", "series"] == reply.json["response_groups"]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (
            {"response_groups": "media,nonsense"},
            "Invalid response group(s) requested: nonsense",
        ),
        ({"num_results": 1000, "page": 21}, "Implied library size is unsupported."),
        (
            {"num_results": 1001},
            (
                "1 validation error detected: Value '1001' at 'num_results' failed to "
                "satisfy constraint: Member must have value less than or equal to 1000"
            ),
        ),
        (
            {"sort_by": "Color"},
            (
                "1 validation error detected: Value 'Color' at 'sort_by' failed to "
                "satisfy constraint: Member must satisfy enum value set: [Author, "
                "-Author, Length, -Length, Narrator, -Narrator, PurchaseDate, "
                "-PurchaseDate, Title, -Title]"
            ),
        ),
        (
            {"status": "Gone"},
            (
                "1 validation error detected: Value 'Gone' at 'status' failed to "
                "satisfy constraint: Member must satisfy enum value set: "
                "[Active, Revoked]"
            ),
        ),
    ],
)
async def test_bad_query_is_refused_by_name(
    phone: Phone, query: dict[str, object], message: str
) -> None:
    """A bad request names the field, the value and what is allowed."""
    reply = await library(phone, **query)
    assert (400, message) == (reply.status, reply.message)


@pytest.mark.parametrize("value", ["0", "-1", "x"])
@pytest.mark.parametrize("name", ["page", "num_results"])
async def test_numbers_are_checked(phone: Phone, name: str, value: str) -> None:
    """Pages and sizes count from one."""
    assert 400 == (await library(phone, **{name: value})).status


async def test_pages_hold_everything_once(phone: Phone) -> None:
    """Page by page, the whole library comes, and then an empty page."""
    pages = [await library(phone, num_results=20, page=page) for page in (1, 2, 3, 4)]
    asins = [item["asin"] for page in pages for item in page.json["items"]]
    sizes = [len(page.json["items"]) for page in pages]
    assert ([20, 20, 3, 0], 43) == (sizes, len(set(asins)))
    assert ["43"] * 4 == [page.headers["Total-Count"] for page in pages]


async def test_continuation_token_leads_through_all_pages(phone: Phone) -> None:
    """Every page but the last carries a token for the next."""
    reply = await library(phone, num_results=30)
    token = reply.headers["Continuation-Token"]
    last = await library(phone, num_results=30, continuation_token=token)
    assert (13, False) == (
        len(last.json["items"]),
        "Continuation-Token" in last.headers,
    )


async def test_first_page_carries_a_state_token(phone: Phone) -> None:
    """The first page, and only the first, says from when on changes are asked."""
    pages = [await library(phone, num_results=20, page=page) for page in (1, 2)]
    assert [True, False] == ["State-Token" in page.headers for page in pages]


async def test_delta_holds_what_came_and_went(phone: Phone) -> None:
    """With a state token only changes come, removed titles as revoked."""
    phone.simulator.shop.advance(1)
    token = (await library(phone)).headers["State-Token"]
    phone.simulator.shop.advance(1)
    await phone.control("POST", "/titles/remove", asin=UNDER_WAY_ASIN)
    await phone.control("POST", "/titles/add", asin=NOT_OWNED_ASIN)
    delta = await library(phone, state_token=token, status="Active,Revoked")
    assert {(UNDER_WAY_ASIN, "Revoked"), (NOT_OWNED_ASIN, "Active")} == {
        (item["asin"], item["status"]) for item in delta.json["items"]
    }


async def test_removed_title_leaves_the_active_library(phone: Phone) -> None:
    """A title that was returned is no longer listed, nor found by itself."""
    await phone.control("POST", "/titles/remove", asin=UNDER_WAY_ASIN)
    listed = (await library(phone, num_results=1000)).json["items"]
    alone = await phone.api("GET", f"/1.0/library/{UNDER_WAY_ASIN}")
    assert UNDER_WAY_ASIN not in {item["asin"] for item in listed}
    assert (404, f"ASIN {UNDER_WAY_ASIN} not present in customer library.") == (
        alone.status,
        alone.message,
    )


@pytest.mark.parametrize(
    ("sort_by", "member"),
    [("Title", "title"), ("-PurchaseDate", "purchase_date"), ("-Length", None)],
)
async def test_sorting(phone: Phone, sort_by: str, member: str | None) -> None:
    """The library comes in the order asked for."""
    reply = await library(phone, sort_by=sort_by, response_groups="media")
    name = member or "runtime_length_min"
    values = [
        item[name] or (0 if member is None else "") for item in reply.json["items"]
    ]
    assert sorted(values, reverse=sort_by.startswith("-")) == values


async def test_purchased_after_leaves_older_titles_out(phone: Phone) -> None:
    """Only titles bought after an instant come."""
    everything = (await library(phone)).json["items"]
    after = everything[10]["purchase_date"]
    newer = (await library(phone, purchased_after=after)).json["items"]
    assert [item["asin"] for item in everything[:10]] == [
        item["asin"] for item in newer if item["purchase_date"] > after
    ]


async def test_children_of_a_podcast(phone: Phone) -> None:
    """The episodes of a podcast come together with the podcast itself."""
    reply = await library(phone, parent_asin=PODCAST_ASIN)
    asins = {item["asin"] for item in reply.json["items"]}
    assert {PODCAST_ASIN, EPISODE_ASIN} <= asins
    assert 5 == len(asins)


async def test_image_sizes_are_honored(phone: Phone) -> None:
    """The keys of the images are the sizes asked for."""
    page = await library(
        phone, num_results=1, response_groups="media", image_sizes="252,1024"
    )
    images = page.json["items"][0]["product_images"]
    assert ["252", "1024"] == list(images)
    assert images["252"].endswith("._SL252_.jpg")


async def test_title_can_belong_to_one_market_only(phone: Phone) -> None:
    """Each market has its own view of the library."""
    account = phone.simulator.shop.accounts["anna@example.com"]
    account.library[UNDER_WAY_ASIN].markets = frozenset({"us"})
    reply = await phone.api("GET", f"/1.0/library/{UNDER_WAY_ASIN}")
    assert 404 == reply.status


async def test_catalog_leaves_out_what_is_unknown(guest: Phone) -> None:
    """The catalog needs no sign-in, knows no null, and answers hollow for strangers."""
    url = "https://api.audible.de/1.0/catalog/products"
    query = f"?asins={UNDER_WAY_ASIN},B0STRANGER&response_groups=media,product_desc"
    known, hollow = (await guest.send("GET", url + query)).json["products"]
    assert {"asin": "B0STRANGER"} == hollow
    assert "Pride and Prejudice" == known["title"]
    assert None not in known.values()
