"""Sealing of credentials on their way from the integration to the server.

Both halves derive the same Fernet key from the secret they share, so that a log or a
dump of a request's body tells nothing. Over plain HTTP the same request carries the
secret in its header: against a listener on the wire only TLS protects.
"""

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from .errors import SealError

_PURPOSE = b"audible-tracker credentials hand-over v1"


def _fernet(secret: str) -> Fernet:
    kdf = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=_PURPOSE)
    return Fernet(base64.urlsafe_b64encode(kdf.derive(secret.encode())))


def seal(secret: str, text: str) -> str:
    """Return ``text`` encrypted and authenticated under a key made from ``secret``."""
    return _fernet(secret).encrypt(text.encode()).decode()


def unseal(secret: str, sealed: str, *, what: str) -> str:
    """Return what was sealed under the same secret.

    Raises SealError for another secret or a damaged text.
    """
    try:
        return _fernet(secret).decrypt(sealed.encode()).decode()
    except InvalidToken, ValueError:
        raise SealError(what=what) from None
