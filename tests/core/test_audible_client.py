"""The client against the simulated shop, through the real library and real TLS."""

import asyncio
import json
import logging
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from audible_core.audible import requests
from audible_core.audible.auth import SignIn, complete_sign_in, sign_out
from audible_core.audible.client import AudibleClient
from audible_core.audible.connection import check_status
from audible_core.audible.pace import Pace
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

from tests.core.conftest import PER_MINUTE
from tests.simulator import Simulator, catalog
from tests.simulator.extra_titles import add_extra_titles
from tests.simulator.faults import Fault, FaultKind
from tests.simulator.shop import OwnedTitle, Wish

SHORT = Asin(catalog.SHORT_ASIN)


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
    library = await client.fetch_library()
    titles = {title.asin: title for title in library.titles}
    assert library.requests == 1
    assert len(titles) >= 30
    assert len(shop.requests("/1.0/library")) == 1
    assert titles[Asin(catalog.NO_TITLE_ASIN)].title is None
    assert titles[Asin(catalog.NO_AUTHORS_ASIN)].authors == ()
    assert titles[Asin(catalog.PREORDER_ASIN)].runtime_ms is None
    assert titles[Asin(catalog.MISMATCH_ASIN)].percent_complete == 10.0
    assert titles[Asin(catalog.LAPSED_ASIN)].is_consumable is False
    assert titles[Asin(catalog.FINISHED_AT_43_ASIN)].is_finished is True


async def test_library_whose_pages_end_too_early_is_called_short(
    client: AudibleClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Audible tells how many titles there are; a page that lacks shows."""
    monkeypatch.setattr(requests, "LIBRARY_PAGE_SIZE", 10)
    whole = await client.fetch_library()
    get = client._connection.get

    async def get_without_more(path: str, parameters: dict[str, str]) -> httpx.Response:
        answer = await get(path, parameters)
        answer.headers.pop("Continuation-Token")
        return answer

    monkeypatch.setattr(client._connection, "get", get_without_more)
    part = await client.fetch_library()
    assert (False, True) == (whole.is_short, part.is_short)
    assert 10 == len(part.titles) < len(whole.titles)


async def test_positions_come_in_calls_of_twenty_five(
    client: AudibleClient, shop: Simulator
) -> None:
    """Thirty titles need two calls; those never heard have no position."""
    library = await client.fetch_library()
    asins = [title.asin for title in library.titles][:30]
    positions = await client.fetch_positions(asins)
    assert len(shop.requests("/1.0/annotations/lastpositions")) == 2
    known = shop.shop.accounts[catalog.DEMO_EMAIL].library
    expected = {asin for asin in asins if known[asin].position_at(shop.shop.now())}
    assert set(positions) == expected
    assert Asin(catalog.UNSTARTED_ASIN) not in positions


async def test_the_longest_question_about_positions_is_short_enough(
    client: AudibleClient, shop: Simulator
) -> None:
    """Twenty-five titles in one parameter stay below its limit of 500 characters."""
    await client.fetch_positions([Asin(f"B0{number:08d}") for number in range(25)])
    (asked,) = shop.requests("/1.0/annotations/lastpositions")
    assert len(asked.query) < 500


async def test_a_large_library_comes_in_pages_of_a_thousand(
    client: AudibleClient, shop: Simulator
) -> None:
    """Every title once, one request per thousand, the token of the first page."""
    account = shop.shop.accounts[catalog.DEMO_EMAIL]
    add_extra_titles(shop.shop, account, 2_000)
    library = await client.fetch_library()
    asins = {title.asin for title in library.titles}
    assert (2_043, 2_043, 3) == (len(library.titles), len(asins), library.requests)
    assert library.state_token is not None


async def test_a_delta_tells_what_came_and_went(
    client: AudibleClient, shop: Simulator
) -> None:
    """From the token of the library on, and then from its own."""
    token = (await client.fetch_library()).state_token
    assert token is not None
    library = shop.shop.accounts[catalog.DEMO_EMAIL].library
    shop.shop.advance(1)
    bought = shop.shop.titles[catalog.NOT_OWNED_ASIN]
    library[bought.asin] = OwnedTitle(bought, shop.shop.now(), shop.shop.now())
    library[catalog.UNDER_WAY_ASIN].status = "Revoked"
    library[catalog.UNDER_WAY_ASIN].changed_at = shop.shop.now()
    shop.shop.advance(1)

    delta = await client.fetch_library_delta(token)
    assert [catalog.NOT_OWNED_ASIN] == [title.asin for title in delta.titles]
    assert {catalog.UNDER_WAY_ASIN} == delta.revoked
    assert delta.requests == 1

    shop.shop.advance(1)
    later = await client.fetch_library_delta(delta.state_token)
    assert ((), frozenset()) == (later.titles, later.revoked)


async def test_a_token_of_zero_is_none(client: AudibleClient, shop: Simulator) -> None:
    """Then nothing can be asked from there on; a delta goes on from its own token."""
    token = (await client.fetch_library()).state_token
    assert token is not None
    shop.shop.settings.has_state_tokens = False
    assert (await client.fetch_library()).state_token is None
    assert (await client.fetch_library_delta(token)).state_token == token


async def test_a_large_delta_comes_in_pages(
    client: AudibleClient, shop: Simulator
) -> None:
    """All pages are of the same question."""
    token = (await client.fetch_library()).state_token
    assert token is not None
    shop.shop.advance(1)
    account = shop.shop.accounts[catalog.DEMO_EMAIL]
    add_extra_titles(shop.shop, account, 1_001)
    delta = await client.fetch_library_delta(token)
    assert (1_001, 2) == (len(delta.titles), delta.requests)


async def test_one_title_is_found_or_not_owned(
    client: AudibleClient, shop: Simulator
) -> None:
    """A title that came without a name has it when asked for; others are None."""
    asin = Asin(catalog.UNDER_WAY_ASIN)
    owned = shop.shop.accounts[catalog.DEMO_EMAIL].library[asin]
    owned.hollow_answers = 1
    (hollow,) = [
        title for title in (await client.fetch_library()).titles if title.asin == asin
    ]
    found = await client.fetch_title(asin)
    assert hollow.title is None
    assert found is not None
    assert (asin, "Pride and Prejudice") == (found.asin, found.title)

    owned.status = "Revoked"
    assert await client.fetch_title(asin) is None
    assert await client.fetch_title(Asin(catalog.NOT_OWNED_ASIN)) is None


async def test_a_written_position_shows_after_a_while(
    client: AudibleClient, shop: Simulator
) -> None:
    """With the name of the recording; with another one nothing ever shows."""
    asin = Asin(catalog.UNSTARTED_ASIN)
    acr = (await client.fetch_metadata(asin)).acr
    assert acr is not None
    found = []
    for name, place in (("CR!WRONG", 60_000), (acr, 90_000)):
        await client.write_position(asin, name, place)
        found.append(await client.fetch_positions([asin]))
        shop.shop.advance(3)
        found.append(await client.fetch_positions([asin]))
    assert [{}, {}, {}] == found[:3]
    assert 90_000 == found[3][asin].position_ms


async def test_days_are_told_once_though_windows_overlap(
    client: AudibleClient, shop: Simulator
) -> None:
    """Three windows: no day twice, none without a name, equal to what was heard."""
    today = shop.shop.now().date()
    first = today - timedelta(days=89)
    days = await client.fetch_listening_days(first, 90)
    heard = {
        entry.day.isoformat(): int(entry.listened_ms)
        for entry in shop.shop.accounts[catalog.DEMO_EMAIL].heard
        if entry.day >= first and entry.markets and "de" in entry.markets
    }
    assert heard == {day.identifier: day.listened_ms for day in days if day.listened_ms}
    assert 90 == len(days) == len({day.identifier for day in days})
    assert 3 == len(shop.requests("/1.0/stats/aggregates"))


async def test_wishlist_is_read_page_by_page(
    client: AudibleClient, shop: Simulator
) -> None:
    """Pages count from zero; what is put on the list and taken off is so there."""
    account = shop.shop.accounts[catalog.DEMO_EMAIL]
    known = next(iter(shop.shop.titles.values()))
    some = [replace(known, asin=f"B0WISH{number:04}") for number in range(52)]
    now = shop.shop.now()
    account.wishes = [
        Wish(title, now - timedelta(minutes=age)) for age, title in enumerate(some)
    ]

    found = await client.fetch_wishlist()

    assert [title.asin for title in some] == [wish.asin for wish in found]
    assert 2 == len(shop.requests("/1.0/wishlist"))
    account.wishes.clear()
    asin = Asin(known.asin)
    await client.add_wish(asin)
    assert [asin] == [wish.asin for wish in await client.fetch_wishlist()]
    await client.remove_wish(asin)
    await client.remove_wish(asin)
    assert () == await client.fetch_wishlist()


async def test_every_request_waits_for_its_turn(
    signed_in: tuple[Account, Credentials], shop: Simulator
) -> None:
    """Pages count; clients of one process share the pace."""
    account = shop.shop.accounts[catalog.DEMO_EMAIL]
    add_extra_titles(shop.shop, account, 1_000)
    pace = Pace(PER_MINUTE)
    turns = 0
    wait_turn = pace.wait_turn

    async def counted() -> None:
        nonlocal turns
        turns += 1
        await wait_turn()

    pace.wait_turn = counted  # type: ignore[method-assign]
    for _ in range(2):
        async with await AudibleClient.open(signed_in[1], pace) as client:
            await client.fetch_library()
            await client.fetch_positions([Asin(f"B9{n:08d}") for n in range(26)])
            await client.fetch_metadata(SHORT)
            await client.request_license(SHORT)
            await client.fetch_activation_bytes()
    assert (
        14
        == turns
        == sum(request.status == 200 for request in shop.requests("/1.0/")) + 2
    )


async def test_chapters_cover_the_recording(client: AudibleClient) -> None:
    """Lengths sum to the runtime; what has no recording has no chapters."""
    metadata = await client.fetch_metadata(SHORT)
    assert sum(part.length_ms for part in metadata.chapters) == metadata.runtime_ms
    assert metadata.codec == "mp4a.40.2"
    assert metadata.acr is not None
    with pytest.raises(AudibleNotFoundError):
        await client.fetch_metadata(Asin(catalog.PREORDER_ASIN))


@pytest.mark.parametrize("asin", [catalog.WIDEVINE_ASIN, catalog.EPISODE_ASIN])
async def test_recording_is_named_where_no_download_exists(
    client: AudibleClient, shop: Simulator, asin: str
) -> None:
    """A place can be written for titles that can only be streamed; no license."""
    metadata = await client.fetch_metadata(Asin(asin))
    title = shop.shop.titles[asin]
    assert (title.acr, title.version, ()) == (
        metadata.acr,
        metadata.version,
        metadata.chapters,
    )
    assert shop.shop.accounts[catalog.DEMO_EMAIL].grants == []


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
    library = await client.fetch_library()
    titles = {title.asin: title for title in library.titles}
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
    assert (await client.fetch_library()).titles


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
    with pytest.raises(AudibleAuthError):
        await client.fetch_activation_bytes()


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (FaultKind.RATE_LIMIT, AudibleRateLimitError),
        (FaultKind.EMPTY, AudibleResponseError),
        (FaultKind.HTML, AudibleResponseError),
    ],
)
async def test_activation_bytes_that_do_not_come_are_no_refused_sign_in(
    client: AudibleClient, shop: Simulator, kind: FaultKind, error: type[TrackerError]
) -> None:
    """Each fault has its own error here, too."""
    shop.shop.faults.append(Fault(kind))
    with pytest.raises(error):
        await client.fetch_activation_bytes()


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
            await AudibleClient.open(Credentials(text), Pace(PER_MINUTE))


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


def test_busy_service_that_says_until_when_is_left_alone_until_then() -> None:
    """Of one that only says that it is busy nothing is known but that."""
    unavailable = httpx.codes.SERVICE_UNAVAILABLE
    with pytest.raises(AudibleRateLimitError) as caught:
        check_status(
            httpx.Response(unavailable, headers={"Retry-After": "120"}), what="it"
        )
    assert 120 == caught.value.retry_after_s
    with pytest.raises(AudibleConnectionError):
        check_status(httpx.Response(unavailable), what="it")
