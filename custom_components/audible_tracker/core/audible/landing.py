"""Pure: the address that the user brings back from Amazon's sign-in."""

from typing import Final
from urllib.parse import parse_qs, urlsplit

from ..errors import (
    LandingEmptyError,
    LandingLineBreaksError,
    LandingNotAnAddressError,
    LandingOtherCountryError,
    LandingSignInPageError,
    LandingWithoutCodeError,
    LandingWrongPageError,
    SignInError,
)
from .marketplaces import DOMAINS, country_of_host

_CODE_NAMES: Final = ("openid.oa2.authorization_code", "authorization_code", "code")


def parse_landing(pasted: str, country_code: str) -> str:
    """Return the authorization code in what the user pasted.

    Blanks and line breaks that a mail program or a terminal put in are taken out.
    Raises the SignInError that names the mistake.
    """
    has_breaks = len(pasted.strip().splitlines()) > 1
    address = "".join(pasted.split())
    if not address:
        raise LandingEmptyError
    try:
        return _code_of(address, country_code)
    except SignInError as mistake:
        # Two addresses, or an address with prose around it, joined into one word.
        if has_breaks and address.count("https://") != 1:
            raise LandingLineBreaksError from mistake
        raise


def _code_of(address: str, country_code: str) -> str:
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").lower()
    except ValueError:
        raise LandingNotAnAddressError from None
    if parts.scheme not in ("http", "https") or not host:
        raise LandingNotAnAddressError
    found = country_of_host(host)
    if found is None:
        raise LandingWrongPageError(page=host)
    if "/ap/maplanding" not in parts.path:
        if parts.path.startswith("/ap/"):
            raise LandingSignInPageError
        raise LandingWrongPageError(page=host + parts.path)
    if found != country_code:
        raise LandingOtherCountryError(
            found=f"amazon.{DOMAINS[found]}", expected=f"amazon.{DOMAINS[country_code]}"
        )
    query = parse_qs(parts.query)
    for name in _CODE_NAMES:
        if code := query.get(name, [""])[0]:
            return code
    raise LandingWithoutCodeError
