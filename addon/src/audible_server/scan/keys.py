"""Pure: the keys that other programs keep beside an encrypted file. Hostile input.

audible-cli writes the whole license with the voucher opened (``.voucher``, JSON);
Libation writes ``Key=…`` and ``IV=…``, or ``ActivationBytes=…`` (``.key``, text).
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from audible_core.audible.parse import is_asin
from audible_core.errors import MediaError
from audible_core.models import Asin

from audible_server.media.keys import ActivationBytes, BookKey, ContentKey

KEY_FILE_BYTES_MAX: Final = 256 * 1024
KEY_SUFFIXES: Final = ("voucher", "key")
_LINE: Final = re.compile(r"^\s*(Key|IV|ActivationBytes)\s*=\s*([0-9A-Fa-f]{8,32})\s*$")


@dataclass(frozen=True, slots=True)
class FoundKey:
    """What opens one file; ``asin`` where the key's own file says of which title."""

    key: BookKey = field(repr=False)
    asin: Asin | None = None


def parse_key_file(content: bytes) -> FoundKey | None:
    """Return the key in a file, or None if it holds none."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    try:
        return _from_json(json.loads(text))
    except ValueError, RecursionError:
        return _from_lines(text)


def _from_json(body: Any) -> FoundKey | None:
    license_ = _mapping(_mapping(body).get("content_license"))
    opened = _mapping(license_.get("license_response")) or _mapping(
        license_.get("voucher")
    )
    voucher = opened or _mapping(body)
    key = _content_key(voucher.get("key"), voucher.get("iv"))
    if key is None:
        return None
    asin = license_.get("asin") or voucher.get("asin")
    if isinstance(asin, str) and is_asin(asin):
        return FoundKey(key, Asin(asin))
    return FoundKey(key)


def _from_lines(text: str) -> FoundKey | None:
    lines = (_LINE.match(line) for line in text.splitlines()[:20])
    found = {line[1]: line[2] for line in lines if line is not None}
    if "ActivationBytes" in found:
        return _activation(found["ActivationBytes"])
    key = _content_key(found.get("Key"), found.get("IV"))
    return None if key is None else FoundKey(key)


def _activation(text: str) -> FoundKey | None:
    try:
        return FoundKey(ActivationBytes(bytes.fromhex(text)))
    except MediaError, ValueError:
        return None


def _content_key(key: Any, iv: Any) -> ContentKey | None:
    if not isinstance(key, str) or not isinstance(iv, str):
        return None
    try:
        return ContentKey(bytes.fromhex(key), bytes.fromhex(iv))
    except MediaError, ValueError:
        return None


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
