"""Proof of who asks: signatures are really verified, tokens expire."""

import pytest

from tests.simulator.signing import REFUSED

from .phone import Phone

LIBRARY = "https://api.audible.de/1.0/library?num_results=1"


async def test_signed_request_is_accepted_at_any_market(phone: Phone) -> None:
    """The host is no part of what is signed."""
    headers = phone.signature("GET", LIBRARY)
    here = await phone.send("GET", LIBRARY, headers=headers)
    abroad = await phone.send(
        "GET", LIBRARY.replace(".de/", ".co.jp/"), headers=headers
    )
    assert (200, 200) == (here.status, abroad.status)


@pytest.mark.parametrize("header", ["x-adp-token", "x-adp-signature", "x-adp-alg"])
async def test_flipped_byte_in_a_header_is_refused(phone: Phone, header: str) -> None:
    """One wrong character is enough."""
    headers = phone.signature("GET", LIBRARY)
    value = headers[header]
    headers[header] = value[:5] + ("A" if value[5] != "A" else "B") + value[6:]
    reply = await phone.send("GET", LIBRARY, headers=headers)
    assert (403, REFUSED) == (reply.status, reply.message)


async def test_changed_date_is_refused(phone: Phone) -> None:
    """The date is signed too."""
    headers = phone.signature("GET", LIBRARY)
    signature, _, date = headers["x-adp-signature"].partition(":")
    headers["x-adp-signature"] = f"{signature}:{date.replace('T', ' ')}"
    assert 403 == (await phone.send("GET", LIBRARY, headers=headers)).status


@pytest.mark.parametrize(
    "url", [f"{LIBRARY}0", LIBRARY.replace("library", "library/X"), LIBRARY + "&a=b"]
)
async def test_changed_path_or_query_is_refused(phone: Phone, url: str) -> None:
    """A signature is good for one path and query."""
    headers = phone.signature("GET", LIBRARY)
    assert 403 == (await phone.send("GET", url, headers=headers)).status


async def test_changed_body_is_refused(phone: Phone) -> None:
    """A signature is good for one body."""
    url = "https://api.audible.de/1.0/lastpositions/B0PRIDEPRJ"
    headers = phone.signature("PUT", url, b'{"position_ms": 1}')
    reply = await phone.send("PUT", url, body=b'{"position_ms": 2}', headers=headers)
    assert 403 == reply.status


async def test_changed_method_is_refused(phone: Phone) -> None:
    """A signature is good for one method."""
    headers = phone.signature("POST", LIBRARY)
    assert 403 == (await phone.send("GET", LIBRARY, headers=headers)).status


async def test_nothing_proves_nothing(guest: Phone) -> None:
    """Without any proof a request is refused."""
    assert 403 == (await guest.send("GET", LIBRARY)).status


async def test_wrong_clock_is_refused_when_the_shop_checks(phone: Phone) -> None:
    """The tolerance of the clock can be switched on."""
    headers = phone.signature("GET", LIBRARY)
    phone.simulator.shop.settings.clock_tolerance_s = 0.0
    assert 403 == (await phone.send("GET", LIBRARY, headers=headers)).status


async def test_access_token_is_accepted_until_it_expires(phone: Phone) -> None:
    """A bearer may read for an hour."""
    before = await phone.bearer("GET", LIBRARY)
    phone.simulator.shop.advance(3601)
    after = await phone.bearer("GET", LIBRARY)
    assert (200, 401) == (before.status, after.status)


async def test_old_client_id_header_is_refused(phone: Phone) -> None:
    """The way older clients sent their token is a bad request."""
    headers = {"Authorization": "Bearer x", "client-id": "0"}
    reply = await phone.send("GET", LIBRARY, headers=headers)
    expected = "token does not correspond to the specified Client-ID"
    assert (400, expected) == (reply.status, reply.message)


async def test_sidecar_refuses_a_bearer(phone: Phone) -> None:
    """Where signing is needed, a token is not enough."""
    url = "https://cde-ta-g7g.amazon.com/FionaCDEServiceEngine/sidecar?key=B0PRIDEPRJ"
    bearer, signed = await phone.bearer("GET", url), await phone.signed("GET", url)
    assert (403, 200) == (bearer.status, signed.status)


async def test_refresh_gives_a_new_access_token(phone: Phone) -> None:
    """The refresh token stays and yields access tokens."""
    phone.simulator.shop.advance(3601)
    reply = await refresh(phone)
    assert (3600, "bearer") == (reply["expires_in"], reply["token_type"])
    phone.registration["tokens"]["bearer"]["access_token"] = reply["access_token"]
    assert 200 == (await phone.bearer("GET", LIBRARY)).status


async def test_refresh_can_answer_in_the_newer_form(phone: Phone) -> None:
    """Newer sign-ins get tokens of other names."""
    phone.simulator.shop.settings.token_form = "actor"
    reply = await refresh(phone)
    names = {"actor_access_token", "actor_refresh_token", "expires_in", "token_type"}
    assert names == set(reply)


async def test_deregistration_ends_everything_but_its_access_token(
    phone: Phone,
) -> None:
    """Signing and refreshing end at once, the token that was used does not."""
    url = "https://api.amazon.de/auth/deregister"
    body = b'{"deregister_all_existing_accounts": false}'
    reply = await phone.bearer("POST", url, body=body)
    signed, bearer = await phone.signed("GET", LIBRARY), await phone.bearer("GET", url)
    assert (200, 403, REFUSED) == (reply.status, signed.status, signed.message)
    assert 405 == bearer.status
    assert 200 == (await phone.bearer("GET", LIBRARY)).status
    assert "invalid_grant" == (await refresh(phone))["error"]


async def test_deregistration_needs_a_live_access_token(phone: Phone) -> None:
    """An expired token ends nothing."""
    phone.simulator.shop.advance(3601)
    reply = await phone.bearer("POST", "https://api.amazon.de/auth/deregister")
    assert 401 == reply.status
    assert 200 == (await phone.signed("GET", LIBRARY)).status


async def test_removed_device_is_refused(phone: Phone) -> None:
    """A device the user removed on the web page is locked out."""
    await phone.control("POST", "/devices/revoke")
    reply = await phone.signed("GET", LIBRARY)
    assert (403, REFUSED) == (reply.status, reply.message)


async def test_profile_names_the_customer(phone: Phone) -> None:
    """The profile is read with the access token."""
    reply = await phone.bearer("GET", "https://api.amazon.de/user/profile")
    user_id = phone.registration["extensions"]["customer_info"]["user_id"]
    expected = {"user_id": user_id, "name": "Anna Example", "email": "anna@example.com"}
    assert expected == reply.json


async def refresh(phone: Phone) -> dict[str, object]:
    """Ask for a new access token."""
    token = phone.tokens["bearer"]["refresh_token"].replace("|", "%7C")
    body = f"source_token={token}&source_token_type=refresh_token".encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    url = "https://api.amazon.de/auth/token"
    reply = await phone.send("POST", url, body=body, headers=headers)
    return dict(reply.json)
