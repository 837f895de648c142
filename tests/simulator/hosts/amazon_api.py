"""api.amazon.{domain}: register, refresh, profile, deregister."""

import asyncio
import json
from typing import Final

from aiohttp import web
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from ..answers import SHOP, Json, answer, market_of
from ..shop import DEVICE_TYPE, Account, Device, request_id
from ..signing import bearer_device, refusals
from .amazon_site import website_cookies

_HOME_REGIONS: Final = {"us": "NA", "ca": "NA", "br": "NA", "jp": "FE", "au": "FE"}


def amazon_api() -> web.Application:
    """Return the application of these hosts."""
    app = web.Application(middlewares=[refusals])
    app.router.add_post("/auth/register", _register)
    app.router.add_post("/auth/token", _refresh)
    app.router.add_post("/auth/deregister", _deregister)
    app.router.add_get("/user/profile", _profile)
    return app


async def _register(request: web.Request) -> web.Response:
    try:
        body = json.loads(await request.read())
        registration, proof = body["registration_data"], body["auth_data"]
        serial, device_type = registration["device_serial"], registration["device_type"]
        code, client_id = proof["authorization_code"], proof["client_id"]
        verifier, wanted = proof["code_verifier"], body["requested_token_type"]
    except (ValueError, KeyError, TypeError) as err:
        return _register_error(request, "InvalidValue", f"Missing or malformed: {err}")
    account = request.config_dict[SHOP].redeem_code(
        code, verifier=verifier, client_id=client_id, domain=market_of(request).domain
    )
    is_same_device = client_id == f"{serial}#{DEVICE_TYPE}".encode().hex()
    if account is None or not is_same_device or device_type != DEVICE_TYPE:
        return _register_error(request, "InvalidToken", "The token is invalid")
    key = await asyncio.to_thread(rsa.generate_private_key, 65537, 2048)
    device = request.config_dict[SHOP].add_device(
        account,
        serial=serial,
        country_code=market_of(request).country_code,
        public_key=key.public_key(),
    )
    tokens = {
        name: value
        for name, value in _tokens(request, device, key).items()
        if name in wanted
    }
    success: Json = {
        "extensions": _extensions(device),
        "tokens": tokens,
        "customer_id": account.user_id,
    }
    return answer(
        request, {"response": {"success": success}, "request_id": request_id()}
    )


def _tokens(
    request: web.Request, device: Device, key: rsa.RSAPrivateKey
) -> dict[str, Json]:
    shop = request.config_dict[SHOP]
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    return {
        "website_cookies": website_cookies(market_of(request)),
        "store_authentication_cookie": {"cookie": "SIMULATED"},
        "mac_dms": {"device_private_key": pem.decode(), "adp_token": device.adp_token},
        "bearer": {
            "access_token": shop.issue_access_token(device),
            "refresh_token": device.refresh_token,
            "expires_in": str(shop.settings.access_token_life_s),
        },
    }


def _extensions(device: Device) -> dict[str, Json]:
    account = device.account
    return {
        "device_info": {
            "device_name": device.name,
            "device_serial_number": device.serial,
            "device_type": DEVICE_TYPE,
        },
        "customer_info": {
            "account_pool": "Amazon",
            "user_id": account.user_id,
            "home_region": _HOME_REGIONS.get(device.country_code, "EU"),
            "name": account.name,
            "given_name": account.given_name,
        },
    }


async def _refresh(request: web.Request) -> web.Response:
    fields = await request.post()
    shop = request.config_dict[SHOP]
    device = shop.device_of_refresh_token(str(fields.get("source_token", "")))
    if device is None or fields.get("source_token_type") != "refresh_token":
        error: Json = {
            "error": "invalid_grant",
            "error_description": "The request has an invalid grant parameter : "
            "source_token. The token is invalid.",
            "request_id": request_id(),
        }
        return answer(request, error, status=400)
    prefix = "" if shop.settings.token_form == "legacy" else "actor_"
    tokens: dict[str, Json] = {
        f"{prefix}access_token": shop.issue_access_token(device),
        "token_type": "bearer",
        "expires_in": shop.settings.access_token_life_s,
    }
    if prefix:
        tokens["actor_refresh_token"] = device.refresh_token
    return answer(request, tokens)


async def _profile(request: web.Request) -> web.Response:
    account = bearer_device(request).account
    return answer(
        request,
        {"user_id": account.user_id, "name": account.name, "email": account.email},
    )


async def _deregister(request: web.Request) -> web.Response:
    device = bearer_device(request)
    body = json.loads(await request.read() or b"{}")
    # The access token that was used lives on; everything else ends at once.
    token = request.headers["x-amz-access-token"]
    devices = [device]
    if body.get("deregister_all_existing_accounts"):
        devices = _devices_of(request, device.account)
    for ended in devices:
        ended.is_revoked = True
        ended.access_tokens = {
            known: until
            for known, until in ended.access_tokens.items()
            if known == token
        }
    return answer(request, {"response": {"success": {}}, "request_id": request_id()})


def _devices_of(request: web.Request, account: Account) -> list[Device]:
    devices = request.config_dict[SHOP].devices
    return [device for device in devices if device.account is account]


def _register_error(request: web.Request, code: str, message: str) -> web.Response:
    error: Json = {"code": code, "index": None, "message": message}
    return answer(
        request,
        {"response": {"error": error}, "request_id": request_id()},
        status=400,
    )
