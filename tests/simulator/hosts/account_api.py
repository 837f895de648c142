"""The customer, the wishlist and the orders."""

from http import HTTPStatus
from typing import Final

from aiohttp import web

from ..answers import SHOP, Json, answer, market_of, validation_error
from ..item_groups import KNOWN_GROUPS
from ..orders import order
from ..shop import Wish
from ..signing import authenticated_device
from ..wishlist import wished_product
from .library_api import asked_groups, groups_error, image_sizes

MAX_WISHES: Final = 50
_CUSTOMER_GROUPS: Final = frozenset(
    {"always-returned", "migration_details", "subscription_details"}
)


def account_routes() -> list[web.RouteDef]:
    """Return the routes of the account."""
    return [
        web.get("/1.0/customer/information", _customer),
        web.get("/1.0/wishlist", _wishlist),
        web.post("/1.0/wishlist", _wish),
        web.delete("/1.0/wishlist/{asin}", _unwish),
        web.get("/1.0/orders", _orders),
    ]


async def _customer(request: web.Request) -> web.Response:
    device = await authenticated_device(request)
    groups = asked_groups(request)
    problem = groups_error(request, groups, _CUSTOMER_GROUPS)
    if problem:
        return problem
    preference: Json = {
        "amazon_language": "en_US",
        "audit_info": {
            "amazon_language_last_updated_at": "2025-06-11T03:04:50.000Z",
            "is_amazon_language_default": False,
            "is_currency_default": True,
            "is_language_default": True,
        },
        "currency": "USD",
        "language": "en_US",
    }
    details: Json = {
        "login_customer_id": device.account.customer_number,
        "preference": preference,
    }
    body: Json = {"customer_details": details, "response_groups": list(groups)}
    return answer(request, body)


async def _wishlist(request: web.Request) -> web.Response:
    device = await authenticated_device(request)
    groups = asked_groups(request)
    problem = groups_error(request, groups, KNOWN_GROUPS) or _page_error(request)
    if problem:
        return problem
    wishes = sorted(device.account.wishes, key=lambda wish: wish.added_at, reverse=True)
    size = int(request.query.get("num_results", MAX_WISHES))
    # Pages of the wishlist count from zero, those of the library from one.
    start = int(request.query.get("page", 0)) * size
    products: list[Json] = [
        wished_product(wish, groups, image_sizes=image_sizes(request))
        for wish in wishes[start : start + size]
    ]
    body: Json = {
        "bin_fields": None,
        "products": products,
        "response_groups": list(groups),
        "total_results": len(wishes),
    }
    return answer(request, body)


async def _wish(request: web.Request) -> web.Response:
    """Put a title on the list; what the shop does not sell is said yes to as well."""
    device = await authenticated_device(request)
    shop = request.config_dict[SHOP]
    body = await request.json()
    asin = body.get("asin") if isinstance(body, dict) else None
    if not isinstance(asin, str):
        return validation_error(request, "null", "asin", "Member must not be null")
    known = {wish.title.asin for wish in device.account.wishes}
    title = shop.titles.get(asin)
    if title is not None and asin not in known:
        device.account.wishes.append(Wish(title, shop.now()))
    location = {"Location": f"/1.0/wishlist/{asin}"}
    return web.Response(status=HTTPStatus.CREATED, headers=location)


async def _unwish(request: web.Request) -> web.Response:
    device = await authenticated_device(request)
    asin = request.match_info["asin"]
    wishes = device.account.wishes
    device.account.wishes = [wish for wish in wishes if wish.title.asin != asin]
    return web.Response(status=HTTPStatus.NO_CONTENT)


def _page_error(request: web.Request) -> web.Response | None:
    size = request.query.get("num_results", "1")
    if not size.isdecimal() or not 1 <= int(size) <= MAX_WISHES:
        constraint = f"Member must have value less than or equal to {MAX_WISHES}"
        return validation_error(request, size, "num_results", constraint)
    page = request.query.get("page", "0")
    if not page.isdecimal():
        constraint = "Member must have value greater than or equal to 0"
        return validation_error(request, page, "page", constraint)
    return None


async def _orders(request: web.Request) -> web.Response:
    device = await authenticated_device(request)
    market = market_of(request)
    bought = [
        owned
        for owned in device.account.library.values()
        if owned.is_in(market.country_code) and not owned.title.is_plus
    ]
    bought.sort(key=lambda owned: owned.purchased_at, reverse=True)
    size = int(request.query.get("num_results", 25))
    shown: list[Json] = [order(owned, market) for owned in bought[:size]]
    body: Json = {
        "max_number_of_pages": 0,
        "number_of_orders_in_range": len(bought),
        "orders": shown,
        "page_number": 0,
        "response_groups": ["always-returned"],
    }
    return answer(request, body)
