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
# Without a number the channels are described in the frames themselves.
_WITH_PAIRS = (0, 2)
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
    return _odd_starts(config.channels)[_starts(heads, config.channels)]


def _starts(heads: Heads, channels: int) -> Heads:
    """Return what counts of each head: 3 bits of kind, 11 that describe the window."""
    kind = heads >> np.uint64(61)
    if channels not in _WITH_PAIRS:
        # Element and tag, then the gain.
        window: Heads = heads >> np.uint64(38) & np.uint64(0x7FF)
        return kind << np.uint64(11) | window
    is_pair = kind == _PAIR
    has_common_window = is_pair & (heads >> np.uint64(56) & np.uint64(1) == 1)
    # Element and tag, the flag of a common window, the gain where there is none.
    before = 7 + is_pair.astype(np.uint64) + np.where(has_common_window, 0, 8)
    window = heads << before.astype(np.uint64) >> np.uint64(53)
    return kind << np.uint64(11) | window


@cache
def _odd_starts(channels: int) -> Flags:
    """Tell of each of all starts whether no frame of sound has it."""
    starts = np.arange(1 << 14)
    is_reserved = starts >> 10 & 1 == 1
    is_long = starts >> 8 & 3 != _EIGHT_SHORT
    has_many_bands = starts >> 1 & 0x3F > _LONG_BANDS
    predicts = starts & 1 == 1
    is_known = np.isin(starts >> 11, _first_elements(channels))
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
            return (_SINGLE, _PAIR)
        case 2:
            return (_PAIR,)
        case _:
            return (_SINGLE,)


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
