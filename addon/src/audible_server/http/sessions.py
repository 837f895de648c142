"""Page sessions: a signed token in a cookie stands for the secret typed once."""

import hmac
import secrets
import time
from typing import Final

SESSION_COOKIE: Final = "audible_tracker_session"
SESSION_LIFE_S: Final = 30 * 24 * 3600
_PURPOSE: Final = b"audible-tracker page session v1"


class SessionTokens:
    """Makes and checks tokens; another secret makes all of them worthless.

    Nothing is stored, so any replica accepts what another one made.
    """

    def __init__(self, secret: str) -> None:
        """Derive the signing key from the secret."""
        self._key = hmac.digest(secret.encode(), _PURPOSE, "sha256")

    def issue(self) -> str:
        """Return a new token, valid for `SESSION_LIFE_S` seconds."""
        expires_at = int(time.time()) + SESSION_LIFE_S
        signed = f"{expires_at}.{secrets.token_hex(8)}"
        return f"{signed}.{self._mac(signed)}"

    def is_valid(self, token: str) -> bool:
        """Tell whether the token was made here and is not too old."""
        signed, _, mac = token.rpartition(".")
        if not hmac.compare_digest(_bytes(mac), _bytes(self._mac(signed))):
            return False
        return int(signed.partition(".")[0]) > time.time()

    def _mac(self, signed: str) -> str:
        return hmac.digest(self._key, _bytes(signed), "sha256").hex()


def _bytes(text: str) -> bytes:
    """Return a text's bytes; a cookie may hold what no text can."""
    return text.encode(errors="replace")
