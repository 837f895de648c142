"""Keys that are nearly right: found by a decoder, where heads of samples look well."""

from pathlib import Path

import pytest
from audible_core.errors import DecryptError

from audible_server.media.decoding import prove_decodes
from audible_server.media.keys import ContentKey
from audible_server.media.virtual import VirtualM4b
from tests.addon.media.conftest import KEY, EncryptedBook
from tests.addon.media.test_virtual import MADE, opened


async def test_a_book_decodes_with_its_key(encrypted_book: EncryptedBook) -> None:
    """Not a sample of a real book is wrong."""
    await prove_decodes(VirtualM4b.open(encrypted_book.path, encrypted_book.key))


@pytest.mark.parametrize("place", range(16))
async def test_a_wrong_iv_is_refused_wherever_it_is_wrong(
    aaxc: Path, place: int
) -> None:
    """Then only the first block of each sample is wrong, or a few bits of it.

    A bit of the gain is the exception: that is another loudness, and no noise.
    """
    iv = bytearray(KEY.iv)
    iv[place] ^= {0: 0x40, 1: 0x01}.get(place, 0x02)
    with pytest.raises(DecryptError):
        await prove_decodes(VirtualM4b.open(aaxc, ContentKey(KEY.key, bytes(iv))))


async def test_the_key_of_another_book_is_refused(aaxc: Path) -> None:
    """It has the right length, and that is all."""
    with pytest.raises(DecryptError):
        VirtualM4b.open(aaxc, ContentKey(KEY.iv, KEY.key))


async def test_what_only_begins_like_sound_is_refused() -> None:
    """The small books of these tests are such: good heads, and noise behind them."""
    with pytest.raises(DecryptError):
        await prove_decodes(opened(MADE.encrypted))
