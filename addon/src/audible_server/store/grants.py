"""What a license gave us for one file: its key, and where its bytes are."""

import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, Self
from urllib.parse import parse_qs, urlsplit

from audible_core.errors import SealError
from audible_core.models import DrmType, License

from audible_server.media.keys import ActivationBytes, BookKey, ContentKey

_ADDRESS_LIFE_MS: Final = 6 * 3600 * 1000
_PLAIN_MP4: Final = ("m4a", "mp4", "m4b", "aac")


class FileKind(StrEnum):
    """The kinds of audio files, by the end of their name."""

    M4B = "m4b"
    M4A = "m4a"
    MP3 = "mp3"
    OPUS = "opus"
    AAXC = "aaxc"
    AAX = "aax"

    @property
    def is_encrypted(self) -> bool:
        """Tell whether a key is needed."""
        return self in (FileKind.AAXC, FileKind.AAX)

    @property
    def content_type(self) -> str:
        """Return the MIME type of what is streamed of it."""
        return _CONTENT_TYPES.get(self, "audio/mp4")


_CONTENT_TYPES: Final = {FileKind.MP3: "audio/mpeg", FileKind.OPUS: "audio/ogg"}


@dataclass(frozen=True, slots=True)
class Grant:
    """Our leave to fetch one file; kept encrypted, and asked for once.

    ``requested_at`` is in epoch milliseconds; ``size_bytes`` is None where the shop did
    not say.
    """

    kind: FileKind
    url: str = field(repr=False)
    key: BookKey | None = field(repr=False)
    size_bytes: int | None
    codec: str | None
    requested_at: int

    @classmethod
    def of_license(cls, license_: License, *, now_ms: int) -> Self:
        """Return the grant in a license."""
        voucher = license_.voucher
        return cls(
            kind=_kind(license_),
            url=license_.content_url,
            key=ContentKey(voucher.key, voucher.iv) if voucher else None,
            size_bytes=license_.size_bytes,
            codec=license_.codec,
            requested_at=now_ms,
        )

    @property
    def is_found(self) -> bool:
        """Tell whether its key lay beside the file, so that nobody said it fits."""
        return not self.url

    @property
    def modified_ns(self) -> int:
        """Return the time that the file bears, before it is whole as afterwards."""
        return self.requested_at * 1_000_000

    def is_address_expired(self, now_ms: int) -> bool:
        """Tell whether the signed address is too old; by its own word if it says so."""
        expires = parse_qs(urlsplit(self.url).query).get("Expires", [""])[0]
        if expires.isascii() and expires.isdigit():
            return now_ms >= int(expires) * 1000
        return now_ms - self.requested_at >= _ADDRESS_LIFE_MS

    def is_same_file(self, other: Grant) -> bool:
        """Tell whether bytes fetched with the other grant fit this one."""
        return (
            self.kind == other.kind
            and self.key == other.key
            and self.size_bytes == other.size_bytes
        )

    def to_text(self) -> str:
        """Return it as text; to be sealed before it is stored."""
        members: dict[str, Any] = {
            "kind": self.kind,
            "url": self.url,
            "size_bytes": self.size_bytes,
            "codec": self.codec,
            "requested_at": self.requested_at,
        }
        match self.key:
            case ContentKey(key, iv):
                members |= {"key": key.hex(), "iv": iv.hex()}
            case ActivationBytes(value):
                members["activation_bytes"] = value.hex()
            case None:
                pass
        return json.dumps(members)

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read what `to_text` wrote; raise SealError if it is anything else."""
        try:
            members = json.loads(text)
            return cls(
                kind=FileKind(members["kind"]),
                url=members["url"],
                key=_key(members),
                size_bytes=members["size_bytes"],
                codec=members["codec"],
                requested_at=members["requested_at"],
            )
        except (ValueError, KeyError, TypeError) as err:
            raise SealError(what="license") from err


def _kind(license_: License) -> FileKind:
    if license_.drm_type is DrmType.ADRM:
        return FileKind.AAXC
    suffix = urlsplit(license_.content_url).path.rpartition(".")[2].lower()
    is_aac = "mp4a" in (license_.codec or "").lower()
    return FileKind.M4A if is_aac or suffix in _PLAIN_MP4 else FileKind.MP3


def _key(members: dict[str, Any]) -> BookKey | None:
    if "key" in members:
        return ContentKey(bytes.fromhex(members["key"]), bytes.fromhex(members["iv"]))
    if "activation_bytes" in members:
        return ActivationBytes(bytes.fromhex(members["activation_bytes"]))
    return None
