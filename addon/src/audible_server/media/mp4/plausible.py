"""Tell sound from noise: an AAXC has no checksum, so a wrong key must be seen this way.

Every AAC frame begins with an element whose kind the channel configuration fixes, and
whose first fields hold a reserved bit and limits (ISO 14496-3, 4.4.2). About one random
frame in twenty passes that by chance, so a few dozen of them leave no doubt.
"""

from collections.abc import Sequence
from enum import Enum, auto
from functools import cache

import numpy as np
import numpy.typing as npt

from audible_server.media.mp4.audio_config import AudioConfig, BitReader

type Heads = npt.NDArray[np.uint64]
type Flags = npt.NDArray[np.bool_]

HEAD_BYTES = 8
_SINGLE, _PAIR, _COUPLING, _LOW, _DATA, _PROGRAM, _FILL = range(7)
_EIGHT_SHORT = 2
# The most scale factor bands that any sample rate has.
_LONG_BANDS = 51
_SHORT_BANDS = 15
_MOST_LEADING_ELEMENTS = 4
# Of thousands of real frames each one passed; this is for an oddity of an encoder.
_MOST_ODD = 2
_SOME_SOUND = 0.3


class Verdict(Enum):
    """What a few decrypted frames look like."""

    SOUND = auto()
    DAMAGED = auto()
    NOISE = auto()


def judge(frames: Sequence[bytes], config: AudioConfig) -> Verdict:
    """Say what the frames are; no frames at all are taken for sound."""
    sound = sum(is_plausible(frame, config) for frame in frames)
    if len(frames) - sound <= min(_MOST_ODD, len(frames) // 2):
        return Verdict.SOUND
    return Verdict.DAMAGED if sound >= _SOME_SOUND * len(frames) else Verdict.NOISE


def are_suspicious(heads: Heads, config: AudioConfig) -> Flags:
    """Tell which frames do not begin with sound, by their first eight bytes.

    The quick look at thousands of frames; `is_plausible` knows better about those that
    begin with something else.
    """
    kind = heads >> np.uint64(61)
    is_pair = kind == _PAIR
    has_common_window = is_pair & (heads >> np.uint64(56) & np.uint64(1) == 1)
    # Element and tag, the flag of a common window, the gain where there is none.
    before = 7 + is_pair.astype(np.uint64) + np.where(has_common_window, 0, 8)
    rest = heads << before.astype(np.uint64)
    is_reserved = rest >> np.uint64(63) == 1
    is_long = rest >> np.uint64(61) & np.uint64(3) != _EIGHT_SHORT
    has_many_bands = rest >> np.uint64(54) & np.uint64(0x3F) > _LONG_BANDS
    predicts = rest >> np.uint64(53) & np.uint64(1) == 1
    is_known = _known_kinds(config.channels)[kind]
    odd: Flags = ~is_known | is_reserved | is_long & (has_many_bands | predicts)
    return odd


def is_plausible(frame: bytes, config: AudioConfig) -> bool:
    """Return whether a frame begins as an AAC-LC frame of this configuration must."""
    # What is looked at lies in front; the rest would only make big numbers.
    bits = BitReader(frame[:600])
    for _ in range(_MOST_LEADING_ELEMENTS):
        match bits.take(3):
            case element if element in _first_elements(config.channels):
                return _has_sound(bits, is_pair=element == _PAIR) and not bits.over
            case element if element == _FILL:
                _skip_fill(bits)
            case element if element == _DATA:
                _skip_data(bits)
            case _:
                return False
    return False


def _first_elements(channels: int) -> tuple[int, ...]:
    match channels:
        case 0:
            # The channels are described in the frames themselves.
            return (_SINGLE, _PAIR)
        case 2:
            return (_PAIR,)
        case _:
            return (_SINGLE,)


@cache
def _known_kinds(channels: int) -> Flags:
    """Return for each of the eight kinds of elements whether a frame may begin so."""
    return np.array([kind in _first_elements(channels) for kind in range(8)])


def _has_sound(bits: BitReader, *, is_pair: bool) -> bool:
    """Check a channel element up to its band count."""
    bits.take(4)
    has_common_window = is_pair and bits.take(1)
    if not has_common_window:
        # The gain of the first channel.
        bits.take(8)
    if bits.take(1):
        # The reserved bit must be 0.
        return False
    if bits.take(2) == _EIGHT_SHORT:
        bits.take(1)
        return bits.take(4) <= _SHORT_BANDS
    bits.take(1)
    has_legal_bands = bits.take(6) <= _LONG_BANDS
    # AAC-LC does not predict.
    return has_legal_bands and not bits.take(1)


def _skip_fill(bits: BitReader) -> None:
    count = bits.take(4)
    if count == 0xF:
        count += bits.take(8) - 1
    bits.take(8 * count)


def _skip_data(bits: BitReader) -> None:
    bits.take(4)
    is_aligned = bits.take(1)
    count = bits.take(8)
    if count == 0xFF:
        count += bits.take(8)
    if is_aligned:
        bits.take(bits.left % 8)
    bits.take(8 * count)
