"""Content metadata and licenses."""

import json
from typing import Final

from aiohttp import web

from ..answers import SHOP, Json, answer, error_answer, market_of, validation_error
from ..books import Books
from ..content import content_metadata
from ..content_address import content_address
from ..licenses import (
    LicenseWish,
    denial,
    denied_license,
    granted_license,
    parse_wish,
    streaming_license,
)
from ..shop import Device
from ..signing import authenticated_device
from ..titles import Form, Title
from .library_api import asked_groups, groups_error

BOOKS: Final = web.AppKey("books", Books)

_GROUPS: Final = frozenset(
    {
        "ad_insertion",
        "always-returned",
        "chapter_info",
        "content_reference",
        "content_url",
        "last_position_heard",
        "pdf_url",
    }
)
_DRM_TYPES: Final = frozenset(
    {
        "Adrm",
        "Dash",
        "FairPlay",
        "Hls",
        "HlsCmaf",
        "Mpeg",
        "PlayReady",
        "Widevine",
    }
)
# Which forms a title of the given form can be described as.
_DESCRIBED_AS: Final = {
    Form.ADRM: frozenset({"Adrm", "Dash", "FairPlay", "Hls", "HlsCmaf", "Widevine"}),
    Form.WIDEVINE: frozenset({"Dash", "FairPlay", "Hls", "HlsCmaf", "Widevine"}),
    Form.MPEG: frozenset({"Mpeg"}),
}


def content_routes() -> list[web.RouteDef]:
    """Return the routes of content."""
    return [
        web.get("/1.0/content/{asin}/metadata", _metadata),
        web.post("/1.0/content/{asin}/licenserequest", _license),
    ]


async def _metadata(request: web.Request) -> web.Response:
    device = await authenticated_device(request)
    groups = asked_groups(request)
    problem = groups_error(request, groups, _GROUPS) or _query_error(request)
    if problem:
        return problem
    title = request.config_dict[SHOP].titles.get(request.match_info["asin"])
    drm_type = request.query.get("drm_type")
    if title is None or not _can_describe(title, drm_type):
        return _no_details(request)
    metadata = _described(
        request,
        device,
        title,
        groups,
        is_tree=request.query.get("chapter_titles_type") == "Tree",
    )
    body: Json = {"content_metadata": metadata, "response_groups": list(groups)}
    return answer(request, body)


def _query_error(request: web.Request) -> web.Response | None:
    allowed = {
        "quality": frozenset({"High", "Normal"}),
        "drm_type": _DRM_TYPES,
        "chapter_titles_type": frozenset({"Flat", "Tree"}),
    }
    for name, values in allowed.items():
        value = request.query.get(name)
        if value is not None and value not in values:
            return _enum_error(request, value, name, values)
    return None


def _enum_error(
    request: web.Request, value: str, name: str, allowed: frozenset[str]
) -> web.Response:
    constraint = f"Member must satisfy enum value set: [{', '.join(sorted(allowed))}]"
    return validation_error(request, value, name, constraint)


def _can_describe(title: Title, drm_type: str | None) -> bool:
    if title.form is Form.NONE or not title.runtime_ms:
        return False
    return drm_type is None or drm_type in _DESCRIBED_AS.get(title.form, ())


def _described(
    request: web.Request,
    device: Device,
    title: Title,
    groups: tuple[str, ...],
    *,
    is_tree: bool,
) -> dict[str, Json]:
    owned = device.account.library.get(title.asin)
    now = request.config_dict[SHOP].now()
    return content_metadata(
        title,
        groups,
        size_bytes=request.config_dict[BOOKS].size_bytes(title),
        market=market_of(request),
        position=owned.position_at(now) if owned else None,
        is_tree=is_tree,
    )


async def _license(request: web.Request) -> web.Response:
    device = await authenticated_device(request)
    shop = request.config_dict[SHOP]
    try:
        body = json.loads(await request.read())
        wish = parse_wish(body)
    except ValueError, AttributeError:
        return validation_error(request, "", "body", "Member must not be null")
    problem = _license_error(request, body, wish)
    if problem:
        return problem
    threshold = shop.settings.license_threshold
    if threshold is not None and len(device.account.grants) >= threshold:
        number = device.account.customer_number
        message = (
            f"Customer [{number}] is above threshold for content license grant count"
        )
        return error_answer(request, 403, {"message": message})
    title = shop.titles.get(request.match_info["asin"])
    if title is None:
        return _no_details(request)
    reasons = denial(shop, device, title)
    if reasons is not None:
        granted = denied_license(title, reasons)
    elif streamed := _streamed_as(title, wish):
        metadata = _described(
            request, device, title, wish.response_groups, is_tree=False
        )
        granted = streaming_license(shop, device, title, metadata, drm_type=streamed)
    elif not _can_deliver(title, wish):
        return _no_details(request)
    else:
        granted = await _granted(request, device, title, wish)
    groups: Json = [*sorted({*wish.response_groups, "always-returned"})]
    return answer(request, {"content_license": granted, "response_groups": groups})


def _license_error(
    request: web.Request, body: dict[str, Json], wish: LicenseWish
) -> web.Response | None:
    allowed = {
        "quality": frozenset({"High", "Normal"}),
        "consumption_type": frozenset({"Download", "Offline", "Streaming"}),
    }
    for name, values in allowed.items():
        value = body.get(name)
        if value is not None and value not in values:
            return _enum_error(request, str(value), name, values)
    for drm_type in wish.drm_types:
        if drm_type not in _DRM_TYPES:
            return _enum_error(request, drm_type, "drm_types", _DRM_TYPES)
    return groups_error(request, wish.response_groups, _GROUPS)


def _can_deliver(title: Title, wish: LicenseWish) -> bool:
    """Tell whether the title exists in a form the client can use.

    Files are AAC-LC: a client that only takes xHE-AAC gets nothing.
    """
    if title.form.value not in wish.drm_types or title.form is Form.WIDEVINE:
        return False
    is_aac = wish.codecs is None or "mp4a.40.2" in wish.codecs
    return is_aac or title.form is Form.MPEG


def _streamed_as(title: Title, wish: LicenseWish) -> str | None:
    """Return the form in which the title can be streamed as wished, None for none."""
    if not wish.is_streaming or title.form not in {Form.ADRM, Form.WIDEVINE}:
        return None
    forms = ("Dash", "HlsCmaf", "Hls", "Widevine")
    return next((form for form in wish.drm_types if form in forms), None)


async def _granted(
    request: web.Request, device: Device, title: Title, wish: LicenseWish
) -> dict[str, Json]:
    shop = request.config_dict[SHOP]
    # The size in the answer has to be that of the file: it is made now, if need be.
    await request.config_dict[BOOKS].content(title)
    features = json.loads(await request.read()).get("supported_media_features") or {}
    is_tree = features.get("chapter_titles_type") == "Tree"
    metadata = _described(request, device, title, wish.response_groups, is_tree=is_tree)
    url = content_address(shop, title)
    metadata["content_url"] = {"offline_url": url}
    return granted_license(shop, device, title, metadata)


def _no_details(request: web.Request) -> web.Response:
    asin = request.match_info["asin"]
    title = request.config_dict[SHOP].titles.get(asin)
    sku = title.sku if title else None
    message = (
        "Unable to retrieve asset details from Sable(AssetInfos), for marketplaceId:"
        f"{market_of(request).marketplace_id}, asin:{asin}, acr:null, skuLite:{sku}, "
        "version:LATEST, aaaClientId:"
        "urn:cdo:AudibleApiExternalRouterService:Prod:Default"
    )
    return error_answer(request, 404, {"error_code": "000307", "message": message})
