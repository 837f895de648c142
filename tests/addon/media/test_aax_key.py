"""Keys of AAX files, and what opens them."""

import pytest
from audible_core.errors import ActivationBytesError, DecryptError, Mp4FormatError

from audible_server.media.keys import ActivationBytes, ContentKey
from audible_server.media.mp4.aax_key import content_key

# Made for the activation bytes 1a2b3c4d by the simulator, accepted by ffmpeg 5.1.
ADRM = bytes.fromhex(
    "00000000000000010a3bdf8a3dc30325f8793f5d4b6953f9c2ef555ba0019fc495e7d522"
    "a314a7c7708eb3105d426335a1470af14d3b032b00000000000000000000000169810952"
    "12c1bda26378ac1052a2794088f8145c"
)
ACTIVATION = ActivationBytes(bytes.fromhex("1a2b3c4d"))


def test_the_right_activation_bytes_give_key_and_iv() -> None:
    """The derivation is that of every player of AAX files."""
    expected = ContentKey(
        bytes.fromhex("000102030405060708090a0b0c0d0e0f"),
        bytes.fromhex("2a3397da0dd78e6b254446824ac65950"),
    )

    assert expected == content_key(ADRM, ACTIVATION)


def test_another_account_is_told() -> None:
    """The checksum in the file tells wrong activation bytes at once."""
    with pytest.raises(ActivationBytesError):
        content_key(ADRM, ActivationBytes(bytes(4)))


def test_a_blob_that_does_not_hold_the_activation_bytes_is_refused() -> None:
    """The checksum alone is not believed."""
    with pytest.raises(ActivationBytesError):
        content_key(ADRM[:8] + bytes(56) + ADRM[64:], ACTIVATION)


def test_a_short_box_is_damage() -> None:
    """A box cut off before its checksum is no matter of keys."""
    with pytest.raises(Mp4FormatError, match="the adrm box is too short"):
        content_key(ADRM[:-1], ACTIVATION)


def test_keys_of_wrong_length_are_refused() -> None:
    """A key is 16 bytes, an IV too, activation bytes are four."""
    with pytest.raises(DecryptError):
        ContentKey(bytes(15), bytes(16))
    with pytest.raises(DecryptError):
        ContentKey(bytes(16), b"")
    with pytest.raises(ActivationBytesError):
        ActivationBytes(bytes(5))
    assert "ActivationBytes()" == repr(ACTIVATION)
