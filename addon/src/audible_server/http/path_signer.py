"""Grants in signed paths: for one title and one use, until some second."""

import base64
import hmac
import time
from enum import StrEnum
from typing import Final

from audible_core.models import Asin

_PURPOSE: Final = b"audible-tracker signed path v1"
_MAC_BYTES: Final = 16
_GRANT_LENGTH_MAX: Final = 64


class Use(StrEnum):
    """What a path is good for."""

    AUDIO = "audio"
    COVER = "cover"


class PathSigner:
    """Makes and checks grants; another secret makes all of them worthless.

    A grant follows from the request alone, so any replica accepts it.
    """

    def __init__(self, secret: str) -> None:
        """Derive the signing key from the secret, which each installation has."""
        self._key = hmac.digest(secret.encode(), _PURPOSE, "sha256")

    def grant(self, use: Use, asin: Asin, expires_at_s: int) -> str:
        """Return what stands in the path; it names the second at which it ends."""
        text = f"{use}\0{asin}\0{expires_at_s}"
        mac = hmac.digest(self._key, text.encode(), "sha256")[:_MAC_BYTES]
        short = base64.urlsafe_b64encode(mac).decode().rstrip("=")
        return f"{expires_at_s}.{short}"

    def is_valid(self, grant: str, use: Use, asin: str) -> bool:
        """Tell whether the grant was made here, for this, and is not too old."""
        number = grant.partition(".")[0]
        is_number = number.isascii() and number.isdigit()
        if len(grant) > _GRANT_LENGTH_MAX or not is_number:
            return False
        expected = self.grant(use, Asin(asin), int(number))
        is_ours = hmac.compare_digest(
            grant.encode("utf-8", "replace"), expected.encode()
        )
        return is_ours and int(number) > time.time()
