"""Signing in and out: where secrets enter and leave.

The library's own login asks on the terminal; here its parts are used one by one, in two
steps with the user's browser in between. What blocks runs in a thread.
"""

import asyncio
import json
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Self, cast

import httpx
from audible import Authenticator
from audible.localization import Locale
from audible.login import build_device_serial, build_oauth_url, create_code_verifier
from audible.register import deregister, register

from ..errors import (
    AudibleAuthError,
    AudibleConnectionError,
    AudibleResponseError,
    CodeRejectedError,
)
from ..models import Account, Credentials
from .landing import parse_landing

_REJECTIONS: Final = ("InvalidToken", "InvalidValue", "MissingValue", "InvalidGrant")


@dataclass(frozen=True, slots=True)
class SignIn:
    """A sign-in under way: the link for the user, and what belongs to it."""

    country_code: str
    url: str
    serial: str = field(repr=False)
    code_verifier: bytes = field(repr=False)

    @classmethod
    def begin(cls, country_code: str) -> Self:
        """Return a new sign-in for one country's shop; no request is made."""
        locale = Locale(country_code)
        verifier = create_code_verifier()
        url, serial = build_oauth_url(
            country_code=locale.country_code,
            domain=locale.domain,
            market_place_id=locale.market_place_id,
            code_verifier=verifier,
            serial=build_device_serial(),
        )
        return cls(country_code, url, serial, verifier)

    def to_text(self) -> str:
        """Return it as text; to be sealed before it leaves."""
        return json.dumps(
            {**asdict(self), "code_verifier": self.code_verifier.decode()}
        )

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read what `to_text` wrote."""
        members = json.loads(text)
        members["code_verifier"] = members["code_verifier"].encode()
        return cls(**members)


async def complete_sign_in(sign_in: SignIn, pasted: str) -> tuple[Account, Credentials]:
    """Register a virtual device with the code in the pasted address.

    Raises the SignInError that names the user's mistake, AudibleConnectionError when
    Amazon does not answer, AudibleResponseError when it answers something else.
    """
    code = parse_landing(pasted, sign_in.country_code)
    return await asyncio.to_thread(_register, sign_in, code)


async def sign_out(credentials: Credentials) -> None:
    """Remove the virtual device from the account; other devices stay signed in.

    Raises AudibleAuthError when it was removed before, AudibleConnectionError when
    Amazon does not answer.
    """
    await asyncio.to_thread(_deregister, credentials)


async def refreshed(credentials: Credentials) -> Credentials:
    """Return the credentials with a new access token, which lives for an hour.

    Raises AudibleAuthError when Amazon ended the registration, AudibleConnectionError
    when it does not answer.
    """
    return await asyncio.to_thread(_refreshed, credentials)


def is_same_registration(one: Credentials, other: Credentials) -> bool:
    """Tell whether both are of one sign-in, whatever tokens it has by now."""
    return _serial_of(one) == _serial_of(other)


def registration_of(credentials: Credentials) -> Authenticator:
    """Return the library's form of the credentials.

    Raises AudibleAuthError when they are damaged or of another version.
    """
    try:
        return Authenticator.from_dict(json.loads(credentials.text))
    except Exception as err:
        # The library validates member by member and raises many kinds.
        raise AudibleAuthError from err


def _serial_of(credentials: Credentials) -> str | None:
    """Return what no two sign-ins share; None if the credentials are damaged."""
    try:
        return str(json.loads(credentials.text)["device_info"]["device_serial_number"])
    except ValueError, KeyError, TypeError:
        return None


def _refreshed(credentials: Credentials) -> Credentials:
    registration = registration_of(credentials)
    try:
        registration.refresh_access_token(force=True)
    except httpx.TransportError as err:
        raise AudibleConnectionError(reason="no connection") from err
    except Exception as err:
        # The library raises HTTPStatusError or KeyError.
        raise AudibleAuthError from err
    return Credentials(json.dumps(registration.to_dict()))


def _register(sign_in: SignIn, code: str) -> tuple[Account, Credentials]:
    locale = Locale(sign_in.country_code)
    try:
        registered = register(
            authorization_code=code,
            code_verifier=sign_in.code_verifier,
            domain=locale.domain,
            serial=sign_in.serial,
        )
        account = _account_of(registered, sign_in.country_code)
        credentials = _credentials_of(registered, sign_in.country_code)
    except httpx.TransportError as err:
        raise AudibleConnectionError(reason="no connection") from err
    except (KeyError, TypeError, ValueError, AttributeError) as err:
        raise AudibleResponseError(field="register") from err
    except Exception as err:
        # The library raises a bare Exception that holds the answer.
        raise _refusal(err) from None
    return account, credentials


def _refusal(err: Exception) -> Exception:
    answer = err.args[0] if err.args and isinstance(err.args[0], dict) else {}
    code = ((answer.get("response") or {}).get("error") or {}).get("code")
    if code in _REJECTIONS:
        return CodeRejectedError()
    if code == "ServerError":
        return AudibleConnectionError(reason="a fault at Amazon")
    return AudibleResponseError(field="register")


def _account_of(registered: dict[str, Any], country_code: str) -> Account:
    customer = registered["customer_info"]
    return Account(
        account_id=str(customer["user_id"]),
        name=str(customer.get("name") or customer.get("given_name") or "Audible"),
        country_code=country_code,
    )


def _credentials_of(registered: dict[str, Any], country_code: str) -> Credentials:
    members = {**registered, "locale_code": country_code, "with_username": False}
    # Let the library reject now what it would reject at the first request.
    Authenticator.from_dict(dict(members))
    return Credentials(json.dumps(members))


def _deregister(credentials: Credentials) -> None:
    registration = registration_of(credentials)
    # None is read without one.
    locale = cast("Locale", registration.locale)
    try:
        registration.refresh_access_token(force=True)
        deregister(access_token=str(registration.access_token), domain=locale.domain)
    except httpx.TransportError as err:
        raise AudibleConnectionError(reason="no connection") from err
    except Exception as err:
        # A refused refresh, an answer without a token, or a refused deregistration: the
        # library raises HTTPStatusError, KeyError or a bare Exception.
        raise AudibleAuthError from err
