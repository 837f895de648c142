"""A small client of its own, so that the shop is not only tested by one library."""

import base64
import hashlib
import json
import secrets
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import aiohttp
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from yarl import URL

from tests.simulator import Simulator
from tests.simulator.markets import Market, market_by_code
from tests.simulator.shop import DEVICE_TYPE

AGENT = "Audible/671 CFNetwork/1240.0.4 Darwin/20.6.0"
OPENID = "http://specs.openid.net/auth/2.0"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that has been read."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """Return the body as JSON."""
        return json.loads(self.body)

    @property
    def message(self) -> str:
        """Return the message of an error."""
        return str(self.json["message"])


@dataclass(slots=True)
class Phone:
    """A client with one registration at most."""

    simulator: Simulator
    session: aiohttp.ClientSession
    market: Market
    serial: str = field(default_factory=lambda: secrets.token_hex(20))
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    registration: dict[str, Any] = field(default_factory=dict)

    @classmethod
    @asynccontextmanager
    async def switched_on(
        cls, simulator: Simulator, country_code: str = "de"
    ) -> AsyncIterator[Phone]:
        """Yield a phone that reaches the shop through its proxy."""
        context = ssl.create_default_context(cafile=str(simulator.ca_path))
        # Python's own servers check this by default only since 3.13.
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        async with aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=context),
            proxy=simulator.proxy_url,
            headers={"User-Agent": AGENT},
        ) as session:
            yield cls(simulator, session, market_by_code(country_code))

    @property
    def client_id(self) -> str:
        """Return the hexadecimal name of the device."""
        return f"{self.serial}#{DEVICE_TYPE}".encode().hex()

    @property
    def tokens(self) -> dict[str, Any]:
        """Return what the registration handed out."""
        return dict(self.registration["tokens"])

    def sign_in_fields(self) -> dict[str, str]:
        """Return the parameters of the sign-in address."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return {
            "openid.oa2.response_type": "code",
            "openid.oa2.code_challenge_method": "S256",
            "openid.oa2.code_challenge": base64.urlsafe_b64encode(digest).decode()[:43],
            "openid.return_to": f"https://www.amazon.{self.market.domain}/ap/maplanding",
            "openid.assoc_handle": f"amzn_audible_ios_{self.market.country_code}",
            "openid.identity": f"{OPENID}/identifier_select",
            "openid.claimed_id": f"{OPENID}/identifier_select",
            "openid.mode": "checkid_setup",
            "openid.oa2.client_id": f"device:{self.client_id}",
            "openid.ns": OPENID,
            "openid.oa2.scope": "device_auth_access",
            "marketPlaceId": self.market.marketplace_id,
        }

    def sign_in_url(self, **changes: str) -> str:
        """Return the sign-in address, with fields changed."""
        fields = urlencode(self.sign_in_fields() | changes)
        return f"https://www.amazon.{self.market.domain}/ap/signin?{fields}"

    async def authorization_code(self) -> str:
        """Sign in with a browser; return the code of the landing address."""
        address = await self.simulator.sign_in(self.sign_in_url())
        query = parse_qs(urlsplit(address).query)
        return query["openid.oa2.authorization_code"][0]

    async def register(self, code: str, **changes: str) -> Reply:
        """Ask for a registration; `changes` are members of auth_data."""
        proof = {
            "client_id": self.client_id,
            "authorization_code": code,
            "code_verifier": self.verifier,
            "code_algorithm": "SHA-256",
            "client_domain": "DeviceLegacy",
        }
        body = {
            "requested_token_type": ["bearer", "mac_dms", "website_cookies"],
            "registration_data": {
                "device_serial": self.serial,
                "device_type": DEVICE_TYPE,
            },
            "auth_data": proof | changes,
        }
        url = f"https://api.amazon.{self.market.domain}/auth/register"
        return await self.send("POST", url, body=json.dumps(body).encode())

    async def sign_in(self) -> None:
        """Sign in and register."""
        reply = await self.register(await self.authorization_code())
        assert 200 == reply.status, reply.body
        self.registration = reply.json["response"]["success"]

    async def send(
        self,
        method: str,
        url: str,
        *,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        proxy: str | None = None,
    ) -> Reply:
        """Send a request as it is."""
        async with self.session.request(
            method,
            URL(url, encoded=True),
            data=body or None,
            headers=headers,
            allow_redirects=False,
            proxy=proxy,
        ) as response:
            return Reply(response.status, response.headers, await response.read())

    async def api(
        self, method: str, path: str, *, body: object = None, **query: object
    ) -> Reply:
        """Send a signed request to the market's API."""
        url = f"https://api.audible.{self.market.domain}{path}"
        return await self.signed(method, with_query(url, query), body=body)

    async def signed(self, method: str, url: str, *, body: object = None) -> Reply:
        """Send a signed request to any host."""
        data = b"" if body is None else json.dumps(body).encode()
        return await self.send(
            method, url, body=data, headers=self.signature(method, url, data)
        )

    async def bearer(self, method: str, url: str, *, body: bytes = b"") -> Reply:
        """Send a request with the access token."""
        token = self.tokens["bearer"]["access_token"]
        headers = {"x-amz-access-token": token}
        return await self.send(method, url, body=body, headers=headers)

    def signature(self, method: str, url: str, body: bytes = b"") -> dict[str, str]:
        """Return the headers that sign a request."""
        parts = urlsplit(url)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        date = datetime.now(UTC).isoformat() + "Z"
        adp_token = self.tokens["mac_dms"]["adp_token"]
        text = f"{method}\n{path}\n{date}\n{body.decode()}\n{adp_token}"
        pem = self.tokens["mac_dms"]["device_private_key"].encode()
        # Checking the primes each time would take longer than all the rest.
        key = serialization.load_pem_private_key(
            pem, None, unsafe_skip_rsa_key_validation=True
        )
        assert isinstance(key, rsa.RSAPrivateKey)
        signed = key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
        return {
            "x-adp-token": adp_token,
            "x-adp-alg": "SHA256withRSA:1.0",
            "x-adp-signature": f"{base64.b64encode(signed).decode()}:{date}",
        }

    async def control(self, method: str, path: str, **body: object) -> Reply:
        """Send a request to the control address, which needs no proxy."""
        async with (
            aiohttp.ClientSession() as session,
            session.request(
                method, self.simulator.control_url + path, json=body or None
            ) as response,
        ):
            return Reply(response.status, response.headers, await response.read())


def with_query(url: str, query: Mapping[str, object]) -> str:
    """Return the address with a query."""
    return f"{url}?{urlencode(query)}" if query else url
