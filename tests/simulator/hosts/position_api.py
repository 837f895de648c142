"""Where listening stands: read for up to 25 titles, written for one."""

import json
from typing import Final

from aiohttp import web

from ..answers import SHOP, Json, answer, error_answer, raw_answer, validation_error
from ..content import last_position_heard
from ..signing import authenticated_device
from .library_api import is_in_market

MAX_ASINS: Final = 25


def position_routes() -> list[web.RouteDef]:
    """Return the routes of positions."""
    return [
        web.get("/1.0/annotations/lastpositions", _last_positions),
        web.put("/1.0/lastpositions/{asin}", _set_position),
    ]


async def _last_positions(request: web.Request) -> web.Response:
    device = await authenticated_device(request)
    asins = [asin for asin in request.query.get("asins", "").split(",") if asin]
    if not asins:
        return validation_error(request, "", "asins", "Member must not be empty")
    if len(asins) > MAX_ASINS:
        message = f"No more than {MAX_ASINS} asins allowed"
        return error_answer(request, 400, {"message": message})
    now = request.config_dict[SHOP].now()
    library = device.account.library
    heard: list[Json] = []
    for asin in asins:
        owned = library.get(asin)
        is_here = owned is not None and is_in_market(request, owned)
        position = owned.position_at(now) if owned and is_here else None
        written: Json = last_position_heard(position)
        heard.append({"asin": asin, "last_position_heard": written})
    body: dict[str, Json] = {"asin_last_position_heard_annots": heard}
    if "response_groups" in request.query:
        body["response_groups"] = ["always-returned"]
    return answer(request, body)


async def _set_position(request: web.Request) -> web.Response:
    device = await authenticated_device(request)
    asin = request.match_info["asin"]
    try:
        body = json.loads(await request.read())
        acr, position_ms = str(body["acr"]), body["position_ms"]
    except ValueError, KeyError, TypeError:
        return validation_error(request, "", "body", "Member must not be null")
    if not isinstance(position_ms, int) or position_ms < 0:
        constraint = "Member must have value greater than or equal to 0"
        return validation_error(request, str(position_ms), "position_ms", constraint)
    owned = device.account.library.get(asin)
    # The name of another asset is taken without a word, and without effect.
    if owned and acr == owned.title.acr and body.get("asin", asin) == asin:
        shop = request.config_dict[SHOP]
        delay_s = shop.settings.propagation_delay_s
        shop.move_position(owned, position_ms, delay_s=delay_s)
    return raw_answer(request, b"")
