"""Decrypting many samples at once against one CBC object per sample."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from audible_server.media.keys import ContentKey
from audible_server.media.mp4.decrypt import SampleCipher
from tests.addon.media.mp4_maker import KEY, encrypted_sample

sizes_lists = st.lists(
    st.sampled_from([0, 1, 15, 16, 17, 31, 32, 48, 333]) | st.integers(0, 600),
    max_size=40,
)


@given(sizes_lists, st.integers(0, 9), st.binary(min_size=16, max_size=16))
def test_any_samples_anywhere_come_out_clear(
    sizes: list[int], gap: int, secret: bytes
) -> None:
    """Samples of all sizes, with gaps between them, equal what went in."""
    key = ContentKey(secret, secret[::-1])
    window, clear, offsets = bytearray(), bytearray(), []
    for number, size in enumerate(sizes):
        sample = bytes((number * 31 + at) & 0xFF for at in range(size))
        window += b"\xaa" * gap
        clear += b"\xaa" * gap
        offsets.append(len(window))
        window += encrypted_sample(sample, key)
        clear += sample

    SampleCipher(key).decrypt(
        window, np.array(offsets, np.int64), np.array(sizes, np.int64)
    )

    assert clear == window


def test_short_samples_and_tails_are_clear_already() -> None:
    """Only whole blocks of 16 bytes are ever changed."""
    window = bytearray(b"abcdefghijklmno" + encrypted_sample(bytes(16)) + b"tail")

    SampleCipher(KEY).decrypt(window, np.array([0, 15]), np.array([15, 20]))

    assert b"abcdefghijklmno" + bytes(16) + b"tail" == window


def test_keys_are_not_shown() -> None:
    """Nothing of a key appears where objects are printed."""
    assert "ContentKey()" == repr(KEY)
