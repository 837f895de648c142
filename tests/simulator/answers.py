"""Answers with the headers the real service sends."""

import json
import secrets
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Final

from aiohttp import web

from .markets import Market, market_of_host
from .shop import Shop

SHOP: Final = web.AppKey("shop", Shop)

type Json = (
    bool | int | float | str | list[Json] | tuple[Json, ...] | dict[str, Json] | None
)

_ERROR_TYPE_URL: Final = "http://internal.amazon.com/coral/com.audible.api.model/"
_ERROR_TYPES: Final = {
    400: "BadRequestHttpException",
    401: "UnauthorizedHttpException",
    403: "ForbiddenHttpException",
    404: "ResourceNotFoundHttpException",
}
_VARY: Final = (
    "Content-Type,Accept-Encoding,X-Amzn-CDN-Cache,X-Amzn-AX-Treatment,User-Agent"
)


def market_of(request: web.Request) -> Market:
    """Return the market whose host the request went to."""
    return market_of_host(request.host.partition(":")[0].lower())


def answer(
    request: web.Request,
    body: Json,
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> web.Response:
    """Return a JSON answer."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return raw_answer(request, text.encode(), status=status, headers=headers)


def raw_answer(
    request: web.Request,
    body: bytes,
    *,
    status: int = 200,
    content_type: str = "application/json",
    headers: dict[str, str] | None = None,
) -> web.Response:
    """Return an answer of any kind with the service's usual headers."""
    return web.Response(
        body=body,
        status=status,
        content_type=content_type,
        headers=_usual_headers(request, status) | (headers or {}),
    )


def error_answer(request: web.Request, status: int, body: Json) -> web.Response:
    """Return an error with the body and the header that names its type."""
    kind = _ERROR_TYPES.get(status, "InternalServerErrorException")
    headers = {"x-amzn-errortype": f"{kind}:{_ERROR_TYPE_URL}"}
    return answer(request, body, status=status, headers=headers)


def validation_error(
    request: web.Request, value: str, name: str, constraint: str
) -> web.Response:
    """Return the 400 that names the field, what came and what is allowed."""
    message = (
        f"1 validation error detected: Value '{value}' at '{name}' failed to satisfy "
        f"constraint: {constraint}"
    )
    return error_answer(request, 400, {"message": message})


def _usual_headers(request: web.Request, status: int) -> dict[str, str]:
    date = format_datetime(datetime.now(UTC), usegmt=True)
    request_id = request.headers.get("X-Amzn-RequestId") or secrets.token_hex(20)
    result = "Miss from cloudfront" if status < 400 else "Error from cloudfront"
    return {
        "server": "Server",
        "x-amz-rid": secrets.token_hex(10).upper(),
        "x-amzn-requestid": request_id,
        "x-amz-date": date,
        "vary": _VARY,
        "strict-transport-security": "max-age=47474747; includeSubDomains; preload",
        "permissions-policy": "interest-cohort=()",
        "x-cache": result,
        "via": "1.1 simulated.cloudfront.net (CloudFront)",
    }
