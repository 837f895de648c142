"""Signing in: the page, the landing address, the code, the registration."""

import dataclasses
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.simulator import Simulator
from tests.simulator.browser import SignInFailedError
from tests.simulator.catalog import OTHER_EMAIL
from tests.simulator.markets import MARKETS, Market

from .phone import Phone


class Inputs(HTMLParser):
    """Collects the names of the visible inputs of a page."""

    def __init__(self) -> None:
        """Start with none."""
        super().__init__()
        self.names: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take one."""
        given = dict(attrs)
        if tag == "input" and given.get("type") != "hidden":
            self.names.append(given.get("name") or "")


async def test_sign_in_page_has_a_form_and_says_what_it_is(guest: Phone) -> None:
    """A browser finds email and password, and words that this is no real shop."""
    reply = await guest.send("GET", guest.sign_in_url())
    inputs = Inputs()
    inputs.feed(reply.body.decode())
    assert (200, ["email", "password"]) == (reply.status, inputs.names)
    assert "text/html; charset=utf-8" == reply.headers["Content-Type"]
    assert b"Simulated shop" in reply.body


async def test_wrong_password_shows_a_message(guest: Phone) -> None:
    """A wrong password leads back to the form, with a message and the email kept."""
    fields = guest.sign_in_fields() | {"email": "anna@example.com", "password": "no"}
    body = b"&".join(
        f"{name}={value}".replace("#", "%23").encode() for name, value in fields.items()
    )
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    url = guest.sign_in_url().partition("?")[0]
    reply = await guest.send("POST", url, body=body, headers=headers)
    assert 200 == reply.status
    assert b"Your password is incorrect" in reply.body
    assert b'value="anna@example.com"' in reply.body


async def test_unknown_customer_is_refused(guest: Phone, simulator: Simulator) -> None:
    """Nobody signs in with an address the shop does not know."""
    with pytest.raises(SignInFailedError):
        await simulator.sign_in(guest.sign_in_url(), email="carl@example.com")


async def test_landing_page_is_not_found(guest: Phone) -> None:
    """The browser ends on an error page, with the code in its address."""
    address = await guest.simulator.sign_in(guest.sign_in_url())
    reply = await guest.send("GET", address)
    assert 404 == reply.status
    assert address.startswith("https://www.amazon.de/ap/maplanding?openid.")
    assert parse_qs(urlsplit(address).query)["openid.oa2.authorization_code"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("marketPlaceId", "AF2M0KC94RCEA"),
        ("openid.return_to", "https://www.amazon.com/ap/maplanding"),
        ("openid.oa2.code_challenge", "short"),
        ("openid.oa2.client_id", "device:00"),
        ("openid.oa2.response_type", "token"),
    ],
)
async def test_wrong_sign_in_address_shows_no_form(
    guest: Phone, name: str, value: str
) -> None:
    """An address that does not fit its own host or flow is an error page."""
    reply = await guest.send("GET", guest.sign_in_url(**{name: value}))
    assert 404 == reply.status
    assert b"<form" not in reply.body


async def test_registration_hands_out_a_real_key(phone: Phone) -> None:
    """The registration carries a 2048-bit key and tokens of the known shapes."""
    tokens = phone.tokens
    pem = tokens["mac_dms"]["device_private_key"]
    key = serialization.load_pem_private_key(pem.encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    assert 2048 == key.key_size
    assert tokens["bearer"]["access_token"].startswith("Atna|")
    assert tokens["bearer"]["refresh_token"].startswith("Atnr|")
    assert "3600" == tokens["bearer"]["expires_in"]
    assert "Anna's Audible for iPhone" == device_name(phone)


async def test_second_device_is_counted_in_its_name(phone: Phone) -> None:
    """The second registration of a customer is called the second."""
    other = dataclasses.replace(phone, serial="second-device")
    await other.sign_in()
    assert "Anna's 2nd Audible for iPhone" == device_name(other)


async def test_code_is_good_for_one_registration(guest: Phone) -> None:
    """A second use of a code is refused."""
    code = await guest.authorization_code()
    first, second = await guest.register(code), await guest.register(code)
    error = second.json["response"]["error"]["code"]
    assert (200, 400, "InvalidToken") == (first.status, second.status, error)


async def test_code_expires(guest: Phone) -> None:
    """A code is good for minutes only."""
    code = await guest.authorization_code()
    guest.simulator.shop.advance(301)
    assert 400 == (await guest.register(code)).status


async def test_verifier_must_match_the_challenge(guest: Phone) -> None:
    """Only who knows the verifier can use a code."""
    code = await guest.authorization_code()
    assert 400 == (await guest.register(code, code_verifier="other")).status


async def test_serial_must_be_the_one_of_the_sign_in(guest: Phone) -> None:
    """A code belongs to the device it was asked for."""
    code = await guest.authorization_code()
    other = dataclasses.replace(guest, serial="another")
    assert 400 == (await other.register(code)).status


async def test_code_of_another_country_is_refused(guest: Phone) -> None:
    """A code is redeemed where it was issued."""
    code = await guest.authorization_code()
    abroad = dataclasses.replace(guest, market=MARKETS[0])
    assert 400 == (await abroad.register(code)).status


@pytest.mark.parametrize("market", MARKETS, ids=lambda market: market.country_code)
async def test_every_market_signs_in(guest: Phone, market: Market) -> None:
    """All eleven countries have a sign-in page and a landing page."""
    traveller = dataclasses.replace(guest, market=market)
    address = await guest.simulator.sign_in(traveller.sign_in_url())
    assert f"www.amazon.{market.domain}" == urlsplit(address).netloc


async def test_other_customer_is_another_person(guest: Phone) -> None:
    """The second demo customer has an id and a library of his own."""
    address = await guest.simulator.sign_in(guest.sign_in_url(), email=OTHER_EMAIL)
    query = parse_qs(urlsplit(address).query)
    reply = await guest.register(query["openid.oa2.authorization_code"][0])
    guest.registration = reply.json["response"]["success"]
    library = (await guest.api("GET", "/1.0/library")).json["items"]
    assert ("Ben Sample", 4) == (customer(guest)["name"], len(library))


def device_name(phone: Phone) -> str:
    """Return the name the shop gave to the device."""
    return str(phone.registration["extensions"]["device_info"]["device_name"])


def customer(phone: Phone) -> dict[str, str]:
    """Return who the registration belongs to."""
    return dict(phone.registration["extensions"]["customer_info"])
