"""Signed addresses of the CDN that expire."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import urlencode

from .markets import CLOUDFRONT_HOST
from .shop import Shop
from .titles import Form, Title


def content_address(shop: Shop, title: Title) -> str:
    """Return the address a license leads to."""
    kind = "mp3" if title.form is Form.MPEG else "aaxc"
    path = f"/{title.asin}/{title.sku.lower()}_22_32.{kind}"
    return f"https://{CLOUDFRONT_HOST}{path}?{urlencode(_signed(shop, path))}"


def is_genuine(shop: Shop, path: str, query: Mapping[str, str]) -> bool:
    """Tell whether an address was issued by the shop and has not expired."""
    expires = query.get("Expires", "")
    expected = _signature(shop, path, expires)
    is_signed = hmac.compare_digest(expected, query.get("Signature", ""))
    return is_signed and int(expires) > shop.now().timestamp()


def signed_query(shop: Shop, path: str) -> str:
    """Return the query that makes a path of the CDN an address."""
    return urlencode(_signed(shop, path))


def _signed(shop: Shop, path: str) -> dict[str, str]:
    life = timedelta(seconds=shop.settings.content_address_life_s)
    expires = str(int((shop.now() + life).timestamp()))
    policy = {"Statement": [{"Resource": path, "Condition": {"Expires": expires}}]}
    return {
        "Expires": expires,
        "Policy": base64.urlsafe_b64encode(json.dumps(policy).encode()).decode(),
        "Signature": _signature(shop, path, expires),
        "Key-Pair-Id": "KSIMULATED",
    }


def _signature(shop: Shop, path: str, expires: str) -> str:
    text = f"{path}?{expires}".encode()
    return hmac.new(shop.content_secret, text, hashlib.sha256).hexdigest()
