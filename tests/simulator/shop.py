"""The state of the simulated shop: customers, devices, libraries, licenses, faults.

Plain data. Tests may change all of it directly.
"""

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Final, Literal
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric import rsa

from .faults import Fault
from .titles import Title

DEVICE_TYPE: Final = "A2CZJZGLK2JJVM"


@dataclass(slots=True)
class Position:
    """Where listening stands; readers see it from `visible_at` on."""

    position_ms: int
    updated_at: datetime
    visible_at: datetime


@dataclass(slots=True)
class OwnedTitle:
    """A title in one customer's library.

    `markets` holds country codes; None means every market. `top_percent_complete` is
    the member at the top of an item, which may disagree with the listening status.
    The next `hollow_answers` answers lack the names of title and people. `leaves_at` is
    when a Plus title leaves the catalogue, once that is known.
    """

    title: Title
    purchased_at: datetime
    changed_at: datetime
    status: Literal["Active", "Revoked"] = "Active"
    percent_complete: float = 0.0
    top_percent_complete: float | None = None
    is_finished: bool = False
    status_changed_at: datetime | None = None
    positions: list[Position] = field(default_factory=list)
    markets: frozenset[str] | None = None
    hollow_answers: int = 0
    leaves_at: datetime | None = None

    def is_in(self, country_code: str) -> bool:
        """Tell whether the library of a market holds the title."""
        return self.markets is None or country_code in self.markets

    def position_at(self, now: datetime) -> Position | None:
        """Return the newest position a reader sees now."""
        seen = [position for position in self.positions if position.visible_at <= now]
        return seen[-1] if seen else None


@dataclass(slots=True)
class StatusChange:
    """What a player has told, and the library shows from `visible_at` on."""

    owned: OwnedTitle
    visible_at: datetime
    percent_complete: float | None = None
    is_finished: bool | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard on a day. `markets` as in an owned title."""

    day: date
    listened_ms: float
    markets: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """A title on the wishlist."""

    title: Title
    added_at: datetime


@dataclass(slots=True)
class Grant:
    """A license that was given."""

    asin: str
    license_id: str
    granted_at: datetime


@dataclass(slots=True)
class Account:
    """A customer with one library."""

    email: str
    password: str
    name: str
    user_id: str
    customer_number: str
    activation_bytes: bytes
    library: dict[str, OwnedTitle] = field(default_factory=dict)
    heard: list[Heard] = field(default_factory=list)
    wishes: list[Wish] = field(default_factory=list)
    grants: list[Grant] = field(default_factory=list)

    @property
    def given_name(self) -> str:
        """Return the first name."""
        return self.name.split()[0]


@dataclass(slots=True)
class Device:
    """A registered virtual device and everything issued to it."""

    account: Account
    serial: str
    name: str
    country_code: str
    adp_token: str
    public_key: rsa.RSAPublicKey
    refresh_token: str
    access_tokens: dict[str, datetime] = field(default_factory=dict)
    is_revoked: bool = False
    is_throttled: bool = False


@dataclass(slots=True)
class AuthorizationCode:
    """What the landing page hands out: good for one registration."""

    code: str
    account: Account
    challenge: str
    client_id: str
    domain: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """One request the shop received, with the status it answered."""

    host: str
    method: str
    path: str
    query: str
    status: int


@dataclass(slots=True)
class Settings:
    """What a test may set to other than the usual values."""

    propagation_delay_s: float = 3.0
    finished_delay_s: float = 6.0
    percent_delay_s: float = 15.0
    access_token_life_s: int = 3600
    code_life_s: int = 300
    content_address_life_s: int = 4 * 3600
    content_kbit_per_s: int | None = None
    license_threshold: int | None = None
    head_delay_s: float = 60.0
    token_form: Literal["legacy", "actor"] = "legacy"
    clock_tolerance_s: float | None = None
    has_state_tokens: bool = True


@dataclass(slots=True)
class Shop:
    """Everything the shop remembers."""

    titles: dict[str, Title]
    accounts: dict[str, Account]
    devices: list[Device] = field(default_factory=list)
    codes: dict[str, AuthorizationCode] = field(default_factory=dict)
    status_changes: list[StatusChange] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    requests: list[RecordedRequest] = field(default_factory=list)
    settings: Settings = field(default_factory=Settings)
    clock_offset: timedelta = timedelta()
    content_secret: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    content_bytes_sent: int = 0
    content_line_free_at: float = 0.0

    def now(self) -> datetime:
        """Return the shop's time."""
        return datetime.now(UTC) + self.clock_offset

    def advance(self, seconds: float) -> None:
        """Let time pass in the shop, so that tests need not wait."""
        self.clock_offset += timedelta(seconds=seconds)

    def issue_code(
        self, account: Account, *, challenge: str, client_id: str, domain: str
    ) -> str:
        """Return a fresh authorization code."""
        code = "AN" + secrets.token_hex(10)
        expires_at = self.now() + timedelta(seconds=self.settings.code_life_s)
        self.codes[code] = AuthorizationCode(
            code, account, challenge, client_id, domain, expires_at
        )
        return code

    def redeem_code(
        self, code: str, *, verifier: str, client_id: str, domain: str
    ) -> Account | None:
        """Return the customer of a code, which is used up by the attempt."""
        issued = self.codes.pop(code, None)
        if issued is None or issued.expires_at <= self.now():
            return None
        digest = hashlib.sha256(verifier.encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        expected = (issued.challenge, issued.client_id, issued.domain)
        return issued.account if expected == (challenge, client_id, domain) else None

    def add_device(
        self,
        account: Account,
        *,
        serial: str,
        country_code: str,
        public_key: rsa.RSAPublicKey,
    ) -> Device:
        """Register a device; the same serial replaces its earlier registration."""
        for known in self.devices:
            if known.serial == serial and known.account is account:
                known.is_revoked = True
        device = Device(
            account=account,
            serial=serial,
            name=self._device_name(account),
            country_code=country_code,
            adp_token=_adp_token(),
            public_key=public_key,
            refresh_token="Atnr|" + secrets.token_urlsafe(180),
        )
        self.devices.append(device)
        return device

    def issue_access_token(self, device: Device) -> str:
        """Return a fresh access token of the device."""
        token = "Atna|" + secrets.token_urlsafe(180)
        life = timedelta(seconds=self.settings.access_token_life_s)
        device.access_tokens[token] = self.now() + life
        return token

    def device_of_adp_token(self, adp_token: str) -> Device | None:
        """Return the registered device a signature names."""
        live = (device for device in self.devices if not device.is_revoked)
        return next((known for known in live if known.adp_token == adp_token), None)

    def device_of_refresh_token(self, refresh_token: str) -> Device | None:
        """Return the registered device of a refresh token."""
        live = (device for device in self.devices if not device.is_revoked)
        return next(
            (known for known in live if known.refresh_token == refresh_token), None
        )

    def device_of_access_token(self, token: str) -> Device | None:
        """Return the device of an access token that has not expired.

        An access token outlives its registration until it expires.
        """
        for device in self.devices:
            expires_at = device.access_tokens.get(token)
            if expires_at and expires_at > self.now():
                return device
        return None

    def move_position(
        self,
        owned: OwnedTitle,
        position_ms: int,
        *,
        delay_s: float = 0.0,
        at: datetime | None = None,
    ) -> None:
        """Set where listening stands since an instant; seen after the delay."""
        now = self.now()
        visible_at = now + timedelta(seconds=delay_s)
        owned.positions.append(Position(position_ms, at or now, visible_at))

    def set_status(
        self,
        owned: OwnedTitle,
        *,
        percent_complete: float | None = None,
        is_finished: bool | None = None,
        at: datetime | None = None,
    ) -> None:
        """Set what the library says of listening; None leaves it as it is."""
        if percent_complete is not None:
            owned.percent_complete = percent_complete
            owned.top_percent_complete = None
        if is_finished is not None:
            owned.is_finished = is_finished
        owned.status_changed_at = at or self.now()

    def apply_due_status_changes(self) -> None:
        """Let the libraries show what players told some seconds ago."""
        now = self.now()
        due = [change for change in self.status_changes if change.visible_at <= now]
        for change in due:
            self.status_changes.remove(change)
            self.set_status(
                change.owned,
                percent_complete=change.percent_complete,
                is_finished=change.is_finished,
                at=change.visible_at,
            )

    def change_title(self, owned: OwnedTitle, title: Title) -> None:
        """Put another state of a title in the catalog and in one library."""
        self.titles[title.asin] = title
        owned.title = title

    def _device_name(self, account: Account) -> str:
        number = 1 + sum(device.account is account for device in self.devices)
        ordinal = "" if number == 1 else f"{_ordinal(number)} "
        return f"{account.given_name}'s {ordinal}Audible for iPhone"


def new_account(
    *, email: str, password: str, name: str, activation_bytes: bytes
) -> Account:
    """Return a customer with an empty library."""
    seed = hashlib.sha256(email.encode())
    return Account(
        email=email,
        password=password,
        name=name,
        user_id="amzn1.account." + base64.b32encode(seed.digest()).decode()[:28],
        customer_number="A" + seed.hexdigest()[:13].upper(),
        activation_bytes=activation_bytes,
    )


def request_id() -> str:
    """Return a fresh id of an answer."""
    return str(uuid4())


def _adp_token() -> str:
    parts = {
        name: base64.b64encode(secrets.token_bytes(size)).decode()
        for name, size in (("enc", 240), ("key", 64), ("iv", 16))
    }
    parts |= {"name": "QURQVG9rZW5FbmNyeXB0aW9uS2V5", "serial": "Mg=="}
    return "".join(f"{{{name}:{value}}}" for name, value in parts.items())


def _ordinal(number: int) -> str:
    if number % 100 in {11, 12, 13}:
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"
