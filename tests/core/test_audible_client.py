"""The client against the simulated shop, through the real library and real TLS."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator

import pytest
from audible_core.audible.auth import SignIn, complete_sign_in, sign_out
from audible_core.audible.client import AudibleClient
from audible_core.errors import (
    AudibleAuthError,
    AudibleConnectionError,
    AudibleNotFoundError,
    AudibleRateLimitError,
    AudibleResponseError,
    CodeRejectedError,
    LandingOtherCountryError,
    LicenseDeniedError,
    LicenseError,
    LicenseFormatError,
    LicenseTemporarilyDeniedError,
    LicenseThrottledError,
    TrackerError,
)
from audible_core.models import Account, Asin, Credentials, DrmType

from tests.simulator import Simulator, catalog
from tests.simulator.faults import Fault, FaultKind

SHORT = Asin(catalog.SHORT_ASIN)


@pytest.fixture
async def client(
    signed_in: tuple[Account, Credentials],
) -> AsyncIterator[AudibleClient]:
    """Open a client of the signed-in account."""
    async with await AudibleClient.open(signed_in[1]) as opened:
        yield opened


async def test_sign_in_names_the_account(
    signed_in: tuple[Account, Credentials],
) -> None:
    """The registration says whose it is; the credentials do not print."""
    account, credentials = signed_in
    assert account.name == "Anna Example"
    assert account.country_code == "de"
    assert account.account_id.startswith("amzn1.account.")
    assert "adp" not in repr(credentials)


async def test_every_country_can_sign_in(shop: Simulator) -> None:
    """The link leads to each country's own shop."""
    for country_code, domain in (("us", "com"), ("uk", "co.uk"), ("jp", "co.jp")):
        sign_in = SignIn.begin(country_code)
        assert sign_in.url.startswith(f"https://www.amazon.{domain}/ap/signin?")
        account, _ = await complete_sign_in(sign_in, await shop.sign_in(sign_in.url))
        assert account.country_code == country_code


async def test_a_code_serves_once(shop: Simulator) -> None:
    """The same address pasted again is refused with its own error."""
    sign_in = SignIn.begin("de")
    landing = await shop.sign_in(sign_in.url)
    await complete_sign_in(sign_in, landing)
    with pytest.raises(CodeRejectedError):
        await complete_sign_in(sign_in, landing)


async def test_a_code_of_another_link_is_refused_and_a_retry_works(
    shop: Simulator,
) -> None:
    """A code from yesterday's tab does not fit; opening the right link again does."""
    old, new = SignIn.begin("de"), SignIn.begin("de")
    with pytest.raises(CodeRejectedError):
        await complete_sign_in(new, await shop.sign_in(old.url))
    await complete_sign_in(new, await shop.sign_in(new.url))


async def test_a_landing_of_another_country_is_told(shop: Simulator) -> None:
    """No request is made with a code that cannot fit."""
    german, british = SignIn.begin("de"), SignIn.begin("uk")
    landing = await shop.sign_in(british.url)
    with pytest.raises(LandingOtherCountryError):
        await complete_sign_in(german, landing)
    assert shop.requests("/auth/register") == []


async def test_library_comes_in_one_request(
    client: AudibleClient, shop: Simulator
) -> None:
    """At least thirty titles, one request, the oddest members unharmed."""
    titles = {title.asin: title for title in await client.fetch_library()}
    assert len(titles) >= 30
    assert len(shop.requests("/1.0/library")) == 1
    assert titles[Asin(catalog.NO_TITLE_ASIN)].title is None
    assert titles[Asin(catalog.NO_AUTHORS_ASIN)].authors == ()
    assert titles[Asin(catalog.PREORDER_ASIN)].runtime_ms is None
    assert titles[Asin(catalog.MISMATCH_ASIN)].percent_complete == 10.0
    assert titles[Asin(catalog.LAPSED_ASIN)].is_consumable is False
    assert titles[Asin(catalog.FINISHED_AT_43_ASIN)].is_finished is True


async def test_positions_come_in_calls_of_twenty_five(
    client: AudibleClient, shop: Simulator
) -> None:
    """Thirty titles need two calls; those never heard have no position."""
    asins = [title.asin for title in await client.fetch_library()][:30]
    positions = await client.fetch_positions(asins)
    assert len(shop.requests("/1.0/annotations/lastpositions")) == 2
    known = shop.shop.accounts[catalog.DEMO_EMAIL].library
    expected = {asin for asin in asins if known[asin].position_at(shop.shop.now())}
    assert set(positions) == expected
    assert Asin(catalog.UNSTARTED_ASIN) not in positions


async def test_chapters_cover_the_recording(client: AudibleClient) -> None:
    """Lengths sum to the runtime; a title without a downloadable form has none."""
    metadata = await client.fetch_metadata(SHORT)
    assert sum(part.length_ms for part in metadata.chapters) == metadata.runtime_ms
    assert metadata.codec == "mp4a.40.2"
    assert metadata.acr is not None
    with pytest.raises(AudibleNotFoundError):
        await client.fetch_metadata(Asin(catalog.WIDEVINE_ASIN))


async def test_license_holds_the_key_of_the_file(
    client: AudibleClient, shop: Simulator
) -> None:
    """The voucher decrypts to the key with which the shop encrypted the file."""
    license_ = await client.request_license(SHORT)
    title = shop.shop.titles[catalog.SHORT_ASIN]
    assert license_.drm_type is DrmType.ADRM
    assert license_.voucher is not None
    assert license_.voucher.key == title.content_key
    assert license_.voucher.iv == title.content_iv
    assert license_.content_url.startswith("https://")
    assert license_.content_url not in repr(license_)


async def test_episodes_are_not_encrypted(client: AudibleClient) -> None:
    """A podcast episode is plain MP3, without a voucher."""
    license_ = await client.request_license(Asin(catalog.EPISODE_ASIN))
    assert license_.drm_type is DrmType.MPEG
    assert license_.voucher is None


@pytest.mark.parametrize(
    ("asin", "error"),
    [
        (catalog.WIDEVINE_ASIN, LicenseFormatError),
        (catalog.THROTTLED_ASIN, LicenseThrottledError),
        (catalog.LAPSED_ASIN, LicenseDeniedError),
        (catalog.TEMPORARY_ASIN, LicenseTemporarilyDeniedError),
        (catalog.NOT_OWNED_ASIN, LicenseDeniedError),
    ],
)
async def test_refused_licenses_are_told_apart_and_asked_once(
    client: AudibleClient, shop: Simulator, asin: str, error: type[LicenseError]
) -> None:
    """Each refusal has its own error, and is never retried by itself."""
    with pytest.raises(error):
        await client.request_license(Asin(asin))
    assert len(shop.requests(f"/1.0/content/{asin}/licenserequest")) == 1


async def test_aax_is_the_other_form(client: AudibleClient, shop: Simulator) -> None:
    """A title without the newer form has an address for the older one."""
    titles = {title.asin: title for title in await client.fetch_library()}
    with pytest.raises(LicenseFormatError):
        await client.request_license(Asin(catalog.AAX_ASIN))
    url = await client.fetch_aax_url(titles[Asin(catalog.AAX_ASIN)])
    assert url.startswith("https://cds.audible.de/")
    account = shop.shop.accounts[catalog.DEMO_EMAIL]
    assert await client.fetch_activation_bytes() == account.activation_bytes


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (FaultKind.RATE_LIMIT, AudibleRateLimitError),
        (FaultKind.RATE_LIMIT_RETRY_AFTER, AudibleRateLimitError),
        (FaultKind.SERVER_ERROR_HTML, AudibleConnectionError),
        (FaultKind.UNAVAILABLE, AudibleConnectionError),
        (FaultKind.EMPTY, AudibleResponseError),
        (FaultKind.HTML, AudibleResponseError),
        (FaultKind.UNREACHABLE, AudibleConnectionError),
    ],
)
async def test_faults_become_our_errors_and_pass(
    client: AudibleClient,
    shop: Simulator,
    kind: FaultKind,
    error: type[TrackerError],
) -> None:
    """Each fault has its own error; when it is over, the client works again."""
    shop.shop.faults.append(Fault(kind))
    with pytest.raises(error) as caught:
        await client.fetch_library()
    if kind is FaultKind.RATE_LIMIT_RETRY_AFTER:
        assert isinstance(caught.value, AudibleRateLimitError)
        assert caught.value.retry_after_s == 30
    shop.shop.faults.clear()
    assert await client.fetch_library()


async def test_a_shop_that_stalls_is_given_up(
    client: AudibleClient, shop: Simulator
) -> None:
    """The caller's own time limit ends a request that is never answered."""
    shop.shop.faults.append(Fault(FaultKind.STALL))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1):
            await client.fetch_library()


async def test_a_revoked_device_has_to_sign_in_again(
    client: AudibleClient, shop: Simulator
) -> None:
    """Signed requests of a removed device are refused."""
    for device in shop.shop.devices:
        device.is_revoked = True
    with pytest.raises(AudibleAuthError):
        await client.fetch_library()


async def test_signing_out_removes_the_device(
    client: AudibleClient, shop: Simulator, signed_in: tuple[Account, Credentials]
) -> None:
    """After signing out the device is gone and its signatures are worth nothing."""
    await sign_out(signed_in[1])
    assert [device.is_revoked for device in shop.shop.devices] == [True]
    with pytest.raises(AudibleAuthError):
        await client.fetch_library()
    with pytest.raises(AudibleAuthError):
        await sign_out(signed_in[1])


async def test_damaged_credentials_ask_for_a_new_sign_in(
    signed_in: tuple[Account, Credentials],
) -> None:
    """Half a registration is none."""
    members = json.loads(signed_in[1].text)
    for text in ("", "{}", "[1]", json.dumps({**members, "adp_token": "x"})):
        with pytest.raises(AudibleAuthError):
            await AudibleClient.open(Credentials(text))


async def test_nothing_secret_is_logged_at_debug(
    signed_in: tuple[Account, Credentials],
    client: AudibleClient,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """With everything logged, no token, key or voucher appears."""
    caplog.set_level(logging.DEBUG)
    await client.fetch_library()
    license_ = await client.request_license(SHORT)
    members = json.loads(signed_in[1].text)
    secrets = [
        members["adp_token"],
        members["access_token"],
        members["refresh_token"],
        "PRIVATE KEY",
    ]
    if license_.voucher is not None:
        secrets.append(license_.voucher.key.hex())
    for secret in secrets:
        assert secret not in caplog.text
    assert license_.voucher is not None
