"""Decrypt the samples of a window of a file, all at once.

Each sample is AES-128-CBC for itself, always from the same IV, whole blocks only; what
is left behind the last whole block is clear. CBC decryption is ECB decryption followed
by XOR with the cipher block before, so one ECB call and one XOR serve any number of
samples: several times the speed of a CBC object per sample.
"""

import numpy as np
import numpy.typing as npt
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from audible_server.media.keys import ContentKey
from audible_server.media.mp4.tables import Ints

type _Octets = npt.NDArray[np.uint8]
type _Lanes = npt.NDArray[np.uint64]

BLOCK_BYTES = 16
_BLOCK = np.dtype(f"V{BLOCK_BYTES}")


class SampleCipher:
    """Decrypts samples of one file; safe to share between threads."""

    def __init__(self, content_key: ContentKey) -> None:
        """Prepare for one key and IV."""
        # ECB is only the building block of the CBC that is done here.
        self._cipher = Cipher(algorithms.AES128(content_key.key), modes.ECB())  # noqa: S305
        self._iv = np.frombuffer(content_key.iv, _BLOCK, count=1)

    def decrypt(self, window: bytearray, offsets: Ints, sizes: Ints) -> None:
        """Decrypt samples in place; they must lie whole inside the window.

        Offsets are relative to the window.
        """
        blocks = sizes // BLOCK_BYTES
        total = int(blocks.sum())
        if not total:
            return
        firsts = blocks.cumsum() - blocks
        places = (offsets - firsts * BLOCK_BYTES).repeat(blocks)
        places += np.arange(0, total * BLOCK_BYTES, BLOCK_BYTES)
        # Every byte of the window is seen as the start of a block: blocks lie anywhere.
        lanes = np.ndarray(
            (len(window) - BLOCK_BYTES + 1,), _BLOCK, window, strides=(1,)
        )
        encrypted = lanes[places]
        previous = np.empty_like(encrypted)
        previous[1:] = encrypted[:-1]
        previous[firsts[blocks > 0]] = self._iv
        clear = self._ecb(encrypted.view(np.uint8))
        clear ^= previous.view(np.uint64)
        lanes[places] = clear.view(_BLOCK)

    def _ecb(self, encrypted: _Octets) -> _Lanes:
        # OpenSSL wants room for one block more than it writes.
        out = bytearray(len(encrypted) + BLOCK_BYTES)
        self._cipher.decryptor().update_into(memoryview(encrypted), out)
        return np.frombuffer(out, np.uint64, count=len(encrypted) // 8)
