"""Who sent a request: verifies signatures and access tokens."""

import base64
import binascii
from datetime import UTC, datetime
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from .answers import SHOP, error_answer
from .shop import Device, Shop

REFUSED: Final = "Request could not be authenticated"


class RefusedError(Exception):
    """The request did not prove who sent it."""

    def __init__(self, status: int, message: str) -> None:
        """Take the status and the message of the answer."""
        super().__init__(message)
        self.status = status
        self.message = message


async def authenticated_device(request: web.Request) -> Device:
    """Return the device a request proves to come from; raise RefusedError if none."""
    shop = request.config_dict[SHOP]
    shop.apply_due_status_changes()
    if "x-adp-signature" in request.headers:
        return _signing_device(shop, request, await request.read())
    if request.headers.get("client-id") == "0":
        raise RefusedError(400, "token does not correspond to the specified Client-ID")
    return bearer_device(request)


async def signing_device(request: web.Request) -> Device:
    """Return the device that signed; a bearer token alone is refused."""
    shop = request.config_dict[SHOP]
    return _signing_device(shop, request, await request.read())


def bearer_device(request: web.Request) -> Device:
    """Return the device of the access token in the request's header."""
    token = request.headers.get("x-amz-access-token")
    if token is None:
        raise RefusedError(403, REFUSED)
    device = request.config_dict[SHOP].device_of_access_token(token)
    if device is None:
        raise RefusedError(401, "The access token is invalid or has expired")
    return device


@web.middleware
async def refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn RefusedError into the shop's answer."""
    try:
        return await handler(request)
    except RefusedError as err:
        return error_answer(request, err.status, {"message": err.message})


def _signing_device(shop: Shop, request: web.Request, body: bytes) -> Device:
    adp_token = request.headers.get("x-adp-token", "")
    device = shop.device_of_adp_token(adp_token)
    # The date holds colons of its own: the first one ends the signature.
    encoded, _, date = request.headers.get("x-adp-signature", "").partition(":")
    algorithm = request.headers.get("x-adp-alg")
    if device is None or algorithm != "SHA256withRSA:1.0" or not date:
        raise RefusedError(403, REFUSED)
    head = f"{request.method}\n{request.raw_path}\n{date}\n".encode()
    signed = head + body + b"\n" + adp_token.encode()
    try:
        signature = base64.b64decode(encoded, validate=True)
        device.public_key.verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, binascii.Error) as err:
        raise RefusedError(403, REFUSED) from err
    _check_clock(shop, date)
    return device


def _check_clock(shop: Shop, date: str) -> None:
    tolerance_s = shop.settings.clock_tolerance_s
    try:
        # The audible library sends an offset and a Z together.
        signed_at = datetime.fromisoformat(date.removesuffix("Z"))
    except ValueError as err:
        raise RefusedError(403, REFUSED) from err
    if signed_at.tzinfo is None:
        signed_at = signed_at.replace(tzinfo=UTC)
    skew_s = abs((datetime.now(UTC) - signed_at).total_seconds())
    if tolerance_s is not None and skew_s > tolerance_s:
        raise RefusedError(403, REFUSED)
