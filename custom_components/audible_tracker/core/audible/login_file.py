"""Sign-ins that other programs keep in a file; hostile until parsed.

Two programs are known: audible-cli (one account, plain or encrypted with a password)
and Libation (``AccountsSettings.json``, any number of accounts). What is taken from
them is what a registration of our own holds, member by member, and nothing else.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from audible import Authenticator
from audible.aescipher import AESCipher

from ..errors import (
    LoginFileError,
    LoginFilePasswordError,
    LoginFileSealedError,
    LoginFileUnknownError,
)
from ..models import Account, Credentials
from .marketplaces import DOMAINS

LOGIN_FILE_BYTES_MAX: Final = 1024**2
ACCOUNTS_MAX: Final = 50
_TEXT_MAX: Final = 20_000
_INSTANT_MAX_S: Final = 2**40
_NAME_MAX: Final = 100
_USER_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,100}")
_ENCRYPTED: Final = frozenset({"salt", "iv", "ciphertext"})

# Libation's names of shops; accounts older than Amazon's ownership sign in elsewhere.
_LIBATION_SHOPS: Final[Mapping[str, str]] = {
    "us": "us",
    "uk": "uk",
    "germany": "de",
    "france": "fr",
    "canada": "ca",
    "italy": "it",
    "australia": "au",
    "india": "in",
    "japan": "jp",
    "spain": "es",
    "brazil": "br",
}
_BEFORE_AMAZON: Final = "pre-amazon - "


@dataclass(frozen=True, slots=True)
class FoundLogin:
    """An account in a login file, and what signs in to it."""

    account: Account
    credentials: Credentials = field(repr=False)


def read_login_file(data: bytes, password: str | None = None) -> tuple[FoundLogin, ...]:
    """Return the accounts of a file, at least one. It computes: not in the event loop.

    Raises LoginFileUnknownError, LoginFilePasswordError, LoginFileSealedError.
    """
    if len(data) > LOGIN_FILE_BYTES_MAX:
        raise LoginFileUnknownError(field="size")
    members = _members(data, password)
    if "Accounts" in members:
        return _of_libation(members["Accounts"])
    return (_of_audible_cli(members),)


# --- opening --------------------------------------------------------------------------


def _members(data: bytes, password: str | None) -> Mapping[str, Any]:
    try:
        found = _parsed(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        # audible-cli's other way to encrypt: salt, initial vector and text as they are.
        return _opened(password, lambda cipher: cipher.from_bytes(data))
    if found.keys() >= _ENCRYPTED:
        texts = {name: _text(found, name, limit=len(data)) for name in _ENCRYPTED}
        return _opened(password, lambda cipher: cipher.from_dict(texts))
    return found


def _opened(password: str | None, decrypt: Any) -> Mapping[str, Any]:
    if not password:
        raise LoginFilePasswordError
    try:
        return _parsed(decrypt(AESCipher(password)))
    except Exception as err:
        # The library raises as many kinds as there are ways to be wrong.
        raise LoginFilePasswordError from err


def _parsed(text: str) -> Mapping[str, Any]:
    try:
        members = json.loads(text)
    except (ValueError, RecursionError) as err:
        raise LoginFileUnknownError(field="JSON") from err
    if not isinstance(members, dict):
        raise LoginFileUnknownError(field="JSON")
    return members


# --- audible-cli ----------------------------------------------------------------------


def _of_audible_cli(members: Mapping[str, Any]) -> FoundLogin:
    customer = _member(members, "customer_info")
    device = _member(members, "device_info")
    country_code = _text(members, "locale_code").lower()
    name = _optional(customer, "name") or _optional(customer, "given_name")
    return _login(
        _account(
            _text(customer, "user_id"), name, _known_shop(country_code, "locale_code")
        ),
        {
            "adp_token": _text(members, "adp_token"),
            "device_private_key": _text(members, "device_private_key"),
            "access_token": _text(members, "access_token"),
            "refresh_token": _text(members, "refresh_token"),
            "expires": _number(members, "expires"),
            "store_authentication_cookie": _cookie(
                members.get("store_authentication_cookie")
            ),
            "website_cookies": _texts(
                members.get("website_cookies") or members.get("login_cookies")
            ),
            "device_info": _device(device),
            "with_username": members.get("with_username") is True,
        },
    )


def _device(device: Mapping[str, Any]) -> dict[str, str | None]:
    return {
        "device_name": _optional(device, "device_name"),
        "device_serial_number": _text(device, "device_serial_number"),
        "device_type": _optional(device, "device_type"),
    }


# --- Libation -------------------------------------------------------------------------


def _of_libation(accounts: Any) -> tuple[FoundLogin, ...]:
    """Return the accounts that are of use; raise what is wrong if none is."""
    if not isinstance(accounts, list) or not accounts:
        raise LoginFileUnknownError(field="Accounts")
    found: dict[str, FoundLogin] = {}
    error: LoginFileError | None = None
    for one in accounts[:ACCOUNTS_MAX]:
        try:
            login = _of_libation_account(one)
        except LoginFileError as err:
            error = err
        else:
            found[login.account.key] = login
    if not found:
        raise error or LoginFileUnknownError(field="Accounts")
    return tuple(found.values())


def _of_libation_account(account: Any) -> FoundLogin:
    if not isinstance(account, dict):
        raise LoginFileUnknownError(field="Accounts")
    tokens = _member(account, "IdentityTokens")
    locale = _text(tokens, "LocaleName").strip().lower()
    shop = locale.removeprefix(_BEFORE_AMAZON)
    country_code = _known_shop(_LIBATION_SHOPS.get(shop, shop), "LocaleName")
    access = _member(tokens, "ExistingAccessToken")
    name = _optional(account, "AccountName")
    return _login(
        _account(_text(tokens, "AmazonAccountId"), name, country_code),
        {
            "adp_token": _secret(tokens, "AdpToken"),
            "device_private_key": _secret(tokens, "PrivateKey"),
            "access_token": _secret(tokens, "ExistingAccessToken", "TokenValue"),
            "refresh_token": _secret(tokens, "RefreshToken"),
            "expires": _instant(access, "Expires"),
            "store_authentication_cookie": _cookie(
                {"cookie": tokens.get("StoreAuthenticationCookie")}
            ),
            "device_info": {
                "device_name": _optional(tokens, "DeviceName"),
                "device_serial_number": _text(tokens, "DeviceSerialNumber"),
                "device_type": _optional(tokens, "DeviceType"),
            },
            "with_username": locale.startswith(_BEFORE_AMAZON),
        },
    )


def _secret(tokens: Mapping[str, Any], name: str, inner: str = "Value") -> str:
    member = _member(tokens, name)
    if member.get("IsEncrypted") is True:
        raise LoginFileSealedError
    return _text(member, inner, shown=name)


# --- what both have -------------------------------------------------------------------


def _login(account: Account, members: dict[str, Any]) -> FoundLogin:
    """Return a login in the form of our own; the library looks at each token."""
    registered = {
        **{name: value for name, value in members.items() if value is not None},
        "device_private_key": members["device_private_key"].strip() + "\n",
        "customer_info": {"user_id": account.account_id, "name": account.name},
        "locale_code": account.country_code,
    }
    try:
        Authenticator.from_dict(dict(registered))
    except Exception as err:
        # The library validates member by member and raises many kinds.
        raise LoginFileUnknownError(field="tokens") from err
    return FoundLogin(account, Credentials(json.dumps(registered)))


def _account(user_id: str, name: str | None, country_code: str) -> Account:
    if not _USER_ID.fullmatch(user_id):
        raise LoginFileUnknownError(field="user_id")
    shown = " ".join((name or "").split())[:_NAME_MAX]
    return Account(user_id, shown or "Audible", country_code)


def _known_shop(country_code: str, name: str) -> str:
    if country_code not in DOMAINS:
        raise LoginFileUnknownError(field=name)
    return country_code


def _member(members: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = members.get(name)
    if not isinstance(value, dict):
        raise LoginFileUnknownError(field=name)
    return value


def _text(
    members: Mapping[str, Any],
    name: str,
    *,
    shown: str | None = None,
    limit: int = _TEXT_MAX,
) -> str:
    value = members.get(name)
    if not isinstance(value, str) or not value.strip() or len(value) > limit:
        raise LoginFileUnknownError(field=shown or name)
    return value


def _optional(members: Mapping[str, Any], name: str) -> str | None:
    value = members.get(name)
    return value if isinstance(value, str) and 0 < len(value) <= _TEXT_MAX else None


def _number(members: Mapping[str, Any], name: str) -> float:
    """Return an instant as seconds; one that is no number is long ago."""
    value = members.get(name)
    if isinstance(value, int | float) and 0 <= value < _INSTANT_MAX_S:
        return float(value)
    return 0.0


def _instant(members: Mapping[str, Any], name: str) -> float:
    """Return an ISO instant as seconds; one that is none is long ago."""
    try:
        found = datetime.fromisoformat(str(members.get(name)))
        at = found if found.tzinfo else found.replace(tzinfo=UTC)
        return at.timestamp()
    except ValueError, OverflowError:
        return 0.0


def _cookie(value: Any) -> dict[str, str] | None:
    cookie = _optional(value, "cookie") if isinstance(value, dict) else None
    return {"cookie": cookie} if cookie else None


def _texts(value: Any) -> dict[str, str] | None:
    if not isinstance(value, dict):
        return None
    kept = {
        name: text
        for name, text in value.items()
        if isinstance(text, str) and len(text) <= _TEXT_MAX
    }
    return kept or None
