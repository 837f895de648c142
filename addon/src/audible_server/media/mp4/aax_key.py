"""Derive the key of an AAX file from the account's activation bytes.

The rule is that of libavformat/mov.c (`mov_read_adrm`). The checksum in the file tells
wrong activation bytes at once.
"""

from hashlib import sha1
from hmac import compare_digest

from audible_core.errors import ActivationBytesError, Mp4FormatError
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from audible_server.media.keys import KEY_BYTES, ActivationBytes, ContentKey

# The same in every player of AAX files.
_FIXED_KEY = bytes.fromhex("77214d4b196a87cd520045fd20a51d67")
_BLOB_AT = 8
_BLOB_BYTES = 56
_WHOLE_BLOCKS_BYTES = _BLOB_BYTES - _BLOB_BYTES % KEY_BYTES
_CHECKSUM_AT = _BLOB_AT + _BLOB_BYTES + 4
_CHECKSUM_BYTES = 20


def content_key(adrm: bytes, activation: ActivationBytes) -> ContentKey:
    """Return key and IV from the body of the `adrm` box.

    Raises ActivationBytesError if the file is of another account, Mp4FormatError if
    the box is too short.
    """
    if len(adrm) < _CHECKSUM_AT + _CHECKSUM_BYTES:
        raise Mp4FormatError(reason="the adrm box is too short")
    key = _sha1(_FIXED_KEY, activation.value)
    iv = _sha1(_FIXED_KEY, key, activation.value)[:KEY_BYTES]
    key = key[:KEY_BYTES]
    checksum = adrm[_CHECKSUM_AT : _CHECKSUM_AT + _CHECKSUM_BYTES]
    if not compare_digest(_sha1(key, iv), checksum):
        raise ActivationBytesError
    cipher = Cipher(algorithms.AES128(key), modes.CBC(iv)).decryptor()
    blob = cipher.update(adrm[_BLOB_AT : _BLOB_AT + _WHOLE_BLOCKS_BYTES])
    if blob[:4] != activation.value[::-1]:
        raise ActivationBytesError
    file_key = blob[8:24]
    return ContentKey(file_key, _sha1(blob[26:42], file_key, _FIXED_KEY)[:KEY_BYTES])


def _sha1(*parts: bytes) -> bytes:
    return sha1(b"".join(parts), usedforsecurity=False).digest()
