"""www.audible.{domain}: activation bytes, the way to companion PDFs."""

from typing import Final

from aiohttp import web

from ..answers import SHOP, raw_answer
from ..content_address import signed_query
from ..markets import CLOUDFRONT_HOST
from ..signing import RefusedError, refusals, signing_device

_ROWS: Final = 8
_ROW_BYTES: Final = 70


def audible_site() -> web.Application:
    """Return the application of these hosts."""
    app = web.Application(middlewares=[refusals])
    app.router.add_get("/license/token", _license_token)
    app.router.add_get("/companion-file/{asin}", _companion_file)
    return app


def activation_blob(activation_bytes: bytes) -> bytes:
    """Return the blob that carries a customer's activation bytes.

    Text in front, then eight rows; the first four bytes hold the value backwards.
    """
    head = b"(user_name=simulated)\n(group_id=simulated)\n"
    rows = [
        bytes((number * 31 + at) % 251 for at in range(_ROW_BYTES))
        for number in range(_ROWS)
    ]
    rows[0] = activation_bytes[::-1] + rows[0][4:]
    return head + b"".join(row + b"\n" for row in rows)


async def _license_token(request: web.Request) -> web.Response:
    try:
        account = (await signing_device(request)).account
        blob = activation_blob(account.activation_bytes)
    except RefusedError:
        # Who is not known is told so in words.
        blob = b"BAD_LOGIN"
    return raw_answer(request, blob, content_type="application/octet-stream")


async def _companion_file(request: web.Request) -> web.Response:
    device = await signing_device(request)
    shop = request.config_dict[SHOP]
    asin = request.match_info["asin"]
    owned = device.account.library.get(asin)
    if owned is None or not owned.title.has_pdf:
        page = b"<html><body>We cannot find that page.</body></html>"
        return raw_answer(request, page, content_type="text/html")
    path = f"/companion/{asin}.pdf"
    location = f"https://{CLOUDFRONT_HOST}{path}?{signed_query(shop, path)}"
    return web.Response(status=302, headers={"Location": location})
