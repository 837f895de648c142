"""The real `audible` library, unmodified, through the two environment variables."""

import asyncio
from typing import Any

import audible
import httpx
import pytest
from audible.aescipher import decrypt_voucher_from_licenserequest
from audible.login import build_oauth_url, create_code_verifier
from audible.register import register

from tests.simulator import Simulator
from tests.simulator.catalog import SHORT_ASIN


@pytest.fixture
async def auth(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> audible.Authenticator:
    """Register a device as a client built on the library does."""
    for name, value in simulator.environment().items():
        monkeypatch.setenv(name, value)
    verifier = create_code_verifier()
    url, serial = build_oauth_url("us", "com", "AF2M0KC94RCEA", verifier)
    address = httpx.URL(await simulator.sign_in(url))
    code = address.params["openid.oa2.authorization_code"]
    data = await asyncio.to_thread(register, code, verifier, "com", serial)
    return audible.Authenticator.from_dict({**data, "locale_code": "us"})


async def test_library_license_and_activation_bytes(
    auth: audible.Authenticator,
) -> None:
    """Signed reads work, the voucher opens, the activation bytes are understood."""
    async with await asyncio.to_thread(audible.AsyncClient, auth) as client:
        library = await client.get("library")
        body = {
            "supported_drm_types": ["Adrm"],
            "quality": "High",
            "consumption_type": "Download",
        }
        path = f"content/{SHORT_ASIN}/licenserequest"
        granted: Any = await client.post(path, body=body)
        written = await client.put(
            f"lastpositions/{SHORT_ASIN}",
            body={"acr": granted["content_license"]["acr"], "position_ms": 5},
        )
    voucher = decrypt_voucher_from_licenserequest(auth, granted)
    activation = await asyncio.to_thread(auth.get_activation_bytes)
    assert (43, 32, 32) == (
        len(library["items"]),
        len(voucher["key"]),
        len(voucher["iv"]),
    )
    assert ("", "0a51e77e") == (written, activation)


async def test_refresh_profile_cookies(auth: audible.Authenticator) -> None:
    """The blocking parts of the library work as well."""
    before = auth.access_token
    await asyncio.to_thread(auth.refresh_access_token, force=True)
    profile = await asyncio.to_thread(auth.user_profile)
    await asyncio.to_thread(auth.set_website_cookies_for_country, "de")
    assert before != auth.access_token
    assert "Anna Example" == profile["name"]
    assert auth.website_cookies


async def test_deregistered_device_is_unauthorized(
    auth: audible.Authenticator,
) -> None:
    """After deregistration the library says what a client has to expect."""
    await asyncio.to_thread(auth.deregister_device)
    async with await asyncio.to_thread(audible.AsyncClient, auth) as client:
        with pytest.raises(audible.exceptions.Unauthorized):
            await client.get("library")
    with pytest.raises(httpx.HTTPStatusError):
        await asyncio.to_thread(auth.refresh_access_token, force=True)


async def test_used_code_is_refused(
    simulator: Simulator, auth: audible.Authenticator
) -> None:
    """A second registration with the same code raises what the library raises."""
    verifier = create_code_verifier()
    url, serial = build_oauth_url("us", "com", "AF2M0KC94RCEA", verifier)
    address = httpx.URL(await simulator.sign_in(url))
    code = address.params["openid.oa2.authorization_code"]
    await asyncio.to_thread(register, code, verifier, "com", serial)
    with pytest.raises(Exception, match="InvalidToken"):
        await asyncio.to_thread(register, code, verifier, "com", serial)
    assert auth.refresh_token
