"""The catalog: open to everybody, members that are unknown are left out."""

from typing import Final

from aiohttp import web

from ..answers import SHOP, Json, answer, error_answer
from ..item_groups import KNOWN_GROUPS
from ..items import catalog_product
from ..shop import Shop
from .library_api import asked_groups, groups_error

MAX_ASINS: Final = 50


def catalog_routes() -> list[web.RouteDef]:
    """Return the routes of the catalog."""
    return [
        web.get("/1.0/catalog/products", _products),
        web.get("/1.0/catalog/products/{asin}", _product),
    ]


async def _products(request: web.Request) -> web.Response:
    groups = asked_groups(request)
    problem = groups_error(request, groups, KNOWN_GROUPS)
    if problem:
        return problem
    asins = [asin for asin in request.query.get("asins", "").split(",") if asin]
    if len(asins) > MAX_ASINS:
        message = f"No more than {MAX_ASINS} asins allowed"
        return error_answer(request, 400, {"message": message})
    shop = request.config_dict[SHOP]
    products: list[Json] = [_rendered(shop, asin, groups) for asin in asins]
    return answer(request, {"products": products, "response_groups": list(groups)})


async def _product(request: web.Request) -> web.Response:
    groups = asked_groups(request)
    problem = groups_error(request, groups, KNOWN_GROUPS)
    if problem:
        return problem
    shop = request.config_dict[SHOP]
    product: Json = _rendered(shop, request.match_info["asin"], groups)
    return answer(request, {"product": product, "response_groups": list(groups)})


def _rendered(shop: Shop, asin: str, groups: tuple[str, ...]) -> dict[str, Json]:
    title = shop.titles.get(asin)
    if title is None:
        # An unknown ASIN is not an error: it comes back hollow.
        return {"asin": asin}
    return catalog_product(title, None, groups, now=shop.now())
