"""The catalog: open to everybody, members that are unknown are left out."""

from typing import Final

from aiohttp import web

from ..answers import SHOP, Json, answer, error_answer
from ..item_groups import KNOWN_GROUPS
from ..items import catalog_product
from ..shop import OwnedTitle
from ..signing import authenticated_device
from .library_api import asked_groups, groups_error, image_sizes

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
    if (keywords := request.query.get("keywords")) is not None:
        most = min(int(request.query.get("num_results", 10)), MAX_ASINS)
        asins = _found(request, keywords)[:most]
    library = await _library(request)
    products: list[Json] = [_rendered(request, library, asin, groups) for asin in asins]
    return answer(request, {"products": products, "response_groups": list(groups)})


def _found(request: web.Request, keywords: str) -> list[str]:
    """Return the titles that hold one word at least, those with most of them first."""
    wanted = set(keywords.casefold().split())
    hits: dict[str, int] = {}
    for asin, title in request.config_dict[SHOP].titles.items():
        series = [place.title for place in title.series or ()]
        known = (title.title or "", *(title.authors or ()), *series)
        text = " ".join(known).casefold()
        if count := len(wanted & set(text.split())):
            hits[asin] = count
    if request.query.get("products_sort_by") == "-ReleaseDate":
        titles = request.config_dict[SHOP].titles
        return sorted(hits, key=lambda asin: titles[asin].released_on, reverse=True)
    return sorted(hits, key=lambda asin: -hits[asin])


async def _product(request: web.Request) -> web.Response:
    groups = asked_groups(request)
    problem = groups_error(request, groups, KNOWN_GROUPS)
    if problem:
        return problem
    library = await _library(request)
    product: Json = _rendered(request, library, request.match_info["asin"], groups)
    return answer(request, {"product": product, "response_groups": list(groups)})


async def _library(request: web.Request) -> dict[str, OwnedTitle]:
    """Return the library of who asks; the catalog is open to strangers as well."""
    if "x-adp-signature" not in request.headers:
        return {}
    return (await authenticated_device(request)).account.library


def _rendered(
    request: web.Request,
    library: dict[str, OwnedTitle],
    asin: str,
    groups: tuple[str, ...],
) -> dict[str, Json]:
    shop = request.config_dict[SHOP]
    title = shop.titles.get(asin)
    if title is None:
        # An unknown ASIN is not an error: it comes back hollow.
        return {"asin": asin}
    return catalog_product(
        title,
        library.get(asin),
        groups,
        now=shop.now(),
        image_sizes=image_sizes(request),
    )
