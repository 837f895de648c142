"""www.amazon.{domain}: the sign-in page, the landing page, website cookies."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Final
from urllib.parse import urlencode

from aiohttp import web

from ..answers import SHOP, Json, answer, market_of
from ..markets import Market
from ..shop import DEVICE_TYPE
from .pages import not_found_page, problem_page, sign_in_page

WRONG_PASSWORD: Final = "Your password is incorrect"
_OPENID: Final = "http://specs.openid.net/auth/2.0"


def amazon_site() -> web.Application:
    """Return the application of these hosts."""
    app = web.Application()
    app.router.add_get("/ap/signin", _show_sign_in)
    app.router.add_post("/ap/signin", _sign_in)
    app.router.add_get("/ap/maplanding", _landing)
    app.router.add_post("/ap/exchangetoken/cookies", _exchange_cookies)
    return app


def website_cookies(market: Market) -> list[Json]:
    """Return cookies in the form a registration hands out."""
    values = {
        "session-id": "000-0000000-0000000",
        f"x-acb{market.country_code}": '"SIMULATED"',
        f"at-acb{market.country_code}": '"Atza|SIMULATED"',
    }
    return [
        {
            "Path": "/",
            "Secure": "true",
            "Value": value,
            "Expires": "27 Sep 2043 20:45:37 GMT",
            "Domain": f".amazon.{market.domain}",
            "HttpOnly": "true" if name.startswith("at-") else "false",
            "Name": name,
        }
        for name, value in values.items()
    ]


async def _show_sign_in(request: web.Request) -> web.Response:
    problem = _problem(request.query, market_of(request))
    if problem:
        return _html(problem_page(problem), status=404)
    return _form(request, request.query.items(), email="", error="")


async def _sign_in(request: web.Request) -> web.Response:
    market = market_of(request)
    fields = {name: str(value) for name, value in (await request.post()).items()}
    email = fields.pop("email", "").strip()
    password = fields.pop("password", "")
    problem = _problem(fields, market)
    if problem:
        return _html(problem_page(problem), status=404)
    shop = request.config_dict[SHOP]
    account = shop.accounts.get(email.lower())
    if account is None or account.password != password:
        return _form(request, fields.items(), email=email, error=WRONG_PASSWORD)
    code = shop.issue_code(
        account,
        challenge=fields["openid.oa2.code_challenge"],
        client_id=fields["openid.oa2.client_id"].removeprefix("device:"),
        domain=market.domain,
    )
    location = f"{fields['openid.return_to']}?{_landing_query(fields, market, code)}"
    return web.Response(status=302, headers={"Location": location})


async def _landing(request: web.Request) -> web.Response:
    return _html(not_found_page(), status=404)


async def _exchange_cookies(request: web.Request) -> web.Response:
    fields = await request.post()
    shop = request.config_dict[SHOP]
    device = shop.device_of_refresh_token(str(fields.get("source_token", "")))
    if device is None:
        error: Json = {"error": {"code": "InvalidToken", "message": "Invalid token"}}
        return answer(request, {"response": error}, status=401)
    expires = shop.now() + timedelta(days=7300)
    cookies: list[Json] = [
        {
            "Name": name,
            "Value": '"SIMULATED"',
            "Path": "/",
            "Secure": True,
            "HttpOnly": True,
            "Expires": expires.strftime("%d %b %Y %H:%M:%S GMT"),
        }
        for name in ("session-id", "at-main")
    ]
    domain = str(fields.get("domain", f".amazon.{market_of(request).domain}"))
    return answer(request, {"response": {"tokens": {"cookies": {domain: cookies}}}})


def _problem(fields: Mapping[str, str], market: Market) -> str:
    """Return what is wrong with the sign-in address, or an empty text."""
    expected = {
        "openid.oa2.response_type": "code",
        "openid.oa2.code_challenge_method": "S256",
        "openid.return_to": f"https://www.amazon.{market.domain}/ap/maplanding",
        "openid.assoc_handle": f"amzn_audible_ios_{market.country_code}",
        "openid.mode": "checkid_setup",
        "openid.ns": _OPENID,
        "openid.identity": f"{_OPENID}/identifier_select",
        "openid.claimed_id": f"{_OPENID}/identifier_select",
        "openid.oa2.scope": "device_auth_access",
        "marketPlaceId": market.marketplace_id,
    }
    for name, value in expected.items():
        if fields.get(name) != value:
            return f"{name} should be {value}, but is {fields.get(name)}"
    if len(fields.get("openid.oa2.code_challenge", "")) != 43:
        return "openid.oa2.code_challenge should be 43 characters long"
    return _client_id_problem(fields.get("openid.oa2.client_id", ""))


def _client_id_problem(client_id: str) -> str:
    try:
        named = bytes.fromhex(client_id.removeprefix("device:")).decode()
    except ValueError:
        named = ""
    if client_id.startswith("device:") and named.endswith(f"#{DEVICE_TYPE}"):
        return ""
    return "openid.oa2.client_id does not name a device"


def _landing_query(fields: Mapping[str, str], market: Market, code: str) -> str:
    return urlencode(
        {
            "openid.assoc_handle": fields["openid.assoc_handle"],
            "openid.oa2.authorization_code": code,
            "openid.claimed_id": f"https://www.amazon.{market.domain}/ap/id/SIMULATED",
            "openid.identity": f"https://www.amazon.{market.domain}/ap/id/SIMULATED",
            "openid.mode": "id_res",
            "openid.ns": _OPENID,
            "openid.oa2.scope": "device_auth_access",
            "openid.return_to": fields["openid.return_to"],
            "serial": "",
        }
    )


def _form(
    request: web.Request, hidden: Iterable[tuple[str, str]], *, email: str, error: str
) -> web.Response:
    market = market_of(request)
    return _html(sign_in_page(market, hidden, email=email, error=error), status=200)


def _html(text: str, *, status: int) -> web.Response:
    return web.Response(text=text, status=status, content_type="text/html")
