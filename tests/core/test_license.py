"""Answers to license requests that are not as agreed."""

import base64
from typing import Any

import pytest
from audible_core.audible import requests
from audible_core.audible.auth import registration_of
from audible_core.audible.client import AudibleClient
from audible_core.audible.license import denial, parse_license
from audible_core.errors import (
    AudibleAuthError,
    AudibleResponseError,
    LicenseDeniedError,
    LicenseFormatError,
    LicenseThrottledError,
    TrackerError,
    VoucherError,
)
from audible_core.models import Account, Asin, Credentials

from tests.simulator import Simulator, catalog
from tests.simulator.titles import Title

SHORT = Asin(catalog.SHORT_ASIN)


@pytest.fixture
async def granted(client: AudibleClient) -> dict[str, Any]:
    """Return the shop's answer to a license request."""
    path = f"content/{SHORT}/licenserequest"
    answer = await client._connection.post(path, requests.license_body())
    body: dict[str, Any] = answer.json()
    return body


def read(body: Any, signed_in: tuple[Account, Credentials]) -> None:
    """Read an answer as the product does."""
    parse_license(body, SHORT, registration_of(signed_in[1]))


@pytest.mark.parametrize("body", [None, [], {}, {"content_license": "Granted"}])
def test_answer_without_a_license_is_no_refusal(
    signed_in: tuple[Account, Credentials], body: Any
) -> None:
    """Nobody is told that the title may not be had."""
    with pytest.raises(AudibleResponseError):
        read(body, signed_in)


@pytest.mark.parametrize(
    ("members", "error"),
    [
        ({"drm_type": "Widevine"}, LicenseFormatError),
        ({"drm_type": None}, LicenseFormatError),
        ({"license_response": None}, VoucherError),
        ({"license_response": "no base64"}, VoucherError),
        (
            {"license_response": base64.b64encode(bytes(64)).decode()},
            VoucherError,
        ),
        ({"content_metadata": None}, AudibleResponseError),
    ],
)
async def test_each_damage_has_its_error(
    granted: dict[str, Any],
    signed_in: tuple[Account, Credentials],
    members: dict[str, Any],
    error: type[TrackerError],
) -> None:
    """Whole it is read; damaged it is told what cannot be done with it."""
    read(granted, signed_in)
    granted["content_license"] |= members
    with pytest.raises(error):
        read(granted, signed_in)


@pytest.mark.parametrize(
    "url", [None, "", 7, "http://d.cloudfront.net/x.aaxc", "file:///etc/passwd"]
)
async def test_file_comes_over_a_sealed_line_or_not_at_all(
    granted: dict[str, Any], signed_in: tuple[Account, Credentials], url: Any
) -> None:
    """An address of another kind is none."""
    metadata = granted["content_license"]["content_metadata"]
    metadata["content_url"]["offline_url"] = url
    with pytest.raises(LicenseFormatError):
        read(granted, signed_in)


async def test_key_of_another_length_is_no_key(
    client: AudibleClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The voucher opens, but nothing could be decrypted with what is in it."""
    monkeypatch.setattr(Title, "content_key", bytes(15))
    with pytest.raises(VoucherError):
        await client.request_license(SHORT)


@pytest.mark.parametrize("reasons", [None, "CustomerThrottled", [], [None], [7]])
def test_refusal_without_reasons_is_one_all_the_same(reasons: Any) -> None:
    """What is not understood is not made up."""
    assert type(denial(reasons, SHORT)) is LicenseDeniedError


async def test_too_many_licenses_are_no_lost_sign_in(
    client: AudibleClient, shop: Simulator
) -> None:
    """Both are answered with the same status; a removed device is one."""
    shop.shop.settings.license_threshold = 1
    await client.request_license(SHORT)
    with pytest.raises(LicenseThrottledError):
        await client.request_license(SHORT)
    shop.shop.devices[0].is_revoked = True
    with pytest.raises(AudibleAuthError):
        await client.request_license(SHORT)
