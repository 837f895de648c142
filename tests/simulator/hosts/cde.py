"""cde-ta-g7g.amazon.com: the way to AAX files, one host for all markets."""

from aiohttp import web

from ..answers import SHOP, answer, error_answer
from ..content_address import signed_query
from ..sidecar import sidecar
from ..signing import refusals, signing_device
from ..titles import Form


def cde() -> web.Application:
    """Return the application of this host."""
    app = web.Application(middlewares=[refusals])
    app.router.add_get("/FionaCDEServiceEngine/FSDownloadContent", _download)
    app.router.add_get("/FionaCDEServiceEngine/sidecar", _sidecar)
    return app


async def _download(request: web.Request) -> web.Response:
    device = await signing_device(request)
    shop = request.config_dict[SHOP]
    asin = request.query.get("key", "")
    owned = device.account.library.get(asin)
    has_aax = owned is not None and owned.title.form in {Form.ADRM, Form.AAX}
    if owned is None or not has_aax or owned.title.is_plus or owned.status != "Active":
        return web.Response(status=404, text="Not Found")
    path = f"/download/{device.account.customer_number}/{asin}/{owned.title.sku}.aax"
    # The service always names the American host, whatever the customer's market.
    location = f"https://cds.audible.com{path}?{signed_query(shop, path)}"
    return web.Response(status=302, headers={"Location": location})


async def _sidecar(request: web.Request) -> web.Response:
    device = await signing_device(request)
    shop = request.config_dict[SHOP]
    owned = device.account.library.get(request.query.get("key", ""))
    position = owned.position_at(shop.now()) if owned else None
    if owned is None or position is None:
        return error_answer(request, 404, {"message": "No sidecar found"})
    return answer(request, sidecar(owned.title, position))
