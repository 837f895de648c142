"""Noise in the middle of a book is found; nothing that is sound is called so."""

import random
from pathlib import Path

import numpy as np
import pytest
from audible_core.errors import Mp4FormatError
from hypothesis import given
from hypothesis import strategies as st

from audible_server.media.mp4.audio_config import AudioConfig
from audible_server.media.mp4.plausible import are_suspicious, is_plausible
from audible_server.media.virtual import VirtualM4b
from tests.addon.media.conftest import KEY, EncryptedBook


@pytest.mark.parametrize("share", [0.01, 0.05])
@pytest.mark.parametrize("seed", range(5))
def test_noise_in_the_middle_is_damage_wherever_it_is_met(
    aaxc: Path, tmp_path: Path, share: float, seed: int
) -> None:
    """Random bytes, 1 % or 5 % in one place: no reader is handed any of it."""
    rng = random.Random(seed)
    data = bytearray(aaxc.read_bytes())
    count = int(len(data) * share)
    start = rng.randrange(len(data) // 2, len(data) - 2 * count)
    data[start : start + count] = rng.randbytes(count)
    path = tmp_path / "book.aaxc"
    path.write_bytes(data)
    try:
        book = VirtualM4b.open(path, KEY)
    except Mp4FormatError:
        return
    numbers = book.samples.touching(start + 500, start + count - 500)
    first, stop = numbers.first, numbers.first + len(numbers)

    with pytest.raises(Mp4FormatError, match="not readable"):
        book.prove()
    with pytest.raises(Mp4FormatError, match="not readable"):
        book.read(start, start + count)
    with pytest.raises(Mp4FormatError, match="not readable"):
        book.read_samples(first, stop)


def test_a_whole_book_is_proved(encrypted_book: EncryptedBook) -> None:
    """Real sound is never called damaged, from the first frame to the last."""
    VirtualM4b.open(encrypted_book.path, encrypted_book.key).prove()


@given(st.integers(0, 2**64 - 1), st.sampled_from([0, 1, 2, 6]))
def test_the_quick_look_agrees_with_the_close_one(head: int, channels: int) -> None:
    """Eight bytes tell the same as the frame, unless it begins with no sound."""
    config = AudioConfig(object_type=2, rate_index=7, channels=channels)
    quick = not are_suspicious(np.array([head], np.uint64), config)[0]
    close = is_plausible(head.to_bytes(8) + bytes(600), config)

    assert close >= quick
    if head >> 61 in (0, 1):
        assert close == quick
